"""Which SKUs an action is about: named ones, all but named ones, those of categories, or all (features BUL-01, BUL-02)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from catalog.models import StoreCategory, Variant
from catalog.queries.stock import SHOWN_UNKNOWN, get_variants
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant

# One operation, one frozen set.
MOST = 200_000


def chosen_ids(
    merchant: Merchant,
    *,
    skus: Sequence[str] = (),
    but: Sequence[str] = (),
    categories: Collection[int] = (),
    field: str = "skus",
) -> list[int]:
    """Variants in the order of their SKUs; of all where nothing is given, and one of the three is given at most.

    Raises InvalidInput for SKUs that are not known, at `field`, for more than `MOST`, and for nothing at all.
    """
    rows = Variant.objects.filter(merchant=merchant)
    if skus or but:
        named = [row.pk for row in get_variants(merchant, skus or but, field=field)]
        rows = rows.filter(pk__in=named) if skus else rows.exclude(pk__in=named)
    elif categories:
        rows = rows.filter(product__store_category__in=categories)
    ids = list(rows.order_by("sku").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise InvalidInput(f"These are more than {MOST:,} products.", hint="Act in parts, by category.")
    if not ids:
        raise InvalidInput("There is no such product.", hint="Nothing was started. Choose others.")
    return ids


def category_ids(merchant: Merchant, paths: Sequence[str], *, field: str = "store_categories") -> list[int]:
    """Of the store categories with these paths. Raises InvalidInput at `field`, naming those that are not known."""
    rows = StoreCategory.objects.filter(merchant=merchant, path__in=paths)
    found = dict(rows.values_list("path", "pk"))
    unknown = [path for path in paths if path not in found]
    if unknown:
        fields = {field: [f"Unknown: {path}" for path in unknown[:SHOWN_UNKNOWN]]}
        raise InvalidInput(f"Store category {unknown[0]} is not known here.", fields=fields)
    return list(found.values())
