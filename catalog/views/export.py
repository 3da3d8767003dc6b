"""Products and prices as a file, with the columns that the import takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.csv_columns import FIELD_PREFIX, column_names
from catalog.enums import CsvKind, StoreFieldKind
from catalog.models import StoreField, Variant
from catalog.node_columns import NodeColumn
from catalog.queries.csv_header import node_columns
from catalog.queries.sheet import BATCH, all_sheet_rows, sheet_rows
from catalog.xlsx import XLSX
from jetsync.exceptions import InvalidInput
from jetsync.ids import parse_id
from jetsync.models import Merchant
from jetsync.panel.exports import csv_download
from jetsync.panel.workbook import workbook_download
from jetsync.queries.saved_view import get_selection
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# A workbook is packed before it is sent; more rows than this take longer than a request may.
MOST_WORKBOOK_ROWS = 50_000
# As many rows with all columns of the template and a few of the store's own.
MOST_WORKBOOK_CELLS = 4_000_000
KINDS = (CsvKind.PRODUCTS, CsvKind.PRICE_INVENTORY)


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def export(request: MerchantRequest, kind: str) -> HttpResponseBase:
    """All SKUs, or those of `?selection=`; `?format=xlsx` for a workbook. Streamed, with the columns of the import."""
    if kind not in KINDS:
        raise Http404
    merchant = request.merchant
    columns = export_columns(merchant, kind)
    nodes = node_columns(merchant, kind).among(columns)
    selected = request.GET.get("selection", "")
    if selected:
        ids = selected_ids(request, selected)
        rows: Iterator[Sequence[Any]] = _rows_of(merchant, columns, ids, nodes)
        name, count = f"{kind}-{len(ids)}", len(ids)
    else:
        rows, name = all_sheet_rows(merchant, columns, nodes), f"{kind}-all"
        count = Variant.objects.filter(merchant=merchant).count()
    is_workbook = request.GET.get("format") == XLSX
    if is_workbook:
        check_workbook_size(count, len(columns))
    return sheet_download(merchant, name, kind, rows, workbook=is_workbook, columns=columns)


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def export_selected(request: MerchantRequest) -> HttpResponse:
    """Asks which file of the SKUs picked on the grid is wanted."""
    selection = request.GET.get("selection", "")
    context = {"selection": selection, "count": len(selected_ids(request, selection))}
    return render(request, "catalog/sheet/export.html", context)


def selected_ids(request: MerchantRequest, selection: str) -> list[int]:
    """The SKUs that the person picked on the grid, in their order. Raises NotFound for another's selection."""
    user = request.actor.user
    number = parse_id(selection)
    if not number or user is None:
        raise Http404
    return list(get_selection(request.merchant, "products", number, user).ids)


def _rows_of(
    merchant: Merchant, columns: Sequence[str], ids: Sequence[int], nodes: Mapping[str, NodeColumn]
) -> Iterator[Sequence[Any]]:
    for start in range(0, len(ids), BATCH):
        yield from sheet_rows(merchant, columns, ids[start : start + BATCH], nodes)


def export_columns(merchant: Merchant, kind: str) -> list[str]:
    """The template's columns, and behind them for products the store's own fields, for prices those of the nodes."""
    own = node_columns(merchant, kind).offered
    if kind == CsvKind.PRODUCTS:
        fields = StoreField.objects.filter(merchant=merchant, kind=StoreFieldKind.FIELD).order_by("name")
        own = [f"{FIELD_PREFIX}{name}" for name in fields.values_list("name", flat=True)]
    return [*column_names(kind), *own]


def sheet_download(
    merchant: Merchant,
    name: str,
    kind: str,
    rows: Iterable[Sequence[Any]],
    *,
    workbook: bool,
    columns: Sequence[str] = (),
) -> HttpResponseBase:
    """CSV as a stream, or a workbook whose size the caller has checked."""
    header = columns or column_names(kind)
    if not workbook:
        return csv_download(merchant, f"{name}.csv", header, rows)
    return workbook_download(f"{name}.xlsx", CsvKind(kind).label, header, rows)


def check_workbook_size(count: int, width: int = 1) -> None:
    """Raises InvalidInput for more rows, or cells of rows and columns, than a workbook may have here."""
    if count > MOST_WORKBOOK_ROWS:
        raise InvalidInput(
            f"A workbook holds at most {MOST_WORKBOOK_ROWS:,} rows here.",
            hint="Download it as CSV, or filter the products first.",
        )
    if count * width > MOST_WORKBOOK_CELLS:
        raise InvalidInput(
            f"A workbook holds at most {MOST_WORKBOOK_CELLS:,} cells here; {count:,} SKUs with {width:,} columns are more.",
            hint="Download it as CSV, or filter the products first.",
        )
