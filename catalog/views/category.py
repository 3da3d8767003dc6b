"""Mapping store categories to Jet's on one screen, and giving products a category."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from catalog.actions.category import create_store_category
from catalog.actions.category_changes import affected, assign_category, map_to_node, remove_mappings
from catalog.mapping_steps import steps
from catalog.models import CategoryMapping, JetCategory, Product, StoreCategory
from catalog.pages import page_url
from catalog.queries.category import (
    get_store_category,
    mapped_nodes,
    mappings,
    store_categories,
    unmapped_categories,
    vanished_in_use,
)
from catalog.queries.reach import reach_of_categories, still_mapped
from catalog.queries.taxonomy import (
    children_of,
    current_version,
    get_category,
    search_categories,
)
from catalog.views.asking import ask_first
from catalog.views.sku_list import SkuConfirmPage
from catalog.views.suggestions import plain
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.ids import parse_id
from jetsync.models import Merchant, Operation, Selection
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.filters import with_values
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

# Store categories shown at once; the filter finds the rest.
SHOWN_CATEGORIES = 200
# Ticks that an address carries back to the page.
MOST_KEPT = 200
MAPPINGS_PER_PAGE = 50


@dataclass(frozen=True)
class Picker:
    """Jet's tree opened along root > child, or the hits of a search; `chosen` is the node that would be mapped."""

    words: str
    roots: list[JetCategory]
    children: list[JetCategory]
    leaves: list[JetCategory]
    root: int
    child: int
    chosen: JetCategory | None
    hits: list[JetCategory]


def picker_of(merchant: Merchant, query: QueryDict) -> Picker:
    words = plain(query.get("jet", ""))
    root, child = parse_id(query.get("root", "")), parse_id(query.get("child", ""))
    chosen = get_category(merchant, parse_id(query.get("node", ""))) if query.get("node") else None
    if chosen is not None and not root:
        child = chosen.parent_id
        parent = get_category(merchant, child)
        root = parent.parent_id if parent else 0
    children = list(children_of(merchant, root)) if root else []
    if child not in {row.node_id for row in children}:
        child = 0
    return Picker(
        words=words,
        roots=list(children_of(merchant, 0)),
        children=children,
        leaves=list(children_of(merchant, child)) if child else [],
        root=root,
        child=child,
        chosen=chosen,
        hits=search_categories(merchant, words) if words else [],
    )


@merchant_view(Right.MAPPING_VIEW)
def category_picker(request: MerchantRequest) -> HttpResponse:
    """The right side of the mapping page alone, for htmx."""
    return render(
        request, "catalog/category/picker.html", {"picker": picker_of(request.merchant, request.GET)}
    )


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def category_mapping(request: MerchantRequest) -> HttpResponse:
    if request.method == "POST":
        return _change(request)
    merchant, query = request.merchant, request.GET
    only_open = query.get("only") == "open"
    rows = unmapped_categories(merchant) if only_open else store_categories(merchant)
    words = plain(query.get("q", ""))
    if words:
        rows = rows.filter(path__icontains=words)
    shown = list(rows[: SHOWN_CATEGORIES + 1])
    mapped = mappings(merchant)
    if words:
        mapped = mapped.filter(Q(store_category__path__icontains=words) | Q(jet_path__icontains=words))
    page = Paginator(mapped, MAPPINGS_PER_PAGE).get_page(query.get("page"))
    gone = vanished_in_use(merchant)
    context = {
        "steps": steps(merchant, 1),
        "version": current_version(merchant),
        "categories": shown[:SHOWN_CATEGORIES],
        "has_more": len(shown) > SHOWN_CATEGORIES,
        "words": words,
        "only_open": only_open,
        "ticked": {parse_id(value) for value in query.getlist("ids")},
        "picker": picker_of(merchant, query),
        "mappings": page,
        "before": f"{_with_page(query, page.number - 1)}#mappings" if page.has_previous() else "",
        "behind": f"{_with_page(query, page.number + 1)}#mappings" if page.has_next() else "",
        "gone": gone,
        "gone_ids": {row.node_id for row in gone},
        "total": StoreCategory.objects.filter(merchant=merchant).count(),
        "mapped_total": CategoryMapping.objects.filter(merchant=merchant).count(),
        "open_total": unmapped_categories(merchant).count(),
        "without": _products_without(merchant),
    }
    response = render(request, "catalog/category/mapping.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _with_page(query: QueryDict, number: int) -> str:
    return with_values(query, page=str(number))


def _products_without(merchant: Merchant) -> int:
    return Product.objects.filter(merchant=merchant, store_category=None, jet_node_id=None).count()


def _change(request: MerchantRequest) -> HttpResponse:
    acts = {"add": _add, "unmap": _unmap}
    try:
        answer = acts.get(request.POST.get("do", ""), _map)(request)
    except DomainError as error:
        say_error(request, error)
        answer = HttpResponseRedirect(_as_it_was(request))
    return answer or HttpResponseRedirect(page_url(request.merchant, "category-mapping"))


def _as_it_was(request: MerchantRequest) -> str:
    """The page with what was ticked and picked, so that an error costs no second ticking."""
    kept = QueryDict(mutable=True)
    kept.setlist("ids", [str(pk) for pk in _ids(request)[:MOST_KEPT] if pk])
    if node := parse_id(request.POST.get("node", "")):
        kept["node"] = str(node)
    query = kept.urlencode()
    return f"{page_url(request.merchant, 'category-mapping')}{f'?{query}#map' if query else ''}"


def _ids(request: MerchantRequest) -> list[int]:
    return [parse_id(value) for value in request.POST.getlist("ids")]


def _add(request: MerchantRequest) -> None:
    row = create_store_category(request.merchant, plain(request.POST.get("path", "")), actor=request.actor)
    say(request, "success", f"Store category “{row.path}” is there. Map it to Jet now.")


def _unmap(request: MerchantRequest) -> HttpResponse | None:
    mapped = still_mapped(request.merchant, _ids(request))
    if not mapped:
        say(request, "warning", "None of the ticked categories was mapped, so nothing was changed.")
        return None
    if (asked := _ask_unmap(request, mapped)) is not None:
        return asked
    operation = remove_mappings(request.merchant, mapped, actor=request.actor)
    say(request, "success", f"{_unmapped(operation.total)} It can be undone here.")
    return HttpResponseRedirect(operation_url(operation))


def _map(request: MerchantRequest) -> HttpResponse | None:
    merchant, ids = request.merchant, _ids(request)
    node = parse_id(request.POST.get("node", ""))
    if not node:
        raise InvalidInput("No Jet category is chosen.", hint="Pick one on the right.")
    if request.POST.get("do") == "map_all":
        return HttpResponseRedirect(f"{page_url(merchant, 'category-map-all')}?node={node}")
    if (asked := _ask_map(request, ids, node)) is not None:
        return asked
    operation = map_to_node(merchant, ids, node, actor=request.actor)
    say(request, "success", mapped_words(merchant, node, operation))
    return HttpResponseRedirect(operation_url(operation)) if operation.is_open else None


def _ask_unmap(request: MerchantRequest, mapped: Sequence[int]) -> HttpResponse | None:
    """Always asks: products that are not at Jet yet cannot go there any more."""
    rows = StoreCategory.objects.filter(merchant=request.merchant, pk__in=mapped).order_by("path")
    count = counted(len(mapped), "store category", "store categories")
    return ask_first(
        request,
        reach_of_categories(request.merchant, mapped),
        title=f"Remove the mapping of {count}",
        back=page_url(request.merchant, "category-mapping"),
        label="Remove",
        names=list(rows.values_list("path", flat=True)[:SHOWN_NAMES]),
        count_words=count,
        can_undo=True,
        takes_category=True,
        always=True,
    )


def _ask_map(request: MerchantRequest, ids: Sequence[int], node: int) -> HttpResponse | None:
    category = get_category(request.merchant, node)
    return ask_first(
        request,
        reach_of_categories(request.merchant, ids),
        title=f"Map to {category.path if category else node}",
        back=page_url(request.merchant, "category-mapping"),
        label="Map",
        can_undo=True,
    )


def mapped_words(merchant: Merchant, node_id: int, operation: Operation) -> str:
    if operation.is_open:
        return f"{operation.title}: begun."
    category, products = get_category(merchant, node_id), affected(operation)
    name = category.path if category else str(node_id)
    store = "store category" if operation.done == 1 else "store categories"
    return (
        f"Categories mapped: {operation.done:,} {store} to {name}. "
        f"It applies to {counted(products, 'product')}. Under Activity, Operations it can be undone."
    )


def _unmapped(count: int) -> str:
    return f"{counted(count, 'mapping')} removed; their products have no Jet category now."


class MapAll(ConfirmPage):
    """Every store category to one Jet category."""

    right = write_right = Right.MAPPING_EDIT
    noun = ("store category", "store categories")
    danger = True
    confirm_label = "Map all of them"

    def get_target(self, **kwargs: Any) -> JetCategory:  # noqa: ARG002 -- hook
        category = get_category(self.request.merchant, parse_id(self.request.GET.get("node", "")))
        if category is None:
            raise InvalidInput("No Jet category is chosen.", hint="Go back and pick one on the right.")
        return category

    def _ids(self) -> list[int]:
        return list(StoreCategory.objects.filter(merchant=self.request.merchant).values_list("pk", flat=True))

    def get_title(self, target: JetCategory) -> str:
        return f"Map all store categories to {target.name}"

    def get_count(self, target: JetCategory) -> int:  # noqa: ARG002 -- hook
        return len(self._ids())

    def get_names(self, target: JetCategory) -> Sequence[str]:  # noqa: ARG002 -- hook
        rows = StoreCategory.objects.filter(merchant=self.request.merchant).order_by("path")
        return list(rows.values_list("path", flat=True)[:12])

    def get_consequences(self, target: JetCategory) -> Sequence[str]:
        reach = reach_of_categories(self.request.merchant, self._ids())
        return [
            f"All become {target.path} (Category Id on Jet: {target.node_id}); earlier mappings are replaced.",
            *reach.words(self.request.merchant),
            "Products with a Jet category of their own keep it.",
            "You can undo this from the operation's page: each gets back what it was mapped to.",
        ]

    def get_cancel_url(self, target: JetCategory) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "category-mapping")

    def perform(self, target: JetCategory, form: Any) -> str:  # noqa: ARG002 -- no form
        operation = map_to_node(self.request.merchant, self._ids(), target.node_id, actor=self.request.actor)
        say(self.request, "success", mapped_words(self.request.merchant, target.node_id, operation))
        return operation_url(operation)


@merchant_view(Right.MAPPING_VIEW)
def mapping_edit(request: MerchantRequest, pk: int) -> HttpResponse:
    """The mapping page with this store category ticked and its Jet category open on the right."""
    row = get_store_category(request.merchant, pk)
    mapping = getattr(row, "mapping", None)
    node = f"&node={mapping.jet_node_id}" if mapping else ""
    return HttpResponseRedirect(f"{page_url(request.merchant, 'category-mapping')}?ids={row.pk}{node}#map")


class AssignForm(forms.Form):
    category = forms.ChoiceField(label="Jet category", required=False)

    def __init__(self, data: Any = None, files: Any = None, *, merchant: Merchant) -> None:
        super().__init__(data, files)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        field.choices = [
            ("", "The one their store category is mapped to"),
            *(
                (str(node.node_id), f"{node.path} (Category Id on Jet: {node.node_id})")
                for node in mapped_nodes(merchant)
            ),
        ]
        field.help_text = (
            "Only categories that something is mapped to are offered. A product has exactly one."
        )


class AssignCategory(SkuConfirmPage):
    """Mass category assign, over the grid's frozen selection."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    confirm_label = "Assign category"
    form_class = AssignForm

    def get_title(self, target: Selection) -> str:
        return f"Assign a Jet category to {self.count_words(target)}"

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {"merchant": self.request.merchant}

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "All variants of a product get the same category, as Jet wants it.",
            "Products that are on Jet already are marked as changed; upload them to send the new category.",
            "You can undo this from the operation's page.",
        ]

    def perform(self, target: Selection, form: Any) -> str:
        node = form.cleaned_data["category"]
        operation = assign_category(
            self.request.merchant,
            target.ids,
            jet_node_id=int(node) if node else None,
            actor=self.request.actor,
        )
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)
