"""Writing down what has been decided about orders, together with the jobs that tell Jet."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from catalog.bulk import update_rows
from jetsync.actions.log import log_entry, record_all
from jetsync.enums import Priority
from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from jetsync.models import Job, LogEntry, Merchant, Operation
from jetsync.sync.queue import enqueue_about
from jetsync.tenancy.actor import Actor
from orders.enums import AnsweredBy
from orders.models import Order, OrderLine
from orders.validators import check_answer
from orders.wording import answer_label

_PLANNED = ("planned_answer", "planned_by", "planned_at", "answered_by")
_PLANNED_OF_LINE = ("planned_status", "cancel_planned")


@dataclass(frozen=True)
class Plan:
    """An answer for an order with all its lines.

    `items`: item status by line id; lines left out are fulfillable. `cancelled`: ids of lines that are cancelled once
    Jet has taken a yes.
    """

    order: Order
    lines: Sequence[OrderLine]
    answer: str
    items: Mapping[int, str] = field(default_factory=dict)
    cancelled: Container[int] = ()

    def statuses(self) -> dict[int, str]:
        return {line.pk: str(self.items.get(line.pk, ItemAcknowledgement.FULFILLABLE)) for line in self.lines}


def plan_answer(
    order: Order,
    lines: Sequence[OrderLine],
    answer: str,
    items: Mapping[int, str],
    *,
    actor: Actor,
    by: AnsweredBy,
    cancelled: Container[int] = (),
    operation: Operation | None = None,
) -> str:
    """`plan_answers` for one order. Returns the answer."""
    plan = Plan(order, lines, answer, items, cancelled)
    plan_answers(order.merchant, [plan], actor=actor, by=by, operation=operation)
    return answer


def plan_answers(
    merchant: Merchant,
    plans: Sequence[Plan],
    *,
    actor: Actor,
    by: AnsweredBy,
    operation: Operation | None = None,
) -> None:
    """Writes the decisions on locked orders and enqueues their jobs in the same transaction.

    A constant number of queries. Raises InvalidInput for a pairing Jet refuses.
    """
    if not plans:
        return
    for plan in plans:
        _decide(plan, actor, by)
    lines = [line for plan in plans for line in plan.lines]
    update_rows(OrderLine, merchant, _PLANNED_OF_LINE, [_columns(line, _PLANNED_OF_LINE) for line in lines])
    orders = [plan.order for plan in plans]
    rows = [_columns(order, _PLANNED) for order in orders]
    update_rows(Order, merchant, _PLANNED, rows, touch="updated_at")
    jobs = send_answers(merchant, orders, operation=operation)
    record_all([_plan_entry(plan, actor, job, operation) for plan, job in zip(plans, jobs, strict=True)])


def _columns(row: Order | OrderLine, names: Sequence[str]) -> dict[str, Any]:
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def _decide(plan: Plan, actor: Actor, by: AnsweredBy) -> None:
    """On the instances alone."""
    statuses = plan.statuses()
    check_answer(plan.answer, statuses)
    for line in plan.lines:
        line.planned_status = statuses[line.pk]
        line.cancel_planned = line.accountable if line.pk in plan.cancelled else 0
    order = plan.order
    order.planned_answer, order.planned_by, order.planned_at = plan.answer, actor.label[:150], timezone.now()
    order.answered_by = by


def _plan_entry(plan: Plan, actor: Actor, job: Job, operation: Operation | None) -> LogEntry:
    order, statuses = plan.order, plan.statuses()
    verb = "accept" if plan.answer == AcknowledgementStatus.ACCEPTED else "reject"
    return log_entry(
        order.merchant,
        f"orders.order.{verb}_planned",
        f"Decided to {verb} order {order} ({answer_label(plan.answer)}).{_missing_words(plan.lines)}",
        actor=actor,
        about=order,
        new={"answer": plan.answer, "items": {line.sku: statuses[line.pk] for line in plan.lines}},
        job=job,
        operation=operation,
    )


def _missing_words(lines: Sequence[OrderLine]) -> str:
    missing = [f"{line.cancel_planned} x {line.sku}" for line in lines if line.cancel_planned]
    return f" The store lacks {', '.join(missing)}: cancelled once Jet has the answer." if missing else ""


def send_answers(
    merchant: Merchant, orders: Sequence[Order], *, operation: Operation | None = None
) -> list[Job]:
    """The jobs that tell Jet; one per order, in their order."""
    due = dict.fromkeys(orders)
    return enqueue_about(merchant, "orders.acknowledge", due, priority=Priority.NOW, operation=operation)
