"""Writes letters: a minute after the first event of a kind, and whatever waits every quarter of an hour."""

from __future__ import annotations

from datetime import timedelta

from jetsync.actions.mail import COMPOSE, write_due
from jetsync.mail.kinds import mail_kind
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext

SUMMARIES = "mail.summaries"


def _told(count: int) -> str:
    return f"{count:,} mail{'' if count == 1 else 's'} written." if count else "Nothing to write."


@handler(COMPOSE, label="Write mails", right=None)
def compose(ctx: JobContext) -> None:
    """The job's key is a kind of mail. After the pace was changed to hourly or daily it leaves all to the schedule."""
    kind = mail_kind(ctx.job.key)
    ctx.note(_told(write_due(ctx.merchant, kinds=[kind.name]) if kind else 0))


@handler(SUMMARIES, label="Write mails that waited", right=None)
def write_summaries(ctx: JobContext) -> None:
    """Hourly and daily summaries that are due, and anything that should have been written at once and was not."""
    ctx.note(_told(write_due(ctx.merchant)))


add_schedule(
    ScheduleKind(
        name=SUMMARIES,
        label="Mail summaries",
        interval=timedelta(minutes=15),
        job_kind=SUMMARIES,
        explanation="Writes the hourly or daily mail when it is time, in the store's time zone.",
    )
)
