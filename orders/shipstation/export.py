"""One order as ShipStation's XML (custom store development guide and its published schema). Pure: rows in, text out.

Limits are characters. What identifies something is never cut: such an order raises `Unexportable` with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from catalog.models import Variant
from jetsync.exceptions import DomainError
from jetsync.models import Options
from orders.amounts import Amounts, cents, order_charged
from orders.enums import OrderState
from orders.models import Order, OrderLine, ShipStationConnection
from orders.shipstation.queries import LineUnits
from orders.shipstation.times import write_time
from orders.shipstation.xmltext import LARGEST_AMOUNT, clean, element, optional, plain

PROLOG = '<?xml version="1.0" encoding="utf-8"?>\n'
CURRENCY, SOURCE = "USD", "Jet.com"
MAX_NUMBER, MAX_SKU, MAX_CODE, MAX_EMAIL, MAX_URL = 50, 100, 50, 100, 2000
MAX_OPTIONS = 100


class Unexportable(DomainError):
    """An order that ShipStation cannot take as it is."""

    code = "shipstation_unexportable"
    status = 422


def orders_document(orders: Iterable[str], *, pages: int, page: int) -> str:
    """The answer of one page from the elements of `order_element`."""
    return f'{PROLOG}<Orders pages="{pages}" page="{page}">\n{"".join(orders)}</Orders>\n'


def order_element(
    order: Order, connection: ShipStationConnection, options: Options, units: Mapping[int, LineUnits]
) -> str:
    """The element `Order`. `order` comes from `with_contents` and carries `status_word`. Raises Unexportable."""
    lines = list(order.lines.all())
    charged = order_charged(lines)
    parts = [
        element("OrderID", order.pk),
        element("OrderNumber", _number(order)),
        plain("OrderDate", write_time(order.placed_at or order.created_at)),
        element("OrderStatus", connection.word_for(order.status_word), 50),  # type: ignore[attr-defined]  # annotated
        plain("LastModified", write_time(order.updated_at)),
        optional("ShippingMethod", order.request_method or order.request_service_level, 100),
        element("PaymentMethod", SOURCE, 50),
        plain("CurrencyCode", CURRENCY),
        *_money(order, charged),
        optional("InternalNotes", _notes(order), 1000),
        plain("Gift", "false"),
        element("CustomField1", order.merchant_order_id, 100),
        optional("CustomField2", _time(order.ship_by), 100),
        optional("CustomField3", order.request_service_level, 100),
        optional("RequestedWarehouse", order.node.name if order.node else "", 100),
        element("Source", SOURCE, 50),
        _customer(order, options),
        _items(order, lines, units),
    ]
    return "\n".join(["<Order>", *(part for part in parts if part), "</Order>", ""])


def _number(order: Order) -> str:
    text = clean(str(order))
    if text != str(order) or not 0 < len(text) <= MAX_NUMBER:
        raise Unexportable(
            f"Order {order}: its number cannot be an order number in ShipStation.",
            hint=f"ShipStation takes 1 to {MAX_NUMBER} characters. Ship this order here.",
        )
    return text


def _time(moment: object) -> str:
    return f"{write_time(moment)} UTC" if moment else ""  # type: ignore[arg-type]  # a datetime or None


def _amount(order: Order, value: Decimal) -> Decimal:
    if abs(value) > LARGEST_AMOUNT:
        raise Unexportable(
            f"Order {order}: the amount {value} is larger than ShipStation takes.",
            hint=f"ShipStation's limit is {LARGEST_AMOUNT}. Ship this order here.",
        )
    return cents(value)


def _money(order: Order, charged: Amounts) -> list[str]:
    return [
        plain("OrderTotal", _amount(order, charged.total)),
        plain("TaxAmount", _amount(order, charged.tax + charged.shipping_tax)),
        plain("ShippingAmount", _amount(order, charged.shipping_cost)),
    ]


def _notes(order: Order) -> str:
    """What a packer should know."""
    words = []
    if order.is_directed_cancel:
        words.append("Jet asks to cancel units of this order; they are taken off the quantities.")
    if order.ship_by:
        words.append(f"Ship by {_time(order.ship_by)}.")
    if order.deliver_by:
        words.append(f"Jet promised delivery by {_time(order.deliver_by)}.")
    return " ".join(words)


def _email(order: Order, options: Options) -> str:
    """The merchant's own address for orders if he gave one, else Jet's relay address."""
    text = clean(options.customer_email or order.hash_email).strip()
    return text if len(text) <= MAX_EMAIL else ""


def _customer(order: Order, options: Options) -> str:
    email = _email(order, options)
    code = email if 0 < len(email) <= MAX_CODE else (order.customer_reference_order_id or str(order))
    name = order.ship_to_name or order.buyer_name
    bill_to = [
        element("Name", order.buyer_name or name, 100),
        optional("Phone", order.buyer_phone, 50),
        optional("Email", email, 100),
    ]
    ship_to = [
        element("Name", name, 100),
        element("Address1", order.ship_to_address1, 200),
        optional("Address2", order.ship_to_address2, 200),
        element("City", order.ship_to_city, 100),
        optional("State", order.ship_to_state, 100),
        element("PostalCode", order.ship_to_zip, 50),
        element("Country", "US"),
        optional("Phone", order.ship_to_phone or order.buyer_phone, 50),
    ]
    return (
        f"<Customer>{element('CustomerCode', code, MAX_CODE)}<BillTo>{''.join(bill_to)}</BillTo>"
        f"<ShipTo>{''.join(ship_to)}</ShipTo></Customer>"
    )


def _items(order: Order, lines: Iterable[OrderLine], units: Mapping[int, LineUnits]) -> str:
    shown = [
        _item(order, line, quantity)
        for line in lines
        if (quantity := quantity_to_ship(order, line, units.get(line.pk, LineUnits())))
    ]
    return "\n".join(["<Items>", *shown, "</Items>"])


def quantity_to_ship(order: Order, line: OrderLine, units: LineUnits) -> int:
    """Ordered minus cancelled. While the order is open also minus what the shopper wants cancelled and what left
    without ShipStation, so that nobody packs it twice.
    """
    if order.state in {OrderState.REJECTED, OrderState.EXPIRED, OrderState.FAILED}:
        return line.quantity
    left = line.quantity - units.cancelled
    if order.state != OrderState.COMPLETE:
        left -= max(0, line.cancel_requested - units.cancelled) + units.elsewhere
    return max(0, left)


def _item(order: Order, line: OrderLine, quantity: int) -> str:
    parts = [
        element("LineItemID", line.pk),
        element("SKU", _sku(order, line)),
        element("Name", line.title or line.sku, 200),
        *(_goods(line.variant) if line.variant else ()),
        plain("Quantity", quantity),
        plain("UnitPrice", _amount(order, line.base_price)),
        _options(line.variant) if line.variant else "",
    ]
    return "\n".join(["<Item>", *(part for part in parts if part), "</Item>"])


def _sku(order: Order, line: OrderLine) -> str:
    """Whole or not at all: a SKU that was cut is another product."""
    if clean(line.sku) != line.sku or not 0 < len(line.sku) <= MAX_SKU:
        raise Unexportable(
            f"Order {order}: the SKU “{clean(line.sku)[:MAX_SKU]}” cannot be sent to ShipStation.",
            hint=f"ShipStation takes 1 to {MAX_SKU} characters without control characters. Ship this order here.",
        )
    return line.sku


def _goods(variant: Variant) -> list[str]:
    parts = []
    url = variant.main_image_url.strip()
    if url.startswith(("https://", "http://")) and len(url) <= MAX_URL and len(url.split()) == 1:
        parts.append(element("ImageUrl", url))
    if variant.shipping_weight_pounds:
        parts += [plain("Weight", variant.shipping_weight_pounds), plain("WeightUnits", "Pounds")]
    sizes = (
        ("Length", variant.package_length_inches),
        ("Width", variant.package_width_inches),
        ("Height", variant.package_height_inches),
    )
    if all(value for _name, value in sizes):
        inner = "".join(plain(name, value) for name, value in sizes)
        parts.append(f"<Dimensions>{plain('DimensionUnits', 'inches')}{inner}</Dimensions>")
    return parts


def _options(variant: Variant) -> str:
    chosen = [
        f"<Option>{element('Name', entry.get('name', ''), 100)}{element('Value', entry.get('value', ''), 100)}</Option>"
        for entry in (variant.options or [])[:MAX_OPTIONS]
        if isinstance(entry, dict) and entry.get("name")
    ]
    return f"<Options>{''.join(chosen)}</Options>" if chosen else ""
