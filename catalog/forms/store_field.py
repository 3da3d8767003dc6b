"""The store's own fields of one SKU: change, remove, add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from catalog.actions.store_field import change_fields
from catalog.facts import VariantFacts
from catalog.models import Variant
from catalog.queries.store_field import SkuField, fields_of
from catalog.store_values import LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS
from jetsync.exceptions import DomainError
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.tenancy.actor import Actor


@dataclass(frozen=True)
class OwnFieldRow:
    field: SkuField
    value: BoundField
    remove: BoundField


class StoreFieldsForm(ReadOnlyForm, forms.Form):
    new_name = forms.CharField(
        label="Name",
        required=False,
        max_length=LONGEST_NAME,
        help_text="As in your store, e.g. material. Profiles and mappings find it by this name.",
    )
    new_value = forms.CharField(
        label="Value",
        required=False,
        max_length=LONGEST_VALUE,
        help_text="What this SKU has. A field of the same name on the product is hidden by it.",
    )

    def __init__(self, data: Any = None, *, variant: Variant, facts: VariantFacts, **extra: Any) -> None:
        self.variant = variant
        self.shown = fields_of(facts)
        self.own = [field for field in self.shown if field.place == "sku"][:MOST_FIELDS]
        super().__init__(data)
        for number, field in enumerate(self.own):
            widget = forms.Textarea(attrs={"rows": 2}) if "\n" in field.value else forms.TextInput()
            self.fields[f"value_{number}"] = forms.CharField(
                label=f"Value of {field.name}",
                required=False,
                max_length=LONGEST_VALUE,
                initial=field.value,
                widget=widget,
            )
            self.fields[f"remove_{number}"] = forms.BooleanField(label=f"Remove {field.name}", required=False)
        self.close(read_only=bool(extra.get("read_only")))

    def own_rows(self) -> list[OwnFieldRow]:
        return [
            OwnFieldRow(field, self[f"value_{number}"], self[f"remove_{number}"])
            for number, field in enumerate(self.own)
        ]

    def other_rows(self) -> list[SkuField]:
        return [field for field in self.shown if field.place != "sku"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("new_value") and not values.get("new_name"):
            self.add_error("new_name", "A value needs the name of its field.")
        return values

    def changes(self) -> dict[str, str | None]:
        """Untouched values are left out: a stored number or list must not become its text."""
        values = self.cleaned_data
        found: dict[str, str | None] = {}
        for number, field in enumerate(self.own):
            if values.get(f"remove_{number}"):
                found[field.name] = None
            elif values.get(f"value_{number}") != field.value:
                found[field.name] = values.get(f"value_{number}", "")
        if values.get("new_name"):
            found[values["new_name"]] = values["new_value"]
        return found

    def save(self, actor: Actor) -> bool:
        if not self.is_valid():
            return False
        try:
            change_fields(self.variant, self.changes(), actor=actor)
        except DomainError as error:
            put_on_form(self, error, {"value": "new_value"})
            return False
        return True
