"""Jet's words with the merchant's words beside them, and what a choice means."""

from __future__ import annotations

from datetime import datetime

from jetsync.jet.words import ChargeFeedback, OldReturnFeedback, return_feedback_words

AGREE_MEANING = (
    "Yes: you pay the whole return charge of this notice. No: you dispute it, say why, and Jet decides. "
    "What the shopper gets back is decided on the lines below, whatever you choose here."
)

# RET-06: exactly these six, in this order.
CHARGE_FEEDBACK_LABELS: dict[str, str] = {
    ChargeFeedback.OUTSIDE_MERCHANT_POLICY: "Outside Merchant Policy",
    ChargeFeedback.NOT_MERCHANT_ERROR: "Not Merchant Error",
    ChargeFeedback.WRONG_ITEM: "Wrong Item",
    ChargeFeedback.FRAUD: "Fraud",
    ChargeFeedback.RETURNED_OUTSIDE_WINDOW: "Returned Outside Window",
    ChargeFeedback.OTHER: "Other",
}

CHARGE_FEEDBACK_MEANINGS: dict[str, str] = {
    ChargeFeedback.OUTSIDE_MERCHANT_POLICY: (
        "The item is right, undamaged and works, and your own policy would not pay its way back."
    ),
    ChargeFeedback.NOT_MERCHANT_ERROR: "You did not cause the return.",
    ChargeFeedback.OTHER: "Explain it in the notes of a line.",
}


def charge_feedback_choices() -> list[tuple[str, str]]:
    return [(str(word), label) for word, label in CHARGE_FEEDBACK_LABELS.items()]


def charge_feedback_label(word: str) -> str:
    """Plain words for `return_charge_feedback`; one that is new to us stays as Jet sent it."""
    return CHARGE_FEEDBACK_LABELS.get(word, word)


def return_feedback_choices(at: datetime) -> list[tuple[str, str]]:
    """The `return_refund_feedback` words Jet takes at this (aware) time."""
    return [(str(word), str(word)[:1].upper() + str(word)[1:]) for word in return_feedback_words(at)]


def needs_note(feedback: str) -> bool:
    """Jet expects a note beside "other"."""
    return feedback.casefold() == OldReturnFeedback.OTHER
