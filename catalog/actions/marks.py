"""What Jet accepted, refused or showed, written back to listings. Called by the jobs after Jet's answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.actions.deltas import push_deltas
from catalog.actions.errors import (
    Refusal,
    note_refusals,
    settle_seen,
    settle_step,
)
from catalog.actions.stock_drift import note_stock_drift
from catalog.actions.variation_targets import recount_groups
from catalog.bulk import update_rows
from catalog.drift import drifted_members
from catalog.enums import ListingStatus, Readiness, Step
from catalog.models import Listing, NodeStock
from catalog.status_map import status_for
from jetsync.jet.types.products import MerchantSku
from jetsync.models import Merchant


@dataclass(frozen=True)
class SentContent:
    """One accepted SKU message: the hash that was the target when it was built, and its body if known."""

    listing_id: int
    content_hash: str
    body: dict[str, Any] | None


@transaction.atomic
def mark_content_sent(merchant: Merchant, sent: Sequence[SentContent]) -> None:
    """Content is accepted: the listing is Uploaded until Jet's status is read. Refusals of content are over."""
    now = timezone.now()
    ids = [row.listing_id for row in sent]
    rows = Listing.objects.filter(merchant=merchant, pk__in=ids)
    first = list(rows.filter(content_sent_at=None).values_list("variant_id", flat=True))
    update_rows(
        Listing,
        merchant,
        ("content_sent", "content_sent_body"),
        [
            {"id": row.listing_id, "content_sent": row.content_hash, "content_sent_body": row.body}
            for row in sent
        ],
    )
    rows.update(content_sent_at=now, content_drift=[])
    settle_step(merchant, ids, Step.CONTENT)
    rows.filter(status=ListingStatus.NOT_UPLOADED).update(status=ListingStatus.UPLOADED, status_since=now)
    recount_groups(merchant, first)


@transaction.atomic
def mark_prices_sent(
    merchant: Merchant, prices: Mapping[int, Decimal], node_prices: Mapping[int, Decimal | None]
) -> None:
    """`prices` by listing pk, `node_prices` by NodeStock pk: exactly the numbers that were sent, not today's."""
    update_rows(
        Listing,
        merchant,
        ("price_sent",),
        [{"id": pk, "price_sent": price} for pk, price in prices.items()],
        touch="price_sent_at",
    )
    update_rows(
        NodeStock,
        merchant,
        ("price_sent",),
        [{"id": pk, "price_sent": price} for pk, price in node_prices.items()],
    )
    settle_step(merchant, list(prices), Step.PRICE)


@transaction.atomic
def mark_quantities_sent(merchant: Merchant, quantities: Mapping[int, int]) -> None:
    """By NodeStock pk: the numbers that Jet accepted. An earlier refusal of the quantity is gone."""
    rows = Listing.objects.filter(merchant=merchant, variant__node_stock__in=list(quantities))
    concerned = list(rows.values_list("pk", "variant_id"))
    # Listings before their stock, as everywhere.
    settle_step(merchant, [pk for pk, _variant in concerned], Step.INVENTORY)
    update_rows(
        NodeStock,
        merchant,
        ("quantity_sent",),
        [{"id": pk, "quantity_sent": value} for pk, value in quantities.items()],
        touch="quantity_sent_at",
    )
    note_stock_drift(merchant, {variant for _pk, variant in concerned})


@transaction.atomic
def mark_archived_sent(merchant: Merchant, listing_ids: Sequence[int], *, archived: bool) -> None:
    """Archived: Jet shows it as closed with stock 0. Un-archived: quantities count as unsent, Jet wants them again."""
    now = timezone.now()
    rows = Listing.objects.filter(merchant=merchant, pk__in=listing_ids)
    rows.update(archived_sent=archived, archived_sent_at=now)
    settle_step(merchant, listing_ids, Step.ARCHIVE)
    if archived:
        rows.update(status=ListingStatus.ARCHIVED, status_since=now)
        return
    rows.filter(status=ListingStatus.ARCHIVED).update(status=ListingStatus.UPLOADED, status_since=now)
    NodeStock.objects.filter(merchant=merchant, variant__listing__in=listing_ids).update(quantity_sent=None)
    note_stock_drift(merchant, list(rows.values_list("variant_id", flat=True)))


@transaction.atomic
def mark_all_refused(merchant: Merchant, refusals: Sequence[Refusal]) -> None:
    """Jet's refusals, each at its listing and as rows that can be grouped; a constant number of statements."""
    update_rows(
        Listing,
        merchant,
        ("error_code", "error_message", "error_hint"),
        [
            {
                "id": row.listing_id,
                "error_code": row.code[:60],
                "error_message": row.message[:1000],
                "error_hint": row.hint[:500],
            }
            for row in refusals
        ],
        touch="error_at",
    )
    note_refusals(merchant, refusals)


@transaction.atomic
def mark_live(merchant: Merchant, listing: Listing, shown: MerchantSku, raw: dict[str, Any]) -> None:
    """Stores what Jet shows of a SKU, and where it differs from what Jet accepted. Data that waited for Jet's decision
    (ADR 16) is sent after it. Nothing happens for a listing that was deleted while Jet was asked.
    """
    now = timezone.now()
    # The caller read it before he asked Jet: another look may have written since.
    rows = Listing.objects.filter(merchant=merchant, pk=listing.pk)
    read = rows.only("status", "jet_sub_status", "content_sent_body", "content_dirty", "readiness", "variant")
    stored = read.select_for_update(of=("self",), no_key=True).first()
    if stored is None:
        return
    status = status_for(shown.status, is_archived=shown.is_archived)
    sub = [str(word) for word in shown.sub_status]
    changed = (stored.status, stored.jet_sub_status) != (status, sub)
    values: dict[str, Any] = {
        "jet_status": (shown.status or "")[:60],
        "jet_sub_status": sub,
        "status_read_at": now,
        "archived_live": shown.is_archived,
        "live_body": raw,
        "content_drift": drifted_members(stored.content_sent_body, raw),
    }
    if changed:
        values |= {"status": status, "status_since": now}
    if shown.price is not None:
        values |= {"price_live": shown.price, "price_live_at": now}
    rows.update(**values)
    settle_seen(merchant, listing.pk)
    _mark_live_quantities(merchant, stored.variant_id, shown)
    _date_drift(merchant, listing.pk, now)
    if changed and stored.content_dirty and stored.readiness == Readiness.NEVER_LIVE:
        push_deltas(merchant)  # data that was kept back while Jet looked at what it has


def _date_drift(merchant: Merchant, listing_id: int, now: datetime) -> None:
    """Since when Jet shows something else: kept from look to look, gone when it no longer does."""
    rows = Listing.objects.filter(merchant=merchant, pk=listing_id)
    rows.filter(drifts=True, drift_since=None).update(drift_since=now)
    rows.filter(drifts=False).exclude(drift_since=None).update(drift_since=None)


def _mark_live_quantities(merchant: Merchant, variant_id: int, shown: MerchantSku) -> None:
    found = {str(row.fulfillment_node_id): row.quantity for row in shown.inventory_by_fulfillment_node}
    rows = NodeStock.objects.filter(merchant=merchant, variant=variant_id)
    live = [
        {"id": pk, "quantity_live": found[node]}
        for pk, node in rows.values_list("pk", "node__node_id")
        if node in found
    ]
    update_rows(NodeStock, merchant, ("quantity_live",), live, touch="quantity_live_at")
    note_stock_drift(merchant, [variant_id])
