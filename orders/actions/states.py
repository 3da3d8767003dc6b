"""The one way an order changes its state."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from jetsync.actions.log import record
from jetsync.exceptions import StateConflict
from jetsync.models import Job
from jetsync.tenancy.actor import Actor
from orders.actions.stock import release_lines
from orders.enums import FailureReason, OrderState, may_become
from orders.models import Order

_VERBS = {
    OrderState.CREATED: "created",
    OrderState.READY: "ready",
    OrderState.ACKNOWLEDGED: "acknowledged",
    OrderState.IN_PROGRESS: "shipped_partly",
    OrderState.COMPLETE: "completed",
    OrderState.REJECTED: "rejected",
    OrderState.EXPIRED: "expired",
    OrderState.FAILED: "failed",
}


def change_state(
    order: Order, new: OrderState, message: str, *, actor: Actor, job: Job | None = None, **columns: Any
) -> None:
    """Moves a locked order to `new`, writes the other columns with it, one log entry, and what stock follows.

    Raises StateConflict naming both states when the table does not allow the step.
    """
    old = OrderState(order.state)
    if not may_become(old, new):
        raise StateConflict(
            f"Order {order} is {old.label.lower()} and cannot become {OrderState(new).label.lower()}.",
            hint="Reload the page to see what has happened since.",
        )
    order.state = new
    if new != OrderState.READY:
        columns = {"planned_answer": "", "planned_by": "", **columns}
    for name, value in columns.items():
        setattr(order, name, value)
    order.save(update_fields=["state", "updated_at", *columns])
    record(
        order.merchant,
        f"orders.order.{_VERBS[new]}",
        message,
        actor=actor,
        about=order,
        old={"state": old},
        new={"state": new, **({"reason": order.failure_reason} if order.failure_reason else {})},
        job=job,
    )
    _follow_stock(order, new)


def _follow_stock(order: Order, new: OrderState) -> None:
    """An order that ended holds nothing any more; what was shipped has been settled with its shipment."""
    if new in {OrderState.REJECTED, OrderState.EXPIRED, OrderState.COMPLETE}:
        release_lines(order, order.lines.all(), OrderState(new).label.lower())


def failure_columns(reason: FailureReason | str, message: str, hint: str) -> dict[str, str]:
    return {"failure_reason": reason, "failure_message": message[:500], "failure_hint": hint[:500]}


NO_FAILURE: dict[str, str] = failure_columns("", "", "")


def completed_columns(new: OrderState) -> dict[str, Any]:
    return {"completed_at": timezone.now()} if new == OrderState.COMPLETE else {}
