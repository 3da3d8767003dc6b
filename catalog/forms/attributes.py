"""The attributes that a SKU's Jet category asks for, and the category itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import escape

from catalog.actions.product import update_product
from catalog.attributes import attribute_problem, in_jets_spelling
from catalog.enums import FreeText
from catalog.facts import AttributeRule
from catalog.forms.fields import text
from catalog.forms.sections import SectionForm, seen_in
from catalog.listing.attributes import asked_rules
from catalog.models import StoreCategory, Variant
from catalog.queries.attribute_mapping import all_attributes, find_attribute
from catalog.queries.category import mapped_nodes
from catalog.queries.listing import load_filled
from catalog.queries.taxonomy import load_taxonomy
from jetsync.tenancy.actor import Actor

AS_MAPPED = ""


def node_of(variant: Variant) -> int | None:
    """The Jet category in force: the product's own, else the mapping of its store category."""
    product = variant.product
    if product.jet_node_id:
        return product.jet_node_id
    mapping = getattr(product.store_category, "mapping", None)
    return mapping.jet_node_id if mapping else None


@dataclass(frozen=True)
class Group:
    """Inputs under one heading; each row holds a value and, where Jet wants one, its unit."""

    title: str
    subtitle: str
    rows: list[list[BoundField]]


class AttributesForm(SectionForm):
    """What the category asks for, variant attributes first, then extra attributes, which are sent too.

    An empty input takes what profile or mapping give; its hint says what that is.
    """

    section_title = "Jet attributes"
    extra_attribute = forms.CharField(
        label="Add an extra attribute",
        help_text="Its name or id. Jet lists it and uses it for shipping where it can.",
        max_length=250,
        required=False,
        widget=forms.TextInput(attrs={"list": "all-attributes", "autocomplete": "off"}),
    )
    extra_value = text("Its value", "Jet's own spelling where it has a list.", max_length=100)
    extra_unit = text("Its unit", "Where it takes one.", max_length=60)

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        given = {item["id"]: item for item in variant.attributes}
        node_id = node_of(variant)
        merchant = variant.merchant
        self.taxonomy = load_taxonomy(merchant, [node_id] if node_id else [], given)
        self.category = self.taxonomy.categories.get(node_id) if node_id else None
        self.asked = asked_rules(self.taxonomy, self.category) if self.category else []
        filled = load_filled(merchant, [variant.pk])[variant.pk].facts.attributes
        self.filled = {item["id"]: item for item in filled}
        super().__init__(data, variant=variant, **extra)
        asked_ids = {rule.attribute_id for rule in self.asked}
        others = [rule for pk, rule in self.taxonomy.attributes.items() if pk not in asked_ids]
        # Attributes of a taxonomy that is not in use any more are shown too, so that they can be removed.
        others += [
            AttributeRule(pk, f"Attribute {pk}", FreeText.FREE)
            for pk in given
            if pk not in self.taxonomy.attributes
        ]
        self.others = sorted(others, key=lambda rule: rule.name)
        for rule in [*self.asked, *self.others]:
            self._add(rule, given.get(rule.attribute_id, {}))
        self.order_fields([name for name in self.fields if not name.startswith("extra_")])

    def choosable(self) -> list[str]:
        """What the browser offers for an extra attribute."""
        return all_attributes(self.variant.merchant)

    @property
    def missing(self) -> list[str]:
        """The names of what the category asks for and nothing fills."""
        return [rule.name for rule in self.asked if rule.attribute_id not in self.filled]

    def groups(self) -> list[Group]:
        found = []
        if self.asked and self.category:
            title = f"Asked for by {self.category.path}"
            words = "Required: without any of them Jet holds the product back."
            found.append(Group(title, words, [self._row(rule) for rule in self.asked]))
        rows = [self._row(rule) for rule in self.others]
        rows.append([self[name] for name in ("extra_attribute", "extra_value", "extra_unit")])
        words = "Optional: the category does not ask for them; they are sent too."
        return [*found, Group("Extra attributes", words, rows)]

    def _row(self, rule: AttributeRule) -> list[BoundField]:
        names = (f"attribute_{rule.attribute_id}", f"unit_{rule.attribute_id}")
        return [self[name] for name in names if name in self.fields]

    def _add(self, rule: AttributeRule, item: dict[str, Any]) -> None:
        known = in_jets_spelling(
            rule, rule.attribute_id, str(item.get("value", "")), str(item.get("unit", ""))
        )
        hint = " ".join(part for part in (self._origin(rule), _kind(rule)) if part)
        field: forms.Field
        if rule.free_text == FreeText.LISTED and rule.values:
            field = forms.ChoiceField(
                label=rule.name, help_text=hint, required=False, choices=_choices(rule.values, known.value)
            )
        else:
            field = forms.CharField(label=rule.name, help_text=hint, required=False)
        self._place(f"attribute_{rule.attribute_id}", field, known.value)
        if rule.free_text == FreeText.FREE_WITH_UNIT:
            unit = forms.ChoiceField(
                label=f"Unit of {rule.name}", required=False, choices=_choices(rule.units, known.unit)
            )
            self._place(f"unit_{rule.attribute_id}", unit, known.unit)

    def _origin(self, rule: AttributeRule) -> str:
        """Where the value that goes to Jet comes from."""
        item = self.filled.get(rule.attribute_id)
        if item is None:
            return ""
        if not item.get("origin"):
            return "From the product itself."
        value, unit = str(item.get("value", "")), str(item.get("unit", "") or "")
        origin = escape(str(item["origin"]))
        problem = attribute_problem(rule, rule.attribute_id, value, unit)
        if problem is not None:
            return f"{escape(problem.message)} It comes {origin}, so a value here is needed."
        sent = in_jets_spelling(rule, rule.attribute_id, value, unit)
        return f"Now {escape(f'{sent.value} {sent.unit}'.strip())}, {origin}; a value here wins."

    def _place(self, name: str, field: forms.Field, value: str) -> None:
        field.initial, field.disabled = value, self.read_only
        self.fields[name] = field

    def read(self, variant: Variant) -> dict[str, Any]:  # noqa: ARG002 -- the fields carry their own initial values
        return {}

    def clean(self) -> dict[str, Any]:
        """The extra attribute is looked up by name or id; a value without one, or the other way round, is an error."""
        values = super().clean() or self.cleaned_data
        name, value = values.get("extra_attribute", ""), values.get("extra_value", "")
        if not name:
            if value or values.get("extra_unit"):
                self.add_error("extra_attribute", "Say which attribute this value is for.")
            return values
        found = find_attribute(self.variant.merchant, name)
        if found is None:
            self.add_error(
                "extra_attribute", f"No attribute “{name[:60]}”, or several of that name. Give its id."
            )
        elif not value:
            self.add_error("extra_value", f"Give a value for {found.name}, or empty its name.")
        elif values.get(f"attribute_{found.attribute_id}"):
            self.add_error("extra_attribute", f"{found.name} has a value above.")
        else:
            values["extra_id"] = found.attribute_id
        return values

    def inputs_of(self, name: str) -> Collection[str]:  # noqa: ARG002 -- the attributes are one value
        return list(self.fields)

    def changes(self) -> dict[str, Any]:
        values = self.cleaned_data
        found = []
        for name in self.fields:
            if name.startswith("attribute_") and values.get(name):
                key = name.removeprefix("attribute_")
                found.append({"id": int(key), "value": values[name], "unit": values.get(f"unit_{key}", "")})
        if values.get("extra_id"):
            unit = values.get("extra_unit", "")
            found.append({"id": values["extra_id"], "value": values["extra_value"], "unit": unit})
        return {"attributes": found}


def _kind(rule: AttributeRule) -> str:
    """What the input takes, and that it can tell variants apart."""
    parts = ["Can tell variants apart."] if rule.is_variant else []
    if rule.free_text == FreeText.FREE_WITH_UNIT:
        parts.append("A number or text, and its unit.")
    elif rule.free_text == FreeText.FREE or not rule.values:
        parts.append("Free text.")
    return " ".join(parts)


def _choices(words: Any, chosen: str) -> list[tuple[str, str]]:
    """The present value stays choosable when Jet does not list it, so that saving another field keeps it."""
    names = list(words.values())
    extra = [(chosen, f"{chosen} (not one of Jet's)")] if chosen and chosen not in names else []
    return [("", "–"), *extra, *((name, name) for name in names)]  # noqa: RUF001 -- a dash, as typeset


class CategoryForm(SectionForm):
    section_title = "Category"
    store_category: forms.ModelChoiceField[StoreCategory] = forms.ModelChoiceField(
        None,  # set in __init__: the scope is closed at import time
        label="Store category",
        required=False,
        empty_label="None",
        help_text="Its mapping gives the Jet category of all products in it.",
    )
    category = forms.ChoiceField(
        label="Jet category",
        required=False,
        help_text="One per product. Only categories that something is mapped to are offered here.",
    )

    aliases: ClassVar[dict[str, str]] = {"jet_node_id": "category"}

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        super().__init__(data, variant=variant, **extra)
        store = self.fields["store_category"]
        assert isinstance(store, forms.ModelChoiceField)  # noqa: S101 -- declared above
        store.queryset = StoreCategory.objects.filter(merchant=variant.merchant_id).order_by("path")
        jet = self.fields["category"]
        assert isinstance(jet, forms.ChoiceField)  # noqa: S101 -- declared above
        jet.choices = jet_choices(variant)

    def read(self, variant: Variant) -> dict[str, Any]:
        return {
            "store_category": variant.product.store_category_id,
            "category": str(variant.product.jet_node_id or AS_MAPPED),
        }

    def inputs_of(self, name: str) -> Collection[str]:
        return ("category",) if name == "jet_node_id" else (name,)

    def write(self, actor: Actor) -> None:
        values = self.cleaned_data
        node = values["category"]
        product = self.variant.product
        changes = self.edits(
            {"store_category": values["store_category"], "jet_node_id": int(node) if node else None}
        )
        update_product(product, changes, actor=actor, seen=seen_in(product, changes))


def jet_choices(variant: Variant) -> list[tuple[str, str]]:
    nodes = mapped_nodes(variant.merchant)
    choices = [(AS_MAPPED, "As its store category is mapped")]
    choices += [(str(node.node_id), f"{node.path} (Category Id on Jet: {node.node_id})") for node in nodes]
    own = variant.product.jet_node_id
    if own and own not in {node.node_id for node in nodes}:
        known = load_taxonomy(variant.merchant, [own]).categories.get(own)
        choices.append(
            (str(own), f"{known.path if known else 'Not in the taxonomy in use'} (Category Id on Jet: {own})")
        )
    return choices
