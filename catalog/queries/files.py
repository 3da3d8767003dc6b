"""Reads of bulk files: the list, one file with its errors and content, when results were last asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import BooleanField, Exists, F, Func, JSONField, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.enums import FileState, FileType
from catalog.file_content import ContentUnreadable, read_entries
from catalog.models import BulkFile, SkuError
from jetsync.exceptions import NotFound
from jetsync.models import Merchant, Schedule

# States of files that Jet did not take as a whole; which of them still wait for a person: see `rejected`.
REJECTED = (FileState.WITH_ERRORS, FileState.FAILED)
OPEN = (FileState.BUILDING, FileState.SENT, FileState.PROCESSING)
POLL_SCHEDULE = "catalog.poll_files"
# Entries of a file that its page shows in full.
SHOWN_ENTRIES = 50
# SKU errors on the page of a file; the error groups show all.
SHOWN_ERRORS = 200


def files_of(merchant: Merchant) -> QuerySet[BulkFile]:
    """Files that nobody has cleared from the list, without what only their own page shows."""
    rows = BulkFile.objects.filter(merchant=merchant, deleted_at=None)
    return rows.defer("manifest", "errors", "upload_url")


def being_archived(merchant: Merchant, listing_ids: Collection[int]) -> set[int]:
    """Those that a file which Jet still works through archives or un-archives.

    Jet comes to a file late: what is sent about the same SKU meanwhile would be overtaken by it. A file of more than a
    day ago holds up nothing.
    """
    files = BulkFile.objects.filter(
        merchant=merchant,
        file_type=FileType.ARCHIVE,
        state__in=OPEN,
        created_at__gt=timezone.now() - timedelta(days=1),
    )
    carried = {entry[0] for manifest in files.values_list("manifest", flat=True) for entry in manifest}
    return carried.intersection(listing_ids)


def rejected(merchant: Merchant) -> QuerySet[BulkFile]:
    """Files that a person has to look at: they did not get to Jet, or errors of them are still open.

    Nobody has resubmitted or cleared them. A file stays "with errors" once Jet took its SKUs otherwise; it needs nothing.
    """
    still = SkuError.objects.filter(merchant=merchant, file=OuterRef("pk"), resolved_at=None)
    waits = Q(state=FileState.FAILED) | (Q(state=FileState.WITH_ERRORS) & Exists(still))
    return files_of(merchant).filter(waits)


def rejected_count(merchant: Merchant) -> int:
    return rejected(merchant).count()


def get_file(merchant: Merchant, pk: int) -> BulkFile:
    """Also a cleared one: log and operations still lead to it. Raises NotFound."""
    rows = BulkFile.objects.filter(merchant=merchant, pk=pk).select_related("operation", "resubmit_of")
    row = rows.first()
    if row is None:
        raise NotFound(f"There is no bulk file {pk}.", hint="It may belong to another merchant.")
    return row


def last_check(merchant: Merchant) -> datetime | None:
    """When Jet was last asked for results of files."""
    schedule = Schedule.objects.filter(merchant=merchant, kind=POLL_SCHEDULE)
    times = [
        schedule.aggregate(at=Max("last_finished_at"))["at"],
        BulkFile.objects.filter(merchant=merchant).aggregate(at=Max("finished_at"))["at"],
    ]
    return max((at for at in times if at), default=None)


def errors_of(file: BulkFile) -> QuerySet[SkuError]:
    """What Jet said against SKUs of the file, open ones first."""
    rows = SkuError.objects.filter(merchant=file.merchant_id, file=file)
    return rows.select_related("listing__variant__product").order_by("resolved_at", "pk")


@dataclass(frozen=True)
class Content:
    """`entries`: (SKU, body); `problem` says why there are none."""

    entries: Sequence[tuple[str, Any]] = ()
    problem: str = ""


def first_entries(file: BulkFile) -> Content:
    return _read(file, lambda rows: islice(rows, SHOWN_ENTRIES))


def entries_of_sku(file: BulkFile, words: str) -> Content:
    """The entries whose SKU holds the words, at most as many as a page shows."""
    text = words.strip().lower()
    return _read(file, lambda rows: islice((row for row in rows if text in row[0].lower()), SHOWN_ENTRIES))


def _read(file: BulkFile, pick: Callable[[Iterator[tuple[str, Any]]], Iterator[tuple[str, Any]]]) -> Content:
    if not file.content:
        return Content(
            problem="The content is not kept: it is older than 90 days, or was sent by an older version."
        )
    try:
        with file.content.open("rb") as stream:
            return Content(list(pick(read_entries(stream))))
    except FileNotFoundError:
        return Content(problem="The stored content is gone from the disk.")
    except ContentUnreadable as error:
        return Content(problem=str(error))


# Of the newest files, those that carry a SKU are looked for; the manifest of each one is read for it.
LOOKED_AT = 50


@dataclass(frozen=True)
class InFile:
    """A file that carried a SKU: what of it (`values`, the rest of its manifest entry), and Jet's words against it."""

    file: BulkFile
    values: Sequence[Any]
    errors: Sequence[str]


def files_carrying(merchant: Merchant, listing_ids: Collection[int]) -> list[int]:
    """The files that carried one of these listings, among the newest 50 of the merchant. One query."""
    if not listing_ids:
        return []
    ids = " || ".join(f"@[0] == {int(pk)}" for pk in listing_ids)
    carries = Func(
        F("manifest"),
        template=f"jsonb_path_exists(%(expressions)s, 'strict $[*] ? ({ids})')",
        output_field=BooleanField(),
    )
    rows = BulkFile.objects.filter(merchant=merchant, pk__in=_newest(merchant)).annotate(carries=carries)
    return list(rows.filter(carries=True).order_by("-pk").values_list("pk", flat=True))


def _newest(merchant: Merchant) -> QuerySet[BulkFile]:
    """To be asked `pk__in`: only their keys are read."""
    return BulkFile.objects.filter(merchant=merchant).order_by("-pk").only("pk")[:LOOKED_AT]


def files_with(merchant: Merchant, listing_id: int) -> list[InFile]:
    """The files that carried this listing, newest first, among the newest 50 of the merchant. Two queries."""
    # Strict: a lax path would look into the entries and give their first item alone.
    entry = Func(
        F("manifest"),
        template=f"jsonb_path_query_first(%(expressions)s, 'strict $[*] ? (@[0] == {int(listing_id)})')",
        output_field=JSONField(),
    )
    rows = BulkFile.objects.filter(merchant=merchant, pk__in=_newest(merchant)).annotate(entry=entry)
    found = list(rows.filter(entry__isnull=False).defer("manifest", "errors", "upload_url").order_by("-pk"))
    said: dict[int, list[str]] = defaultdict(list)
    errors = SkuError.objects.filter(
        merchant=merchant, listing=listing_id, file__in=[row.pk for row in found]
    )
    for pk, message in errors.order_by("pk").values_list("file_id", "message"):
        said[pk or 0].append(message)
    return [InFile(row, row.entry[2:], said[row.pk]) for row in found]
