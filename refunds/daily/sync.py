"""The regular work of the daily reports; it asks our database alone."""

from __future__ import annotations

from datetime import date, timedelta

from jetsync.models import Merchant
from jetsync.queries.settings import get_account
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.wording import day_text
from refunds.daily.actions import JOB_KIND, keep_days
from refunds.daily.queries import today_of


@handler(JOB_KIND, label="Daily reports", right=None)
def write_daily_reports(ctx: JobContext) -> None:
    """Yesterday and what is missing. Safe to stop anywhere and to run twice."""
    account = get_account(ctx.merchant)
    if account is None:
        ctx.note("No Jet account yet, so there is nothing to count.")
        return
    ctx.note(_told(ctx.merchant, keep_days(ctx.merchant, account)))


def _told(merchant: Merchant, new: list[date]) -> str:
    if not new:
        return "No day was missing; the last week was counted again."
    last = day_text(new[-1], today_of(merchant))
    if len(new) == 1:
        return f"{last} was counted for the first time, the days of the last week again."
    return f"{len(new)} days up to {last} were counted for the first time."


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
