"""What lists of SKUs, and pages over chosen ones, have in common: how a row is found, shown, sorted and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from catalog.models import Variant
from catalog.queries.product import group_text, search_variants, title_of
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage
from jetsync.panel.filters import SearchFilter
from jetsync.panel.lists import Column, ListPage

IMAGE = Column("image", "Image", cell=lambda row: cells.image(row.main_image_url))
TITLE = Column(
    "title",
    "Title",
    cell=lambda row: cells.text(title_of(row), sub=group_text(row)),
    sort=("product__title", "position"),
    is_primary=True,
)
SKU = Column("sku", "SKU", cell=lambda row: cells.code(row.sku), sort=("sku",))


class ProductSearch(SearchFilter):
    def __init__(self) -> None:
        super().__init__(lookups=(), placeholder="Name, SKU, UPC or ASIN")

    def filter(self, qs: QuerySet[Variant], value: str) -> QuerySet[Variant]:
        return search_variants(qs, self.parent.merchant, value or "")


class SkuList(ListPage):
    template_name = "catalog/sku_list.html"
    noun = ("product", "products")

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The index of titles begins with the merchant: without him there, all titles of all stores are sorted."""
        if self.sort.removeprefix("-") == TITLE.key:
            queryset = queryset.filter(product__merchant=self.request.merchant)
        return super().ordered(queryset)

    def row_label(self, row: Variant) -> str:
        return row.sku


class SkuConfirmPage(ConfirmPage):
    """Over a frozen selection of SKUs."""

    noun = ("product", "products")

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = Variant.objects.filter(merchant=self.request.merchant, pk__in=target.ids[:SHOWN_NAMES])
        return list(rows.order_by("sku").values_list("sku", flat=True))
