"""The attributes that a SKU's Jet category asks for, and the category itself."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.actions.product import update_product
from catalog.attributes import in_jets_spelling
from catalog.enums import FreeText
from catalog.facts import AttributeRule
from catalog.forms.sections import SectionForm
from catalog.models import StoreCategory, Variant
from catalog.queries.category import mapped_nodes
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


class AttributesForm(SectionForm):
    section_title = "Attributes"

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        given = {item["id"]: item for item in variant.attributes}
        node_id = node_of(variant)
        self.taxonomy = load_taxonomy(variant.merchant, [node_id] if node_id else [], given)
        self.category = self.taxonomy.categories.get(node_id) if node_id else None
        asked = self.category.attribute_ids if self.category else frozenset()
        super().__init__(data, variant=variant, **extra)
        rules = sorted(
            self.taxonomy.attributes.values(), key=lambda rule: (rule.attribute_id not in asked, rule.name)
        )
        for rule in rules:
            self._add(rule, given.get(rule.attribute_id, {}), is_asked=rule.attribute_id in asked)
        # Attributes of a taxonomy that is not in use any more are shown too, so that they can be removed.
        for attribute_id, item in given.items():
            if attribute_id not in self.taxonomy.attributes:
                self._add(
                    AttributeRule(attribute_id, f"Attribute {attribute_id}", FreeText.FREE),
                    item,
                    is_asked=False,
                )

    def _add(self, rule: AttributeRule, item: dict[str, Any], *, is_asked: bool) -> None:
        known = in_jets_spelling(
            rule, rule.attribute_id, str(item.get("value", "")), str(item.get("unit", ""))
        )
        label = rule.name if is_asked else f"{rule.name} (not asked for by this category)"
        hint = "Can tell variants apart." if rule.is_variant else ""
        field: forms.Field
        if rule.free_text == FreeText.LISTED and rule.values:
            field = forms.ChoiceField(
                label=label, help_text=hint, required=False, choices=_choices(rule.values, known.value)
            )
        else:
            field = forms.CharField(label=label, help_text=hint, required=False)
        self._place(f"attribute_{rule.attribute_id}", field, known.value)
        if rule.free_text == FreeText.FREE_WITH_UNIT:
            unit = forms.ChoiceField(
                label=f"Unit of {rule.name}", required=False, choices=_choices(rule.units, known.unit)
            )
            self._place(f"unit_{rule.attribute_id}", unit, known.unit)

    def _place(self, name: str, field: forms.Field, value: str) -> None:
        field.initial, field.disabled = value, self.read_only
        self.fields[name] = field

    def read(self, variant: Variant) -> dict[str, Any]:  # noqa: ARG002 -- the fields carry their own initial values
        return {}

    def changes(self) -> dict[str, Any]:
        values = self.cleaned_data
        found = []
        for name in self.fields:
            if name.startswith("attribute_") and values.get(name):
                key = name.removeprefix("attribute_")
                found.append({"id": int(key), "value": values[name], "unit": values.get(f"unit_{key}", "")})
        return {"attributes": found}


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

    def write(self, actor: Actor) -> None:
        values = self.cleaned_data
        node = values["category"]
        changes = {"store_category": values["store_category"], "jet_node_id": int(node) if node else None}
        update_product(self.variant.product, changes, actor=actor)


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
