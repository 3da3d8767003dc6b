"""The regular work of the daily reports; it asks our database alone."""

from __future__ import annotations

from datetime import timedelta

from jetsync.queries.settings import get_account
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.wording import counted
from refunds.daily.actions import JOB_KIND, keep_days


@handler(JOB_KIND, label="Daily reports", right=None)
def write_daily_reports(ctx: JobContext) -> None:
    """Yesterday and what is missing. Safe to stop anywhere and to run twice."""
    account = get_account(ctx.merchant)
    if account is None:
        ctx.note("No Jet account yet, so there is nothing to count.")
        return
    new = keep_days(ctx.merchant, account)
    ctx.note(
        f"{counted(len(new), 'new day')}, up to {new[-1]:%Y-%m-%d}."
        if new
        else "No new day; the last week is up to date."
    )


add_schedule(
    ScheduleKind(
        name=JOB_KIND,
        label="Daily reports",
        interval=timedelta(days=1),
        job_kind=JOB_KIND,
        explanation="Once a day, after midnight of the store's time zone: orders, sales, returns and refunds of the day.",
        at_hour=0,
    )
)
