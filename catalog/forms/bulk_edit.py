"""Which value of many SKUs to change, and how."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from catalog.actions.bulk_edit import ADD, PERCENT, SET, BulkChange
from catalog.problems import Problem
from catalog.queries.sheet import lookups_of
from catalog.sheet_cells import Lookups, read_cell
from jetsync.models import Merchant

CHOICES = [
    ("price:set", "Price: set to"),
    ("price:add", "Price: raise by USD (with a minus: lower)"),
    ("price:percent", "Price: raise by percent (with a minus: lower)"),
    ("quantity:set", "Quantity in the store: set to"),
    ("brand:set", "Brand: set to"),
    ("mfr_part_number:set", "MPN: set to"),
    ("main_image_url:set", "Main image: set to the address"),
    ("description:set", "Description: set to"),
    ("shipping_weight_pounds:set", "Weight in pounds: set to"),
    ("store_category:set", "Store category: set to"),
    ("profile:set", "Profile: set to"),
    ("sells_on_jet:set", "Sells on Jet: set to (yes or no)"),
]
SETTABLE = frozenset(key.removesuffix(":set") for key, _label in CHOICES if key.endswith(":set"))
# Further than this a percentage is a slip of the finger.
MOST_PERCENT = 1000
ALL_OF_IT = -100


class BulkEditForm(forms.Form):
    what = forms.ChoiceField(label="What to change", choices=CHOICES)
    value = forms.CharField(
        label="Value",
        required=False,
        max_length=2000,
        help_text="A price like 12.50, a percentage like -5, or a name as it stands in your store.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, merchant: Merchant, what: str = "") -> None:
        super().__init__(data, files, initial={"what": what})
        self.lookups: Lookups = lookups_of(merchant)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        column, _colon, how = values.get("what", "").partition(":")
        if column and "value" in values:
            message = self._problem(column, how, values["value"])
            if message:
                self.add_error("value", message)
        return values

    def _problem(self, column: str, how: str, text: str) -> str:
        if how == SET:
            found = read_cell(column, text, self.lookups)
            return f"{found.message} {found.fix}".strip() if isinstance(found, Problem) else ""
        try:
            amount = forms.DecimalField(max_digits=9, decimal_places=2).clean(text)
        except forms.ValidationError as error:
            return " ".join(error.messages)
        if amount is None or not amount:
            return "Type a number other than 0."
        if how == PERCENT and not ALL_OF_IT < amount <= MOST_PERCENT:
            return f"Type a percentage above -100 and up to {MOST_PERCENT:,}."
        return ""

    @property
    def change(self) -> BulkChange:
        """Of a valid form."""
        column, _colon, how = self.cleaned_data["what"].partition(":")
        text = self.cleaned_data["value"].strip()
        return BulkChange(column, how, str(Decimal(text)) if how in {ADD, PERCENT} else text)

    @property
    def mark(self) -> str:
        """What was previewed: a press of the button acts only on just this."""
        return f"{self.cleaned_data['what']}={self.cleaned_data['value'].strip()}"

    @property
    def words(self) -> str:
        label = dict(CHOICES)[self.cleaned_data["what"]].partition(" (")[0]
        return f"{label} {self.cleaned_data['value'].strip() or 'nothing'}"
