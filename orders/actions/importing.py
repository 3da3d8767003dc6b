"""What Jet shows becomes rows: new orders, changes of known ones, and what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import log_entry, notify, record, record_all
from jetsync.actions.mail import post_mail
from jetsync.enums import NoticeLevel
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import JetAccount, Job, LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from orders.actions.answer import answer_new, cancel_missing, save_columns
from orders.actions.changes import note_changes, note_elsewhere
from orders.actions.lines_seen import store_lines
from orders.actions.order_rows import Seen, insert_lines, insert_orders, jet_columns, nodes_of
from orders.actions.shipments_seen import adopt_shipments
from orders.actions.states import NO_FAILURE, change_state, completed_columns, failure_columns
from orders.actions.stock import Asked, reserve_rest
from orders.actions.store import follow_store
from orders.actions.telling import tell_changed, tell_failed, tell_lost, tell_new
from orders.amounts import order_charged
from orders.enums import (
    OPEN_STATES,
    SHIPPABLE_STATES,
    STORE_ORDER_STATES,
    FailureReason,
    OrderState,
    ShipmentSource,
    may_become,
)
from orders.models import ACKNOWLEDGE_WINDOW, Order, OrderLine, Shipment
from orders.pages import order_list_url
from orders.queries.order import lock_order
from orders.reading import OrderFacts, read_order
from orders.wording import cancel_words, hint_for

# Known here before anybody said yes. What could never be read is met half-way, like an order that is new.
_MAY_HOLD_NOTHING = (OrderState.CREATED, OrderState.READY, OrderState.EXPIRED)


@dataclass(frozen=True)
class Imported:
    """`answer` is what was decided at once ("" = the merchant decides)."""

    order: Order
    is_new: bool
    answer: str = ""


@transaction.atomic
def store_order(
    merchant: Merchant, account: JetAccount, facts: OrderFacts, *, seen_at: datetime, job: Job | None = None
) -> Imported:
    """Stores one order of Jet, new or known; running twice, or two workers at once, leaves one order.

    `seen_at` is the time just before Jet was asked: an answer older than what is stored changes nothing.
    """
    for imported in store_new_orders(merchant, account, [Seen(facts, seen_at)], job=job):
        return imported
    known = Order.objects.filter(merchant=merchant, merchant_order_id=facts.merchant_order_id)
    pk = known.values_list("pk", flat=True).get()
    return Imported(apply_facts(merchant, pk, facts, seen_at=seen_at, job=job), is_new=False)


@transaction.atomic
def store_new_orders(
    merchant: Merchant, account: JetAccount, seen: Sequence[Seen], *, job: Job | None = None
) -> list[Imported]:
    """Stores and returns those of the orders that are not known yet: all of them, or none when anything goes wrong.

    In this transaction new ready orders are checked against stock, the first one first, their pieces reserved and
    their answers planned. For ready orders that can be delivered the number of queries does not depend on how many
    there are. Others take several each, and locks of their own: give those one by one.
    """
    new = insert_orders(merchant, account, seen)
    if not new:
        return []
    lines = insert_lines(merchant, new)
    for order, facts in new:
        adopt_shipments(order, lines[order.pk], facts.shipments)
    record_all([_import_entry(order, job) for order, _facts in new])
    for order, facts in new:
        if facts.state() is None:
            _note_unknown_status(order)
        elif columns := _why(order, OrderState(order.state)):
            save_columns(order, columns)
            _tell_ended(order)
    answers = _begin(merchant, [(order, lines[order.pk]) for order, _facts in new])
    for order, _facts in new:
        if order.is_directed_cancel and order.state in OPEN_STATES:
            _note_directed_cancel(order)
    for order, _facts in new:
        follow_store(order, job=job)
    return [Imported(order, is_new=True, answer=answers.get(order.pk, "")) for order, _facts in new]


def _tell_ended(order: Order) -> None:
    """Met, or found again, in an end that nobody here brought about."""
    if order.state == OrderState.EXPIRED:
        tell_lost(order)
    elif order.failure_reason == FailureReason.REJECTED_ELSEWHERE:
        tell_failed(
            order,
            f"orders.rejected_elsewhere.{order.pk}",
            f"Order {order} was rejected outside jetsync",
            body=order.failure_message,
        )


def _import_entry(order: Order, job: Job | None) -> LogEntry:
    sentence = f"Order {order} imported from Jet as {order.get_state_display().lower()}."
    return log_entry(order.merchant, "orders.order.imported", sentence, actor=SYSTEM, about=order, job=job)


def _begin(merchant: Merchant, asked: Sequence[Asked]) -> dict[int, str]:
    """What orders need when they are seen for the first time in their state. Returns the answers of ready ones by id."""
    ready = [(order, lines) for order, lines in asked if order.state == OrderState.READY]
    answers = answer_new(merchant, ready)
    tell_new(merchant, [(order, answers[order.pk]) for order, _lines in ready])
    for order, lines in asked:
        if order.is_shippable:
            reserve_rest(order)
            _note_unknown_skus(order, lines)
    return answers


def _note_unknown_skus(order: Order, lines: Sequence[OrderLine]) -> None:
    """Accepted elsewhere: nobody here was asked whether the store has the goods."""
    lost = [line for line in lines if line.variant_id is None]
    if not lost:
        return
    for line in lost:
        line.problem = FailureReason.SKU_UNKNOWN
        line.save(update_fields=["problem"])
    skus = ", ".join(line.sku for line in lost)
    message = f"Order {order} is accepted at Jet, and the store does not have {skus}."
    record(order.merchant, "orders.order.unknown_sku", message[:500], actor=SYSTEM, about=order)
    notify(
        order.merchant,
        # One for all: a merchant who connects before his catalogue is here meets many at once.
        "orders.unknown_sku",
        "Accepted orders have SKUs that are not in the store",
        level=NoticeLevel.WARNING,
        body=f"{message} {hint_for(FailureReason.SKU_UNKNOWN)}",
        url=order_list_url(order.merchant),
    )


@transaction.atomic
def apply_facts(
    merchant: Merchant, pk: int, facts: OrderFacts, *, seen_at: datetime, job: Job | None = None
) -> Order:
    """Brings a known order to what Jet shows. Never backwards, never erasing what Jet leaves out."""
    order = lock_order(merchant, pk)
    if order.seen_at > seen_at:
        return order
    note_changes(order, facts, job=job)
    wants_cancel = _wants_more_cancelled(order, facts)
    lines = store_lines(order, facts)
    columns = {
        name: value
        for name, value in jet_columns(facts, nodes_of(merchant, order.account, [facts])).items()
        if value not in ("", None)
    }
    columns |= {"total": order_charged(lines).total if lines else None, "seen_at": seen_at}
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=[*columns, "updated_at"])
    _hold_answered_elsewhere(order, facts)
    adopt_shipments(order, lines, facts.shipments)
    if wants_cancel:
        _note_directed_cancel(order)
    _follow(order, lines, facts, job)
    follow_store(order, job=job)
    return order


def _hold_answered_elsewhere(order: Order, facts: OrderFacts) -> None:
    """Jet has a yes, and the order may hold nothing here: refused once, expired, or about to be rejected.

    Before its shipments are stored, which use up what is held. Lines that hold their pieces keep them.
    """
    new = facts.state()
    if order.state in _MAY_HOLD_NOTHING and new in STORE_ORDER_STATES and may_become(order.state, new):
        reserve_rest(order)


def _wants_more_cancelled(order: Order, facts: OrderFacts) -> bool:
    """Jet asks to cancel for the first time, or more units than before."""
    if not facts.fields["is_directed_cancel"]:
        return False
    asked = sum(line.cancel_requested for line in read_order(order.raw).lines)
    return not order.is_directed_cancel or sum(line.cancel_requested for line in facts.lines) > asked


def _follow(order: Order, lines: list[OrderLine], facts: OrderFacts, job: Job | None) -> None:
    new = facts.state()
    if new is None:
        told = (
            order.failure_reason == FailureReason.UNKNOWN_STATUS and order.jet_status in order.failure_message
        )
        if not told:
            _note_unknown_status(order)
        return
    if new == order.state and order.failure_reason == FailureReason.UNKNOWN_STATUS:
        _clear_failure(order)
    if new == order.state or not may_become(order.state, new):
        return
    before, was_ours = order.state, _is_ours(order, new)
    change_state(
        order,
        new,
        f"Jet shows order {order} as {facts.status}.",
        actor=SYSTEM,
        job=job,
        **_why(order, new),
        **completed_columns(new),
    )
    _tell_ended(order)
    if order.state in (*SHIPPABLE_STATES, OrderState.COMPLETE) and not was_ours:
        note_elsewhere(order, f"Jet shows it as {facts.status}.")
    if before == OrderState.READY:
        cancel_missing(order, lines)
        if order.is_shippable and not was_ours:
            _note_unknown_skus(order, lines)
    if before in {OrderState.CREATED, OrderState.FAILED, OrderState.EXPIRED}:
        _begin(order.merchant, [(order, lines)])


def _is_ours(order: Order, new: OrderState) -> bool:
    """Whether what Jet shows is the effect of something that was sent, or is on its way, from here."""
    if new == OrderState.ACKNOWLEDGED:
        return order.planned_answer == AcknowledgementStatus.ACCEPTED
    sent = Shipment.objects.filter(merchant=order.merchant_id, order=order)
    return not sent.filter(source=ShipmentSource.JET).exists()


def _why(order: Order, new: OrderState) -> dict[str, str]:
    """The failure columns that go with a state which was read from Jet."""
    if new == OrderState.EXPIRED:
        return failure_columns(
            FailureReason.WINDOW_MISSED,
            "Nobody answered within 15 minutes, so Jet withdrew the order.",
            hint_for(FailureReason.WINDOW_MISSED),
        )
    if new != OrderState.REJECTED:
        return NO_FAILURE if order.failure_reason else {}
    if order.planned_answer.startswith("rejected"):  # our own answer has arrived; its reason stands already
        return {}
    return failure_columns(
        FailureReason.REJECTED_ELSEWHERE,
        f"Jet shows the order as rejected ({order.acknowledgement_status or order.exception_state}).",
        hint_for(FailureReason.REJECTED_ELSEWHERE),
    )


def _clear_failure(order: Order) -> None:
    for name, value in NO_FAILURE.items():
        setattr(order, name, value)
    order.save(update_fields=[*NO_FAILURE, "updated_at"])


def _note_unknown_status(order: Order) -> None:
    message = f"Jet sent the status “{order.jet_status}”, which jetsync does not know."
    columns = failure_columns(FailureReason.UNKNOWN_STATUS, message, hint_for(FailureReason.UNKNOWN_STATUS))
    save_columns(order, columns)
    tell_failed(
        order,
        f"orders.unknown_status.{order.pk}",
        f"Order {order}: unknown status",
        body=message,
        level=NoticeLevel.WARNING,
    )


def _note_directed_cancel(order: Order) -> None:
    message = f"Jet asks to cancel units of order {order}. {cancel_words(order.lines.all())}"[:500]
    record(order.merchant, "orders.order.cancel_asked", message, actor=SYSTEM, about=order)
    tell_changed(order, "directed_cancel", f"Jet asks to cancel order {order}", body=message)
    post_mail(order.merchant, "orders.cancel", about=order)


@transaction.atomic
def store_unreadable(
    merchant: Merchant, account: JetAccount, merchant_order_id: str, message: str, *, job: Job | None = None
) -> Order:
    """Keeps an order that could not be read or stored, so that it is seen; every fetch tries it again."""
    columns = failure_columns(FailureReason.UNREADABLE, message, hint_for(FailureReason.UNREADABLE))
    order, is_new = Order.objects.get_or_create(
        merchant=merchant,
        merchant_order_id=merchant_order_id,
        defaults={
            "account": account,
            "state": OrderState.FAILED,
            "placed_at": timezone.now(),
            # Whatever is read later is newer than nothing.
            "seen_at": timezone.now() - ACKNOWLEDGE_WINDOW,
            **columns,
        },
    )
    if is_new:
        record(
            merchant,
            "orders.order.unreadable",
            f"Order {order} could not be read: {message}",
            actor=SYSTEM,
            about=order,
            job=job,
        )
        tell_failed(
            order,
            "orders.unreadable",
            "An order could not be read",
            body=f"Order {merchant_order_id}: {message}",
            url=order_list_url(merchant, "view=failed"),
        )
    return order


@transaction.atomic
def mark_gone(merchant: Merchant, pk: int, *, job: Job | None = None) -> Order:
    """Jet answers that there is no such order. One that waited for an answer has been withdrawn."""
    order = lock_order(merchant, pk)
    if order.state in {OrderState.CREATED, OrderState.READY}:
        change_state(
            order,
            OrderState.EXPIRED,
            f"Jet no longer knows order {order}.",
            actor=SYSTEM,
            job=job,
            **failure_columns(
                FailureReason.WINDOW_MISSED,
                "Jet no longer knows this order: it was withdrawn before it was answered.",
                hint_for(FailureReason.WINDOW_MISSED),
            ),
        )
        tell_lost(order)
    order.seen_at = timezone.now()
    order.save(update_fields=["seen_at"])
    return order
