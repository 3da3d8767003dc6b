"""The form of the settings page for store orders. The rules are those of the action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jetsync.panel.forms import ReadOnlyForm
from orders.actions.store_settings import MethodInput, StoreSettings
from orders.enums import MethodKind
from orders.models import StoreBook
from orders.queries.store import ShownMethod

_GONE = "not among your methods any more"


@dataclass(frozen=True)
class MethodRow:
    method: ShownMethod
    is_on: BoundField
    remove: BoundField | None


class StoreOrdersForm(ReadOnlyForm, forms.Form):
    """`book` and `methods` are what is stored (orders.queries.store)."""

    payment_method = forms.ChoiceField(
        label="Payment method for imported orders",
        help_text="Stands on every store order made from a Jet order. Jet has taken the shopper's money and pays you, so "
        "your store must not ask for it again.",
    )
    shipping_method = forms.ChoiceField(
        label="Shipping method for imported orders",
        help_text="Stands on every store order made from a Jet order. The carrier that Jet asks for stands beside it.",
    )
    new_payment = forms.CharField(
        label="New payment method",
        required=False,
        max_length=100,
        help_text="As your store or your bookkeeping calls it, for example “Bank transfer by Jet”.",
    )
    new_shipping = forms.CharField(
        label="New shipping method",
        required=False,
        max_length=100,
        help_text="For example “Marketplace parcel”.",
    )

    def __init__(
        self,
        *args: Any,
        book: StoreBook,
        methods: dict[str, list[ShownMethod]],
        read_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.methods = methods
        for kind, rows in methods.items():
            name = f"{kind}_method"
            self._fill_choice(name, getattr(book, name), rows)
            for at, method in enumerate(rows):
                self.fields[f"{kind}-{at}-on"] = forms.BooleanField(
                    label=f"{method.name} is switched on", required=False, initial=method.is_on
                )
                if method.is_own:
                    self.fields[f"{kind}-{at}-remove"] = forms.BooleanField(
                        label=f"Remove {method.name}", required=False
                    )
        self.close(read_only=read_only)

    def _fill_choice(self, name: str, chosen: str, rows: list[ShownMethod]) -> None:
        field = self.fields[name]
        choices = [(row.name, row.name if row.is_on else f"{row.name} (switched off)") for row in rows]
        if chosen not in dict(choices):
            choices.insert(0, (chosen, f"{chosen} ({_GONE})"))
        field.choices, field.initial = choices, chosen  # type: ignore[attr-defined]  # a ChoiceField

    def method_rows(self) -> dict[str, list[MethodRow]]:
        return {
            kind: [
                MethodRow(row, self[f"{kind}-{at}-on"], self[f"{kind}-{at}-remove"] if row.is_own else None)
                for at, row in enumerate(rows)
            ]
            for kind, rows in self.methods.items()
        }

    def as_settings(self) -> StoreSettings:
        """What was entered; call it on a valid form."""
        data = self.cleaned_data
        kept = [
            MethodInput(kind, row.name, data[f"{kind}-{at}-on"])
            for kind, rows in self.methods.items()
            for at, row in enumerate(rows)
            if not data.get(f"{kind}-{at}-remove")
        ]
        new = [
            MethodInput(kind, data[f"new_{kind}"].strip())
            for kind in MethodKind.values
            if data[f"new_{kind}"].strip()
        ]
        return StoreSettings(data["payment_method"], data["shipping_method"], [*kept, *new])
