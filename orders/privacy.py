"""What of a shopper is shown to whom. Without the right to see buyers, names and addresses are masked everywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from orders.masking import HIDDEN, BuyerMask
from orders.models import Order


def may_see_buyers(actor: Actor) -> bool:
    return actor.may(Right.BUYERS_VIEW)


def mask_name(name: str) -> str:
    """ "Ida Marsh" -> "I••• M•••"; enough to tell two orders apart."""
    return " ".join(f"{word[0]}{HIDDEN}" for word in name.split())


def shown_buyer(order: Order, actor: Actor) -> str:
    return order.buyer_name if may_see_buyers(actor) else mask_name(order.buyer_name)


def shown_address(order: Order, actor: Actor) -> list[str]:
    """Lines of the shipping address; without the right only the state and the first digits of the zip."""
    if not may_see_buyers(actor):
        return [
            mask_name(order.ship_to_name),
            f"{order.ship_to_state} {order.ship_to_zip[:3]}{HIDDEN}".strip(),
        ]
    city = f"{order.ship_to_city}, {order.ship_to_state} {order.ship_to_zip}".strip(", ")
    lines = [order.ship_to_name, order.ship_to_address1, order.ship_to_address2, city]
    return [line for line in lines if line]


def address_columns(order: Order, actor: Actor) -> tuple[str, str, str, str, str, str, str]:
    """Name, two lines, city, state, zip, phone, one by one; without the right no more than `shown_address` tells."""
    if may_see_buyers(actor):
        return (
            order.ship_to_name,
            order.ship_to_address1,
            order.ship_to_address2,
            order.ship_to_city,
            order.ship_to_state,
            order.ship_to_zip,
            order.ship_to_phone,
        )
    zip_start = f"{order.ship_to_zip[:3]}{HIDDEN}" if order.ship_to_zip else ""
    return (mask_name(order.ship_to_name), "", "", "", order.ship_to_state, zip_start, "")


def shown_text(order: Order | None, actor: Actor) -> Callable[[str], str]:
    """What makes of a text about the order one that the actor may read; without an order e-mail addresses are hidden."""
    if may_see_buyers(actor):
        return str
    return BuyerMask.of(order).text if order is not None else BuyerMask().text


def masks_of_orders(merchant: Merchant, ids: Collection[int]) -> dict[int, BuyerMask]:
    """The masks of these orders by their id. One query."""
    orders = Order.objects.filter(merchant=merchant, pk__in=ids)
    return {order.pk: BuyerMask.of(order) for order in orders}


def masks_through_orders(
    merchant: Merchant, orders: Iterable[tuple[int, int | None]]
) -> dict[int, BuyerMask]:
    """The masks of things that belong to an order: `orders` are pairs of the thing's id and its order's. One query."""
    pairs = [(pk, order) for pk, order in orders if order is not None]
    masks = masks_of_orders(merchant, {order for _pk, order in pairs})
    return {pk: masks[order] for pk, order in pairs if order in masks}


def shown_raw(raw: Mapping[str, Any], actor: Actor, *, order: Order | None = None) -> dict[str, Any]:
    """Jet's JSON, the shopper taken out without the right; with `order` also where his values stand elsewhere in it."""
    if may_see_buyers(actor):
        return dict(raw)
    mask = BuyerMask.of(order) if order is not None else BuyerMask.of_json(raw)
    masked: dict[str, Any] = mask.json(raw)
    return masked
