"""The job between ShipStation's report and the shipment that goes to Jet."""

from __future__ import annotations

from datetime import timedelta

from jetsync.models import Job
from jetsync.sync.failures import RetryLater
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from orders.shipstation.noticing import JOB, OrderNotAccepted, apply_notice, fail_notice

# Jet's window for answering is 15 minutes; by then the order is accepted or lost.
NOT_ACCEPTED_WAIT = timedelta(minutes=1)


def notice_failed(job: Job) -> None:
    fail_notice(Job.objects.select_related("merchant").get(pk=job.pk, merchant=job.merchant_id))


@handler(
    JOB,
    label="Use a report of ShipStation",
    right=Right.ORDERS_SHIP,
    max_attempts=60,
    on_failure=notice_failed,
)
def use_notice(ctx: JobContext) -> None:
    """Makes the shipment of one stored report; `orders.ship` then tells Jet."""
    try:
        notice = apply_notice(ctx.merchant, int(ctx.job.key), job=ctx.job)
    except OrderNotAccepted as exc:
        raise RetryLater(exc.message, after=NOT_ACCEPTED_WAIT, code=exc.code) from exc
    ctx.note(f"Order {notice.order}: {notice.get_state_display().lower()}. {notice.message}".strip())
