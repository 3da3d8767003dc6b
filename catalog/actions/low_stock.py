"""Telling the merchant once when the stock of a SKU falls below his limit (features CFG-20)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from catalog.bulk import batches
from catalog.models import Variant
from catalog.queries.low_stock import below_limit, stock_of
from jetsync.actions.log import notify
from jetsync.actions.mail import post_mails
from jetsync.enums import NoticeLevel
from jetsync.mail.kinds import Event
from jetsync.models import Merchant, Options
from jetsync.queries.settings import get_options
from jetsync.sync.requests import request_job
from jetsync.wording import counted

KEY = "low-stock"
NOTE_ALL = "catalog.low_stock"
# Names in the notice before "and N more".
SHOWN = 5
BATCH = 1000


@transaction.atomic
def note_low_stock(merchant: Merchant, variant_ids: Iterable[int], options: Options | None = None) -> int:
    """Compares these SKUs with the limit; returns how many have just fallen below it.

    `low_stock_at` remembers the crossing, so the next look at the same SKU tells nothing, until it rose to the limit
    again. Call it where quantities change, with the SKUs' locks held. No query while the alert is off.
    """
    chosen = options or get_options(merchant)
    ids = sorted(set(variant_ids))
    if not chosen.low_stock_alert or not ids:
        return 0
    fallen = _cross(merchant, ids, chosen)
    if fallen:
        _tell(merchant, fallen, chosen.low_stock_limit)
    return len(fallen)


def _cross(merchant: Merchant, ids: Sequence[int], options: Options) -> dict[int, str]:
    """Marks what has fallen below the limit, unmarks what rose to it; returns the fallen, pk -> SKU, by SKU."""
    rows = Variant.objects.filter(merchant=merchant, pk__in=ids)
    low = set(below_limit(merchant, options).filter(pk__in=ids).values_list("pk", flat=True))
    rows.filter(low_stock_at__isnull=False).exclude(pk__in=low).update(low_stock_at=None)
    fallen = dict(rows.filter(pk__in=low, low_stock_at=None).order_by("sku").values_list("pk", "sku"))
    if fallen:
        rows.filter(pk__in=fallen).update(low_stock_at=timezone.now())
    return fallen


def _tell(merchant: Merchant, fallen: dict[int, str], limit: int) -> None:
    left = stock_of(merchant, list(fallen)[:SHOWN])
    names = [f"{fallen[pk]} ({left[pk]} left)" for pk in list(fallen)[:SHOWN]]
    more = f" and {len(fallen) - SHOWN:,} more" if len(fallen) > SHOWN else ""
    count = len(fallen)
    notify(
        merchant,
        KEY,
        f"Stock below {limit}: {counted(count, 'SKU')}",
        level=NoticeLevel.WARNING,
        body=", ".join(names) + more,
        url=reverse("catalog:product-list", kwargs={"merchant_slug": merchant.slug}),
        count=count,
    )
    post_mails(
        merchant,
        "catalog.low_stock",
        [Event(pk, {"limit": limit}) for pk in fallen],
        about=Variant._meta.label_lower,
    )


@transaction.atomic
def note_all(merchant: Merchant) -> int:
    """Every SKU, after the limit or the switch was changed and at each stock sync. Off: all marks go.

    A thousand at a time, told in one notice.
    """
    options = get_options(merchant)
    if not options.low_stock_alert:
        Variant.objects.filter(merchant=merchant, low_stock_at__isnull=False).update(low_stock_at=None)
        return 0
    rows = Variant.objects.filter(merchant=merchant, low_stock_at__isnull=False)
    low = below_limit(merchant, options)
    ids = set(rows.values_list("pk", flat=True)) | set(
        low.filter(low_stock_at=None).values_list("pk", flat=True)
    )
    fallen: dict[int, str] = {}
    for batch in batches(sorted(ids), BATCH):
        fallen |= _cross(merchant, batch, options)
    if fallen:
        _tell(merchant, fallen, options.low_stock_limit)
    return len(fallen)


def ask_note_all(merchant: Merchant) -> None:
    """After the threshold or its switch was changed."""
    request_job(merchant, NOTE_ALL, "all")
