"""Background work of profiles and store fields. No call leaves for Jet here."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions.assigning import ASSIGN_JOB, run_assignment
from catalog.actions.profile import REFRESH_PROFILE_JOB
from catalog.actions.store_field import READ_FIELDS_JOB, read_fields
from catalog.actions.targets import refresh_rows
from catalog.models import Variant
from jetsync.enums import Queue
from jetsync.models import Operation
from jetsync.sync.operations import ends_operation, operation_handler
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted


@operation_handler(
    ASSIGN_JOB,
    label="Assign profile",
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
    on_failure=ends_operation("The assignment stopped.", "Products counted as done have their profile."),
)
def assign(ctx: JobContext, operation: Operation) -> None:
    """Goes on where an earlier run was stopped; rows that have ended are not done twice."""
    done = run_assignment(operation, ctx.heartbeat)
    ctx.note(f"Profile of {counted(done.done, 'product')} set.")


@handler(
    REFRESH_PROFILE_JOB,
    label="Recompute a profile's products",
    right=None,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
)
def refresh_profile(ctx: JobContext) -> None:
    """After a change of a profile with many products."""
    rows = Variant.objects.filter(merchant=ctx.merchant, product__profile=ctx.job.data["profile"])
    ctx.note(f"{refresh_rows(ctx.merchant, rows, ctx.heartbeat):,} targets changed.")


@handler(
    READ_FIELDS_JOB,
    label="Read store fields",
    right=Right.MAPPING_EDIT,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
)
def read_store_fields(ctx: JobContext) -> None:
    """Brings the register of store fields up to date with all products."""
    count = read_fields(ctx.merchant)
    ctx.note(f"{count:,} store fields and options are known.")


add_schedule(
    ScheduleKind(
        name=READ_FIELDS_JOB,
        label="Store fields",
        interval=timedelta(days=1),
        job_kind=READ_FIELDS_JOB,
        explanation="Finds the fields and options that your products carry, for the pages that map them.",
    )
)
