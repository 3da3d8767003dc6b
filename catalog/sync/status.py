"""Reads what Jet shows of our SKUs: often while Jet still works on them, else four times a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from catalog.actions.accepted import STATUS_SOON
from catalog.enums import Step
from catalog.models import BulkFile, Listing
from catalog.queries.errors import unreadable_since
from catalog.status_map import NOT_FINAL
from catalog.sync.calls import run_step
from jetsync.enums import Queue
from jetsync.models import Merchant, OperationRow
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

STATUS_OPEN, STATUS_ALL = "catalog.status_open", "catalog.status_all"
# SKUs read before other work of the queue gets its turn.
READS_PER_RUN = 40
# After the first look, one more: by then Jet shows also what came in a large file. Later the schedule reads.
SECOND_LOOK = timedelta(minutes=4)
LOOKS = 2
# Of one operation or file; the schedule reads the rest within 20 minutes.
SOON_LIMIT = 1000


def uploaded(merchant: Merchant) -> QuerySet[Listing]:
    return Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False)


def not_final(merchant: Merchant) -> QuerySet[Listing]:
    """SKUs that Jet may still move, and those whose archiving is under way."""
    return uploaded(merchant).filter(Q(status__in=NOT_FINAL) | ~Q(archived_sent=F("archived_live")))


def _read(context: JobContext, rows: QuerySet[Listing]) -> None:
    """Reads the longest unread first; goes on in further runs until all were read since this job was made."""
    since = context.job.data.get("since") or timezone.now().isoformat()
    unread = rows.filter(Q(status_read_at=None) | Q(status_read_at__lt=since))
    open_rows = unread.exclude(unreadable_since(datetime.fromisoformat(since)))
    batch = list(
        open_rows.select_related("variant").order_by(F("status_read_at").asc(nulls_first=True), "pk")[
            :READS_PER_RUN
        ]
    )
    read = context.job.data.get("read", 0)
    for listing in batch:
        try:
            run_step(context, listing, Step.STATUS)
        except PermanentFailure:
            continue  # stored on the listing
    read += len(batch)
    context.note(f"Status of {counted(read, 'product')} read.")
    if len(batch) == READS_PER_RUN:
        raise Again(since=since, read=read)


@handler(
    STATUS_OPEN, label="Read status of products under review", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK
)
def read_open(context: JobContext) -> None:
    _read(context, not_final(context.merchant))


@handler(STATUS_ALL, label="Read status of all products", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK)
def read_all(context: JobContext) -> None:
    _read(context, uploaded(context.merchant))


@handler(STATUS_SOON, label="Read status after an upload", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK)
def read_soon(context: JobContext) -> None:
    """One and five minutes after Jet accepted products; those that Jet has decided on are not asked for again."""
    data = context.job.data
    rows = not_final(context.merchant).filter(pk__in=_accepted(context.merchant, data))
    _read(context, rows)
    look = data.get("look", 1)
    if look < LOOKS and rows.exists():
        raise Again(SECOND_LOOK, look=look + 1, since=None, read=0)


def _accepted(merchant: Merchant, data: dict[str, Any]) -> list[int]:
    """Listings named by `catalog.actions.accepted.ask_status`."""
    if "operation" in data:
        rows = OperationRow.objects.filter(merchant=merchant, operation=data["operation"])
        return [pk for pk in rows.order_by("pk").values_list("object_id", flat=True)[:SOON_LIMIT] if pk]
    if "file" in data:
        file = BulkFile.objects.filter(merchant=merchant, pk=data["file"]).first()
        return [entry[0] for entry in file.manifest[:SOON_LIMIT]] if file else []
    return [int(pk) for pk in data.get("listings", [])]


def _has_open(merchant: Merchant) -> bool:
    return not_final(merchant).exists()


add_schedule(
    ScheduleKind(
        STATUS_OPEN,
        "Product status (under review)",
        timedelta(minutes=20),
        STATUS_OPEN,
        "Products that Jet has not decided on yet.",
        _has_open,
    )
)
add_schedule(
    ScheduleKind(
        STATUS_ALL, "Product status (all)", timedelta(hours=6), STATUS_ALL, "Every uploaded product."
    )
)
