"""Jet's categories as a grid, what each asks for, and making store categories from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from catalog.actions.category_changes import affected, create_and_map
from catalog.listing.category import LEAF_LEVEL
from catalog.mapping_steps import steps
from catalog.models import CategoryMapping, JetAttribute, JetCategory
from catalog.pages import page_url
from catalog.queries.category import mapped_counts
from catalog.queries.taxonomy import (
    attributes_of,
    children_of,
    current_version,
    get_category,
    nodes_in_use,
    values_of,
)
from jetsync.exceptions import DomainError, NotFound
from jetsync.ids import parse_id
from jetsync.models import Merchant, Operation, Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.filters import PanelFilterSet
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

LEVELS = [("0", "0, root"), ("1", "1, child"), ("2", "2, takes products"), ("3", "3, takes products")]
# Values shown before the rest is folded away; some attributes have hundreds.
SHOWN_VALUES = 12


class JetCategoryFilter(PanelFilterSet):
    q = django_filters.CharFilter(
        label="Name",
        field_name="name",
        lookup_expr="icontains",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Jet category name"}),
    )
    node_id = django_filters.CharFilter(
        label="Jet Category ID", method="by_id", widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )
    level = django_filters.ChoiceFilter(label="Level", choices=LEVELS, empty_label="Any level")
    path = django_filters.CharFilter(label="Path", method="by_path", max_length=200)
    mapped = django_filters.ChoiceFilter(
        label="Mapping",
        method="by_mapping",
        choices=[("yes", "With store categories"), ("no", "Without")],
        empty_label="All",
    )
    state = django_filters.ChoiceFilter(
        label="State",
        field_name="is_active",
        choices=[("True", "Open"), ("False", "Closed by Jet")],
        empty_label="Open and closed",
    )
    bar = ("q", "level", "mapped")

    def by_id(self, rows: QuerySet[JetCategory], _name: str, value: str) -> QuerySet[JetCategory]:
        return rows.filter(node_id=parse_id(value.strip()))

    def by_path(self, rows: QuerySet[JetCategory], _name: str, value: str) -> QuerySet[JetCategory]:
        for word in value.split()[:6]:
            rows = rows.filter(path__icontains=word)
        return rows

    def by_mapping(self, rows: QuerySet[JetCategory], _name: str, value: str) -> QuerySet[JetCategory]:
        mapped = CategoryMapping.objects.filter(merchant=self.merchant).values("jet_node_id")
        return rows.filter(node_id__in=mapped) if value == "yes" else rows.exclude(node_id__in=mapped)


class JetCategoryList(ListPage):
    right = Right.MAPPING_VIEW
    page_key = "jet-categories"
    title = "Jet categories"
    noun = ("Jet category", "Jet categories")
    filter_class = JetCategoryFilter
    default_sort = "path"
    template_name = "catalog/category/jet_list.html"
    columns = (
        Column("node_id", "Jet Category ID", cell=lambda row: cells.code(row.node_id), sort=("node_id",)),
        Column("name", "Category name", sort=("name",), is_primary=True),
        Column("level", "Level", sort=("level",), align="end"),
        Column("path", "Category path", sort=("path",)),
        Column("parent", "Parent id", cell=lambda row: cells.code(row.parent_id or "–"), sort=("parent_id",)),  # noqa: RUF001 -- a dash, as typeset
        Column(
            "mapped",
            "Mapped store categories",
            cell=lambda row: cells.number(row.mapped_count),
            align="end",
        ),
        Column("state", "State", cell=lambda row: cells.status(_state(row)), default_on=False),
        Column("tax_code", "Tax code", default_on=False),
    )
    bulk_actions = (
        BulkAction(
            "create", "Create category & map", "catalog:jet-category-create", Right.MAPPING_EDIT, icon="plus"
        ),
    )

    def get_subtitle(self) -> str:
        version = current_version(self.request.merchant)
        return f"From taxonomy {version.name}. Products go into levels 2 and 3 only." if version else ""

    def get_queryset(self) -> QuerySet[JetCategory]:
        return nodes_in_use(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        counts = mapped_counts(self.request.merchant, [row.node_id for row in rows])
        for row in rows:
            row.mapped_count = counts.get(row.node_id, 0)
        return rows

    def get_page_actions(self) -> Sequence[PageAction]:
        return (
            PageAction("Versions and import", url_name="catalog:taxonomy-list", icon="versions"),
            PageAction("Map categories", url_name="catalog:category-mapping", primary=True, icon="route-2"),
        )

    def get_empty(self) -> EmptyState:
        action = PageAction("Import a taxonomy", url_name="catalog:taxonomy-import", right=Right.MAPPING_EDIT)
        text = "Jet's tree of categories comes with a taxonomy version."
        return EmptyState("No Jet category yet", text, "category", action)

    def extra_context(self) -> dict[str, Any]:
        return {"steps": steps(self.request.merchant, 2)}

    def row_url(self, row: JetCategory) -> str:
        return page_url(self.request.merchant, "jet-category-detail", node_id=row.node_id)


def _state(row: JetCategory) -> str:
    return "taxonomy.open" if row.is_active else "taxonomy.closed"


@dataclass(frozen=True)
class ShownAttribute:
    """An attribute as its row shows it; `more` are the values that are folded away."""

    attribute: JetAttribute
    values: Sequence[str]
    more: Sequence[str]
    units: Sequence[str]


def shown_attributes(merchant: Merchant, node_id: int, words: str = "") -> list[ShownAttribute]:
    """What a node asks for; `words` keeps the attributes whose name, id or a value holds them. Three queries."""
    rows = list(attributes_of(merchant, [node_id]))
    lists = values_of(merchant, [row.attribute_id for row in rows])
    wanted = words.strip().lower()
    found = []
    for row in rows:
        values, units = lists[row.attribute_id]
        if wanted and wanted not in f"{row.name} {row.attribute_id}".lower():
            values = [value for value in values if wanted in value.lower()]
            if not values:
                continue
        found.append(ShownAttribute(row, values[:SHOWN_VALUES], values[SHOWN_VALUES:], units))
    return found


@require_GET
@merchant_view(Right.MAPPING_VIEW)
def jet_category_detail(request: MerchantRequest, node_id: int) -> HttpResponse:
    """One of Jet's categories: its place in the tree, what it asks for, and what is mapped to it."""
    merchant = request.merchant
    node = get_category(merchant, node_id) if node_id < 2**63 else None
    if node is None:
        raise NotFound(f"Jet category {node_id} is not in the taxonomy in use.")
    mapped = CategoryMapping.objects.filter(merchant=merchant, jet_node_id=node_id)
    words = request.GET.get("q", "")[:100]
    parent = get_category(merchant, node.parent_id) if node.parent_id else None
    context = {
        "node": node,
        "parent": parent,
        "children": list(children_of(merchant, node_id)) if node.level < LEAF_LEVEL else [],
        "takes_products": node.level >= LEAF_LEVEL and node.is_active,
        "words": words,
        "attributes": shown_attributes(merchant, node_id, words),
        "mapped": mapped.select_related("store_category").order_by("store_category__path")[:50],
        "mapped_count": mapped.count(),
    }
    return render(request, "catalog/category/jet_detail.html", context)


@require_POST
@merchant_view(Right.MAPPING_EDIT)
def jet_category_create_one(request: MerchantRequest, node_id: int) -> HttpResponse:
    """“Create category & map” on the page of one category."""
    merchant = request.merchant
    try:
        operation = create_and_map(merchant, [node_id], actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return HttpResponseRedirect(page_url(merchant, "jet-category-list"))
    say(request, "success", created_words(operation))
    return HttpResponseRedirect(page_url(merchant, "jet-category-detail", node_id=node_id))


def created_words(operation: Operation) -> str:
    if not operation.total:
        return "The store categories are there. None of them could be mapped newly."
    if operation.is_open:
        return f"{operation.title} has begun."
    count = affected(operation)
    return (
        f"Categories mapped: {operation.done:,} of {operation.total:,}. "
        f"It applies to {counted(count, 'product')}."
    )


class CreateCategories(ConfirmPage):
    """“Create category & map” over the ticked rows of the grid."""

    right = write_right = Right.MAPPING_EDIT
    page_key = "jet-categories"
    noun = ("Jet category", "Jet categories")
    confirm_label = "Create & map"

    def _nodes(self, target: Selection) -> QuerySet[JetCategory]:
        return nodes_in_use(self.request.merchant).filter(pk__in=target.ids).order_by("path")

    def get_title(self, target: Selection) -> str:
        return f"Create store categories from {self.count_words(target)}"

    def get_names(self, target: Selection) -> Sequence[str]:
        return list(self._nodes(target).values_list("path", flat=True)[:12])

    def get_blockers(self, target: Selection) -> Sequence[str]:
        if self._nodes(target).exists():
            return ()
        return ["They belong to a taxonomy that is not in use any more. Select again."]

    def get_consequences(self, target: Selection) -> Sequence[str]:
        leaves = self._nodes(target).filter(level__gte=LEAF_LEVEL, is_active=True).count()
        lines = [
            "A store category of the same path is made for each, with the levels above it where they are missing.",
            f"{leaves:,} of them take products and are mapped. What is mapped already keeps its mapping.",
        ]
        if leaves < len(target.ids):
            lines.append("The other ones are top levels or closed: they are made, but not mapped.")
        return lines

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "jet-category-list")

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        ids = list(self._nodes(target).values_list("node_id", flat=True))
        operation = create_and_map(self.request.merchant, ids, actor=self.request.actor)
        say(self.request, "success", created_words(operation))
        return operation_url(operation)
