"""Checking a stored file before it is imported: the same plan, counted instead of written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone

from catalog.actions.csv_batch import BATCH, Batch, Planner, read_batches
from catalog.actions.csv_plan import Plan, Same
from catalog.codes import Code
from catalog.csv_preview import Preview
from catalog.csv_reader import UnreadableRow
from catalog.csv_rows import ParsedRow
from catalog.enums import CsvState
from catalog.models import CsvUpload, StoreCategory
from catalog.pages import page_url
from catalog.problems import Problem
from catalog.queries.shared_codes import KnownCodes
from catalog.sheet_columns import UNIT
from catalog.sheet_files import Pulse, ReadingStopped, count_rows, make_pulse
from jetsync.actions.log import notify
from jetsync.enums import NoticeLevel
from jetsync.exceptions import InvalidInput


def run_check(upload: CsvUpload, heartbeat: Callable[[], None] = lambda: None) -> CsvUpload:
    """Counts what an import would do and keeps examples. Writes nothing but the upload's own preview.

    Goes on where an interrupted check was; ends at once when the upload was cancelled or has been checked.
    """
    pulse = make_pulse(heartbeat, lambda: _is_wanted(upload))
    try:
        return _check(upload, heartbeat, pulse)
    except ReadingStopped:
        upload.refresh_from_db()
        return upload


def _check(upload: CsvUpload, heartbeat: Pulse, pulse: Pulse) -> CsvUpload:
    if not _count_rows(upload, pulse):
        return upload
    try:
        planner = Planner(upload)
    except InvalidInput as exc:
        end_upload(upload, f"{exc.message} Nothing of it was imported; upload it again.")
        return upload
    names_codes = any(name.startswith("standard_product_code") for name in upload.columns)
    known_codes = KnownCodes(upload.merchant) if names_codes else None
    preview = Preview.from_json(upload.preview)
    try:
        for batch in read_batches(upload, preview.rows_done, BATCH, pulse):
            heartbeat()
            plan = planner.plan(batch, lock=False)
            _add(preview, planner, batch, plan)
            preview.add_categories(_new_categories(upload, plan))
            if known_codes is not None:
                _add_shared(preview, known_codes, plan)
            if not _save(upload, preview):
                return upload  # cancelled meanwhile
    except UnreadableRow as exc:
        preview.note = f"Line {exc.line} and all below it cannot be read: {exc.message}"
        fix = "Repair the line, else the rows below it are left out."
        preview.add_wrong(exc.line, "", [Problem("", Code.UNREADABLE, "", exc.message, fix)])
    preview.checked_at = timezone.now().isoformat()
    if _save(upload, preview, CsvState.CHECKED):
        _tell(upload, preview)
    return upload


def wrong_rows(upload: CsvUpload) -> Iterator[ParsedRow]:
    """The rows of a checked file that an import would leave out, judged again one batch after the other.

    Raises InvalidInput at once for a column whose node is gone, and FileNotFoundError when the file is.
    """
    planner = Planner(upload)

    def judged() -> Iterator[ParsedRow]:
        try:
            for batch in read_batches(upload, 0, BATCH, lambda: None):
                yield from planner.plan(batch, lock=False).wrong
        except UnreadableRow as exc:
            yield ParsedRow(exc.line, [], problems=[Problem("", Code.UNREADABLE, "", exc.message)])

    return judged()


def _is_wanted(upload: CsvUpload) -> bool:
    mine = CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id, state=CsvState.CHECKING)
    return mine.exists()


def _count_rows(upload: CsvUpload, pulse: Pulse) -> bool:
    """False when there is nothing to check."""
    if upload.state != CsvState.CHECKING:
        return False
    if upload.row_count is None:
        upload.row_count = count_rows(upload, settings.CSV_MAX_ROWS, pulse)
        CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id).update(row_count=upload.row_count)
    if upload.row_count > settings.CSV_MAX_ROWS:
        note = f"The file has more than {settings.CSV_MAX_ROWS:,} rows. Split it; nothing of it was imported."
        end_upload(upload, note)
        return False
    return True


def end_upload(upload: CsvUpload, note: str) -> None:
    """Ends an upload that can never be imported, with the reason on its page."""
    preview = Preview.from_json(upload.preview)
    preview.note = note
    mine = CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id, state=CsvState.CHECKING)
    mine.update(state=CsvState.CANCELLED, preview=preview.as_json(), finished_at=timezone.now())
    upload.refresh_from_db()


def _add(preview: Preview, planner: Planner, batch: Batch, plan: Plan) -> None:
    for row in plan.new:
        preview.add_new(row.line, row.sku, str(row.values.get("title", "")))
    for change in plan.changed:
        known, new = plan.known.get(change.row.sku), planner.cells_of(change.row.cells)
        old = (known.text if known else new).split(UNIT)
        after = planner.kept(old, new.split(UNIT))
        preview.add_changed(change.row.line, change.row.sku, planner.columns, old, after)
    for same in plan.recounted:
        _add_recounted(preview, planner, plan, same)
    for change, slip in plan.held:
        preview.add_held(change.row.line, slip)
    for respelled in plan.respelled:
        preview.add_respelled(*respelled)
    for row in plan.wrong:
        preview.add_wrong(row.line, row.sku, row.problems)
    preview.unchanged += plan.unchanged
    preview.rows_done = batch.upto


def _new_categories(upload: CsvUpload, plan: Plan) -> set[str]:
    """Paths that no store category has yet: a misspelt one would be made beside the right one."""
    rows = [*plan.new, *(change.row for change in plan.changed)]
    paths = {path for row in rows if (path := row.values.get("store_category", ""))}
    if not paths:
        return set()
    known = StoreCategory.objects.filter(merchant=upload.merchant_id, path__in=paths)
    return paths - set(known.values_list("path", flat=True))


def _add_recounted(preview: Preview, planner: Planner, plan: Plan, row: Same) -> None:
    """The quantity of the SKU stays, a count that the default node has of its own gives way to it."""
    quantity = plan.known[row.sku].cells[planner.columns.index("inventory")] if row.sku in plan.known else ""
    own = f"{plan.own_counts[row.pk]} counted at the default node"
    preview.add_changed(row.line, row.sku, ["inventory"], [own], [quantity])


def _add_shared(preview: Preview, known_codes: KnownCodes, plan: Plan) -> None:
    """Rows that bring a product code which another SKU has, stored or further up in the file."""
    rows = [(row, row.values) for row in plan.new]
    rows += [(change.row, change.values) for change in plan.changed if "codes" in change.names]
    for row, values in rows:
        pack = values.get("multipack_quantity") or 1
        owner = known_codes.owner_of(row.sku, values.get("codes") or (), pack)
        if owner:
            preview.add_shared(row.line, row.sku, owner)


def _save(upload: CsvUpload, preview: Preview, state: CsvState = CsvState.CHECKING) -> bool:
    """False when the upload is no longer being checked."""
    mine = CsvUpload.objects.filter(pk=upload.pk, merchant=upload.merchant_id, state=CsvState.CHECKING)
    won = mine.update(preview=preview.as_json(), state=state)
    if not won:
        upload.refresh_from_db()
        return False
    upload.preview, upload.state = preview.as_json(), state
    return True


def _tell(upload: CsvUpload, preview: Preview) -> None:
    words = f"{preview.new:,} new, {preview.changed:,} changed, {preview.unchanged:,} as before, {preview.wrong:,} wrong."
    if preview.held:
        words += f" {preview.held:,} to be confirmed."
    notify(
        upload.merchant,
        f"csv-{upload.pk}",
        f"{upload.original_name} is checked",
        level=NoticeLevel.WARNING if preview.wrong or preview.held else NoticeLevel.INFO,
        body=f"{words} Nothing is stored yet.",
        url=page_url(upload.merchant, "csv-detail", pk=upload.pk),
    )
