"""Orders and shipments (orders.md section 3). Money in US dollars."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, NotRequired, TypedDict

from jetsync.jet.types.base import (
    AsList,
    JetModel,
    Money,
    OptionalMoment,
    OptionalMoney,
    either_or,
    spelled,
)
from jetsync.jet.words import (
    AcknowledgementStatus,
    Carrier,
    ExceptionState,
    ItemAcknowledgement,
    OrderStatus,
    ResponseMethod,
)

ZERO = Decimal("0.00")


class AcknowledgeItemBody(TypedDict):
    order_item_id: str
    """Jet's id of the line."""
    order_item_acknowledgement_status: ItemAcknowledgement
    """`fulfillable`, or why it is not."""
    alt_order_item_id: NotRequired[str]
    """The merchant's own id of the line; Jet keeps it."""


class AcknowledgeBody(TypedDict):
    acknowledgement_status: AcknowledgementStatus
    """`accepted` goes with every item `fulfillable`; `rejected - item level error` with at least one that is not."""
    order_items: list[AcknowledgeItemBody]
    """Every item of the order."""
    alt_order_id: NotRequired[str]
    """The merchant's own order number; Jet keeps it."""


class AddressBody(TypedDict):
    address1: str
    """Street and number."""
    address2: str
    """Empty when there is none."""
    city: str
    """Within the United States."""
    state: str
    """Two letters."""
    zip_code: str
    """Five digits, or nine with a dash."""


class ShipmentItemBody(TypedDict):
    merchant_sku: str
    """The SKU of the order's line."""
    response_shipment_sku_quantity: NotRequired[int]
    """Units shipped; one of the two quantities is needed."""
    response_shipment_cancel_qty: NotRequired[int]
    """Units cancelled."""
    alt_shipment_item_id: NotRequired[str]
    """The merchant's own id of the shipped line."""
    RMA_number: NotRequired[str]
    """The merchant's own number for a return of the line."""
    days_to_return: NotRequired[int]
    """30 is usual."""
    return_location: NotRequired[AddressBody]
    """Without it Jet uses the merchant's returns set-up."""


class RedirectBody(TypedDict):
    redirect_node: str
    """The node it was really shipped from."""
    is_redirect_for_zero_inventory: bool
    """True makes Jet zero the stock of the node it had chosen."""


class ShipmentBody(TypedDict):
    shipment_items: list[ShipmentItemBody]
    """What the parcel holds, and what is cancelled with it."""
    alt_shipment_id: NotRequired[str]
    """The merchant's own id; needed when the shipment only cancels, and to find it again after a lost answer."""
    shipment_tracking_number: NotRequired[str]
    """Needed when units ship, as are the date and the carrier."""
    response_shipment_date: NotRequired[datetime | str]
    """After the order was placed; a datetime is sent in Jet's form."""
    response_shipment_method: NotRequired[ResponseMethod | str]
    """Any text; empty is accepted."""
    carrier: NotRequired[Carrier | str]
    """Needed when units ship."""
    expected_delivery_date: NotRequired[datetime | str]
    """When the shopper will have it, as the merchant thinks."""
    ship_from_zip_code: NotRequired[str]
    """Five digits."""
    carrier_pick_up_date: NotRequired[datetime | str]
    """When the carrier took it."""
    redirect_notification: NotRequired[RedirectBody]
    """When it ships from another node than Jet chose."""


class ShippedBody(TypedDict):
    shipments: list[ShipmentBody]
    """Joined to those Jet has already."""
    alt_order_id: NotRequired[str]
    """The merchant's own order number."""


class GeneratedItem(TypedDict):
    """An item of a test order."""

    sku: str
    """One with a price and stock."""
    order_quantity: int
    """Units ordered."""
    order_cancel_quantity: int
    """Appears as `request_order_cancel_qty`."""


class FeeAdjustment(JetModel):
    adjustment_name: str = ""
    adjustment_type: str = ""
    commission_id: str = ""
    value: Money = ZERO


class ItemPrice(JetModel):
    """Base price and shipping per unit, taxes per line, as most clients read them; not settled (orders.md 3.3)."""

    base_price: Money = ZERO
    item_tax: Money = ZERO
    item_shipping_cost: Money = ZERO
    item_shipping_tax: Money = ZERO


class OrderTotals(JetModel):
    item_price: ItemPrice | None = None
    item_fees: OptionalMoney = None
    fee_adjustments: list[FeeAdjustment] = []
    regulatory_fees: OptionalMoney = None


class OrderItem(JetModel):
    order_item_id: str
    merchant_sku: str
    request_order_quantity: int
    request_order_cancel_qty: int = either_or(0, "request_order_cancel_qty", "request_order_cancel_quantity")
    alt_order_item_id: str | None = None
    product_title: str = ""
    adjustment_reason: str = ""
    item_tax_code: str = ""
    url: str = ""
    price_adjustment: OptionalMoney = None
    item_fees: OptionalMoney = None
    fee_adjustments: list[FeeAdjustment] = []
    tax_info: Any = None
    regulatory_fees: OptionalMoney = None
    item_price: ItemPrice = ItemPrice()
    order_item_acknowledgement_status: Annotated[str | None, spelled(ItemAcknowledgement)] = None


class OrderDetail(JetModel):
    """Carrier and method are advice; what counts is `request_delivery_by`."""

    request_shipping_carrier: Annotated[str | None, spelled(Carrier)] = None
    request_shipping_method: str | None = None
    request_service_level: str | None = None
    request_ship_by: OptionalMoment = None
    request_delivery_by: OptionalMoment = None


class Person(JetModel):
    name: str = ""
    phone_number: str = ""


class Address(JetModel):
    """United States only."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip_code: str = ""


class ShippingTo(JetModel):
    recipient: Person = Person()
    address: Address = Address()


class ShipmentItem(JetModel):
    merchant_sku: str = ""
    shipment_item_id: str | None = None
    alt_shipment_item_id: str | None = None
    response_shipment_sku_quantity: int = 0
    response_shipment_cancel_qty: int = 0
    RMA_number: str | None = None
    days_to_return: int | None = None


class Shipment(JetModel):
    shipment_id: str | None = None
    alt_shipment_id: str | None = None
    shipment_tracking_number: str | None = None
    response_shipment_date: OptionalMoment = None
    response_shipment_method: str | None = either_or(
        None, "response_shipment_method", "response_shipping_method"
    )
    expected_delivery_date: OptionalMoment = None
    ship_from_zip_code: str | None = None
    carrier_pick_up_date: OptionalMoment = None
    carrier: Annotated[str | None, spelled(Carrier)] = None
    shipment_items: Annotated[list[ShipmentItem], AsList] = []


class Order(JetModel):
    """`raw` is the whole of what Jet sent. Times that Jet leaves out, or writes unreadably, are None."""

    merchant_order_id: str
    status: Annotated[str, spelled(OrderStatus)]
    order_items: Annotated[list[OrderItem], AsList]
    reference_order_id: str = ""
    customer_reference_order_id: str | None = None
    fulfillment_node: str | None = None
    alt_order_id: str | None = None
    hash_email: str = ""
    exception_state: Annotated[str | None, spelled(ExceptionState)] = None
    acknowledgement_status: Annotated[str | None, spelled(AcknowledgementStatus)] = None
    order_placed_date: OptionalMoment = None
    order_transmission_date: OptionalMoment = None
    order_ready_date: OptionalMoment = None
    order_acknowledge_date: OptionalMoment = None
    has_shipments: bool = False
    jet_request_directed_cancel: bool = either_or(
        False, "jet_request_directed_cancel", "jet_requested_directed_cancel"
    )
    order_detail: OrderDetail = OrderDetail()
    buyer: Person = Person()
    shipping_to: ShippingTo = ShippingTo()
    order_totals: OrderTotals = OrderTotals()
    shipments: Annotated[list[Shipment], AsList] = []
