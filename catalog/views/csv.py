"""CSV files: upload, templates, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from catalog.actions.csv_check import wrong_rows
from catalog.actions.csv_import import failed_message, summary
from catalog.actions.csv_upload import (
    KEEP_FILES,
    can_resume,
    cancel_upload,
    change_kind,
    resume_import,
    start_import,
    start_upload,
)
from catalog.bulk import batches
from catalog.csv_columns import (
    COLUMNS,
    EITHER,
    NODE_RULES,
    NOTE_COLUMNS,
    column_names,
    folded,
    is_passed_over,
)
from catalog.csv_columns import Column as FileColumn
from catalog.csv_preview import MOST_CHANGED, MOST_HELD, MOST_WRONG, Preview
from catalog.csv_reader import UnreadableRow
from catalog.csv_rows.row import refusable
from catalog.enums import CsvKind, CsvState, Readiness
from catalog.forms.csv import KNOWN, CsvUploadForm
from catalog.models import CsvUpload, Variant
from catalog.node_columns import word_of
from catalog.pages import page_url, product_list_url
from catalog.price_guard import CONFIRMED, tick_words
from catalog.queries.csv_header import node_columns
from catalog.queries.deleting import added_by
from catalog.queries.overview import part_conditions
from catalog.queries.rules import price_guard
from catalog.queries.sheet import known_cells
from catalog.sheet_files import has_file, open_rows
from catalog.validators import sku_key
from catalog.views.export import check_workbook_size, export_columns, sheet_download
from catalog.xlsx import XLSX
from jetsync.actions.operation import can_undo
from jetsync.enums import RowState
from jetsync.exceptions import DomainError, NotFound
from jetsync.ids import parse_id
from jetsync.models import Merchant, OperationRow
from jetsync.panel import cells
from jetsync.panel.exports import csv_download
from jetsync.panel.forms import put_on_form
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction
from jetsync.panel.messages import say, say_error
from jetsync.sync.control import may_control
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

SHOWN_ROWS = 100
# The address of a button that reads a file as another kind: this and the kind.
AS_KIND = "as_"
BATCH = 1000


def get_upload(merchant: Merchant, pk: int) -> CsvUpload:
    return get_object_or_404(
        CsvUpload.objects.select_related("operation__undone_by", "merchant"), merchant=merchant, pk=pk
    )


@merchant_view(Right.PRODUCTS_EDIT)
def csv_upload(request: MerchantRequest) -> HttpResponse:
    """Takes a file; `?kind=price_inventory&from=<upload>` is the next step after a product file."""
    chosen = request.GET.get("kind", CsvKind.PRODUCTS)
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CsvUploadForm(data, files, initial={"kind": chosen, "level": "new"})
    if data is not None and form.is_valid():
        values = form.cleaned_data
        try:
            upload = start_upload(
                request.merchant,
                CsvKind(values["kind"]),
                values["file"],
                is_on_jet=values["level"] == KNOWN,
                preview=not values["at_once"],
                confirms_prices=values["confirms_prices"],
                may_ask=True,
                actor=request.actor,
            )
        except DomainError as error:
            put_on_form(form, error)
        else:
            if upload.state == CsvState.MAPPING:
                return HttpResponseRedirect(page_url(request.merchant, "csv-columns", pk=upload.pk))
            what = "imported" if values["at_once"] else "checked; nothing is stored yet"
            say(request, "success", f"{upload.original_name} is taken in and being {what}.")
            return HttpResponseRedirect(page_url(request.merchant, "csv-detail", pk=upload.pk))
    before = request.GET.get("from", "")
    context = {
        "form": form,
        "kind": chosen,
        "product_columns": folded(COLUMNS[CsvKind.PRODUCTS]),
        "price_columns": [*folded(COLUMNS[CsvKind.PRICE_INVENTORY]), *_node_rules(request.merchant)],
        "variation_columns": folded(COLUMNS[CsvKind.VARIATIONS]),
        "before": _with_file(request.merchant, before),
    }
    return render(request, "catalog/csv/upload.html", context, status=400 if form.errors else 200)


def _node_rules(merchant: Merchant) -> list[FileColumn]:
    return [FileColumn(name, EITHER, NODE_RULES[word_of(name)]) for name in node_columns(merchant).offered]


def _with_file(merchant: Merchant, before: str) -> CsvUpload | None:
    """The upload whose SKUs can be had for the next step."""
    upload = get_upload(merchant, parse_id(before)) if before else None
    return upload if upload is not None and has_file(upload) else None


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def csv_template(request: MerchantRequest, kind: str) -> HttpResponseBase:
    """The file with headers and one example row; for prices with `?from=<upload>` its SKUs as they stand."""
    if kind not in CsvKind.values:
        raise Http404
    is_workbook = request.GET.get("format") == XLSX
    before = request.GET.get("from", "")
    if kind == CsvKind.PRICE_INVENTORY and before:
        upload = get_upload(request.merchant, parse_id(before))
        if not has_file(upload):
            raise NotFound(
                f"{upload.original_name} was deleted, as every file {KEEP_FILES.days} days after its import.",
                hint="Export prices from the list of products instead.",
            )
        columns = export_columns(request.merchant, kind)
        rows: Iterator[Sequence[Any]] = _prices_of(upload, columns)
        if is_workbook:
            check_workbook_size(upload.row_count or 0, len(columns))
        name = f"prices-{upload.pk}"
        return sheet_download(request.merchant, name, kind, rows, workbook=is_workbook, columns=columns)
    example = [column.example for column in COLUMNS[CsvKind(kind)]]
    at_nodes = node_columns(request.merchant, kind).offered
    header = [*column_names(kind), *at_nodes]
    rows = iter([[*example, *("" for _column in at_nodes)]])
    name = f"{kind}-template"
    return sheet_download(request.merchant, name, kind, rows, workbook=is_workbook, columns=header)


def skus_of(upload: CsvUpload) -> Iterator[str]:
    """The SKUs of the file, as far as it can be read."""
    at = list(upload.columns).index("sku")
    with open_rows(upload) as rows:
        try:
            for row in rows:
                if at < len(row.cells) and row.cells[at].strip():
                    yield row.cells[at].strip()
        except UnreadableRow:
            return


def _prices_of(upload: CsvUpload, columns: Sequence[str]) -> Iterator[Sequence[str]]:
    """The columns of a file of prices for the products of another file, in its order, those that exist."""
    nodes = node_columns(upload.merchant).among(columns)
    for batch in batches(skus_of(upload), BATCH):
        rows = Variant.objects.filter(
            merchant=upload.merchant_id, sku_key__in={sku_key(sku) for sku in batch}
        )
        names = list(rows.values_list("sku", flat=True))
        known = known_cells(upload.merchant, names, columns, nodes)
        stored = {sku_key(sku): sku for sku in known}
        for sku in dict.fromkeys(sku if sku in known else stored.get(sku_key(sku), "") for sku in batch):
            if sku:
                yield known[sku].cells


def _result(upload: CsvUpload) -> str:
    if upload.is_begun:
        is_back = upload.operation is not None and upload.operation.undone_by_id is not None
        return f"{summary(upload)} Taken back since." if is_back else summary(upload)
    found = Preview.from_json(upload.preview)
    return found.note or f"{found.new:,} new, {found.changed:,} to change, {found.wrong:,} wrong."


class CsvUploadList(ListPage):
    right = Right.PRODUCTS_VIEW
    page_key = "csv-uploads"
    title = "Uploaded files"
    subtitle = "CSV files and workbooks you gave us, and what was stored of them."
    noun = ("file", "files")
    columns = (
        Column("original_name", "File", is_primary=True),
        Column("kind", "Holds", lambda row: row.get_kind_display()),
        Column(
            "state",
            "State",
            lambda row: (
                cells.status(f"operation.{row.operation.state}")
                if row.operation
                else cells.text(row.get_state_display())
            ),
        ),
        Column("result", "Result", _result),
        Column("row_count", "Rows", align="end"),
        Column("created_at", "Uploaded"),
    )
    empty = EmptyState(
        "No file yet", "Download the template, fill it, and upload it here.", "file-spreadsheet"
    )

    def get_queryset(self) -> QuerySet[CsvUpload]:
        return (
            CsvUpload.objects.filter(merchant=self.request.merchant)
            .select_related("operation")
            .order_by("-pk")
        )

    def row_url(self, row: CsvUpload) -> str:
        return page_url(self.request.merchant, "csv-detail", pk=row.pk)

    def get_page_actions(self) -> Sequence[PageAction]:
        url = page_url(self.request.merchant, "csv-upload")
        return (
            PageAction("Upload a file", url, right=Right.PRODUCTS_EDIT, primary=True, icon="file-upload"),
        )


def _states(upload: CsvUpload) -> list[dict[str, Any]]:
    """How many SKUs of the import are how ready, each with the list of just those."""
    if upload.operation is None or upload.operation.is_open:
        return []
    rows = Variant.objects.filter(merchant=upload.merchant_id, last_upload=upload)
    counts = dict(rows.values_list("listing__readiness").annotate(Count("pk")))
    return [
        {
            "label": label,
            "count": counts[value],
            "url": product_list_url(upload.merchant, f"upload={upload.pk}&readiness={value}"),
        }
        for value, label in Readiness.choices
        if counts.get(value)
    ]


def _to_upload_url(upload: CsvUpload) -> str:
    """The list of the import's SKUs that can be uploaded to Jet now; "" when there is none."""
    rows = Variant.objects.filter(merchant=upload.merchant_id, last_upload=upload)
    if not rows.filter(part_conditions("listing__")["to_upload"]).exists():
        return ""
    return product_list_url(upload.merchant, f"part=to_upload&upload={upload.pk}")


@merchant_view(Right.PRODUCTS_VIEW)
def csv_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    upload = get_upload(request.merchant, pk)
    failed = OperationRow.objects.filter(
        merchant=request.merchant, operation=upload.operation_id, state=RowState.FAILED
    ).order_by("pk")
    preview = Preview.from_json(upload.preview)
    context = {
        "upload": upload,
        "operation": upload.operation,
        "preview": preview,
        "confirm_name": CONFIRMED,
        "confirm_words": tick_words(preview.held, price_guard(request.merchant).percent, preview.held_counts)
        if preview.held
        else "",
        "held_hint": _held_hint(preview),
        "other_kinds": [(f"{AS_KIND}{kind}", kind.label.lower()) for kind in CsvKind if kind != upload.kind],
        "is_begun": upload.is_begun,
        "is_checking": upload.state == CsvState.CHECKING,
        "is_checked": upload.state == CsvState.CHECKED,
        "is_mapping": upload.state == CsvState.MAPPING,
        "is_working": upload.state == CsvState.CHECKING or (upload.operation and upload.operation.is_open),
        "can_resume": can_resume(upload),
        "taken_back": upload.operation and upload.operation.undone_by,
        "can_undo": upload.operation is not None
        and may_control(request.actor, upload.operation)
        and can_undo(upload.operation),
        "added": added_by(upload).count() if request.actor.may(Right.PRODUCTS_EDIT) else 0,
        "most_changed": MOST_CHANGED,
        "most_wrong": MOST_WRONG,
        "most_held": MOST_HELD,
        "keep_days": KEEP_FILES.days,
        "failed": failed[:SHOWN_ROWS] if upload.operation_id else (),
        "summary": summary(upload),
        "next_url": f"{page_url(request.merchant, 'csv-upload')}?kind={CsvKind.PRICE_INVENTORY}&from={upload.pk}",
        "upload_url": _to_upload_url(upload),
        "states": _states(upload),
        "stored": upload.created_count + upload.updated_count + upload.unchanged_count,
    }
    template = "catalog/csv/live.html" if getattr(request, "htmx", False) else "catalog/csv/detail.html"
    return render(request, template, context)


def _held_hint(preview: Preview) -> str:
    count = f"{counted(preview.held, 'row')} in all."
    largest = f" The largest change is {preview.largest}." if preview.largest else ""
    below = f"{counted(preview.below_map, 'SKU')} would be sold below the MAP price."
    below = f" {below}" if preview.below_map else ""
    left = "Without the tick the other rows are imported, and these come back in the file of failed rows."
    return f"{count}{largest}{below} {left}"


@require_POST
@merchant_view(Right.PRODUCTS_EDIT)
def csv_decide(request: MerchantRequest, pk: int, key: str) -> HttpResponse:
    """The buttons of the page: import what was checked, cancel it, or go on with an import that was stopped."""
    steps = {
        "import": (start_import, "is being imported."),
        "cancel": (cancel_upload, "is cancelled; nothing of it was stored."),
        "resume": (resume_import, "goes on where it was stopped."),
    }
    upload = get_upload(request.merchant, pk)
    if key.startswith(AS_KIND):
        return _read_as(request, upload, key.removeprefix(AS_KIND))
    if key not in steps:
        raise Http404
    act, words = steps[key]
    try:
        if key == "import":
            start_import(upload, actor=request.actor, confirms_prices=bool(request.POST.get(CONFIRMED)))
        else:
            act(upload, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
    else:
        say(request, "success", f"{upload.original_name} {words}")
    return HttpResponseRedirect(page_url(request.merchant, "csv-detail", pk=upload.pk))


def _read_as(request: MerchantRequest, upload: CsvUpload, kind: str) -> HttpResponse:
    if kind not in CsvKind.values:
        raise Http404
    try:
        change_kind(upload, CsvKind(kind), actor=request.actor)
    except DomainError as error:
        say_error(request, error)
    else:
        words = f"{upload.original_name} is read as {upload.get_kind_display().lower()} now; nothing is stored yet."
        say(request, "success", words)
        if upload.state == CsvState.MAPPING:
            return HttpResponseRedirect(page_url(request.merchant, "csv-columns", pk=upload.pk))
    return HttpResponseRedirect(page_url(request.merchant, "csv-detail", pk=upload.pk))


def _failed_of(upload: CsvUpload) -> Iterator[tuple[Sequence[str], int | None, str]]:
    """Cells, line and reasons."""
    if upload.state == CsvState.CHECKED:
        if not has_file(upload):
            raise NotFound(f"{upload.original_name} is not kept any more.", hint="Upload it again.")
        wrong = wrong_rows(upload)
        return ((row.given or row.cells, row.line, failed_message(row.problems)) for row in wrong)
    rows = OperationRow.objects.filter(
        merchant=upload.merchant_id, operation=upload.operation_id, state=RowState.FAILED
    ).order_by("pk")
    stored = rows.iterator(chunk_size=BATCH)
    return ((row.data.get("cells", ()), row.line, row.message) for row in stored)


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def csv_failed(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """The failed rows as they were, with line and reason behind them: correct them and upload this file.

    Of a file that was only checked, those that its import would leave out.

    Untouched they are refused again: formulas are marked, and a row keeps a number of cells that is wrong.
    """
    upload = get_upload(request.merchant, pk)
    found = _failed_of(upload)
    places = [place for place, name in enumerate(upload.columns) if not is_passed_over(name)]
    own = [upload.columns[place] for place in places]

    def lines() -> Iterator[list[Any]]:
        for given, line, message in found:
            cells = [refusable(cell) for cell in given]
            if len(cells) == len(upload.columns):
                cells = [cells[place] for place in places]
            elif len(cells) == len(own):
                cells.append("")
            yield [*cells, line, message]

    return csv_download(request.merchant, f"failed-{upload.pk}.csv", [*own, *NOTE_COLUMNS], lines())
