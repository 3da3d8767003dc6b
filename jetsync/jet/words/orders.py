"""Words of orders, returns, refunds and settlement (orders.md sections 3 and 5 to 7)."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

# From this day Jet takes the new `return_refund_feedback` words and no longer the old ones (orders.md section 5.5).
FEEDBACK_CHANGED = datetime(2018, 1, 30, tzinfo=UTC)


class OrderStatus(StrEnum):
    """`status` of an order and the word of its list."""

    CREATED = "created"
    READY = "ready"
    ACKNOWLEDGED = "acknowledged"
    INPROGRESS = "inprogress"
    COMPLETE = "complete"


class ExceptionState(StrEnum):
    """`exception_state`: Jet accepts over-quantities and flags them afterwards."""

    TOO_MANY_CANCELLED = "exception - too many units cancelled"
    TOO_MANY_SHIPPED = "exception - too many units shipped"
    CANCELLED_BY_JET = "exception - jet manual canceled to complete state"
    ORDER_REJECTED = "exception - order rejected"
    RESOLVED = "resolved"


class AcknowledgementStatus(StrEnum):
    """`acknowledgement_status` of an order."""

    ACCEPTED = "accepted"
    REJECTED_OTHER = "rejected - other"
    REJECTED_FRAUD = "rejected - fraud"
    REJECTED_ITEM_LEVEL_ERROR = "rejected - item level error"
    REJECTED_SHIP_FROM_LOCATION_NOT_AVAILABLE = "rejected - ship from location not available"
    REJECTED_SHIPPING_METHOD_NOT_SUPPORTED = "rejected - shipping method not supported"
    REJECTED_UNFULFILLABLE_ADDRESS = "rejected - unfulfillable address"


class ItemAcknowledgement(StrEnum):
    """`order_item_acknowledgement_status`."""

    FULFILLABLE = "fulfillable"
    INVALID_MERCHANT_SKU = "nonfulfillable - invalid merchant SKU"
    NO_INVENTORY = "nonfulfillable - no inventory"


class ReturnStatus(StrEnum):
    """`return_status` and the word of its list."""

    CREATED = "created"
    INPROGRESS = "inprogress"
    COMPLETED_BY_MERCHANT = "completed by merchant"


class OldReturnStatus(StrEnum):
    """Words of 2014 to 2016, read only."""

    ACKNOWLEDGED = "acknowledged"
    REFUND_CUSTOMER_WITHOUT_RETURN = "refund customer without return"
    JET_REFUNDED = "Jet refunded"


class ChargeFeedback(StrEnum):
    """`return_charge_feedback`, needed when the merchant does not agree to the charge. The last three came in 2017."""

    OTHER = "other"
    OUTSIDE_MERCHANT_POLICY = "outsideMerchantPolicy"
    NOT_MERCHANT_ERROR = "notMerchantError"
    WRONG_ITEM = "wrongItem"
    FRAUD = "fraud"
    RETURNED_OUTSIDE_WINDOW = "returnedOutsideWindow"


class ReturnFeedback(StrEnum):
    """`return_refund_feedback` from 30 January 2018: why less is refunded than asked for."""

    ITEM_DAMAGED = "Item damaged"
    NOT_SHIPPED_IN_ORIGINAL_PACKAGING = "Not shipped in original packaging"
    ITEM_IS_MISSING_PARTS_ACCESSORIES = "Item is missing parts/accessories"
    WRONG_ITEM = "Wrong Item"
    RETURNED_OUTSIDE_WINDOW = "Returned outside window"
    RESTOCKING_FEE = "Restocking fee"
    REROUTING_FEE = "Rerouting fee"


class OldReturnFeedback(StrEnum):
    """`return_refund_feedback` and `refund_feedback` before 30 January 2018."""

    OTHER = "other"
    ITEM_DAMAGED = "item damaged"
    NOT_SHIPPED_IN_ORIGINAL_PACKAGING = "not shipped in original packaging"
    CUSTOMER_OPENED_ITEM = "customer opened item"


class ReturnReason(StrEnum):
    """The shopper's `reason` of a return."""

    NO_LONGER_WANT_THIS_ITEM = "No longer want this item"
    RECEIVED_THE_WRONG_ITEM = "Received the wrong item"
    WEBSITE_DESCRIPTION_IS_INACCURATE = "Website description is inaccurate"
    PRODUCT_IS_DEFECTIVE_DOES_NOT_WORK = "Product is defective / does not work"
    ITEM_ARRIVED_DAMAGED_BOX_INTACT = "Item arrived damaged - box intact"
    ITEM_ARRIVED_DAMAGED_BOX_DAMAGED = "Item arrived damaged - box damaged"
    PACKAGE_NEVER_ARRIVED = "Package never arrived"
    PACKAGE_ARRIVED_LATE = "Package arrived late"
    WRONG_QUANTITY_RECEIVED = "Wrong quantity received"
    BETTER_PRICE_FOUND_ELSEWHERE = "Better price found elsewhere"
    UNWANTED_GIFT = "Unwanted gift"
    ACCIDENTAL_ORDER = "Accidental order"
    UNAUTHORIZED_PURCHASE = "Unauthorized purchase"
    ITEM_IS_MISSING_PARTS_ACCESSORIES = "Item is missing parts / accessories"
    ITEM_IS_REFURBISHED = "Item is refurbished"
    ITEM_IS_EXPIRED = "Item is expired"
    PACKAGE_ARRIVED_AFTER_ESTIMATED_DELIVERY_DATE = "Package arrived after estimated delivery date"


class RefundReason(StrEnum):
    """`refund_reason`: the reasons of a return and two for parcels sent back."""

    NO_LONGER_WANT_THIS_ITEM = "No longer want this item"
    RECEIVED_THE_WRONG_ITEM = "Received the wrong item"
    WEBSITE_DESCRIPTION_IS_INACCURATE = "Website description is inaccurate"
    PRODUCT_IS_DEFECTIVE_DOES_NOT_WORK = "Product is defective / does not work"
    ITEM_ARRIVED_DAMAGED_BOX_INTACT = "Item arrived damaged - box intact"
    ITEM_ARRIVED_DAMAGED_BOX_DAMAGED = "Item arrived damaged - box damaged"
    PACKAGE_NEVER_ARRIVED = "Package never arrived"
    PACKAGE_ARRIVED_LATE = "Package arrived late"
    WRONG_QUANTITY_RECEIVED = "Wrong quantity received"
    BETTER_PRICE_FOUND_ELSEWHERE = "Better price found elsewhere"
    UNWANTED_GIFT = "Unwanted gift"
    ACCIDENTAL_ORDER = "Accidental order"
    UNAUTHORIZED_PURCHASE = "Unauthorized purchase"
    ITEM_IS_MISSING_PARTS_ACCESSORIES = "Item is missing parts / accessories"
    ITEM_IS_REFURBISHED = "Item is refurbished"
    ITEM_IS_EXPIRED = "Item is expired"
    PACKAGE_ARRIVED_AFTER_ESTIMATED_DELIVERY_DATE = "Package arrived after estimated delivery date"
    RETURN_TO_SENDER = "Return to Sender - damaged, undeliverable, refused"
    LOST_IN_TRANSIT = "Return to Sender - lost in transit only"


class OldReason(StrEnum):
    """Reasons before 2017, of returns and refunds alike; read only."""

    WRONG_QUANTITY_RECEIVED = "wrong quantity received"
    RECEIVED_WRONG_ITEM_THAN_WHAT_WAS_ORDERED = "received wrong item than what was ordered"
    ACCIDENTAL_ORDER = "accidental order"
    ITEM_IS_DAMAGED_BROKEN = "item is damaged/broken"
    ITEM_IS_DEFECTIVE_DOES_NOT_WORK_PROPERLY = "item is defective/does not work properly"
    SHIPPING_BOX_AND_ITEM_ARE_BOTH_DAMAGED = "shipping box and item are both damaged"
    ITEM_WAS_DIFFERENT_THAN_WEBSITE_DESCRIPTION = "item was different than website description"
    PACKAGE_ARRIVED_LATER_THAN_PROMISED_DELIVERY_DATE = "package arrived later than promised delivery date"
    PACKAGE_NEVER_ARRIVED = "package never arrived"
    UNWANTED_GIFT = "unwanted gift"
    UNAUTHORIZED_PURCHASE = "unauthorized purchase"
    BETTER_PRICE_AVAILABLE = "better price available"
    NO_LONGER_NEED_WANT = "no longer need/want"


class RefundFeedback(StrEnum):
    """`refund_feedback` from February 2018 at the latest."""

    ITEM_DAMAGED = "Item damaged"
    WRONG_ITEM = "Wrong item"
    ITEM_IS_MISSING_PARTS_ACCESSORIES = "Item is missing parts/accessories"
    RETURNED_OUTSIDE_WINDOW = "Returned outside window"
    RESTOCKING_FEE = "Restocking fee"
    NOT_SHIPPED_IN_ORIGINAL_PACKAGING = "Not shipped in original packaging"
    REROUTING_FEE = "Rerouting fee"
    ITEMS_NOT_RECEIVED = "Items not received"
    REFUNDED_MINUS_SHIPPING_COST = "Refunded minus shipping cost"


class RefundStatus(StrEnum):
    """`refund_status`; a bare `rejected` is the word of the list of both kinds."""

    CREATED = "created"
    PROCESSING = "processing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    REJECTED_CUSTOMER_CARD_NOT_VALID = "rejected - customer card not valid"
    REJECTED_REFUND_CONFLICTS_WITH_RETURNS_POLICY = "rejected - refund conflicts with returns policy"


class SettlementState(StrEnum):
    """`settlement_state`; `deposited` is the word of 2014."""

    SUBMITTED = "Submitted"
    PAID = "Paid"
    REJECTED = "Rejected"
    DEPOSITED = "deposited"


def return_feedback_words(at: datetime) -> type[ReturnFeedback | OldReturnFeedback]:
    """The `return_refund_feedback` words Jet takes at this (aware) time. Source: Jet's release schedule."""
    return ReturnFeedback if at >= FEEDBACK_CHANGED else OldReturnFeedback


def refund_feedback_words(at: datetime) -> type[RefundFeedback | OldReturnFeedback]:
    """The `refund_feedback` words at this (aware) time; their first day is not known better than the other list's."""
    return RefundFeedback if at >= FEEDBACK_CHANGED else OldReturnFeedback
