"""The rows of a list as a file: all that the filters leave, not only the page, as CSV or workbook.

    class ReturnList(ListPage):
        sheet = Sheet("returns", return_columns, return_rows)

The list then offers both files, and answers `?download=csv` and `?download=xlsx` beside its filters and sorting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseBase
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.models import Merchant
from jetsync.panel.exports import csv_download
from jetsync.panel.filters import with_values, without
from jetsync.panel.messages import say_error
from jetsync.panel.rendering import local_zone
from jetsync.panel.workbook import workbook_download
from jetsync.tenancy.actor import Actor

if TYPE_CHECKING:
    from jetsync.panel.lists import ListPage

PARAMETER = "download"
CSV, XLSX = "csv", "xlsx"
# Objects of one file. The order of a file is read before its first row (8 bytes an id); a workbook is packed before it
# is sent, and 40 columns of more rows than this take longer than a request may.
MOST = {CSV: 50_000, XLSX: 10_000}
# Objects read at once: three or four queries, whatever the size of the file.
BATCH = 500


@dataclass(frozen=True)
class SheetColumn:
    heading: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Sheet:
    """`key` begins the file's name. `columns(actor, zone)` may depend on what the person may see.

    `rows(merchant, ids)` reads these objects and gives the file's rows in their order, one or more each, in a bounded
    number of queries.
    """

    key: str
    columns: Callable[[Actor, tzinfo], Sequence[SheetColumn]]
    rows: Callable[[Merchant, Sequence[int]], Iterable[Any]]


def moment(heading: str, get: Callable[[Any], datetime | None], zone: tzinfo) -> list[SheetColumn]:
    """Two columns: as the store's clock says, a date in workbooks, and ISO 8601 in UTC as text, for programs."""

    def local(row: Any) -> datetime | None:
        at = get(row)
        return at.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None) if at else None

    def exact(row: Any) -> str:
        at = get(row)
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""

    return [SheetColumn(f"{heading} ({zone})", local), SheetColumn(f"{heading} (UTC)", exact)]


def download_links(page: ListPage) -> list[tuple[str, str]]:
    """(label, address) of the files a list offers."""
    if page.sheet is None:
        return []
    labels = {CSV: "CSV", XLSX: "Excel workbook"}
    return [
        (f"{label}, at most {MOST[kind]:,} {page.noun[1]}", with_values(page.first_page, **{PARAMETER: kind}))
        for kind, label in labels.items()
    ]


def download(page: ListPage, sheet: Sheet) -> HttpResponseBase:
    """The file, or back to the list with the reason why there is none."""
    kind = page.query.get(PARAMETER, "")
    try:
        return _file(page, sheet, kind)
    except DomainError as error:
        say_error(page.request, error)
        return page.back_to(without(page.query, [PARAMETER]))


def _file(page: ListPage, sheet: Sheet, kind: str) -> HttpResponseBase:
    if kind not in MOST:
        raise InvalidInput(
            f"There is no file of the kind “{kind[:20]}”.", hint="Choose CSV or Excel workbook."
        )
    ids = _ids(page, kind)
    merchant, zone = page.request.merchant, local_zone()
    columns = sheet.columns(page.request.actor, zone)
    name = f"{sheet.key}-{merchant.slug}-{timezone.localdate(timezone=zone):%Y-%m-%d}.{kind}"
    _log(page, sheet, name, len(ids))
    header, rows = [column.heading for column in columns], _rows(merchant, sheet, columns, ids)
    if kind == CSV:
        return csv_download(merchant, name, header, rows)
    return workbook_download(name, page.get_title(), header, rows)


def _ids(page: ListPage, kind: str) -> list[int]:
    """What the file holds, in the order of the list. Raises InvalidInput rather than give too much or too little."""
    if page.filterset is not None and page.filterset.form.errors:
        field, errors = next(iter(page.filterset.form.errors.items()))
        label = page.filterset.form.fields[field].label or field
        raise InvalidInput(
            f"The filter “{label}” cannot be used: {errors[0]}", hint="Correct it, then download."
        )
    most = MOST[kind]
    ids = page.ordered(page.filtered()).prefetch_related(None).values_list("pk", flat=True)
    found = list(ids[: most + 1])
    if len(found) > most:
        others = "" if kind == CSV else f" A CSV file holds {MOST[CSV]:,}."
        raise InvalidInput(
            f"More than {most:,} {page.noun[1]} are too many for one file.{others}",
            hint="Filter the list, by date for example, and download it in parts.",
        )
    return found


def _rows(
    merchant: Merchant, sheet: Sheet, columns: Sequence[SheetColumn], ids: Sequence[int]
) -> Iterator[list[Any]]:
    for start in range(0, len(ids), BATCH):
        for row in sheet.rows(merchant, ids[start : start + BATCH]):
            yield [column.value(row) for column in columns]


def _log(page: ListPage, sheet: Sheet, name: str, count: int) -> None:
    """Who took the shop's data out, and how much. Values of filters may name shoppers, so only their labels."""
    chips = page.filterset.chips(page.query) if page.filterset else []
    record(
        page.request.merchant,
        f"{sheet.key}.exported",
        f"Downloaded {count:,} {page.noun[0] if count == 1 else page.noun[1]} as {name}.",
        actor=page.request.actor,
        new={"file": name, "count": count, "filters": [chip.label for chip in chips]},
    )
