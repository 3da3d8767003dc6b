"""Forms of variation groups: making one, and changing one with its children in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from catalog.actions.variation import GroupSpec, change_group
from catalog.csv_columns import MOST_CHILDREN
from catalog.facts import AttributeRule
from catalog.forms.fields import lines, text, whole
from catalog.models import Variant, VariationGroup
from catalog.queries.stock import variants_by_sku
from catalog.variations import LONGEST_TITLE
from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.tenancy.actor import Actor


def _refinements(choices: Sequence[AttributeRule], chosen: Sequence[int], names: Mapping[int, str]) -> Any:
    """The category's attributes, and those chosen that it does not offer, so that they can be taken out."""
    options = [(str(rule.attribute_id), rule.name) for rule in choices]
    known = {value for value, _label in options}
    options += [
        (str(pk), f"{names.get(pk, f'Attribute {pk}')} (not one of this category)")
        for pk in chosen
        if str(pk) not in known
    ]
    return forms.MultipleChoiceField(
        label="Differ in",
        choices=options,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[str(pk) for pk in chosen],
        help_text="Attributes of the Jet category that tell the SKUs apart, up to 5. Every SKU needs its own value.",
    )


class MakeGroupForm(forms.Form):
    """On the confirm page over SKUs ticked in the grid."""

    parent = forms.ChoiceField(
        label="Parent", help_text="Jet keeps the group under this SKU; the others become its children."
    )
    group_title = forms.CharField(
        label="Title of the group", required=False, max_length=LONGEST_TITLE, help_text="Optional."
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        skus: Sequence[tuple[int, str]],
        offered: Sequence[AttributeRule],
        differing: Sequence[int],
    ) -> None:
        super().__init__(data, files)
        parent: Any = self.fields["parent"]
        parent.choices = [(str(pk), sku) for pk, sku in skus]
        self.fields["refinements"] = _refinements(offered, differing, {})

    @property
    def refinements(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["refinements"]]


@dataclass(frozen=True)
class ChildRow:
    """A SKU of the group with its inputs; the parent has none of its own."""

    variant: Variant
    order: BoundField | None
    remove: BoundField | None


class GroupForm(ReadOnlyForm, forms.Form):
    """Title, attributes, parent and the children in their order; each child has a place and a tick to take it out."""

    group_title = forms.CharField(
        label="Title of the group", required=False, help_text="Shown for the whole group. Optional."
    )
    parent = forms.ChoiceField(
        label="Parent",
        help_text="With another parent the group ends at Jet under the old one and begins under the new one.",
    )
    added = text("Add SKUs", f"One per line. A group has up to {MOST_CHILDREN} children.", rows=2)

    def __init__(
        self,
        data: Any = None,
        *,
        group: VariationGroup,
        members: Sequence[Variant],
        offered: Sequence[AttributeRule],
        names: Mapping[int, str],
        **extra: Any,
    ) -> None:
        self.group, self.members = group, list(members)
        super().__init__(
            data, initial={"group_title": group.group_title, "parent": str(group.parent_id)}, **extra
        )
        parent: Any = self.fields["parent"]
        parent.choices = [(str(row.pk), row.sku) for row in members]
        self.fields["refinements"] = _refinements(offered, group.refinements, names)
        for place, row in enumerate(self.members[1:], 1):
            self.fields[f"order_{row.pk}"] = whole(f"Place of {row.sku}", initial=place)
            self.fields[f"remove_{row.pk}"] = forms.BooleanField(label=f"Take {row.sku} out", required=False)
        if self.read_only:
            for field in self.fields.values():
                field.disabled = True
        self.order_fields(["group_title", "refinements", "parent"])

    def child_rows(self) -> list[ChildRow]:
        first, *others = self.members
        rows = [ChildRow(first, None, None)]
        return rows + [ChildRow(row, self[f"order_{row.pk}"], self[f"remove_{row.pk}"]) for row in others]

    def spec(self, merchant: Merchant) -> GroupSpec:
        """What was asked for. A new parent leaves the children, the old one takes its place among them."""
        values = self.cleaned_data
        parent = int(values["parent"])
        asked = lines(values["added"])
        found = variants_by_sku(merchant, asked)
        unknown = [sku for sku in asked if sku not in found]
        if unknown:
            self.add_error("added", f"Not among your products: {', '.join(unknown[:5])}.")
        kept = [row for row in self.members[1:] if not values[f"remove_{row.pk}"]]
        places = {row.pk: (values[f"order_{row.pk}"] or 0, number) for number, row in enumerate(kept)}
        order = [self.group.parent_id, *sorted(places, key=lambda pk: places[pk])]
        order += [found[sku].pk for sku in asked if sku in found]
        children = tuple(pk for pk in dict.fromkeys(order) if pk != parent)
        return GroupSpec(
            parent, children, tuple(int(pk) for pk in values["refinements"]), values["group_title"].strip()
        )

    def save(self, actor: Actor) -> VariationGroup | None:
        """None with the errors on the fields when a rule is broken."""
        if not self.is_valid():
            return None
        spec = self.spec(self.group.merchant)
        if self.errors:
            return None
        try:
            return change_group(self.group, spec, actor=actor)
        except DomainError as error:
            put_on_form(self, error, {"children": "added"})
            return None
