"""Fetches sales data from Jet: of a few SKUs by a call each, of many by Jet's report. Runs after each stock sync.

The repricer follows in the same job.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from catalog.bulk import batches
from catalog.models import Listing
from catalog.sync.after_stock import follow_stock_sync
from jetsync.enums import Queue
from jetsync.jet.errors import JetBadAnswer, JetBadRequest, JetError, JetNotFound, JetServerError
from jetsync.jet.types.files import ReportState
from jetsync.jet.words import ReportStatus, ReportType
from jetsync.sync.failures import Again
from jetsync.sync.registry import handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from repricer.actions.offers import FETCH, note_unreadable, store_figures
from repricer.figures import Figures, read_figures
from repricer.queries.offers import unread
from repricer.sync.run import reprice

# SKUs read before other work of the queue gets its turn.
READS_PER_RUN = 40
# From so many on one report is cheaper than the calls; Jet allows about ten of those a second.
REPORT_FROM = 100
REPORT_WAIT = timedelta(seconds=10)
# A report that is not ready by then is given up, and the SKUs are read one by one.
REPORT_PATIENCE = timedelta(minutes=30)
STORED_AT_ONCE = 500
# When Jet answers so many in a row with nonsense and none well, it is in trouble: the job is tried again.
ALL_FAILED = 3


@handler(
    FETCH,
    label="Fetch sales data",
    right=Right.PRODUCTS_PUBLISH,
    queue=Queue.BULK,
    lease=timedelta(minutes=5),
)
def fetch(context: JobContext) -> None:
    """Goes on in further runs until every SKU for sale was read since the job was made. Safe to repeat."""
    data = context.job.data
    since = data.get("since") or timezone.now().isoformat()
    rows = _wanted(context, since)
    if data.get("report"):
        _take_report(context, rows, since)
    elif not data.get("single") and rows[:REPORT_FROM].count() == REPORT_FROM:
        report = context.jet.reports.request(ReportType.SALES_DATA)
        context.note("Jet makes the report of sales data.")
        raise Again(REPORT_WAIT, since=since, report=report, asked_at=timezone.now().isoformat())
    else:
        _read_each(context, rows, since)
    if words := reprice(context):
        context.note(f"{context.message} {words}")


def _wanted(context: JobContext, since: str) -> QuerySet[Listing]:
    rows = unread(context.merchant, datetime.fromisoformat(since)).select_related("variant")
    chosen = context.job.data.get("variants")
    return rows if chosen is None else rows.filter(variant__in=chosen)


def _read_each(context: JobContext, rows: QuerySet[Listing], since: str) -> None:
    batch = list(rows[:READS_PER_RUN])
    read = context.job.data.get("read", 0)
    failed = 0
    for listing in batch:
        try:
            figures = read_figures(context.jet.products.sales_data(listing.variant.sku))
        except (JetBadRequest, JetBadAnswer, JetServerError) as error:
            failed += 1
            if failed == len(batch) >= ALL_FAILED and not isinstance(error, JetBadRequest):
                raise  # not the fault of these SKUs
            note_unreadable(context.merchant, listing.variant_id, _words(error))
        else:
            store_figures(context.merchant, {listing.variant_id: figures})
    read += len(batch)
    context.note(_read_words(read))
    if len(batch) == READS_PER_RUN:
        raise Again(since=since, read=read)


def _words(error: JetError) -> str:
    return f"Jet's answer could not be used: {error.jet_message or error.status or 'no reason given'}"


def _read_words(count: int) -> str:
    return f"Sales data of {count:,} SKU{'' if count == 1 else 's'} read."


def _take_report(context: JobContext, rows: QuerySet[Listing], since: str) -> None:
    """A report that fails, expires or does not come is replaced by single calls."""
    state = _report_state(context)
    if state is None or state.report_status == ReportStatus.REQUESTED:
        asked_at = datetime.fromisoformat(context.job.data["asked_at"])
        if timezone.now() - asked_at < REPORT_PATIENCE:
            context.note("Waiting for Jet's report of sales data.")
            raise Again(REPORT_WAIT)
    elif state.report_status == ReportStatus.READY and _store_report(context, rows, state):
        return
    context.note("Jet's report of sales data did not come; the SKUs are read one by one.")
    raise Again(since=since, report=None, single=True)


def _report_state(context: JobContext) -> ReportState | None:
    """None until Jet has begun."""
    try:
        return context.jet.reports.state(context.job.data["report"])
    except JetNotFound:
        return None


def _store_report(context: JobContext, rows: QuerySet[Listing], state: ReportState) -> bool:
    """SKUs for sale that the report does not name have no figures. False when it cannot be read."""
    try:
        reported = context.jet.reports.sales_data(state)
    except (JetNotFound, JetBadAnswer):
        return False
    ids = list(rows.values_list("variant_id", "variant__sku"))
    for batch in batches(ids, STORED_AT_ONCE):
        context.heartbeat()
        _store_batch(context, batch, reported)
    context.note(_read_words(len(ids)))
    return True


def _store_batch(context: JobContext, batch: Sequence[tuple[int, str]], reported: dict[str, Any]) -> None:
    figures: dict[int, Figures | None] = {}
    for variant_id, sku in batch:
        if sku in reported and reported[sku] is None:
            note_unreadable(context.merchant, variant_id, "Jet's report holds figures that cannot be read.")
        else:
            figures[variant_id] = read_figures(reported.get(sku))
    store_figures(context.merchant, figures)


follow_stock_sync(FETCH)
