"""One form for a profile with its four parts: General, Standard code, Category attributes, Item specifics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from catalog.actions.profile import create_profile, update_profile
from catalog.enums import FreeText
from catalog.facts import AttributeRule, Taxonomy
from catalog.forms.category_steps import CategorySteps, add_step_fields, steps_of
from catalog.forms.source_field import SourceOptions, source_field
from catalog.jet_fields import JET_FIELDS, SPECIFICS, STANDARD_CODES
from catalog.models import Product, Profile
from catalog.price_guard import CONFIRMED, Asked, UnconfirmedPrice
from catalog.profile_checks import LONGEST_NAME
from catalog.queries.reach import reach_of_products
from catalog.queries.taxonomy import get_category, load_taxonomy
from catalog.validators import MAP_CHOICES
from jetsync.exceptions import DomainError
from jetsync.ids import parse_id
from jetsync.models import Merchant
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.tenancy.actor import Actor

# The part that is read again when a step of the category is changed.
LIVE = {
    "hx-post": "",
    "hx-vals": '{"do": "category"}',
    "hx-target": "#category-part",
    "hx-select": "#category-part",
    "hx-swap": "outerHTML",
}
FIXED_WINS = "Both are set: the fixed value wins."
TEXTAREA_FROM = 300
LONG_TEXTS = {"safety_warning", "legal_disclaimer_description"}


@dataclass(frozen=True)
class ValueRow:
    """A value in two ways: fixed, or read from a store field. `note` says which of the two wins."""

    label: str
    hint: str
    fixed: BoundField
    source: BoundField
    unit: BoundField | None = None
    note: str = ""


# Carries the node it was ticked for: another choice afterwards is asked about anew.
MOVE_CONFIRMED = "confirmed_category"


@dataclass(frozen=True)
class Moving:
    """Products that Jet has would get another category with the profile."""

    title: str
    reasons: list[str]
    mark: str
    words: str


class ProfileForm(ReadOnlyForm, forms.Form):
    """`values`: what the fields show when the form is not saved (a draft, another category); else the profile's own."""

    name = forms.CharField(
        label="Profile name",
        max_length=LONGEST_NAME,
        help_text="For you: it stands on products and says where a value comes from. E.g. Towel collection.",
    )
    sku_as_part_number = forms.BooleanField(
        label="Send the SKU as manufacturer part number",
        required=False,
        help_text="For products that have no part number of their own.",
    )
    sku_as_code = forms.ChoiceField(
        label="Use your SKU as",
        required=False,
        choices=[("", "Do not use it as a code"), *((name, name) for name in STANDARD_CODES)],
        help_text="For products without a code. Length and check digit of each SKU are tested for this type.",
    )
    code_type = forms.ChoiceField(
        label="Standard code type",
        required=False,
        choices=[("", "None"), *((name, name) for name in STANDARD_CODES)],
        help_text="UPC 12, EAN 13, ISBN-10 10, ISBN-13 13, GTIN-14 14 digits; ASIN 10 characters; UPC-E 8.",
    )

    unconfirmed: Asked | None = None
    moving: Moving | None = None

    def __init__(
        self,
        data: Any = None,
        *,
        merchant: Merchant,
        profile: Profile | None = None,
        values: Mapping[str, Any] | None = None,
        **extra: Any,
    ) -> None:
        self.merchant, self.profile = merchant, profile
        stored = stored_values(profile)
        shown = dict(values) if values is not None else stored
        given = data if data is not None else shown
        self.steps: CategorySteps = steps_of(merchant, given)
        self.taxonomy = self._taxonomy(profile)
        super().__init__(data, initial=shown)
        keys = [str(value) for name, value in shown.items() if name.endswith("_source")]
        self.options = SourceOptions.of(merchant, keys)
        self._build(shown)
        self.close(read_only=bool(extra.get("read_only")))

    def _taxonomy(self, profile: Profile | None) -> Taxonomy:
        chosen = self.steps.chosen
        kept = [int(item["id"]) for item in profile.attributes] if profile else []
        return load_taxonomy(self.merchant, [chosen.node_id] if chosen else [], kept)

    def _build(self, shown: Mapping[str, Any]) -> None:
        hint = "The field of your store that holds the code, e.g. jet_asin."
        self.fields["code_source"] = source_field("Take the code from", self.options, hint=hint)
        add_step_fields(self, self.merchant, self.steps, LIVE)
        for rule in self.asked():
            self._add_attribute(rule, shown)
        for name in SPECIFICS:
            self._add_specific(name)

    def asked(self) -> list[AttributeRule]:
        """What the category asks for, those that tell variants apart first; then what the profile sets beyond that."""
        chosen = self.steps.chosen
        category = self.taxonomy.categories.get(chosen.node_id) if chosen else None
        asked = category.attribute_ids if category else frozenset()
        kept = {item["id"] for item in self.profile.attributes} if self.profile else set()
        same = self.profile is not None and self.profile.jet_node_id == (
            chosen.node_id if chosen else self.lost_node
        )
        wanted = asked | kept if same else asked
        rules = [self.taxonomy.attributes.get(pk) or _unknown(pk) for pk in wanted]
        return sorted(
            rules, key=lambda rule: (rule.attribute_id not in asked, not rule.is_variant, rule.name)
        )

    @cached_property
    def lost_node(self) -> int | None:
        """The profile's category where the taxonomy in use has none such: kept until another one is being chosen."""
        node = self.profile.jet_node_id if self.profile else None
        if node is None or self.steps.chosen is not None or self.steps.root or self.steps.words:
            return None
        return node if get_category(self.merchant, node) is None else None

    def _add_attribute(self, rule: AttributeRule, shown: Mapping[str, Any]) -> None:
        name = f"attr_{rule.attribute_id}"
        label = f"Fixed value of {rule.name}"
        if rule.free_text == FreeText.LISTED and rule.values:
            words = list(rule.values.values())
            now = str(shown.get(name, "") or "")
            extra = [(now, f"{now} (not one of Jet's)")] if now and now not in words else []
            choices = [("", "–"), *extra, *((word, word) for word in words)]  # noqa: RUF001 -- a dash, as typeset
            self.fields[name] = forms.CharField(
                label=label, required=False, widget=forms.Select(choices=choices)
            )
        else:
            self.fields[name] = forms.CharField(label=label, required=False)
        self.fields[f"{name}_source"] = source_field(f"Store field for {rule.name}", self.options)
        if rule.free_text == FreeText.FREE_WITH_UNIT:
            units = [("", "Unit"), *((unit, unit) for unit in rule.units.values())]
            self.fields[f"{name}_unit"] = forms.CharField(
                label=f"Unit of {rule.name}", required=False, widget=forms.Select(choices=units)
            )

    def _add_specific(self, name: str) -> None:
        spec = JET_FIELDS[name]
        widget: forms.Widget = forms.Textarea(attrs={"rows": 2}) if name in LONG_TEXTS else forms.TextInput()
        if spec.kind == "choice":
            words = [(key, f"{key}: {word}") for key, word in MAP_CHOICES.items()]
            widget = forms.Select(choices=[("", "–"), *words])  # noqa: RUF001 -- a dash, as typeset
        self.fields[f"spec_{name}"] = forms.CharField(
            label=f"Fixed value of {spec.label}", required=False, widget=widget
        )
        self.fields[f"spec_{name}_source"] = source_field(f"Store field for {spec.label}", self.options)

    # --- for the template ----------------------------------------------------------------------------------

    def step_fields(self) -> list[BoundField]:
        return [self[name] for name in ("root", "child", "node") if name in self.fields]

    def attribute_rows(self) -> list[ValueRow]:
        return [self._row(f"attr_{rule.attribute_id}", rule.name, _told(rule)) for rule in self.asked()]

    def specific_rows(self) -> list[ValueRow]:
        return [
            self._row(f"spec_{name}", JET_FIELDS[name].label, JET_FIELDS[name].hint) for name in SPECIFICS
        ]

    def _row(self, name: str, label: str, hint: str) -> ValueRow:
        fixed, source = self[name], self[f"{name}_source"]
        unit = self[f"{name}_unit"] if f"{name}_unit" in self.fields else None
        note = FIXED_WINS if str(fixed.value() or "").strip() and source.value() else ""
        return ValueRow(label, hint, fixed, source, unit, note)

    @property
    def code_note(self) -> str:
        """PRO-08 for the code: the SKU goes before the field."""
        both = self["sku_as_code"].value() and self["code_source"].value()
        return "Both are set: the SKU is used as the code, the field is not read." if both else ""

    # --- saving --------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """The cleaned fields under the model's names."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "sku_as_part_number": given["sku_as_part_number"],
            "sku_as_code": given["sku_as_code"],
            "code_type": given["code_type"],
            "code_source": given["code_source"],
            "jet_node_id": parse_id(given.get("node")) or self.lost_node,
            "attributes": [
                {
                    "id": rule.attribute_id,
                    "value": given[f"attr_{rule.attribute_id}"],
                    "source": given[f"attr_{rule.attribute_id}_source"],
                    "unit": given.get(f"attr_{rule.attribute_id}_unit", ""),
                }
                for rule in self.asked()
            ],
            "specifics": {
                name: {"value": given[f"spec_{name}"], "source": given[f"spec_{name}_source"]}
                for name in SPECIFICS
            },
        }

    def _moving(self, profile: Profile) -> Moving | None:
        """What has to be asked about another category; None where Jet has none of the products, or it was ticked."""
        node = self.values()["jet_node_id"]
        if node == profile.jet_node_id or self.data.get(MOVE_CONFIRMED) == str(node):
            return None
        led = Product.objects.filter(merchant=self.merchant, profile=profile, jet_node_id=None)
        reach = reach_of_products(self.merchant, led)
        if not reach.listed:
            return None
        path = self.steps.chosen.path if self.steps.chosen else ""
        reasons = reach.words(self.merchant)
        if path:
            reasons.append("The category of the profile goes before the mapping of the store category.")
        return Moving(
            title=f"The category becomes {path}." if path else "The profile gives no category any more.",
            reasons=reasons,
            mark=str(node),
            words="Yes, give these products this category." if path else "Yes, take the category away.",
        )

    def save(self, actor: Actor) -> Profile | None:
        """The saved profile, or None with the errors on the fields."""
        if not self.is_valid():
            return None
        try:
            if self.profile is None:
                return create_profile(self.merchant, self.values(), actor=actor)
            self.moving = self._moving(self.profile)
            if self.moving:
                return None
            confirmed = str(self.data.get(CONFIRMED, ""))
            return update_profile(self.profile, self.values(), actor=actor, confirmed=confirmed)
        except DomainError as error:
            if isinstance(error, UnconfirmedPrice):
                self.unconfirmed = error.asked
            put_on_form(self, error, {field: _input_of(field) for field in error.fields})
            return None


def _input_of(place: str) -> str:
    """`specifics.brand` -> `spec_brand`, `attributes.23.unit` -> `attr_23_unit`, `jet_node_id` -> the last step."""
    part, _dot, rest = place.partition(".")
    kinds = {"attributes": "attr_", "specifics": "spec_"}
    if part in kinds and rest:
        return f"{kinds[part]}{rest.replace('.', '_')}"
    return "node" if part == "jet_node_id" else place


def _unknown(attribute_id: int) -> AttributeRule:
    """Of a taxonomy that is not in use any more: shown, so that it can be removed."""
    return AttributeRule(attribute_id, f"Attribute {attribute_id}", FreeText.FREE)


def _told(rule: AttributeRule) -> str:
    """How Jet takes the value."""
    if rule.free_text == FreeText.LISTED and rule.values:
        words = list(rule.values.values())
        shown = ", ".join(words[:4]) + (f" and {len(words) - 4} more" if len(words) > 4 else "")  # noqa: PLR2004 -- a line
        how = f"One of Jet's {len(words)} values: {shown}."
    elif rule.free_text == FreeText.FREE_WITH_UNIT:
        how = f"A value with a unit: {', '.join(list(rule.units.values())[:6])}."
    else:
        how = "Free text, up to 100 characters."
    return f"{how} Can tell variants apart." if rule.is_variant else how


def stored_values(profile: Profile | None) -> dict[str, Any]:
    """The profile as the fields of its form show it."""
    if profile is None:
        return {}
    found: dict[str, Any] = {
        "name": profile.name,
        "sku_as_part_number": profile.sku_as_part_number,
        "sku_as_code": profile.sku_as_code,
        "code_type": profile.code_type,
        "code_source": profile.code_source,
        "node": profile.jet_node_id or "",
    }
    for item in profile.attributes:
        name = f"attr_{item['id']}"
        found |= {name: item.get("value", ""), f"{name}_source": item.get("source", "")}
        found[f"{name}_unit"] = item.get("unit", "")
    for key, item in profile.specifics.items():
        found |= {f"spec_{key}": item.get("value", ""), f"spec_{key}_source": item.get("source", "")}
    return found
