"""What a change of bounds does to prices: SKUs that may not be repriced any more get their store price back at once."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.actions.repriced import set_repriced
from catalog.models import Profile, Variant
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from repricer.models import SalesData
from repricer.queries.rules import load_bounds


def after_bounds(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """Inside the transaction of the change. The next run looks at these SKUs again, with the figures at hand."""
    figures = SalesData.objects.filter(merchant=merchant, variant__in=list(variant_ids))
    figures.exclude(acted_on=None).update(acted_on=None)
    repriced = Variant.objects.filter(
        merchant=merchant, pk__in=list(variant_ids), repriced_price__isnull=False
    )
    ids = list(repriced.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return
    bounds = load_bounds(merchant, ids)
    without = [row for row in repriced.order_by("pk") if bounds[row.pk].gap]
    set_repriced(merchant, {row.pk: None for row in without}, push=True)
    lines = [
        LogEntry(
            merchant=merchant,
            action="repricer.price.released",
            message=_words(row.sku, bounds[row.pk].gap),
            actor_label=SYSTEM.label,
            object_type=Variant._meta.label_lower,
            object_id=row.pk,
            object_label=row.sku,
            old={"repriced_price": str(row.repriced_price)},
            new={"repriced_price": None},
        )
        for row in without
    ]
    bulk_create(LogEntry, lines, batch_size=1000)


def _words(sku: str, gap: str) -> str:
    return f"{sku}: back to the store's price, because it is not repriced any more. {gap}"[:500]


def after_profile(profile: Profile) -> None:
    """The next run looks at all its products again."""
    figures = SalesData.objects.filter(merchant=profile.merchant, variant__product__profile=profile)
    figures.exclude(acted_on=None).update(acted_on=None)
