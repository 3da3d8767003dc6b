"""Where settlement reports meet the Jet client."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.utils import timezone

from jetsync.jet import errors
from jetsync.models import JetAccount
from jetsync.sync.client import current_account
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.sync.batch import each
from refunds.settlement.actions import JOB_KIND, Stored, keep_difference, store_report
from refunds.settlement.queries import open_report_ids
from refunds.settlement.reading import read_report, unreadable

log = structlog.get_logger(__name__)

# Weekly reports that Jet may still change or the bank decide about; also what a new store sees of its past.
DAYS = 60
# After Jet's own night work, before a merchant looks in the morning.
AT_HOUR = 5


@handler(JOB_KIND, label="Fetch settlement reports", right=Right.REFUNDS_VIEW, lease=timedelta(minutes=2))
def fetch_settlements(ctx: JobContext) -> None:
    """Reads the reports of the last DAYS days, and older ones whose money is on its way. Safe to stop and to repeat."""
    account = current_account(ctx.merchant)
    listed = ctx.jet.settlement.report_ids(DAYS)
    wanted = list(dict.fromkeys([*listed, *open_report_ids(ctx.merchant)]))
    done: list[Stored | None] = []
    each(wanted, lambda report_id: done.append(read_and_store(ctx, account, report_id)))
    ctx.note(_sentence([stored for stored in done if stored is not None]))


def read_and_store(ctx: JobContext, account: JetAccount, report_id: str) -> Stored | None:
    """Reads one report and stores it, as it came if it must. None for one that Jet no longer knows."""
    seen_at = timezone.now()
    try:
        facts = read_report(report_id, ctx.jet.settlement.report_as_sent(report_id))
    except errors.JetNotFound:
        log.warning("settlement_not_found", report_id=report_id)
        return None
    except errors.JetHalfAnswer:  # the rest comes with the next look
        raise
    except errors.JetBadAnswer as exc:
        facts = unreadable(report_id, exc.body, f"The answer is not JSON: {exc}.")
    stored = store_report(ctx.merchant, account, facts, seen_at=seen_at, job=ctx.job)
    keep_difference(stored.report)
    return stored


def _sentence(done: list[Stored]) -> str:
    if not done:
        return f"Jet has no settlement reports of the last {DAYS} days."
    new = sum(stored.is_new for stored in done)
    unread = sum(bool(stored.report.problems) for stored in done)
    told = f" {counted(unread, 'report')} could not be read." if unread else ""
    return f"{counted(new, 'new settlement report')}, {len(done)} read from Jet.{told}"


add_schedule(
    ScheduleKind(
        name=JOB_KIND,
        label="Fetch settlement reports",
        interval=timedelta(days=1),
        job_kind=JOB_KIND,
        explanation="Once a day, in the morning of the store's time zone: what Jet pays, and where the money is.",
        at_hour=AT_HOUR,
    )
)
