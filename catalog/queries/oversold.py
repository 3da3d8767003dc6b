"""SKUs that Jet may sell although the store has none of them, by the quantity for a stock of zero (features CFG-18)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.models import NodeStock, Variant
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes, get_options


def offered_at_zero(merchant: Merchant) -> QuerySet[Variant]:
    """None while the setting is empty. A node without a number of its own counts as the product, at the default one."""
    if get_options(merchant).zero_quantity_default is None:
        return Variant.objects.none()
    stock = NodeStock.objects.filter(
        Q(quantity=0) | Q(quantity=None, node__is_default=True, variant__quantity=0),
        merchant=merchant,
        variant=OuterRef("pk"),
        quantity_target__gt=0,
        node__in=current_nodes(merchant),
    )
    return Variant.objects.filter(Exists(stock), merchant=merchant)
