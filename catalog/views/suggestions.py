"""Mapping with help: suggested Jet categories, and replacements for nodes that Jet no longer has."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from catalog.actions.category_changes import accept_suggestions, affected, remap_nodes
from catalog.forms.mapping import MarkForm
from catalog.models import StoreCategory
from catalog.pages import page_url
from catalog.queries.category import unmapped_categories, users_of, vanished_in_use
from catalog.queries.reach import reach_of_categories
from catalog.queries.suggestions import (
    MOST_CATEGORIES,
    CategorySuggestion,
    accepted,
    category_suggestions,
    replacements,
)
from catalog.queries.taxonomy import current_version
from catalog.views.asking import ask_first
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.ids import parse_id
from jetsync.models import Operation
from jetsync.panel.confirm import operation_url
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

# Rows drawn at once; accepting above a mark reaches all that were looked at.
SHOWN = 100


def plain(value: str) -> str:
    """Without NUL, which no form field lets through and PostgreSQL refuses."""
    return value.replace("\0", "").strip()


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def category_suggestions_page(request: MerchantRequest) -> HttpResponse:
    """For each store category without a mapping the likeliest Jet categories; accepted singly or above a mark."""
    if request.method == "POST":
        return _accept(request)
    merchant = request.merchant
    form = MarkForm(request.GET if "mark" in request.GET else None)
    mark = form.value()
    found = category_suggestions(merchant)
    above = accepted(found, mark)
    open_total = unmapped_categories(merchant).count()
    context = {
        "form": form,
        "mark": mark,
        "version": current_version(merchant),
        "suggestions": found[:SHOWN],
        "above": len(above),
        "above_products": sum(row.products for row in found if row.category.pk in above),
        "looked_at": len(found),
        "open_total": open_total,
        "total": StoreCategory.objects.filter(merchant=merchant).count(),
        "most": MOST_CATEGORIES,
        "shown": SHOWN,
    }
    return render(request, "catalog/category/suggestions.html", context)


def _accept(request: MerchantRequest) -> HttpResponse:
    merchant, post = request.merchant, request.POST
    back = page_url(merchant, "category-suggestions")
    mark = MarkForm(post).value()
    try:
        if post.get("do") == "above":
            choice = accepted(category_suggestions(merchant, limit=1), mark)
        else:
            choice = _ticked(post, category_suggestions(merchant))
        count = counted(len(choice), "store category", "store categories")
        reach = reach_of_categories(merchant, choice)
        asked = ask_first(
            request, reach, title=f"Map {count} as suggested", back=back, label="Map", can_undo=True
        )
        if asked is not None:
            return asked
        operation = accept_suggestions(merchant, choice, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return HttpResponseRedirect(f"{back}?mark={mark}")
    say_applied(request, operation)
    return HttpResponseRedirect(operation_url(operation) if operation.total > 1 else f"{back}?mark={mark}")


def _ticked(post: QueryDict, found: list[CategorySuggestion]) -> dict[int, int]:
    """`one` accepts a single row by its button, `ids` the ticked ones; `node_<pk>` is the match chosen in a row."""
    one = parse_id(post.get("one", ""))
    wanted = {one} if one else {parse_id(value) for value in post.getlist("ids")}
    choice = {}
    for row in found:
        if row.category.pk in wanted:
            node = parse_id(post.get(f"node_{row.category.pk}", "")) or (row.best.node_id if row.best else 0)
            if node:
                choice[row.category.pk] = node
    return choice


def say_applied(request: MerchantRequest, operation: Operation) -> None:
    if operation.is_open:
        say(request, "success", f"{operation.title}: begun.")
        return
    count = affected(operation)
    say(
        request,
        "success",
        f"{operation.title}: {operation.done:,} of {operation.total:,} done. "
        f"It applies to {counted(count, 'product')}.",
    )


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def category_remap(request: MerchantRequest) -> HttpResponse:
    """Jet categories in use that the taxonomy lacks, each with what could take its place."""
    merchant = request.merchant
    if request.method == "POST":
        return _remap(request)
    gone = vanished_in_use(merchant)
    found = replacements(merchant, gone)
    names = users_of(merchant, [row.node_id for row in gone])
    context = {
        "version": current_version(merchant),
        "rows": [(row, found[row.node_id], names.get(row.node_id, [])) for row in gone],
        "mapping_count": sum(row.mappings for row in gone),
        "product_count": sum(row.products for row in gone),
    }
    return render(request, "catalog/category/remap.html", context)


def _remap(request: MerchantRequest) -> HttpResponse:
    merchant, post = request.merchant, request.POST
    choice = {}
    try:
        for row in vanished_in_use(merchant):
            chosen = post.get(f"node_{row.node_id}", "").strip()
            typed = post.get(f"other_{row.node_id}", "").strip()
            if typed and not parse_id(typed):
                raise InvalidInput(f"“{typed[:40]}” is no Jet category id.", hint="It is a number.")
            node = parse_id(typed) or parse_id(chosen)
            if node:
                choice[row.node_id] = node
        operation = remap_nodes(merchant, choice, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return HttpResponseRedirect(page_url(merchant, "category-remap"))
    say_applied(request, operation)
    return HttpResponseRedirect(operation_url(operation))
