"""The grid of sales data: where our offer stands beside the best one of the marketplace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from catalog.models import Variant
from catalog.pages import product_list_url
from catalog.views.sku_list import IMAGE, SKU, TITLE, ProductSearch, SkuConfirmPage, SkuList
from jetsync.exceptions import DomainError
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.filters import MomentRangeFilter, NumberRangeFilter, PanelFilterSet
from jetsync.panel.lists import BulkAction, Column, EmptyState, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from repricer.actions.offers import fetch_now
from repricer.enums import Standing
from repricer.figures import NO_DATA, Price, advice, gap_percent
from repricer.pages import page_url
from repricer.queries.offers import (
    STANDINGS,
    figures_of,
    for_sale,
    offered_variants,
    sync_trouble,
)
from repricer.sheet import SALES_SHEET

PAGE_KEY = "sales-data"


class _StandingFilter(django_filters.ChoiceFilter):  # type: ignore[misc]  # django-filter ships no types
    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return qs.filter(STANDINGS[Standing(value)]) if value in Standing.values else qs


class SalesFilter(PanelFilterSet):
    q = ProductSearch()
    standing = _StandingFilter(choices=Standing.choices, label="Standing", empty_label="Any standing")
    gap = NumberRangeFilter(field_name="sales_data__gap", label="Gap in USD")
    best = NumberRangeFilter(field_name="sales_data__best_price", label="Best item price in USD")
    read = MomentRangeFilter(field_name="sales_data__read_at", label="Read from Jet")
    bar: ClassVar[tuple[str, ...]] = ("q", "standing")


def _offer(offer: Price | None) -> cells.Cell:
    """Landed, and below it what it is made of (features SAL-02)."""
    if offer is None:
        return cells.text("")
    return cells.money(offer.landed, sub=f"${offer.item:,.2f} + ${offer.shipping:,.2f} shipping")


def _mine(row: Variant) -> cells.Cell:
    data = figures_of(row)
    return _offer(data.mine if data else None)


def _best(row: Variant) -> cells.Cell:
    data = figures_of(row)
    return _offer(data.best if data else None)


def _gap(row: Variant) -> cells.Cell:
    data = figures_of(row)
    if data is None or data.mine is None or data.best is None:
        return cells.text("")
    percent = gap_percent(data.mine.landed, data.best.landed)
    return cells.money(data.gap, sub=f"{percent:+}%" if percent is not None else "")


def _advice(row: Variant) -> cells.Cell:
    data = figures_of(row)
    if data is None:
        return cells.text(NO_DATA, sub="Jet was not asked yet.")
    words = advice(data.mine, data.best)
    return cells.text(words, sub=data.error, hint="Aim for My Best Offer = Best Marketplace Offer.")


def _updated(row: Variant) -> cells.Cell:
    data = figures_of(row)
    if data is None:
        return cells.text("")
    noted = [at for at in (data.my_noted_at, data.best_noted_at) if at]
    return cells.when(max(noted) if noted else data.read_at, sub="" if noted else "asked, no figures")


class SalesDataList(SkuList):
    right = Right.PRODUCTS_VIEW
    page_key = PAGE_KEY
    title = "Sales data"
    default_sort = "title"
    columns: Sequence[Column] = (
        Column("pk", "ID", sort=("pk",), default_on=False, align="end"),
        IMAGE,
        TITLE,
        SKU,
        Column("mine", "My Best Offer", cell=_mine, sort=("sales_data__my_price",), align="end"),
        Column("best", "Best Marketplace Offer", cell=_best, sort=("sales_data__best_price",), align="end"),
        Column(
            "gap",
            "Gap",
            cell=_gap,
            sort=("sales_data__gap",),
            align="end",
            hint="Yours less the best, landed",
        ),
        Column("advice", "Advice", cell=_advice),
        Column(
            "rank",
            "Sales rank",
            cell=lambda row: cells.number(getattr(figures_of(row), "rank", None)),
            sort=("sales_data__rank",),
            align="end",
            default_on=False,
        ),
        Column(
            "units",
            "Units sold in 30 days",
            cell=lambda row: cells.number(getattr(figures_of(row), "units_sold", None)),
            sort=("sales_data__units_sold",),
            align="end",
            default_on=False,
        ),
        Column("updated", "Last Update", cell=_updated, sort=("sales_data__best_noted_at",)),
    )
    filter_class = SalesFilter
    sheet = SALES_SHEET
    bulk_actions: Sequence[BulkAction] = (
        BulkAction(
            "fetch", "Fetch sales data", "repricer:fetch-chosen", Right.PRODUCTS_PUBLISH, "primary", "refresh"
        ),
        BulkAction("bounds", "Set bounds", "repricer:set-offers", Right.PRODUCTS_EDIT, "", "adjustments"),
    )
    page_actions = (
        PageAction(
            "Fetch sales data",
            url_name="repricer:fetch",
            right=Right.PRODUCTS_PUBLISH,
            method="post",
            icon="refresh",
        ),
    )

    def get_subtitle(self) -> str:
        trouble = sync_trouble(self.request.merchant)
        by_itself = (
            f"Not fetched by itself: {trouble}" if trouble else "Fetched from Jet after each stock sync."
        )
        return f"Aim for My Best Offer = Best Marketplace Offer. Prices are landed: item and shipping. {by_itself}"

    def get_queryset(self) -> QuerySet[Variant]:
        return offered_variants(self.request.merchant)

    def countable(self) -> QuerySet[Any]:
        if self.filterset and self.filterset.chips(self.query):
            return self.filtered()
        return for_sale(self.request.merchant)

    def get_tabs(self) -> Sequence[Tab]:
        # Without counts: each looks at every SKU for sale.
        return (
            Tab("All"),
            Tab("Dearer", f"standing={Standing.BEHIND}"),
            Tab("Equal", f"standing={Standing.EQUAL}"),
            Tab("Cheaper", f"standing={Standing.BEST}"),
            Tab("No data", f"standing={Standing.NONE}"),
        )

    def row_url(self, row: Variant) -> str:
        return page_url(self.request.merchant, "sku", pk=row.pk)

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "Nothing of yours is for sale at Jet yet",
            "Jet has sales data for products with the status “Available for Purchase” only. Upload products first.",
            "chart-line",
            PageAction("Products", product_list_url(self.request.merchant), icon="package"),
        )


@require_POST
@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_PUBLISH)
def fetch(request: MerchantRequest) -> HttpResponse:
    try:
        count = fetch_now(request.merchant, actor=request.actor)
        say(request, "success", _asked_words(count))
    except DomainError as error:
        say_error(request, error)
    return HttpResponseRedirect(page_url(request.merchant, "sales-data"))


def _asked_words(count: int) -> str:
    return f"Sales data of {count:,} product{'' if count == 1 else 's'} is being fetched from Jet."


class FetchChosen(SkuConfirmPage):
    right, write_right = Right.PRODUCTS_VIEW, Right.PRODUCTS_PUBLISH
    page_key = PAGE_KEY
    confirm_label = "Submit"

    def get_title(self, target: Selection) -> str:
        return f"Fetch sales data of {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return ["Jet is asked for their newest figures. Nothing is changed at Jet."]

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "sales-data")

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        count = fetch_now(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", _asked_words(count))
        return page_url(self.request.merchant, "sales-data")
