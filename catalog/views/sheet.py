"""Editing products in a table: fifty or two hundred SKUs a page, keyboard, pasted blocks, one operation per save."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from catalog.actions.sheet import CellNote, Saved, judge_cells, save_cells
from catalog.enums import Readiness
from catalog.forms.sheet import ShownRow, cell_name, posted_edits, shown_cells
from catalog.models import CsvUpload, Variant
from catalog.pages import page_url
from catalog.price_guard import CONFIRMED, Asked
from catalog.queries.choosing import MOST
from catalog.queries.product import search_variants
from catalog.queries.sheet import editor_rows, lookups_of
from catalog.sheet_cells import DEFAULT_COLUMNS, SheetColumn, sheet_columns
from catalog.views.export import selected_ids
from jetsync.actions.saved_view import freeze_selection
from jetsync.exceptions import DomainError, NotFound
from jetsync.ids import parse_id
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

PAGE_ROWS, MOST_ROWS = 50, 200
# Each cell posts two fields, and the server takes 12,000 of them.
MOST_COLUMNS_OF_MANY = 25
MAY_EMPTY = "may_empty"
# Names offered while typing; a longer list helps nobody.
MOST_OFFERED = 500


@merchant_view(Right.PRODUCTS_EDIT)
def sheet_edit(request: MerchantRequest) -> HttpResponse:
    """`?selection=` of the grid, or all SKUs with `?q=`; `?columns=` which columns, `?page=` and `?rows=` which of them.

    `?one=1` goes on to the change of one value for all of them.
    """
    if request.method == "POST":
        return _save(request)
    if request.GET.get("one"):
        return _one_value(request)
    return _page(request, {}, [])


def _one_value(request: MerchantRequest) -> HttpResponse:
    """With the selection that there is, or one of all SKUs that the table would show."""
    selection = parse_id(request.GET.get("selection", ""))
    if not selection:
        user, ids = request.actor.user, list(_ids(request, request.GET)[: MOST + 1])
        if user is None or not ids or len(ids) > MOST:
            raise NotFound("There is no set of SKUs to change.", hint=f"Search for some, at most {MOST:,}.")
        words = "found for the table"
        selection = freeze_selection(request.merchant, "products", user=user, ids=ids, description=words).pk
    return HttpResponseRedirect(f"{page_url(request.merchant, 'bulk-edit')}?selection={selection}")


def _save(request: MerchantRequest) -> HttpResponse:
    try:
        saved = save_cells(
            request.merchant,
            posted_edits(request.POST),
            actor=request.actor,
            confirmed=request.POST.get(CONFIRMED, ""),
            may_empty=bool(request.POST.get(MAY_EMPTY)),
        )
    except DomainError as error:
        say_error(request, error)
        return HttpResponseRedirect(request.get_full_path())
    if saved.operation is not None:
        words = f"{counted(saved.cells, 'cell')} stored."
        say(request, "success", f"{words} It can be undone: Activity, Operations.")
    elif not saved.notes:
        say(request, "info", "No cell was changed, so nothing was stored.")
    if not saved.notes:
        return HttpResponseRedirect(_here(request, saved))
    names = [cell_name(note.variant_id, note.column) for note in saved.notes]
    typed = {name: request.POST.get(name, "") for name in names}
    status = 409 if saved.operation is None else 200
    return _page(request, typed, saved.notes, status=status, asked=saved.asked)


def _here(request: MerchantRequest, saved: Saved) -> str:
    """The same page, with a link to the operation that was just made."""
    query = request.GET.copy()
    query.pop("saved", None)
    if saved.operation is not None:
        query["saved"] = str(saved.operation.pk)
    return f"{request.path}?{query.urlencode()}"


@require_POST
@merchant_view(Right.PRODUCTS_EDIT)
def sheet_check(request: MerchantRequest) -> HttpResponse:
    """What is wrong with the changed cells, before saving: {"notes": [{"cell", "message", "fix"}]}."""
    try:
        judged = judge_cells(
            request.merchant, posted_edits(request.POST), may_empty=bool(request.POST.get(MAY_EMPTY))
        )
    except DomainError as error:
        return JsonResponse({"notes": [], "message": error.message}, status=error.status)
    notes = [
        {"cell": cell_name(note.variant_id, note.column), "message": note.message, "fix": note.fix}
        for note in judged.notes
    ]
    return JsonResponse({"notes": notes})


def _page(
    request: MerchantRequest,
    typed: dict[str, str],
    notes: Sequence[CellNote],
    *,
    status: int = 200,
    asked: Asked | None = None,
) -> HttpResponse:
    merchant, query = request.merchant, request.GET
    lookups = lookups_of(merchant)
    columns = sheet_columns(lookups)
    chosen = _chosen(columns, query)
    page = _paged(request, query, len(chosen))
    rows = editor_rows(merchant, list(page.object_list), list(lookups.nodes))
    by_cell = {cell_name(note.variant_id, note.column): note for note in notes}
    # A value that somebody else has stored meanwhile becomes what was seen: saving again replaces it knowingly.
    shown = [
        ShownRow(
            row,
            f"{page_url(merchant, 'product-detail', pk=row.product_id)}?variant={row.pk}",
            shown_cells(row, chosen, typed=typed, notes=by_cell, read_only=False),
        )
        for row in rows.values()
    ]
    context = {
        "rows": shown,
        "columns": columns,
        "chosen": chosen,
        "chosen_keys": {column.key for column in chosen},
        "page": page,
        "query": query,
        "links": _links(request, page),
        "categories": sorted(lookups.categories)[:MOST_OFFERED],
        "profiles": sorted(lookups.profiles)[:MOST_OFFERED],
        "notes": notes,
        "asked": asked,
        "emptied": sum(note.is_emptied for note in notes),
        "may_empty": MAY_EMPTY,
        "most_rows": MOST_ROWS,
        "saved": parse_id(query.get("saved", "")),
        "upload": CsvUpload.objects.filter(merchant=merchant, pk=parse_id(query.get("upload", ""))).first(),
        "readiness": dict(Readiness.choices).get(query.get("readiness", ""), ""),
        "is_filtered": any(query.get(key) for key in ("q", "selection", "upload", "readiness")),
    }
    return render(request, "catalog/sheet/edit.html", context, status=status)


def _chosen(columns: Sequence[SheetColumn], query: QueryDict) -> list[SheetColumn]:
    """What is ticked, in the table's order; `?first=` is a column that comes before all others, as the one to mend."""
    wanted = set(query.getlist("columns")) & {column.key for column in columns}
    first = query.get("first", "")
    chosen = [column for column in columns if column.key in {*(wanted or DEFAULT_COLUMNS), first}]
    return sorted(chosen, key=lambda column: column.key != first)


def _paged(request: MerchantRequest, query: QueryDict, columns: int) -> Page[int]:
    is_long = query.get("rows") == str(MOST_ROWS) and columns <= MOST_COLUMNS_OF_MANY
    return Paginator(_ids(request, query), MOST_ROWS if is_long else PAGE_ROWS).get_page(query.get("page"))


def _ids(request: MerchantRequest, query: QueryDict) -> Sequence[int] | QuerySet[Variant, int]:
    """All pks: in the order of the selection, or by SKU."""
    if selection := query.get("selection"):
        return selected_ids(request, selection)
    rows = search_variants(
        Variant.objects.filter(merchant=request.merchant), request.merchant, query.get("q", "")
    )
    if upload := parse_id(query.get("upload", "")):
        rows = rows.filter(last_upload=upload)
    if query.get("readiness") in Readiness.values:
        rows = rows.filter(listing__readiness=query["readiness"])
    return rows.order_by("sku", "pk").values_list("pk", flat=True)


def _links(request: MerchantRequest, page: Page[int]) -> dict[str, str]:
    """Addresses of the pages before and behind this one; "" where there is none."""
    kept = [(key, value) for key, values in request.GET.lists() for value in values if key != "page"]

    def at(number: int) -> str:
        return f"?{urlencode([*kept, ('page', number)])}"

    others = [(key, value) for key, value in kept if key not in {"rows", "saved", "one"}]
    return {
        "long": f"?{urlencode([*others, ('rows', MOST_ROWS)])}",
        "one": f"?{urlencode([*others, ('one', 1)])}",
        "before": at(page.previous_page_number()) if page.has_previous() else "",
        "behind": at(page.next_page_number()) if page.has_next() else "",
    }
