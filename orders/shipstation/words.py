"""Word lists of the ShipStation connection, and which word belongs into which box of ShipStation's form."""

from __future__ import annotations

from django.db.models import TextChoices


class StatusWord(TextChoices):
    """What an order is called towards ShipStation. The merchant may give each its own word."""

    READY = "ready", "Ready, not accepted yet"
    ACKNOWLEDGED = "acknowledged", "Accepted, to be shipped"
    IN_PROGRESS = "inprogress", "Partly shipped"
    COMPLETE = "complete", "Completed"
    CANCELLED = "cancelled", "Rejected, missed or cancelled"
    ON_HOLD = "on_hold", "Not readable, at Jet's check or without a full address"


class ShippedStatus(TextChoices):
    """What an order is called from ShipStation's report of the last parcel until Jet has taken it."""

    COMPLETE = "complete", "Completed at once"
    IN_PROGRESS = "inprogress", "Partly shipped, completed when Jet has it"
    AS_AT_JET = "as_at_jet", "As it was, completed when Jet has it"


class NoticeState(TextChoices):
    """`waiting -> shipped | nothing_left | needs_tracking | refused`; a person sends the last two round again."""

    WAITING = "waiting", "Being handled"
    SHIPPED = "shipped", "Shipment made"
    NEEDS_TRACKING = "needs_tracking", "Tracking number missing"
    NOTHING_LEFT = "nothing_left", "Nothing was left to ship"
    REFUSED = "refused", "Could not be used"
    CLOSED = "closed", "Closed by hand"


# These wait for a person.
OPEN_NOTICES = (NoticeState.NEEDS_TRACKING, NoticeState.REFUSED)


class CallAction(TextChoices):
    EXPORT = "export", "Orders asked for"
    NOTICE = "shipnotify", "Shipment reported"
    OTHER = "other", "Something else"


MAX_WORD = 50
DEFAULT_EXPORT = (
    StatusWord.ACKNOWLEDGED,
    StatusWord.IN_PROGRESS,
    StatusWord.COMPLETE,
    StatusWord.CANCELLED,
)
# The boxes of ShipStation's store form, in its order; several words in one box are parted by commas.
BOXES: tuple[tuple[str, tuple[StatusWord, ...]], ...] = (
    ("Awaiting Payment Statuses", (StatusWord.READY,)),
    ("Awaiting Shipment Statuses", (StatusWord.ACKNOWLEDGED, StatusWord.IN_PROGRESS)),
    ("Shipped Statuses", (StatusWord.COMPLETE,)),
    ("Cancelled Statuses", (StatusWord.CANCELLED,)),
    ("On-Hold Statuses", (StatusWord.ON_HOLD,)),
)


def default_export() -> list[str]:
    return [str(word) for word in DEFAULT_EXPORT]
