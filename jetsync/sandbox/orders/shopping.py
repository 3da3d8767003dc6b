"""Where orders come from: the generators (T1 and the portal) and the trickle that keeps a demo alive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Max, Min

from jetsync.sandbox.dice import shared as dice
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.money import cents, charge_line
from jetsync.sandbox.marketplace.shoppers import Shopper, invent_shopper
from jetsync.sandbox.marketplace.words import OrderStatus
from jetsync.sandbox.models.account import MerchantAccount, Node
from jetsync.sandbox.models.order import EventKind, Order, OrderEvent, OrderItem, OrderSource
from jetsync.sandbox.models.sku import ListingStatus, Sku
from jetsync.sandbox.orders.actions import release
from jetsync.sandbox.switches import Switches

# (carrier asked for or None, method, service level, days from ship-by to the promised delivery)
SERVICES = (
    ("FedEx", "FedEx Ground", "Standard", 5),
    ("FedEx", "FedEx Home Delivery", "Standard", 4),
    ("UPS", "UPS Ground", "Standard", 5),
    ("USPS", "USPS Priority Mail", "Expedited", 3),
    ("FedEx", "FedEx 2 Day", "Second Day", 2),
    ("UPS", "UPS Next Day Air Saver", "Next Day", 1),
    (None, "FedEx Ground", "Standard", 6),
)
SHIPPING_PER_UNIT = (Decimal("0.00"), Decimal("2.95"), Decimal("3.50"), Decimal("4.95"), Decimal("5.99"))
# Warehouses of the made-up merchants stop handing over at 22:00 UTC (17:00 in New York in winter).
CUT_OFF_HOUR = 22
SATURDAY = 5
TRICKLE_TRIES = 20
MAX_BASKET_LINES = 3
MAX_GENERATED = 1000


@dataclass(frozen=True)
class Wanted:
    """One line of a basket; `cancel_quantity` becomes the directed cancel of the order."""

    sku: Sku
    quantity: int
    cancel_quantity: int = 0


def place_order(
    merchant: MerchantAccount,
    wanted: Sequence[Wanted],
    node: Node,
    *,
    source: OrderSource,
    at: datetime,
    created_minutes: float,
) -> Order:
    """A shopper buys. With `created_minutes` 0 the order is born `ready`.

    Raises Refused for a line without a price or a SKU named twice: lines are booked by SKU.
    """
    names = [line.sku.merchant_sku for line in wanted]
    if len(set(names)) != len(names):
        raise Refused("A SKU is named twice. Path: items")
    shopper = invent_shopper(dice)
    order = _new_order(merchant, shopper, node, source=source, at=at, created_minutes=created_minutes)
    order.directed_cancel = any(line.cancel_quantity for line in wanted)
    order.save()
    OrderItem.objects.bulk_create([_new_item(order, line, shopper.state) for line in wanted])
    OrderEvent.note(order, EventKind.CREATED, at, {"source": source.value})
    if created_minutes <= 0:
        release(order, at)
    return order


def generate(
    merchant: MerchantAccount,
    items: Sequence[tuple[str, int, int]],
    node_id: str,
    *,
    count: int,
    source: OrderSource,
    at: datetime,
    created_minutes: float = 0,
) -> list[Order]:
    """The order generator: `items` are (merchant SKU, order quantity, cancel quantity). Raises Refused.

    A SKU must exist and have a price and an inventory record; test mode asks no more than that.
    """
    if not 1 <= count <= MAX_GENERATED:
        raise Refused(f"Between 1 and {MAX_GENERATED} orders can be generated at once. Path: count")
    node = merchant.nodes.filter(node_id=node_id.lower()).first()
    if node is None:
        raise Refused(f"Fulfillment node '{node_id}' is unknown. Path: fulfillment_node")
    wanted = [Wanted(_sellable(merchant, name), quantity, cancel) for name, quantity, cancel in items]
    if not any(line.quantity or line.cancel_quantity for line in wanted):
        raise Refused("At least one unit must be ordered or cancelled. Path: items")
    return [
        place_order(merchant, wanted, node, source=source, at=at, created_minutes=created_minutes)
        for _ in range(count)
    ]


def shop(merchant: MerchantAccount, *, at: datetime, created_minutes: float, lines: int = 0) -> Order | None:
    """Let somebody buy what is really for sale: live, priced and in stock. None when nothing is."""
    first = _random_live_sku(merchant)
    if first is None:
        return None
    node = _stocked_node(first)
    if node is None:
        return None
    basket = {first.pk: first}
    for _ in range((lines or dice.choice((1, 1, 1, 2, 2, MAX_BASKET_LINES))) - 1):
        other = _random_live_sku(merchant)
        if other is not None and other.quantity_at(node.node_id) > 0:
            basket[other.pk] = other
    wanted = [
        Wanted(sku, min(sku.quantity_at(node.node_id), dice.choice((1, 1, 1, 2, 3))))
        for sku in basket.values()
    ]
    return place_order(
        merchant, wanted, node, source=OrderSource.TRICKLE, at=at, created_minutes=created_minutes
    )


def trickle(merchant: MerchantAccount, at: datetime) -> Order | None:
    """One order when the last one of the trickle is old enough."""
    switches = Switches.of(merchant)
    seconds = switches["trickle_seconds"]
    if seconds <= 0:
        return None
    rows = merchant.orders.filter(source=OrderSource.TRICKLE, placed_at__gt=at - timedelta(seconds=seconds))
    if rows.filter(placed_at__lte=at).exists():
        return None
    return shop(merchant, at=at, created_minutes=switches["created_minutes"])


def _sellable(merchant: MerchantAccount, name: str) -> Sku:
    sku = merchant.skus.filter(merchant_sku=name).first()
    if sku is None:
        raise Refused(f"merchant sku unavailable: '{name}'. Path: items")
    if sku.base_price is None or not sku.inventory:
        raise Refused(f"SKU '{name}' has no price or no inventory. Path: items")
    return sku


def _random_live_sku(merchant: MerchantAccount) -> Sku | None:
    """A live SKU in stock, found by jumping to random places of the key instead of sorting a big catalogue."""
    live = merchant.skus.filter(status=ListingStatus.AVAILABLE)
    ends = live.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return None
    for _ in range(TRICKLE_TRIES):
        sku = live.filter(pk__gte=dice.randint(ends["low"], ends["high"])).order_by("pk").first()
        if sku is not None and sku.has_inventory and sku.base_price is not None:
            return sku
    return None


def _stocked_node(sku: Sku) -> Node | None:
    stocked = [node_id for node_id in sku.inventory if sku.quantity_at(node_id) > 0]
    return sku.merchant.nodes.filter(node_id__in=stocked, is_active=True).order_by("?").first()


def _new_order(
    merchant: MerchantAccount,
    shopper: Shopper,
    node: Node,
    *,
    source: OrderSource,
    at: datetime,
    created_minutes: float,
) -> Order:
    carrier, method, level, transit_days = dice.choice(SERVICES)
    ship_by = next_cut_off(at)
    return Order(
        merchant=merchant,
        reference_order_id=str(dice.randrange(3 * 10**11, 4 * 10**11)),
        customer_reference_order_id=str(dice.randrange(7 * 10**12, 8 * 10**12)),
        fulfillment_node=node.node_id,
        source=source,
        hash_email=shopper.hash_email,
        status=OrderStatus.CREATED,
        placed_at=at,
        transmitted_at=at + timedelta(seconds=2.674),
        ready_due_at=at + timedelta(minutes=max(0, created_minutes)),
        ship_by=ship_by,
        deliver_by=(ship_by + timedelta(days=transit_days + 1)).replace(hour=5),
        carrier=carrier,
        method=method,
        service_level=level,
        buyer={"name": shopper.name, "phone_number": shopper.phone},
        shipping_to={
            "recipient": {"name": shopper.recipient, "phone_number": shopper.recipient_phone},
            "address": shopper.address,
        },
    )


def next_cut_off(at: datetime) -> datetime:
    """The end of the next business day: the latest hand-over to the carrier."""
    day = at + timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    return day.replace(hour=CUT_OFF_HOUR, minute=0, second=0, microsecond=0)


def _new_item(order: Order, line: Wanted, state: str) -> OrderItem:
    sku = line.sku
    charges = charge_line(
        _unit_price(sku, order.fulfillment_node), dice.choice(SHIPPING_PER_UNIT), line.quantity, state
    )
    return OrderItem(
        order=order,
        merchant_sku=sku.merchant_sku,
        product_title=sku.title,
        item_tax_code=str(sku.content.get("product_tax_code") or ""),
        url=str(sku.content.get("main_image_url") or ""),
        quantity=line.quantity,
        cancel_quantity=line.cancel_quantity or None,
        base_price=charges.base_price,
        shipping_cost=charges.shipping_cost,
        item_tax=charges.item_tax,
        shipping_tax=charges.shipping_tax,
        base_fee=charges.base_fee,
        variable_fee=charges.variable_fee,
    )


def _unit_price(sku: Sku, node_id: str) -> Decimal:
    """The node's own price when there is one, else the SKU's."""
    record = sku.price or {}
    for entry in record.get("fulfillment_nodes") or []:
        if entry.get("fulfillment_node_id") == node_id:
            return cents(Decimal(str(entry["fulfillment_node_price"])))
    return cents(Decimal(str(record["price"])))
