"""The price that the market makes of a SKU: set and taken away by the repricer, sent like every other price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.models import Variant
from jetsync.models import Merchant


def lock_variants(merchant: Merchant, variant_ids: Sequence[int]) -> list[int]:
    """Those that exist, locked in the order in which every writer of targets takes them. Inside a transaction."""
    rows = Variant.objects.filter(merchant=merchant, pk__in=list(variant_ids)).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


@transaction.atomic
def set_repriced(merchant: Merchant, prices: Mapping[int, Decimal | None], *, push: bool = False) -> int:
    """Sets the price for Jet of these SKUs (variant pk -> USD); None gives one back to its store price and price rule.

    The floors of the SKU and the merchant hold as for any price. Returns how many targets changed. `push=False` leaves
    it to the caller to send them. Constant queries per 1,000. Safe to repeat.
    """
    here = lock_variants(merchant, list(prices))
    update_rows(
        Variant, merchant, ("repriced_price",), [{"id": pk, "repriced_price": prices[pk]} for pk in here]
    )
    return refresh_targets(merchant, here, push=push)
