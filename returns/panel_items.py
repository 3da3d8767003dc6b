"""Menu entry, palette search and badges of returns."""

from __future__ import annotations

from collections.abc import Collection

from jetsync.jet.paths import return_paths
from jetsync.models import Merchant
from jetsync.panel.about import page_by_id, register_about
from jetsync.panel.items import MenuItem, register
from jetsync.panel.palette import PaletteHit, register_provider
from jetsync.panel.shoppers import register_shoppers
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.masking import BuyerMask
from orders.models import Order
from orders.privacy import masks_through_orders, may_see_buyers
from orders.related import RelatedKind, RelatedRow, Trace, register_related
from returns import closing as _closing  # noqa: F401 -- importing registers what a deletion leaves open
from returns import dashboard as _dashboard  # noqa: F401 -- importing registers the card
from returns import home as _home  # noqa: F401 -- importing registers the card
from returns import statuses as _statuses  # noqa: F401 -- importing registers the badges
from returns.money import total_of
from returns.pages import return_url
from returns.queries import all_returns, returns_of, search_returns, waiting_returns
from returns.statuses import return_status_key

PALETTE_LIMIT = 6


def _waiting_count(merchant: Merchant) -> int:
    return waiting_returns(merchant).count()


def _masks(merchant: Merchant, ids: Collection[int]) -> dict[int, BuyerMask]:
    return masks_through_orders(
        merchant, all_returns(merchant).filter(pk__in=ids).values_list("pk", "order_id")
    )


register_about("returns.return", Right.RETURNS_VIEW, page_by_id("returns:return-detail"))
register_shoppers("returns.return", _masks)
register(
    MenuItem(
        "Orders",
        "Returns",
        "returns:return-list",
        Right.RETURNS_VIEW,
        30,
        ("return", "jet returns", "fetch return", "rma", "complete return"),
        _waiting_count,
    )
)


@register_provider
def find_returns(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    if not actor.may(Right.RETURNS_VIEW):
        return []
    found = search_returns(all_returns(merchant), merchant, text, with_buyers=may_see_buyers(actor))
    return [
        PaletteHit(
            label=f"Return {returned}",
            url=return_url(returned),
            hint=f"{returned.get_status_display()} · order {returned.order_label}",
            icon="truck-return",
            group="Returns",
        )
        for returned in found.select_related("merchant").order_by("-pk")[:PALETTE_LIMIT]
    ]


def _of_order(order: Order) -> list[RelatedRow]:
    rows = []
    for returned in returns_of(order).prefetch_related("lines"):
        returned.merchant = order.merchant
        given = [line.settled for line in returned.lines.all() if line.is_included]
        rows.append(
            RelatedRow(
                label=str(returned),
                url=return_url(returned),
                status=return_status_key(returned),
                amount=total_of(given).total if returned.is_settled else None,
                at=returned.return_date,
            )
        )
    return rows


def _trace(order: Order) -> Trace:
    rows = list(returns_of(order))
    for returned in rows:
        returned.merchant = order.merchant
    return Trace(
        "returns.return",
        {row.pk: f"Return {row}" for row in rows},
        frozenset(path for row in rows for path in return_paths(row.merchant_return_authorization_id)),
        {row.pk: return_url(row) for row in rows},
    )


register_related(RelatedKind("return", "returns", Right.RETURNS_VIEW, 10, _of_order, _trace))
