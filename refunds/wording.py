"""Jet's refund words, and which reasons mean that the goods never came back."""

from __future__ import annotations

from datetime import datetime

from jetsync.jet.words import RefundReason, refund_feedback_words

WHEN_USED = (
    "A refund is for goods that came back to you, or were lost, without a return at Jet. "
    "When the shopper opened a return, answer that return instead."
)

# Nothing need have come back for these: the parcel was lost, refused or destroyed, or units were missing in it.
MISSING_GOODS_REASONS = frozenset(
    {
        RefundReason.PACKAGE_NEVER_ARRIVED,
        RefundReason.LOST_IN_TRANSIT,
        RefundReason.RETURN_TO_SENDER,
        RefundReason.WRONG_QUANTITY_RECEIVED,
    }
)


def reason_choices() -> list[tuple[str, str]]:
    return [(str(word), str(word)) for word in RefundReason]


def feedback_choices(at: datetime) -> list[tuple[str, str]]:
    """The `refund_feedback` words Jet takes at this (aware) time."""
    return [(str(word), str(word)[:1].upper() + str(word)[1:]) for word in refund_feedback_words(at)]


def are_goods_missing(reason: str) -> bool:
    return reason in MISSING_GOODS_REASONS
