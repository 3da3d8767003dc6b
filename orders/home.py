"""Parcels on the home page: what left the store, or should have, and did not get through to Jet."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, Tile, register_card
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.enums import SHIPPABLE_STATES, FailureReason
from orders.pages import order_list_url
from orders.queries.order import all_orders
from orders.shipstation.pages import page_url
from orders.shipstation.queries import waiting_notices
from orders.shipstation.words import NoticeState


def _parcels(merchant: Merchant, _actor: Actor) -> dict[str, Any] | None:
    """Hidden when every parcel got through. Two queries."""
    refused = all_orders(merchant).filter(
        state__in=SHIPPABLE_STATES, failure_reason=FailureReason.SHIPMENT_REFUSED
    )
    reports = waiting_notices(merchant).aggregate(
        numberless=Count("pk", filter=Q(state=NoticeState.NEEDS_TRACKING)),
        unusable=Count("pk", filter=Q(state=NoticeState.REFUSED)),
    )
    parcels_url = page_url(merchant, "shipstation-notices")
    tiles = [
        Tile(
            "Shipments refused",
            refused.count(),
            order_list_url(merchant, f"reason={FailureReason.SHIPMENT_REFUSED}"),
            "Jet does not know that these were shipped; correct and send them again.",
            "danger",
        ),
        Tile(
            "Parcels without a number",
            reports["numberless"],
            parcels_url,
            "ShipStation reported them; Jet needs the tracking number.",
            "warning",
        ),
        Tile(
            "Reports not usable",
            reports["unusable"],
            parcels_url,
            "ShipStation reported parcels that fit no open units.",
            "warning",
        ),
    ]
    shown = [tile for tile in tiles if tile.count]
    return {"title": "Parcels that need you", "tiles": shown} if shown else None


register_card(HomeCard("parcels", "now", 15, Right.ORDERS_VIEW, "home/tiles.html", _parcels))
