"""Word lists of orders, and the one table of allowed transitions."""

from __future__ import annotations

from django.db.models import TextChoices


class OrderState(TextChoices):
    """Ours beside Jet's. `rejected`, `expired` and `failed` are local: Jet has no list for them."""

    CREATED = "created", "At Jet's check"
    READY = "ready", "Ready"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    IN_PROGRESS = "inprogress", "In progress"
    COMPLETE = "complete", "Completed"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"
    FAILED = "failed", "Failed"


# Never backwards along Jet's own road, so that a read which was overtaken by a newer write changes nothing.
# An expired or failed order may still turn out alive at Jet; what Jet shows wins.
TRANSITIONS: dict[str, frozenset[str]] = {
    OrderState.CREATED: frozenset(
        {
            OrderState.READY,
            OrderState.ACKNOWLEDGED,
            OrderState.IN_PROGRESS,
            OrderState.COMPLETE,
            OrderState.REJECTED,
            OrderState.EXPIRED,
            OrderState.FAILED,
        }
    ),
    OrderState.READY: frozenset(
        {
            OrderState.ACKNOWLEDGED,
            OrderState.IN_PROGRESS,
            OrderState.COMPLETE,
            OrderState.REJECTED,
            OrderState.EXPIRED,
            OrderState.FAILED,
        }
    ),
    OrderState.ACKNOWLEDGED: frozenset({OrderState.IN_PROGRESS, OrderState.COMPLETE}),
    OrderState.IN_PROGRESS: frozenset({OrderState.COMPLETE}),
    OrderState.COMPLETE: frozenset(),
    OrderState.REJECTED: frozenset(),
    OrderState.EXPIRED: frozenset(
        {
            OrderState.READY,
            OrderState.ACKNOWLEDGED,
            OrderState.IN_PROGRESS,
            OrderState.COMPLETE,
            OrderState.REJECTED,
        }
    ),
    OrderState.FAILED: frozenset(
        {
            OrderState.CREATED,
            OrderState.READY,
            OrderState.ACKNOWLEDGED,
            OrderState.IN_PROGRESS,
            OrderState.COMPLETE,
            OrderState.REJECTED,
            OrderState.EXPIRED,
        }
    ),
}

OPEN_STATES = (OrderState.CREATED, OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
SHIPPABLE_STATES = (OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
# What is not on its way to the shopper yet, answered or not.
UNSHIPPED_STATES = (OrderState.READY, *SHIPPABLE_STATES)
FAILED_STATES = (OrderState.REJECTED, OrderState.EXPIRED, OrderState.FAILED)
# What Jet has not released, and what came to nothing.
NO_SALE_STATES = (*FAILED_STATES, OrderState.CREATED)


def may_become(old: str, new: str) -> bool:
    """Whether the table allows the step; staying is no step and always allowed."""
    return old == new or new in TRANSITIONS.get(old, frozenset())


class AnsweredBy(TextChoices):
    """Who decided what Jet was told; "" when it was somebody outside of jetsync."""

    AUTOMATIC = "automatic", "Automatically"
    FALLBACK = "fallback", "By the fallback"
    PERSON = "person", "By a person"


class FailureReason(TextChoices):
    """Why an order cannot be, or was not, fulfilled. Jet's own words stand beside it on the order."""

    SKU_UNKNOWN = "sku_unknown", "SKU not in the store"
    OUT_OF_STOCK = "out_of_stock", "Out of stock"
    PRODUCT_DISABLED = "product_disabled", "Product disabled"
    PAYMENT_METHOD = "payment_method", "Payment method not available"
    SHIPPING_METHOD = "shipping_method", "Shipping method not available"
    REJECTED_BY_YOU = "rejected_by_you", "Rejected by you"
    REJECTED_ELSEWHERE = "rejected_elsewhere", "Rejected outside jetsync"
    WINDOW_MISSED = "window_missed", "Acknowledge window missed"
    ANSWER_REFUSED = "answer_refused", "Jet refused the answer"
    UNKNOWN_STATUS = "unknown_status", "Status unknown to jetsync"
    UNREADABLE = "unreadable", "Order could not be read"
    SHIPMENT_REFUSED = "shipment_refused", "Jet refused a shipment"


# These keep an order from its store order only: Jet is answered and shipped all the same.
STORE_ORDER_REASONS = (FailureReason.PAYMENT_METHOD, FailureReason.SHIPPING_METHOD)

FAILURE_HINTS: dict[str, str] = {
    FailureReason.SKU_UNKNOWN: "Add the SKU under Products, or archive it at Jet so that it cannot be ordered again.",
    FailureReason.OUT_OF_STOCK: "Raise the quantity, or free pieces that another order holds. A buffer under Settings "
    "has Jet get a lower one.",
    FailureReason.PRODUCT_DISABLED: "Enable the product, or archive its SKU at Jet.",
    FailureReason.PAYMENT_METHOD: "Switch the method on, or choose another one, under Settings, Store orders.",
    FailureReason.SHIPPING_METHOD: "Switch the method on, or choose another one, under Settings, Store orders.",
    FailureReason.REJECTED_BY_YOU: "Nothing to do. Jet may offer the order to another seller.",
    FailureReason.REJECTED_ELSEWHERE: "Somebody answered this order at Jet itself or through another program.",
    FailureReason.WINDOW_MISSED: "Turn on automatic acknowledge, or choose another fallback, under Settings.",
    FailureReason.ANSWER_REFUSED: "Read Jet's words, correct what they name and answer the order again.",
    FailureReason.UNKNOWN_STATUS: "Jet's word is kept on the order. Look at it at Jet, and tell support the word.",
    FailureReason.UNREADABLE: "Everything Jet sent is kept. jetsync tries again with every fetch.",
    FailureReason.SHIPMENT_REFUSED: "Open the order, correct the shipment and send it again.",
}


class ShipmentState(TextChoices):
    """`queued -> sent`, or `queued -> checking -> sent` when Jet's answer was lost, or `-> refused`."""

    QUEUED = "queued", "Waiting to be sent"
    CHECKING = "checking", "May have arrived, checking"
    SENT = "sent", "Sent to Jet"
    REFUSED = "refused", "Refused by Jet"


# These hold units of the order: a refused one gives them back.
HOLDING_SHIPMENTS = (ShipmentState.QUEUED, ShipmentState.CHECKING, ShipmentState.SENT)


class HistoryKind(TextChoices):
    """The sections of an order's time line."""

    CALLS = "calls", "Calls"
    DECISIONS = "decisions", "Decisions"
    PEOPLE = "people", "People"
    PARCELS = "parcels", "Parcels"
    MAILS = "mails", "Mails"
    NOTICES = "notices", "Notices"


class HistoryResult(TextChoices):
    OK = "ok", "Went well"
    OPEN = "open", "Still open"
    BAD = "bad", "Went wrong"


class ShipmentSource(TextChoices):
    HERE = "here", "Entered here"
    JET = "jet", "Seen at Jet"
    STORE = "store", "From the store"
    SHIPSTATION = "shipstation", "From ShipStation"


class MethodKind(TextChoices):
    PAYMENT = "payment", "Payment method"
    SHIPPING = "shipping", "Shipping method"


class DocumentKind(TextChoices):
    INVOICE = "invoice", "Invoice"
    SHIPMENT = "shipment", "Shipment"
    CREDIT_MEMO = "credit_memo", "Credit memo"


# Jet has said yes to these, so they are orders of the store too.
STORE_ORDER_STATES = (OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS, OrderState.COMPLETE)
