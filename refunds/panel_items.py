"""Menu entry, palette search and badges of refunds."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from jetsync.jet.paths import refund_paths
from jetsync.models import Merchant
from jetsync.panel.about import page_by_id, register_about
from jetsync.panel.items import MenuItem, register
from jetsync.panel.palette import PaletteHit, register_provider
from jetsync.panel.shoppers import register_shoppers
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.masking import BuyerMask
from orders.models import Order
from orders.privacy import masks_through_orders
from orders.related import RelatedKind, RelatedRow, Trace, register_related
from refunds import dashboard as _dashboard  # noqa: F401 -- importing registers the card
from refunds import home as _home  # noqa: F401 -- importing registers the card
from refunds import statuses as _statuses  # noqa: F401 -- importing registers the badges
from refunds.enums import RefundStatus
from refunds.pages import refund_url
from refunds.queries import NOT_THROUGH, all_refunds, refunds_of, search_refunds
from refunds.settlement import statuses as _settlement_statuses  # noqa: F401 -- as above
from refunds.statuses import refund_status_key
from returns.enums import SendState
from returns.money import total_of

PALETTE_LIMIT = 6


def _stuck_count(merchant: Merchant) -> int:
    """Refunds that Jet refused to take, to be corrected, and those that wait for a second person."""
    waiting = Q(send_state=SendState.WAITING)
    return all_refunds(merchant).filter(NOT_THROUGH | waiting, status=RefundStatus.CREATED).count()


def _masks(merchant: Merchant, ids: Collection[int]) -> dict[int, BuyerMask]:
    return masks_through_orders(
        merchant, all_refunds(merchant).filter(pk__in=ids).values_list("pk", "order_id")
    )


register_about("refunds.refund", Right.REFUNDS_VIEW, page_by_id("refunds:refund-detail"))
register_shoppers("refunds.refund", _masks)
register(
    MenuItem(
        "Orders",
        "Refunds",
        "refunds:refund-list",
        Right.REFUNDS_VIEW,
        40,
        ("refund", "jet refund", "create new refund", "add new refund", "money back"),
        _stuck_count,
    )
)
register_about("refunds.settlementreport", Right.REFUNDS_VIEW, page_by_id("refunds:settlement-detail"))
register(
    MenuItem(
        "Orders",
        "Settlement",
        "refunds:settlement-list",
        Right.REFUNDS_VIEW,
        50,
        ("settlement report", "payout", "payment", "commission", "fees", "jet pays"),
    ),
    MenuItem(
        "Orders",
        "Daily reports",
        "refunds:daily-list",
        Right.REFUNDS_VIEW,
        60,
        ("report", "sales", "total orders", "turnover", "revenue", "per day"),
    ),
)


@register_provider
def find_refunds(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    if not actor.may(Right.REFUNDS_VIEW):
        return []
    found = search_refunds(all_refunds(merchant), merchant, text)
    return [
        PaletteHit(
            label=f"Refund {refund}",
            url=refund_url(refund),
            hint=f"{refund.get_status_display()} · order {refund.order_label}",
            icon="credit-card-refund",
            group="Refunds",
        )
        for refund in found.select_related("merchant").order_by("-pk")[:PALETTE_LIMIT]
    ]


def _of_order(order: Order) -> list[RelatedRow]:
    rows = []
    for refund in refunds_of(order).prefetch_related("lines"):
        refund.merchant = order.merchant
        rows.append(
            RelatedRow(
                label=str(refund),
                url=refund_url(refund),
                status=refund_status_key(refund),
                amount=total_of(line.amounts for line in refund.lines.all()).total,
                at=refund.created_at,
            )
        )
    return rows


def _trace(order: Order) -> Trace:
    rows = list(refunds_of(order))
    for refund in rows:
        refund.merchant = order.merchant
    paths = [
        refund_paths(order.merchant_order_id, row.alt_refund_id, row.refund_authorization_id) for row in rows
    ]
    return Trace(
        "refunds.refund",
        {row.pk: f"Refund {row}" for row in rows},
        frozenset[str]().union(*paths),
        {row.pk: refund_url(row) for row in rows},
    )


register_related(RelatedKind("refund", "refunds", Right.REFUNDS_VIEW, 20, _of_order, _trace))
