"""Returns (orders.md section 5) and refunds (section 6). Money in US dollars, totals of the line."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, NotRequired, TypedDict

from jetsync.jet.types.base import AsList, JetModel, Money, OptionalMoment, OptionalMoney, either, spelled
from jetsync.jet.types.orders import ZERO, Address
from jetsync.jet.words import (
    ChargeFeedback,
    OldReason,
    OldReturnFeedback,
    OldReturnStatus,
    RefundFeedback,
    RefundReason,
    RefundStatus,
    ReturnFeedback,
    ReturnReason,
    ReturnStatus,
)


class RefundAmountBody(TypedDict):
    """Totals of the line, not of a unit; together at most what was asked for."""

    principal: Decimal
    """The goods themselves, US dollars as all here."""
    tax: Decimal
    """Tax on the goods."""
    shipping_cost: Decimal
    """What the shopper paid for shipping."""
    shipping_tax: Decimal
    """Tax on the shipping."""


class CompleteItemBody(TypedDict):
    order_item_id: str
    """Jet's id of the line."""
    total_quantity_returned: int
    """Units that came back."""
    order_return_refund_qty: int
    """Units refunded, at most those that came back."""
    refund_amount: RefundAmountBody
    """US dollars."""
    alt_order_item_id: NotRequired[str]
    """The merchant's own id of the line."""
    return_refund_feedback: NotRequired[ReturnFeedback | OldReturnFeedback]
    """When less is refunded than asked for; `words.return_feedback_words` says which list holds."""
    notes: NotRequired[str]
    """Why less is refunded; expected with the feedback `other`."""


class CompleteBody(TypedDict):
    merchant_order_id: str
    """The order the goods come from."""
    agree_to_return_charge: bool
    """To `merchant_return_charge` of the return."""
    items: list[CompleteItemBody]
    """Zero amounts refuse the return."""
    alt_order_id: NotRequired[str]
    """The merchant's own order number."""
    return_charge_feedback: NotRequired[ChargeFeedback]
    """Needed when the merchant does not agree."""


class RefundItemBody(TypedDict):
    order_item_id: str
    """Jet's id of the line."""
    total_quantity_returned: int
    """0 for goods that never came back."""
    order_return_refund_qty: int
    """Units refunded."""
    refund_reason: RefundReason | OldReason
    """Why the shopper gets money back."""
    refund_amount: RefundAmountBody
    """US dollars."""
    alt_order_item_id: NotRequired[str]
    """The merchant's own id of the line."""
    refund_feedback: NotRequired[RefundFeedback | OldReturnFeedback]
    """When less is refunded than was paid."""
    notes: NotRequired[str]
    """Why less is refunded."""


class RefundBody(TypedDict):
    items: list[RefundItemBody]
    """Lines of one order."""


class RefundAmount(JetModel):
    principal: Money = ZERO
    tax: Money = ZERO
    shipping_cost: Money = ZERO
    shipping_tax: Money = ZERO

    @property
    def total(self) -> Decimal:
        return self.principal + self.tax + self.shipping_cost + self.shipping_tax


class ReturnedSku(JetModel):
    """What the shopper sends back and asks for."""

    order_item_id: str = ""
    alt_order_item_id: str | None = None
    merchant_sku: str = ""
    merchant_sku_title: str = ""
    return_quantity: int = 0
    reason: Annotated[str, spelled(ReturnReason, OldReason)] = ""
    requested_refund_amount: RefundAmount = RefundAmount()


class CompletedItem(JetModel):
    """What the merchant reported."""

    order_item_id: str = ""
    alt_order_item_id: str | None = None
    total_quantity_returned: int = 0
    order_return_refund_qty: int = 0
    return_refund_feedback: str | None = None
    notes: str = ""
    refund_amount: RefundAmount = RefundAmount()


class Return(JetModel):
    merchant_return_authorization_id: str
    return_status: Annotated[str, spelled(ReturnStatus, OldReturnStatus)]
    reference_return_authorization_id: str | None = None
    alt_return_authorization_id: str | None = None
    refund_without_return: bool = False
    merchant_order_id: str = ""
    reference_order_id: str = ""
    alt_order_id: str | None = None
    return_date: OptionalMoment = None
    completed_date: OptionalMoment = None
    shipping_carrier: str | None = None
    tracking_number: str | None = None
    merchant_return_charge: OptionalMoney = None
    agree_to_return_charge: bool | None = None
    return_charge_feedback: Annotated[str | None, spelled(ChargeFeedback)] = None
    return_location: Annotated[list[Address], AsList] = []
    return_merchant_SKUs: Annotated[list[ReturnedSku], AsList] = []  # noqa: N815 -- Jet's capitals
    items: Annotated[list[CompletedItem], AsList] = []


class RefundCreated(JetModel):
    refund_authorization_id: str
    refund_status: Annotated[str, spelled(RefundStatus)] = RefundStatus.CREATED


class RefundItem(JetModel):
    order_item_id: str = ""
    alt_order_item_id: str | None = None
    total_quantity_returned: int = 0
    order_return_refund_qty: int = 0
    refund_reason: Annotated[str, spelled(RefundReason, OldReason)] = ""
    refund_feedback: Annotated[str | None, spelled(RefundFeedback, OldReturnFeedback)] = None
    notes: str = ""
    refund_amount: RefundAmount = RefundAmount()


class Refund(JetModel):
    refund_status: Annotated[str, spelled(RefundStatus)] = either("refund_status")
    refund_authorization_id: str = ""
    alt_refund_id: str | None = None
    merchant_order_id: str = ""
    reference_order_id: str = ""
    reference_merchant_order_id: str | None = None
    alt_order_id: str | None = None
    items: Annotated[list[RefundItem], AsList] = []
