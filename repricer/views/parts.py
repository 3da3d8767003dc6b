"""What the lists of offers and of bounds have in common: both are of SKUs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from catalog.models import Variant
from catalog.queries.product import group_text, title_of
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.lists import Column, ListPage

# SKUs that a question about many of them names.
SHOWN = 12

IMAGE = Column("image", "Image", cell=lambda row: cells.image(row.main_image_url))
TITLE = Column(
    "title",
    "Title",
    cell=lambda row: cells.text(title_of(row), sub=group_text(row)),
    sort=("product__title", "position"),
    is_primary=True,
)
SKU = Column("sku", "SKU", cell=lambda row: cells.code(row.sku), sort=("sku",))


class SkuList(ListPage):
    noun = ("product", "products")
    default_sort = "title"

    def ordered(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The index of titles begins with the merchant: without him there, all titles of all stores are sorted."""
        return super().ordered(queryset.filter(product__merchant=self.request.merchant))

    def row_label(self, row: Variant) -> str:
        return row.sku


class SkuConfirmPage(ConfirmPage):
    """Over a frozen selection of SKUs."""

    noun = ("product", "products")

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = Variant.objects.filter(merchant=self.request.merchant, pk__in=target.ids[:SHOWN])
        return list(rows.order_by("sku").values_list("sku", flat=True))
