"""What the pages over chosen SKUs have in common."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Variant
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.lists import Column

# SKUs that a question about many of them names.
SHOWN = 12

SKU = Column("sku", "SKU", cell=lambda row: cells.code(row.sku), sort=("sku",))


class SkuConfirmPage(ConfirmPage):
    """Over a frozen selection of SKUs."""

    noun = ("product", "products")

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = Variant.objects.filter(merchant=self.request.merchant, pk__in=target.ids[:SHOWN])
        return list(rows.order_by("sku").values_list("sku", flat=True))
