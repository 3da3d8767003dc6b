"""Background work of profiles and store fields. No call leaves for Jet here."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.assigning import ASSIGN_JOB, run_assignment
from catalog.actions.deltas import push_deltas
from catalog.actions.profile import REFRESH_PROFILE_JOB
from catalog.actions.store_field import READ_FIELDS_JOB, read_fields
from catalog.actions.targets import BATCH, refresh_targets
from catalog.models import Variant
from jetsync.actions.operation import fail_operation
from jetsync.enums import Queue
from jetsync.models import Job, Operation
from jetsync.sync.failures import PermanentFailure
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext


def _end_operation(job: Job) -> None:
    if job.operation_id is not None:
        operation = Operation.objects.get(merchant=job.merchant_id, pk=job.operation_id)
        fail_operation(operation, "The assignment stopped.", "Products counted as done have their profile.")


@handler(
    ASSIGN_JOB,
    label="Assign profile",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=_end_operation,
)
def assign(ctx: JobContext) -> None:
    """Goes on where an earlier run was stopped; rows that have ended are not done twice."""
    rows = Operation.objects.filter(merchant=ctx.merchant, pk=ctx.job.operation_id or 0)
    found = rows.select_related("merchant").first()
    if found is None:
        raise PermanentFailure("The operation is gone.")
    done = run_assignment(found, ctx.heartbeat)
    ctx.note(f"{done.done:,} products have their profile.")


@handler(
    REFRESH_PROFILE_JOB, label="Recompute a profile's products", queue=Queue.BULK, lease=timedelta(minutes=5)
)
def refresh_profile(ctx: JobContext) -> None:
    """After a change of a profile with many products."""
    rows = Variant.objects.filter(merchant=ctx.merchant, product__profile=ctx.job.data["profile"])
    last, changed = 0, 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        ctx.heartbeat()
        changed += refresh_targets(ctx.merchant, ids, push=False)
        last = ids[-1]
    push_deltas(ctx.merchant)
    ctx.note(f"{changed:,} targets changed.")


@handler(READ_FIELDS_JOB, label="Read store fields", queue=Queue.BULK, lease=timedelta(minutes=5))
def read_store_fields(ctx: JobContext) -> None:
    """Brings the register of store fields up to date with all products."""
    count = read_fields(ctx.merchant)
    ctx.note(f"{count:,} store fields and options are known.")
