"""Refunds on the home page: those that Jet refused to take, and those that wait for a second person."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from jetsync.models import Merchant
from jetsync.panel.home import HomeCard, Tile, register_card
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from refunds.enums import RefundStatus
from refunds.pages import refund_list_url
from refunds.queries import NOT_THROUGH, all_refunds
from returns.enums import SendState


def _now(merchant: Merchant, actor: Actor) -> dict[str, Any] | None:
    """Hidden when there is nothing to do. What waits for a second person counts for those who may confirm it."""
    waiting = Q(send_state=SendState.WAITING)
    found = (
        all_refunds(merchant)
        .filter(status=RefundStatus.CREATED)
        .aggregate(
            refused=Count("pk", filter=NOT_THROUGH),
            confirm=Count("pk", filter=waiting & (Q(proposer=None) | ~Q(proposer=actor.user))),
        )
    )
    confirm = found["confirm"] if actor.may(Right.REFUNDS_CREATE) and actor.user is not None else 0
    tiles = [
        Tile(
            "Did not get through",
            found["refused"],
            refund_list_url(merchant, "problem=not_through"),
            "The shopper has no money yet; the reason stands on each.",
            "danger",
        ),
        Tile(
            "Wait for a second person",
            confirm,
            refund_list_url(merchant, f"send_state={SendState.WAITING}"),
            "Somebody else decided; you can confirm.",
            "warning",
        ),
    ]
    shown = [tile for tile in tiles if tile.count]
    return {"title": "Refunds", "tiles": shown} if shown else None


register_card(HomeCard("refunds", "now", 30, Right.REFUNDS_VIEW, "home/tiles.html", _now))
