"""The answer to a return, and notes. The rules are those of `returns.validators`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from jetsync.exceptions import InvalidInput
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from returns.actions.notes import MAX_LENGTH
from returns.ledgers import LineLedger
from returns.models import Return, ReturnLine
from returns.money import PARTS, Amounts, Movement, total_of
from returns.second_person import MAX_REASON
from returns.validators import Decision, LineDecision, field_of, full_decision, quantity_limits
from returns.wording import (
    AGREE_MEANING,
    CHARGE_FEEDBACK_MEANINGS,
    charge_feedback_choices,
    return_feedback_choices,
)

AGREE_CHOICES = [("yes", "Yes, I pay the return charge"), ("no", "No, I dispute the return charge")]


@dataclass(frozen=True)
class LineRow:
    """One line with its inputs, for the template."""

    line: ReturnLine
    ledger: LineLedger | None
    is_included: BoundField
    quantity_returned: BoundField
    quantity_refunded: BoundField
    amounts: list[BoundField]
    feedback: BoundField
    notes: BoundField
    ceiling: Amounts

    @property
    def is_reduced(self) -> bool:
        """Less than the shopper asks for can still be paid."""
        return self.ceiling.is_less_than(self.line.requested)


def money_input(label: str, initial: Decimal, *, most: Decimal, help_text: str = "") -> forms.DecimalField:
    widget = forms.NumberInput(
        attrs={"inputmode": "decimal", "min": "0", "max": f"{most:.2f}", "step": "0.01"}
    )
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        initial=f"{initial:.2f}",
        widget=widget,
        help_text=help_text,
    )


def unit_input(label: str, initial: int, *, most: int, help_text: str = "") -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "min": "0", "max": str(most)})
    return forms.IntegerField(
        label=label, required=False, min_value=0, initial=initial, widget=widget, help_text=help_text
    )


class SettleForm(ReadOnlyForm, forms.Form):
    """One answer to all lines. Every number is proposed from Jet's request and can only be lowered."""

    agree_to_return_charge = forms.ChoiceField(
        label="Agree to return",
        choices=AGREE_CHOICES,
        initial="yes",
        widget=forms.RadioSelect,
        help_text=AGREE_MEANING,
    )
    return_charge_feedback = forms.ChoiceField(
        label="Return charge feedback",
        required=False,
        help_text="Only when you do not agree. "
        + " ".join(
            f"{dict(charge_feedback_choices())[word]}: {text}"
            for word, text in CHARGE_FEEDBACK_MEANINGS.items()
        ),
    )
    confirms_left_out = forms.BooleanField(
        label="Yes, leave these lines without an answer for good", required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        returned: Return,
        lines: Sequence[ReturnLine],
        ledgers: Mapping[int, LineLedger],
        **kwargs: Any,
    ) -> None:
        self.returned, self.lines, self.ledgers = returned, lines, ledgers
        self.proposal = {given.line_id: given for given in full_decision(lines, ledgers).lines}
        super().__init__(data, **kwargs)
        charge = self.fields["return_charge_feedback"]
        assert isinstance(charge, forms.ChoiceField)  # noqa: S101 -- declared above
        charge.choices = [("", "Choose when you do not agree"), *charge_feedback_choices()]
        for line in self.lines:
            self._add_line(line)

    def _add_line(self, line: ReturnLine) -> None:
        name = field_of(line.pk, "is_included")
        self.fields[name] = forms.BooleanField(
            label=f"Generate return for {line}", required=False, initial=True, disabled=self.read_only
        )
        for part, field in {
            **self._unit_fields(line),
            **self._amount_fields(line),
            **self._word_fields(line),
        }.items():
            field.disabled = self.read_only
            self.fields[field_of(line.pk, part)] = field

    def _unit_fields(self, line: ReturnLine) -> dict[str, forms.Field]:
        given = self.proposal[line.pk]
        returned, refunded = quantity_limits(line, self.ledgers.get(line.order_line_id or 0))
        return {
            "quantity_returned": unit_input(
                "Qty returned", given.quantity_returned, most=returned, help_text=f"At most {returned}."
            ),
            "quantity_refunded": unit_input(
                "Qty refunded", given.quantity_refunded, most=refunded, help_text=f"At most {refunded}."
            ),
        }

    def _amount_fields(self, line: ReturnLine) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for part, label in PARTS.items():
            asked, most = getattr(line.requested, part), getattr(self.proposal[line.pk].amounts, part)
            left = "" if asked == most else f", ${most:.2f} left"
            fields[part] = money_input(label, most, most=most, help_text=f"Asked for ${asked:.2f}{left}.")
        return fields

    def _word_fields(self, line: ReturnLine) -> dict[str, forms.Field]:
        is_reduced = self.proposal[line.pk].amounts.is_less_than(line.requested)
        nothing = "Choose why less is refunded" if is_reduced else "Full amount"
        return {
            "feedback": forms.ChoiceField(
                label="Return refund feedback",
                required=False,
                choices=[("", nothing), *return_feedback_choices(timezone.now())],
                help_text="Needed when less than the full amount is refunded.",
            ),
            "notes": forms.CharField(
                label="Notes",
                required=False,
                max_length=500,
                help_text="Goes to Jet.",
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
        }

    def rows(self) -> list[LineRow]:
        return [self._row(line) for line in self.lines]

    def _row(self, line: ReturnLine) -> LineRow:
        def bound(name: str) -> BoundField:
            return self[field_of(line.pk, name)]

        return LineRow(
            line=line,
            ledger=self.ledgers.get(line.order_line_id or 0),
            is_included=bound("is_included"),
            quantity_returned=bound("quantity_returned"),
            quantity_refunded=bound("quantity_refunded"),
            amounts=[bound(part) for part in PARTS],
            feedback=bound("feedback"),
            notes=bound("notes"),
            ceiling=self.proposal[line.pk].amounts,
        )

    def decision(self) -> Decision:
        """What was typed, as the action takes it. Call on a form that is valid in itself."""
        data = self.cleaned_data
        return Decision(
            agrees=data["agree_to_return_charge"] == "yes",
            charge_feedback=data["return_charge_feedback"],
            lines=tuple(self._line_decision(line) for line in self.lines),
            confirms_left_out=data["confirms_left_out"],
        )

    def _line_decision(self, line: ReturnLine) -> LineDecision:
        def value(name: str) -> Any:
            return self.cleaned_data.get(field_of(line.pk, name))

        return LineDecision(
            line_id=line.pk,
            is_included=bool(value("is_included")),
            quantity_returned=value("quantity_returned") or 0,
            quantity_refunded=value("quantity_refunded") or 0,
            amounts=Amounts(**{part: value(part) or Decimal("0.00") for part in PARTS}),
            feedback=value("feedback") or "",
            notes=value("notes") or "",
        )

    def given(self) -> dict[int, Movement] | None:
        """What the ledgers are about to take, by order line id: the typed numbers, or the proposal of an untouched
        form. None while what was typed cannot be read."""
        if self.is_bound and not self.is_valid():
            return None
        lines = self.decision().lines if self.is_bound else self.proposal.values()
        order_lines = {line.pk: line.order_line_id for line in self.lines}
        return {
            order_line: Movement(given.quantity_returned, given.quantity_refunded, given.amounts)
            for given in lines
            if given.is_included and (order_line := order_lines[given.line_id]) is not None
        }

    def total(self) -> Decimal:
        """What the shopper gets by the typed numbers, or by the proposal of an untouched form."""
        lines = self.decision().lines if self.is_bound else self.proposal.values()
        return total_of(given.amounts for given in lines if given.is_included).total

    def take_faults(self, refused: InvalidInput) -> None:
        """Puts the action's faults beside their fields; what belongs to no field stands above the form."""
        put_on_form(self, refused)

    @property
    def asks_confirmation(self) -> bool:
        """The tick box is in the way until a line is left out."""
        return "confirms_left_out" in self.errors or bool(
            self.is_bound and self.data.get("confirms_left_out")
        )


class DeclineForm(forms.Form):
    """Why a waiting decision goes back; returns and refunds alike."""

    reason = forms.CharField(
        label="Reason",
        max_length=MAX_REASON,
        help_text="Whoever decided reads it here. Not sent to Jet.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=MAX_LENGTH,
        help_text="Seen here only, never sent to Jet.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
