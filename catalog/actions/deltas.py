"""Asking for what changed to be sent: one open job per kind, however many rows differ."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.enums import Step
from catalog.models import Listing, NodeStock, VariationMember
from catalog.queries.errors import refused
from catalog.queries.kept import sent_by_itself
from catalog.queries.relations import sendable_groups
from jetsync.enums import Priority
from jetsync.models import Merchant, Options
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.requests import request_job

PUSH_PRICES = "catalog.push_prices"
PUSH_INVENTORY = "catalog.push_inventory"
PUSH_CONTENT = "catalog.push_content"
PUSH_RELATIONS = "catalog.push_relations"
KEY = "delta"


def push_deltas(merchant: Merchant, options: Options | None = None) -> None:
    """Enqueues the delta jobs where something listed at Jet differs from what Jet was sent. Joins open jobs.

    What a merchant does not want sent on edit (features CFG-15, CFG-16) waits: prices and quantities for Sync or the stock
    sweep, product data for an upload.
    """
    chosen = options or get_options(merchant)
    if chosen.sync_on_edit:
        _push_offers(merchant, chosen)
        if (chosen.edit_sends_content or chosen.edit_sends_images) and dirty_content(merchant).exists():
            request_job(merchant, PUSH_CONTENT, KEY, priority=Priority.NORMAL)
    if dirty_relations(merchant):
        request_job(merchant, PUSH_RELATIONS, KEY, priority=Priority.NORMAL)


def _push_offers(merchant: Merchant, chosen: Options) -> None:
    stock = NodeStock.objects.filter(
        merchant=merchant, node__in=current_nodes(merchant), variant__listing__content_sent_at__isnull=False
    )
    if chosen.send_price and chosen.edit_sends_price:
        own = listed(merchant).filter(price_dirty=True)
        if own.exists() or stock.filter(price_dirty=True).exists():
            request_job(merchant, PUSH_PRICES, KEY, priority=Priority.NOW)
    if chosen.send_inventory and chosen.edit_sends_inventory and stock.filter(quantity_dirty=True).exists():
        request_job(merchant, PUSH_INVENTORY, KEY, priority=Priority.NOW)


def listed(merchant: Merchant) -> QuerySet[Listing]:
    """SKUs that Jet has accepted and that it does not keep archived: it would pass over what is sent to those.

    One that is only about to be archived still counts: until Jet has closed it, it sells, so it must hear of its 0.
    """
    return Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False, archived_sent=False)


def dirty_content(merchant: Merchant) -> QuerySet[Listing]:
    """Listed SKUs whose data changed and may be sent; those whose gaps would end their sale wait for the merchant."""
    rows = listed(merchant).filter(content_dirty=True, is_wanted=True)
    return sent_by_itself(rows).exclude(refused(Step.CONTENT))


def dirty_exceptions(merchant: Merchant, facet: str) -> QuerySet[Listing]:
    """`facet`: shipping or returns."""
    return listed(merchant).filter(**{f"{facet}_dirty": True}).exclude(refused(Step(facet)))


def dirty_groups(merchant: Merchant) -> QuerySet[Listing]:
    """Listings that lead a group which Jet has not got as it is now.

    A refused one waits until it changes, or until Jet has taken one of its SKUs anew: that may be what was missing.
    """
    anew = VariationMember.objects.filter(
        group=OuterRef("pk"), merchant=merchant, variant__listing__content_sent_at__gt=OuterRef("error_at")
    )
    parent = Q(parent__listing__content_sent_at__gt=F("error_at"))
    groups = sendable_groups(merchant).filter(Q(error_at=None) | parent | Exists(anew), dirty=True)
    return Listing.objects.filter(merchant=merchant, variant__variation_group__in=groups.values("pk"))


def dirty_relations(merchant: Merchant) -> bool:
    facets = Q(shipping_dirty=True) | Q(returns_dirty=True)
    return listed(merchant).filter(facets).exists() or dirty_groups(merchant).exists()
