"""Rules of an answer to a return, one place for page, API and bulk. Raises InvalidInput with fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.resting import HINT, check_not_resting, resting_reason
from orders.enums import OrderState
from returns.enums import ReturnStatus
from returns.ledgers import LineLedger
from returns.models import Return, ReturnLine
from returns.money import Amounts, Movement, amount_problems
from returns.wording import charge_feedback_choices, needs_note, return_feedback_choices

NOTHING = Amounts()


@dataclass(frozen=True)
class LineDecision:
    """What is given for one return line. `is_included` false leaves the line out of the answer."""

    line_id: int
    is_included: bool = True
    quantity_returned: int = 0
    quantity_refunded: int = 0
    amounts: Amounts = NOTHING
    feedback: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Decision:
    """The answer to one return, as typed by a person or given by a program."""

    agrees: bool
    charge_feedback: str = ""
    lines: Sequence[LineDecision] = ()
    confirms_left_out: bool = False


def field_of(line_id: int, name: str) -> str:
    """The form field of a line."""
    return f"line-{line_id}-{name}"


def check_answerable(returned: Return) -> None:
    """Raises StateConflict with the reason why the return cannot be answered (now)."""
    check_not_resting(returned.merchant)
    reason = answer_blocker(returned)
    if reason:
        raise StateConflict(f"Return {returned}: {reason[0]}", hint=reason[1])


def answer_blocker(returned: Return) -> tuple[str, str] | None:
    """`(reason, hint)` when this return cannot be answered now, else None."""
    if returned.is_waiting:
        return "an answer waits for a second person.", "Take that answer back, or have it confirmed."
    if returned.is_in_flight:
        return "an answer is on its way to Jet already.", "Wait for Jet, or look at the time line."
    if rests := resting_reason(returned.merchant):
        return rests, HINT
    return send_blocker(returned)


def send_blocker(returned: Return) -> tuple[str, str] | None:
    """`(reason, hint)` when Jet would not take an answer to this return, stored or new; else None."""
    if returned.status != ReturnStatus.CREATED:
        label = returned.get_status_display().lower()
        return f"it is {label}, Jet takes one answer only.", "Jet's answer stands on the page."
    if returned.account.mode != returned.merchant.mode:
        mode = returned.account.get_mode_display()
        return f"it belongs to {mode} mode.", f"Switch to {mode} mode under Settings, Jet account."
    order = returned.order
    if order is not None and order.state != OrderState.COMPLETE:
        return (
            f"order {order} is {order.get_state_display().lower()}; returns are for completed orders.",
            "Ship or cancel what is left of the order first.",
        )
    return None


def ceiling_of(line: ReturnLine, quantity: int, ledger: LineLedger | None) -> Amounts:
    """The most `quantity` units of this return line may be paid back: Jet's request, and what is left to refund."""
    asked = line.requested.share(quantity, line.return_quantity)
    return asked if ledger is None else asked.at_most(ledger.ledger.ceiling(quantity))


def quantity_limits(line: ReturnLine, ledger: LineLedger | None) -> tuple[int, int]:
    """The most units that may be reported as returned and as refunded."""
    if ledger is None:
        return line.return_quantity, line.return_quantity
    return (
        min(line.return_quantity, ledger.ledger.returnable),
        min(line.return_quantity, ledger.ledger.refundable),
    )


def check_decision(
    returned: Return,
    lines: Sequence[ReturnLine],
    decision: Decision,
    ledgers: Mapping[int, LineLedger],
    *,
    at: datetime,
) -> None:
    """All faults at once. `at` (aware) decides which feedback words Jet takes."""
    faults: dict[str, list[str]] = {}
    by_id = {line.pk: line for line in lines}
    for given in decision.lines:
        line = by_id.get(given.line_id)
        if line is None:
            faults.setdefault("lines", []).append(f"Line {given.line_id} is not part of return {returned}.")
        elif given.is_included:
            faults |= _line_faults(line, given, ledgers.get(line.order_line_id or 0), at)
    faults |= _charge_faults(decision)
    faults |= _coverage_faults(decision, by_id)
    if faults:
        first = next(iter(faults.values()))[0]
        raise InvalidInput(
            f"The answer to return {returned} is not complete: {first}",
            hint="Correct the marked fields.",
            fields=faults,
        )


def _charge_faults(decision: Decision) -> dict[str, list[str]]:
    if decision.agrees:
        return {}
    words = dict(charge_feedback_choices())
    if decision.charge_feedback not in words:
        return {"return_charge_feedback": ["Say why you do not agree: choose one of the six reasons."]}
    has_note = any(line.notes.strip() for line in decision.lines if line.is_included)
    if needs_note(decision.charge_feedback) and not has_note:
        return {"return_charge_feedback": ["“Other” needs an explanation in the notes of a line."]}
    return {}


def _coverage_faults(decision: Decision, by_id: Mapping[int, ReturnLine]) -> dict[str, list[str]]:
    included = {line.line_id for line in decision.lines if line.is_included}
    if not included:
        return {"lines": ["Tick at least one line: Jet takes no answer without lines."]}
    left_out = [line.sku or line.order_item_id for pk, line in by_id.items() if pk not in included]
    if left_out and not decision.confirms_left_out:
        names = ", ".join(left_out)
        text = (
            f"You leave out {names}. Jet takes one answer per return, so these lines can never be answered. "
            "Tick to confirm, or answer all lines in one go."
        )
        return {"confirms_left_out": [text]}
    return {}


def _line_faults(
    line: ReturnLine, given: LineDecision, ledger: LineLedger | None, at: datetime
) -> dict[str, list[str]]:
    faults = _unit_faults(line, given, ledger)
    faults |= amount_problems(given.amounts, ceiling_of(line, given.quantity_refunded, ledger))
    is_less = given.amounts.is_less_than(line.requested)
    words = dict(return_feedback_choices(at))
    if given.feedback and given.feedback not in words:
        faults["feedback"] = [f"“{given.feedback}” is not a word Jet takes today."]
    elif is_less and not given.feedback:
        faults["feedback"] = ["Less than the full amount is refunded: say why."]
    elif needs_note(given.feedback) and not given.notes.strip():
        faults["notes"] = ["“Other” needs an explanation."]
    return {field_of(line.pk, name): [f"{line}: {text}" for text in texts] for name, texts in faults.items()}


def _unit_faults(line: ReturnLine, given: LineDecision, ledger: LineLedger | None) -> dict[str, list[str]]:
    movement = Movement(given.quantity_returned, given.quantity_refunded, given.amounts)
    faults = {} if ledger is None else ledger.ledger.problems(movement)
    # amounts are judged against Jet's request as well, by the caller
    units = {name: texts for name, texts in faults.items() if name.startswith("quantity_")}
    if given.quantity_returned > line.return_quantity:
        units.setdefault(
            "quantity_returned", [f"At most {line.return_quantity}: that many are to be returned."]
        )
    if given.quantity_refunded > given.quantity_returned:
        units.setdefault(
            "quantity_refunded",
            [
                f"Refunded units ({given.quantity_refunded}) may not exceed returned units ({given.quantity_returned})."
            ],
        )
    return units


def full_decision(
    lines: Sequence[ReturnLine], ledgers: Mapping[int, LineLedger], *, agrees: bool = True
) -> Decision:
    """What the form proposes: everything the shopper asks for, as far as it may still be paid."""
    return Decision(
        agrees=agrees, lines=tuple(_full_line(line, ledgers.get(line.order_line_id or 0)) for line in lines)
    )


def _full_line(line: ReturnLine, ledger: LineLedger | None) -> LineDecision:
    returned, refunded = quantity_limits(line, ledger)
    refunded = min(returned, refunded)
    return LineDecision(
        line_id=line.pk,
        quantity_returned=returned,
        quantity_refunded=refunded,
        amounts=ceiling_of(line, refunded, ledger),
    )
