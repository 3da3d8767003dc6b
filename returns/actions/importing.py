"""Storing what Jet shows of a return. Runs any number of times with the same result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.mail import post_mail
from jetsync.enums import NoticeLevel
from jetsync.models import JetAccount, Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from orders.amounts import ZERO
from orders.models import OrderLine
from orders.queries.order import lock_order, order_by_jet_id
from returns.actions.crediting import credit_return
from returns.actions.waiting import forget_waiting
from returns.enums import HOLDING_STATES, ReturnStatus, SendState, may_become
from returns.models import Return, ReturnLine
from returns.money import total_of
from returns.pages import return_list_url, return_url
from returns.queries import lock_return, return_lines
from returns.reading import ReturnFacts, ReturnLineFacts


@dataclass(frozen=True)
class ImportedReturn:
    returned: Return
    is_new: bool


@transaction.atomic
def store_return(
    merchant: Merchant, account: JetAccount, facts: ReturnFacts, *, seen_at: datetime, job: Job | None = None
) -> ImportedReturn:
    """Stores one return of Jet, new or known; twice, or by two workers at once, leaves one return.

    `seen_at` is the time just before Jet was asked: an answer older than what is stored changes nothing. The order
    is locked first, because a return changes what its order may still be refunded with.
    """
    order = order_by_jet_id(merchant, facts.fields["merchant_order_id"])
    if order is not None:
        order = lock_order(merchant, order.pk)
    returned, is_new = Return.objects.get_or_create(
        merchant=merchant,
        merchant_return_authorization_id=facts.merchant_return_authorization_id,
        defaults={
            "account": account,
            "order": order,
            "status": facts.status(),
            "seen_at": seen_at,
            "raw": dict(facts.raw),
            **{name: value for name, value in facts.fields.items() if value is not None},
        },
    )
    if not is_new:
        return ImportedReturn(
            apply_facts(merchant, returned.pk, facts, seen_at=seen_at, job=job), is_new=False
        )
    _store_lines(returned, facts)
    if facts.is_answered:
        _store_answer(returned, facts, job)
    _log_import(returned, job)
    if returned.status == ReturnStatus.CREATED:
        _tell_new(returned)
    credit_return(returned, job=job)
    return ImportedReturn(returned, is_new=True)


def _log_import(returned: Return, job: Job | None) -> None:
    record(
        returned.merchant,
        "returns.return.imported",
        f"Return {returned} of order {returned.order_label} imported from Jet "
        f"as {returned.get_status_display().lower()}.",
        actor=SYSTEM,
        about=returned,
        job=job,
    )


def _store_lines(returned: Return, facts: ReturnFacts) -> None:
    """Adds lines that are new, brings known ones to what Jet shows, and links those whose order has come meanwhile.

    A line is never removed, and what Jet leaves out of one stays.
    """
    known = {line.order_item_id: line for line in return_lines(returned)}
    ordered: dict[str, OrderLine] = {}
    if returned.order_id is not None:
        rows = OrderLine.objects.filter(merchant=returned.merchant_id, order=returned.order_id)
        ordered = {row.order_item_id: row for row in rows}
    for line in facts.lines:
        values = _line_columns(line, ordered.get(line.order_item_id))
        row = known.get(line.order_item_id)
        if row is None:
            ReturnLine.objects.create(
                merchant_id=returned.merchant_id,
                parent=returned,
                order_item_id=line.order_item_id,
                raw=dict(line.raw),
                **values,
            )
            continue
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            row.save(update_fields=changed)


def _line_columns(line: ReturnLineFacts, order_line: OrderLine | None) -> dict[str, Any]:
    if order_line is None:
        return line.columns
    return {"sku": order_line.sku, "title": order_line.title, "order_line": order_line, **line.columns}


@transaction.atomic
def apply_facts(
    merchant: Merchant, pk: int, facts: ReturnFacts, *, seen_at: datetime, job: Job | None = None
) -> Return:
    """Brings a known return to what Jet shows. Never backwards, never erasing what Jet leaves out."""
    # An order that came after its return is linked here: under its lock, as everything about its money.
    order = order_by_jet_id(merchant, facts.fields["merchant_order_id"])
    if order is not None:
        order = lock_order(merchant, order.pk)
    returned = lock_return(merchant, pk)
    if returned.seen_at > seen_at:
        return returned
    if returned.order_id is None:
        returned.order = order
    is_first_read = returned.is_unreadable
    if is_first_read:
        returned.failure_message = returned.failure_hint = ""
        returned.save(update_fields=["failure_message", "failure_hint"])
    columns = {name: value for name, value in facts.fields.items() if value not in ("", None, [])}
    for name, value in {**columns, "raw": dict(facts.raw), "seen_at": seen_at}.items():
        setattr(returned, name, value)
    returned.save(update_fields=[*columns, "order", "raw", "seen_at", "updated_at"])
    _store_lines(returned, facts)
    _follow(returned, facts, job)
    if is_first_read and returned.status == ReturnStatus.CREATED:
        _tell_new(returned)
    credit_return(returned, job=job)
    return returned


def _follow(returned: Return, facts: ReturnFacts, job: Job | None) -> None:
    before, new = returned.status, facts.status()
    if facts.is_answered:
        _settle_sending(returned, facts, job)
    if before == ReturnStatus.CREATED != new and returned.send_state not in HOLDING_STATES:
        _forget_decision(returned)
    if facts.is_answered:
        _store_answer(returned, facts, job)
    if new == before or not may_become(before, new):
        return
    returned.status = new
    returned.save(update_fields=["status", "updated_at"])
    record(
        returned.merchant,
        f"returns.return.{new.value}",
        f"Jet shows return {returned} as {returned.jet_status}.",
        actor=SYSTEM,
        about=returned,
        old={"status": before},
        new={"status": new.value},
        job=job,
    )


def _store_answer(returned: Return, facts: ReturnFacts, job: Job | None) -> None:
    """What Jet holds as the merchant's answer replaces what we meant to send. Lines Jet does not show were left out."""
    if facts.agree_to_return_charge is not None:
        returned.agree_to_return_charge = facts.agree_to_return_charge
        returned.return_charge_feedback = facts.return_charge_feedback
        returned.save(update_fields=["agree_to_return_charge", "return_charge_feedback", "updated_at"])
    if not facts.shows_amounts:
        if returned.send_state != SendState.SENT:
            _take_request_as_paid(returned, job)
        return
    by_item = {line.order_item_id: line.settled for line in facts.lines}
    for row in return_lines(returned):
        settled = by_item.get(row.order_item_id)
        row.is_included = settled is not None
        if settled is not None:
            row.quantity_returned = settled.quantity_returned
            row.quantity_refunded = settled.quantity_refunded
            row.feedback, row.notes = settled.feedback, settled.notes
            for name, value in settled.amounts.parts().items():
                setattr(row, name, value)
        row.save(update_fields=decided_columns())


def _take_request_as_paid(returned: Return, job: Job | None) -> None:
    """Jet went past `created` and names no amount, and we never sent one: Jet completes in full, so what the shopper
    asked for counts as paid. What Jet shows later replaces it. A line that asks for nothing stays undecided."""
    undecided = [row for row in return_lines(returned) if row.quantity_refunded is None]
    rows = [row for row in undecided if row.return_quantity or not row.requested.is_zero]
    for row in rows:
        row.is_included, row.feedback, row.notes = True, "", ""
        row.quantity_returned = row.quantity_refunded = row.return_quantity
        for name, value in row.requested.parts().items():
            setattr(row, name, value)
        row.save(update_fields=decided_columns())
    if rows:
        total = total_of(row.settled for row in rows).total
        record(
            returned.merchant,
            "returns.return.amounts_unsaid",
            f"Jet ended return {returned} without saying what it paid: "
            f"the ${total:,.2f} that was asked for counts as paid.",
            actor=SYSTEM,
            about=returned,
            job=job,
        )


def _forget_decision(returned: Return) -> None:
    """Jet went on and nothing of ours is there: an answer that was refused must not count as given."""
    ReturnLine.objects.filter(merchant=returned.merchant_id, parent=returned).update(
        quantity_returned=None, quantity_refunded=None, **dict.fromkeys(settled_columns(), ZERO)
    )


def settled_columns() -> list[str]:
    return ["principal", "tax", "shipping_cost", "shipping_tax"]


def decided_columns() -> list[str]:
    """What a decision on a line writes."""
    return [
        "is_included",
        "quantity_returned",
        "quantity_refunded",
        "feedback",
        "notes",
        *settled_columns(),
    ]


def _settle_sending(returned: Return, facts: ReturnFacts, job: Job | None) -> None:
    """Our answer was on its way and Jet shows one: ours has arrived, or somebody else was first.

    One that waits for a second person was never sent, so whatever Jet shows is not ours.
    """
    if not returned.is_in_flight and not returned.is_waiting:
        return
    if returned.is_in_flight and _is_ours(returned, facts):
        mark_arrived(returned, job=job)
        return
    forget_waiting(returned.merchant, "returns", returned.pk)
    returned.send_state = SendState.REFUSED
    returned.failure_message = "Jet had another answer before ours arrived. What stands here now is Jet's."
    returned.failure_hint = (
        "Compare it with what you meant to give; a refund can still be created if it was too little."
    )
    returned.save(update_fields=["send_state", "failure_message", "failure_hint", "updated_at"])
    record(
        returned.merchant,
        "returns.return.overtaken",
        f"Return {returned} was answered elsewhere before our answer arrived.",
        actor=SYSTEM,
        about=returned,
        job=job,
    )
    notify(
        returned.merchant,
        f"returns.overtaken.{returned.pk}",
        f"Return {returned} was answered elsewhere",
        level=NoticeLevel.WARNING,
        body=returned.failure_message,
        url=return_url(returned),
    )


def _is_ours(returned: Return, facts: ReturnFacts) -> bool:
    """Whether Jet's answer is the decision stored here, line by line."""
    if facts.agree_to_return_charge not in {None, returned.agree_to_return_charge}:
        return False
    shown = {line.order_item_id: line.settled for line in facts.lines}
    for row in return_lines(returned):
        settled = shown.get(row.order_item_id)
        if not row.is_included:
            if settled is not None:
                return False
        elif (
            settled is None
            or settled.quantity_refunded != row.quantity_refunded
            or settled.amounts != row.settled
        ):
            return False
    return True


def mark_arrived(returned: Return, *, job: Job | None = None) -> None:
    """Our answer stands at Jet. Call it with the return locked; twice is harmless."""
    if returned.send_state == SendState.SENT:
        return
    returned.send_state, returned.sent_at = SendState.SENT, timezone.now()
    returned.failure_message = returned.failure_hint = ""
    columns = ["send_state", "sent_at", "failure_message", "failure_hint", "updated_at"]
    if returned.status == ReturnStatus.CREATED:
        returned.status, returned.jet_status = ReturnStatus.IN_PROGRESS, "inprogress"
        columns += ["status", "jet_status"]
    returned.save(update_fields=columns)
    record(
        returned.merchant,
        "returns.return.sent",
        f"Jet has the answer to return {returned}.",
        actor=SYSTEM,
        about=returned,
        job=job,
    )


def _tell_new(returned: Return) -> None:
    """In the transaction of the import, so that no return is stored untold; an unread notice grows."""
    notify(
        returned.merchant,
        "returns.new",
        "New returns from Jet",
        level=NoticeLevel.WARNING,
        body=f"The latest is return {returned} of order {returned.order_label}. "
        "Jet completes a return in full two business days after the goods arrived.",
        url=return_list_url(returned.merchant, "status=created"),
    )
    post_mail(returned.merchant, "returns.new", about=returned)
