"""Accepting and rejecting: decided here, sent by the job `orders.acknowledge`, recorded here again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.bulk import update_rows
from jetsync.actions.log import notify, record
from jetsync.enums import FailureEnd, MissingItems, NoticeLevel, Priority, ProblemOrders
from jetsync.exceptions import StateConflict
from jetsync.jet.words.orders import AcknowledgementStatus, OrderStatus
from jetsync.models import Job, Merchant, Operation
from jetsync.queries.settings import get_options
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue_about
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.wording import counted
from orders.actions.planning import Plan, plan_answer, plan_answers, send_answers
from orders.actions.shipment import ship_order
from orders.actions.states import NO_FAILURE, change_state, failure_columns
from orders.actions.stock import Asked, release_lines, reserve_lines
from orders.actions.store import follow_store
from orders.actions.telling import tell_failed
from orders.enums import AnsweredBy, FailureReason, OrderState
from orders.models import Order, OrderLine
from orders.pages import order_list_url, order_url
from orders.queries.clock import FALLBACK_LEAD
from orders.queries.held import holders_of
from orders.queries.job import Work, was_cancelled
from orders.queries.line import line_counts
from orders.queries.order import lock_order
from orders.validators import LineInput, ShipmentInput
from orders.wording import (
    answer_label,
    held_sentence,
    hint_for,
    item_word,
    main_problem,
    problem_sentence,
)

_KEPT_ANSWER = "The answer stands. jetsync looks at Jet every 5 minutes before it sends it again."


def lines_of(order: Order) -> list[OrderLine]:
    return list(
        OrderLine.objects.filter(merchant=order.merchant_id, order=order).select_related("variant__product")
    )


def assess(order: Order, lines: Sequence[OrderLine]) -> dict[int, FailureReason]:
    """Reserves the order's pieces and keeps on lines and order why it cannot. Returns the problems by line id.

    An order with a problem holds nothing afterwards.
    """
    return _assess_all(order.merchant, [(order, lines)])


def assess_in_part(order: Order, lines: Sequence[OrderLine]) -> dict[int, FailureReason]:
    """For an order that is accepted with its problems: the same, and the lines without one get their pieces."""
    problems = reserve_lines(order.merchant, [(order, lines)], in_part=True)
    _keep_problems(order, lines, problems)
    return problems


def _assess_all(merchant: Merchant, asked: Sequence[Asked]) -> dict[int, FailureReason]:
    problems = reserve_lines(merchant, asked)
    for order, lines in asked:
        _keep_problems(order, lines, problems)
        if any(line.pk in problems for line in lines):
            # What it held before; from now on an order that can be delivered may have it.
            release_lines(order, lines, "the order cannot be delivered as it stands")
    return problems


def _keep_problems(order: Order, lines: Sequence[OrderLine], problems: Mapping[int, FailureReason]) -> None:
    """Writes only what differs: nothing on a new order without problems."""
    own = {line.pk: problems[line.pk] for line in lines if line.pk in problems}
    for line in lines:
        problem = own.get(line.pk, "")
        if line.problem != problem:
            line.problem = problem
            line.save(update_fields=["problem"])
    reason = main_problem(own)
    columns = NO_FAILURE
    if reason is not None:
        columns = failure_columns(reason, problem_sentence(lines, own), hint_for(reason))
    if any(getattr(order, name) != value for name, value in columns.items()):
        save_columns(order, columns)


def save_columns(order: Order, columns: Mapping[str, str]) -> None:
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=[*columns, "updated_at"])


def answer_new(merchant: Merchant, asked: Sequence[Asked]) -> dict[int, str]:
    """Decides new ready orders, the first one first, or hands them to the merchant with the fallback's clock set.

    Returns the answers by order id, "" where the merchant decides. Orders that can be delivered cost a constant
    number of queries, however many they are.
    """
    if not asked:
        return {}
    problems = _assess_all(merchant, asked)
    if not get_options(merchant).auto_acknowledge:
        set_fallback(merchant, [order for order, _lines in asked])
        return {order.pk: "" for order, _lines in asked}
    plans, lacking = [], []
    for order, lines in asked:
        if any(line.pk in problems for line in lines):
            lacking.append((order, lines))
        else:
            plans.append(Plan(order, lines, AcknowledgementStatus.ACCEPTED))
    plan_answers(merchant, plans, actor=SYSTEM, by=AnsweredBy.AUTOMATIC)
    return {plan.order.pk: plan.answer for plan in plans} | _answer_lacking(merchant, lacking, problems)


def _answer_lacking(
    merchant: Merchant, lacking: Sequence[Asked], problems: Mapping[int, FailureReason]
) -> dict[int, str]:
    """Answers the orders with a problem, or leaves those to the merchant that would have to be rejected."""
    answers, left = {}, []
    for order, lines in lacking:
        if _is_left_to_merchant(order, lines, problems):
            left.append(order)
            answers[order.pk] = ""
        else:
            answers[order.pk] = answer_by_stock(order, lines, by=AnsweredBy.AUTOMATIC)
    if left:
        set_fallback(merchant, left)
    return answers


def _is_left_to_merchant(
    order: Order, lines: Sequence[OrderLine], problems: Mapping[int, FailureReason]
) -> bool:
    """It would have to be rejected, and the settings leave time to mend it. Past the window no fallback follows."""
    if get_options(order.merchant).problem_orders != ProblemOrders.WAIT:
        return False
    is_open = order.ack_due_at is not None and order.ack_due_at > timezone.now()
    return is_open and not _may_cancel_missing(order, lines, problems)


def set_fallback(merchant: Merchant, orders: Sequence[Order]) -> None:
    """Wakes the fallback of each shortly before Jet's window closes."""
    now = timezone.now()
    due = {order: max((order.ack_due_at or now) - FALLBACK_LEAD, now) for order in orders}
    enqueue_about(merchant, "orders.fallback", due, priority=Priority.NOW)


def answer_by_stock(order: Order, lines: Sequence[OrderLine], *, by: AnsweredBy) -> str:
    """Accepts what the store can deliver, rejects the rest with a word per item.

    Jet has no yes to a part of an order. With the option for missing items set to cancel, an order of which something
    can be delivered is accepted, and the other items are cancelled when Jet has taken the yes.
    """
    problems = assess(order, lines)
    is_accepted = not problems or _may_cancel_missing(order, lines, problems)
    if is_accepted and problems:
        problems = assess_in_part(order, lines)
    if is_accepted:
        accepted = AcknowledgementStatus.ACCEPTED
        return plan_answer(order, lines, accepted, {}, actor=SYSTEM, by=by, cancelled=problems)
    items = {line.pk: item_word(problems.get(line.pk, "")) for line in lines}
    return plan_answer(
        order, lines, AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR, items, actor=SYSTEM, by=by
    )


def _may_cancel_missing(
    order: Order, lines: Sequence[OrderLine], problems: Mapping[int, FailureReason]
) -> bool:
    wants = get_options(order.merchant).missing_items == MissingItems.CANCEL
    return wants and any(line.quantity for line in lines if line.pk not in problems)


def check_answerable(order: Order) -> None:
    """Raises StateConflict with the reason why this order cannot be answered (any more)."""
    if order.state != OrderState.READY:
        raise StateConflict(
            f"Order {order} is {order.get_state_display().lower()}; only ready orders can be accepted or rejected.",
            hint="Cancel units on the shipment form instead." if order.is_shippable else "",
        )
    if order.planned_answer:
        raise StateConflict(
            f"The answer to order {order} ({answer_label(order.planned_answer)}) is already on its way to Jet.",
            hint="Wait for Jet's answer; the order page shows it.",
        )


@transaction.atomic
def accept_order(
    order: Order, *, actor: Actor, despite_problems: bool = False, operation: Operation | None = None
) -> Order:
    """Accepts a ready order. Raises StateConflict when it cannot be answered, or the store rests or cannot deliver it."""
    order = lock_order(order.merchant, order.pk)
    check_not_resting(order.merchant)
    check_answerable(order)
    lines = lines_of(order)
    problems = assess(order, lines)
    if problems and not despite_problems:
        named = problem_sentence(lines, problems)
        raise StateConflict(
            " ".join(
                filter(
                    None,
                    [f"Order {order} cannot be delivered as it stands. {named}", *_holders(order, lines)],
                )
            ),
            hint="Reject it, or accept it anyway if you know better.",
            code="order_has_problems",
        )
    if problems:
        assess_in_part(order, lines)
    plan_answer(
        order,
        lines,
        AcknowledgementStatus.ACCEPTED,
        {},
        actor=actor,
        by=AnsweredBy.PERSON,
        operation=operation,
    )
    return order


def _holders(order: Order, lines: Sequence[OrderLine]) -> list[str]:
    """A sentence for each SKU whose pieces other orders hold."""
    found = holders_of(order.merchant, lines)
    lacking = {line.variant_id: line.sku for line in lines if line.variant_id in found}
    return [
        held_sentence(sku, [(holder.pieces, holder.order) for holder in found[pk]])
        for pk, sku in lacking.items()
        if pk is not None
    ]


@transaction.atomic
def reject_order(
    order: Order,
    *,
    answer: str,
    items: Mapping[int, str] | None,
    actor: Actor,
    operation: Operation | None = None,
) -> Order:
    """Rejects a ready order with Jet's words. `items`: item status by line id; None = by what was found about each."""
    order = lock_order(order.merchant, order.pk)
    check_not_resting(order.merchant)
    check_answerable(order)
    lines = lines_of(order)
    if items is None:
        items = {line.pk: item_word(line.problem) for line in lines}
    save_columns(order, rejection_columns(order, answer))
    plan_answer(order, lines, answer, items, actor=actor, by=AnsweredBy.PERSON, operation=operation)
    return order


def rejection_columns(order: Order, answer: str) -> dict[str, str]:
    """A problem found before stays the reason; otherwise it was the merchant's wish."""
    if order.failure_reason in {
        FailureReason.SKU_UNKNOWN,
        FailureReason.OUT_OF_STOCK,
        FailureReason.PRODUCT_DISABLED,
    }:
        return {}
    return failure_columns(
        FailureReason.REJECTED_BY_YOU,
        f"Rejected: {answer_label(answer)}.",
        hint_for(FailureReason.REJECTED_BY_YOU),
    )


@dataclass(frozen=True)
class SentAnswer:
    """What a job is about to tell Jet: taken before the call, recorded after it."""

    answer: str
    items: Mapping[int, str]

    @property
    def is_accepted(self) -> bool:
        return self.answer == AcknowledgementStatus.ACCEPTED


@transaction.atomic
def mark_answered(merchant: Merchant, pk: int, sent: SentAnswer, *, job: Job | None = None) -> Order:
    """Jet took the answer. Twice is harmless: an order that is no longer ready stays as it is."""
    order = lock_order(merchant, pk)
    if order.state != OrderState.READY:
        return order
    lines = lines_of(order)
    answered = [
        {"id": line.pk, "ack_status": sent.items.get(line.pk, line.ack_status), "planned_status": ""}
        for line in lines
    ]
    update_rows(OrderLine, merchant, ("ack_status", "planned_status"), answered)
    by = order.planned_by or SYSTEM.label
    # A read that began before this moment is older than what we know now, hence seen_at.
    now = timezone.now()
    columns: dict[str, Any] = {"acknowledgement_status": sent.answer, "acknowledged_at": now, "seen_at": now}
    if sent.is_accepted:
        columns["jet_status"] = OrderStatus.ACKNOWLEDGED
        message = f"Order {order} acknowledged at Jet (decided by {by})."
        change_state(order, OrderState.ACKNOWLEDGED, message, actor=SYSTEM, job=job, **NO_FAILURE, **columns)
        cancel_missing(order, lines)
        follow_store(order, job=job)
    else:
        message = f"Order {order} rejected at Jet: {answer_label(sent.answer)} (decided by {by})."
        change_state(order, OrderState.REJECTED, message, actor=SYSTEM, job=job, **columns)
        _notify_rejected(order)
    return order


def cancel_missing(order: Order, lines: Sequence[OrderLine]) -> None:
    """Jet has the yes to an order of which some items were missing: cancels those. Twice cancels once."""
    if not any(line.cancel_planned for line in lines):
        return
    missing = [
        LineInput(count.line.pk, cancel_quantity=min(count.line.cancel_planned, count.remaining))
        for count in line_counts(order)
        if count.line.cancel_planned and count.remaining
    ]
    OrderLine.objects.filter(merchant=order.merchant_id, order=order).update(cancel_planned=0)
    if not missing or not order.is_shippable:
        return
    ship_order(order, ShipmentInput(lines=missing, confirms_cancel=True), actor=SYSTEM)
    notify(
        order.merchant,
        "orders.missing_cancelled",
        "Orders were accepted without some of their items",
        level=NoticeLevel.WARNING,
        body=f"Order {order}: the store lacks {counted(len(missing), 'item')}, so Jet is told to cancel it.",
        url=order_url(order),
    )


def _notify_rejected(order: Order) -> None:
    if order.answered_by == AnsweredBy.PERSON:
        return  # whoever rejected it knows
    tell_failed(
        order,
        "orders.rejected",
        "Orders were rejected automatically",
        body=f"Order {order}: {order.failure_message}",
        level=NoticeLevel.WARNING,
        url=order_list_url(order.merchant, "view=failed"),
    )


@transaction.atomic
def mark_answer_failed(job: Job) -> None:
    """The job gave up. Jet's refusal frees the order for another answer; anything else keeps decision and pieces.

    Settings that lack something, and trouble that outlasted every try, are no answer of Jet, and the last message may
    have arrived. The sweep goes on with a kept decision, and its job looks at Jet first.
    """
    order = lock_order(job.merchant, int(job.key))
    if order.state != OrderState.READY:
        return
    is_refused = job.failure_end == FailureEnd.PERMANENT
    hint = hint_for(FailureReason.ANSWER_REFUSED) if is_refused else (job.hint or _KEPT_ANSWER)
    columns = failure_columns(FailureReason.ANSWER_REFUSED, job.message, hint)
    if is_refused:
        columns |= {"planned_answer": "", "planned_by": "", "answered_by": ""}
        release_lines(order, lines_of(order), "Answer refused")
    save_columns(order, columns)
    record(
        order.merchant,
        "orders.order.answer_failed",
        f"The answer to order {order} did not get through: {job.message}",
        actor=SYSTEM,
        about=order,
        job=job,
    )
    tell_failed(
        order,
        f"orders.answer_failed.{order.pk}",
        f"Order {order}: {'Jet did not take the answer' if is_refused else 'the answer did not get through'}",
        body=job.message,
    )


@transaction.atomic
def retry_decision(merchant: Merchant, pk: int) -> None:
    """For the sweep: sends a decision again, decides what was left undecided, or sets the fallback's clock."""
    order = lock_order(merchant, pk)
    if order.state != OrderState.READY:
        return
    if order.planned_answer and was_cancelled(merchant, Work("orders.acknowledge", Order, pk)):
        _take_back(order)
    elif order.planned_answer:
        send_answers(merchant, [order])
    elif order.failure_reason == FailureReason.ANSWER_REFUSED:
        return  # Jet said no to it; only a person can know better
    elif get_options(merchant).auto_acknowledge:
        answer_new(merchant, [(order, lines_of(order))])
    elif order.ack_due_at and order.ack_due_at > timezone.now():
        set_fallback(merchant, [order])


def _take_back(order: Order) -> None:
    """Somebody cancelled the job: the decision falls with it, and the order waits again, holding its pieces."""
    order.planned_answer = order.planned_by = order.answered_by = ""
    order.save(update_fields=["planned_answer", "planned_by", "answered_by", "updated_at"])
    assess(order, lines_of(order))
    record(
        order.merchant,
        "orders.order.answer_cancelled",
        f"The answer to order {order} was cancelled before it was sent.",
        actor=SYSTEM,
        about=order,
    )
