"""The refund form: one block per order line. The rules are those of `refunds.validators`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from jetsync.exceptions import InvalidInput
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from refunds.validators import LineInput
from refunds.wording import feedback_choices, reason_choices
from returns.forms import money_input, unit_input
from returns.ledgers import LineLedger
from returns.money import PARTS, Amounts, Ledger, Movement
from returns.validators import field_of

# What Jet's form asks for on every chosen item; shipping and its tax are proposed, so they are never empty by accident.
REQUIRED = ("quantity_returned", "quantity_refunded", "principal", "shipping_tax", "feedback", "reason")
LABELS = {
    "principal": "Refund amount",
    "tax": "Refund tax",
    "shipping_cost": "Refund shipping cost",
    "shipping_tax": "Refund shipping tax",
}


@dataclass(frozen=True)
class LineRow:
    """One order line with its inputs, for the template."""

    row: LineLedger
    is_chosen: BoundField
    units: list[BoundField]
    words: list[BoundField]
    amounts: list[BoundField]
    notes: BoundField

    @property
    def can_refund(self) -> bool:
        return self.row.ledger.refundable > 0 and not self.row.ledger.possible.is_zero


def _unit_fields(ledger: Ledger) -> dict[str, forms.Field]:
    return {
        "quantity_returned": unit_input(
            "Quantity returned",
            min(ledger.returnable, ledger.refundable),
            most=ledger.returnable,
            help_text=f"At most {ledger.returnable}. 0 for goods that never came back.",
        ),
        "quantity_refunded": unit_input(
            "Quantity refunded",
            ledger.refundable,
            most=ledger.refundable,
            help_text=f"At most {ledger.refundable}.",
        ),
    }


def _word_fields() -> dict[str, forms.Field]:
    feedback = [("", "Choose"), *feedback_choices(timezone.now())]
    return {
        "reason": forms.ChoiceField(
            label="Refund reason", required=False, choices=[("", "Choose"), *reason_choices()]
        ),
        "feedback": forms.ChoiceField(label="Refund feedback", required=False, choices=feedback),
        "notes": forms.CharField(
            label="Refund notes",
            required=False,
            max_length=500,
            help_text="Goes to Jet. May stay empty.",
            widget=forms.Textarea(attrs={"rows": 2}),
        ),
    }


class RefundForm(ReadOnlyForm, forms.Form):
    """Every number is proposed from what was charged and not yet paid back, and can only be lowered."""

    def __init__(self, data: Any = None, *, ledgers: Mapping[int, LineLedger], **kwargs: Any) -> None:
        self.ledgers = ledgers
        super().__init__(data, **kwargs)
        for row in ledgers.values():
            self._add_line(row, is_only=len(ledgers) == 1)

    def _add_line(self, row: LineLedger, *, is_only: bool) -> None:
        most = row.ledger.possible
        can = row.ledger.refundable > 0 and not most.is_zero
        amounts: dict[str, forms.Field] = {
            part: money_input(
                label,
                getattr(most, part),
                most=getattr(most, part),
                help_text=f"At most ${getattr(most, part):.2f}.",
            )
            for part, label in LABELS.items()
        }
        chosen = forms.BooleanField(
            label="Agree for refund", required=False, initial=is_only and can, disabled=not can
        )
        for name, field in {
            "is_chosen": chosen,
            **_unit_fields(row.ledger),
            **_word_fields(),
            **amounts,
        }.items():
            field.disabled = field.disabled or self.read_only
            self.fields[field_of(row.line.pk, name)] = field

    def rows(self) -> list[LineRow]:
        return [self._row(row) for row in self.ledgers.values()]

    def _row(self, row: LineLedger) -> LineRow:
        def bound(*names: str) -> list[BoundField]:
            return [self[field_of(row.line.pk, name)] for name in names]

        return LineRow(
            row=row,
            is_chosen=bound("is_chosen")[0],
            units=bound("quantity_returned", "quantity_refunded"),
            words=bound("reason", "feedback"),
            amounts=bound(*PARTS),
            notes=bound("notes")[0],
        )

    def clean(self) -> dict[str, Any]:
        """What is required of a chosen item, required of no other."""
        data = self.cleaned_data
        for pk in self.ledgers:
            if not data.get(field_of(pk, "is_chosen")):
                continue
            for name in REQUIRED:
                field = field_of(pk, name)
                if field not in self.errors and data.get(field) in {None, ""}:
                    self.add_error(field, "Needed for every item that is refunded.")
        return data

    def lines(self) -> list[LineInput]:
        """The chosen items as the action takes them. Call on a form that is valid in itself."""
        return [self._line(pk) for pk in self.ledgers if self.cleaned_data.get(field_of(pk, "is_chosen"))]

    def given(self) -> dict[int, Movement] | None:
        """What the ledgers are about to take, by order line id: the typed numbers, or the proposal of an untouched
        form. None while what was typed cannot be read."""
        if self.is_bound and not self.is_valid():
            return None
        if self.is_bound:
            return {
                line.line_id: Movement(line.quantity_returned, line.quantity_refunded, line.amounts)
                for line in self.lines()
            }
        return {
            pk: Movement(0, row.ledger.refundable, row.ledger.possible)
            for pk, row in self.ledgers.items()
            if self.fields[field_of(pk, "is_chosen")].initial
        }

    def _line(self, pk: int) -> LineInput:
        def value(name: str) -> Any:
            return self.cleaned_data.get(field_of(pk, name))

        return LineInput(
            line_id=pk,
            quantity_returned=value("quantity_returned"),
            quantity_refunded=value("quantity_refunded"),
            reason=value("reason"),
            feedback=value("feedback"),
            notes=value("notes") or "",
            amounts=Amounts(**{part: value(part) or Decimal("0.00") for part in PARTS}),
        )

    def take_faults(self, refused: InvalidInput) -> None:
        """Puts the action's faults beside their fields; what belongs to no field stands above the form."""
        put_on_form(self, refused)
