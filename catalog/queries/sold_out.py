"""SKUs that Jet sells, and of how many it should have no piece left."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet, Sum

from catalog.enums import ListingStatus
from catalog.models import NodeStock, Product, Variant
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes


def sold_at_jet(merchant: Merchant) -> QuerySet[Variant]:
    """For sale at Jet, and neither switched off nor on the way into the archive here."""
    rows = Variant.objects.filter(
        merchant=merchant,
        sells_on_jet=True,
        listing__status=ListingStatus.AVAILABLE,
        listing__archived_target=False,
    )
    # Few products are disabled: they are looked up once, not the product of every SKU.
    return rows.exclude(product__in=Product.objects.filter(merchant=merchant, is_active=False).values("pk"))


def sold_out(merchant: Merchant) -> QuerySet[Variant]:
    """Those of them with a quantity of 0 at every current node."""
    offered = _offered(merchant).filter(variant=OuterRef("pk"))
    return sold_at_jet(merchant).filter(~Exists(offered))


def left_at_jet(merchant: Merchant, variant_ids: Collection[int]) -> dict[int, int]:
    """Variant pk -> pieces at all current nodes, of those that Jet sells and that are not sold out. One query."""
    rows = _offered(merchant).filter(
        variant__in=sold_at_jet(merchant).filter(pk__in=variant_ids).values("pk")
    )
    return dict(rows.order_by().values_list("variant").annotate(pieces=Sum("quantity_target")))


def _offered(merchant: Merchant) -> QuerySet[NodeStock]:
    nodes = current_nodes(merchant).values("pk")
    return NodeStock.objects.filter(merchant=merchant, node__in=nodes, quantity_target__gt=0)
