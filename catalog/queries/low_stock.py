"""SKUs of which the store has fewer pieces than the merchant's limit (features CFG-20)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import NodeStock, Variant
from jetsync.models import Merchant, Options
from jetsync.queries.settings import current_nodes, get_options


def with_stock(merchant: Merchant) -> Any:
    """Variants with `in_store`: what the store counts over all current nodes, null when nobody counted.

    The default node falls back to the SKU's own count, as everywhere. Reservations are not subtracted: an order that
    is not shipped yet still lies on the shelf.
    """
    nodes = current_nodes(merchant)
    stock = NodeStock.objects.filter(merchant=merchant, variant=OuterRef("pk"), quantity__isnull=False)
    default = stock.filter(node__in=nodes.filter(is_default=True)).values("quantity")[:1]
    others: Any = stock.filter(node__in=nodes.filter(is_default=False)).order_by().values("variant")
    others = others.annotate(pieces=Sum("quantity")).values("pieces")
    whole = IntegerField()
    at_default = Coalesce(Subquery(default, output_field=whole), F("quantity"))
    elsewhere = Subquery(others, output_field=whole)
    return Variant.objects.filter(merchant=merchant).annotate(
        in_store=Coalesce(at_default + Coalesce(elsewhere, 0), elsewhere, at_default)
    )


def below_limit(merchant: Merchant, options: Options | None = None) -> QuerySet[Variant]:
    """SKUs that are offered on Jet and have fewer pieces than the limit; none while the alert is off."""
    chosen = options or get_options(merchant)
    if not chosen.low_stock_alert:
        return Variant.objects.none()
    rows: QuerySet[Variant] = with_stock(merchant).filter(sells_on_jet=True, product__is_active=True)
    return rows.filter(in_store__lt=chosen.low_stock_limit)  # type: ignore[misc]  # an annotation, unknown to the plugin


def stock_of(merchant: Merchant, variant_ids: Iterable[int]) -> dict[int, int | None]:
    rows = with_stock(merchant).filter(pk__in=list(variant_ids))
    return dict(rows.values_list("pk", "in_store"))
