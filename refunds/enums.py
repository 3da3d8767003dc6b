"""Word lists of refunds, and the one table of allowed transitions."""

from __future__ import annotations

from django.db.models import TextChoices


class RefundStatus(TextChoices):
    """Ours beside Jet's; Jet has two words for a rejection, kept on the refund."""

    CREATED = "created", "Created"
    PROCESSING = "processing", "Processing"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"


# Never backwards, so that a read which was overtaken by a newer one changes nothing.
TRANSITIONS: dict[str, frozenset[str]] = {
    RefundStatus.CREATED: frozenset({RefundStatus.PROCESSING, RefundStatus.ACCEPTED, RefundStatus.REJECTED}),
    RefundStatus.PROCESSING: frozenset({RefundStatus.ACCEPTED, RefundStatus.REJECTED}),
    RefundStatus.ACCEPTED: frozenset(),
    RefundStatus.REJECTED: frozenset(),
}

# Jet may still change these; the status job asks about them.
OPEN_STATUSES = (RefundStatus.CREATED, RefundStatus.PROCESSING)


def may_become(old: str, new: str) -> bool:
    """Whether the table allows the step; staying is no step and always allowed."""
    return old == new or new in TRANSITIONS.get(old, frozenset())


def status_of(jet_word: str) -> RefundStatus | None:
    """Our status for Jet's word, whatever its case; None for one that is new to us."""
    word = jet_word.strip().casefold()
    if word.startswith("rejected"):
        return RefundStatus.REJECTED
    return RefundStatus(word) if word in RefundStatus.values else None


class SettlementState(TextChoices):
    """Where the money of a settlement report is; a word that is new to us is kept beside `unknown`."""

    SUBMITTED = "submitted", "Submitted"
    PAID = "paid", "Paid"
    REJECTED = "rejected", "Rejected"
    UNKNOWN = "unknown", "Unknown"


# The bank has not decided yet, as far as we know: such a report is read again however old it is.
OPEN_SETTLEMENTS = (SettlementState.SUBMITTED, SettlementState.UNKNOWN)
_SETTLEMENT_WORDS = {
    "submitted": SettlementState.SUBMITTED,
    "paid": SettlementState.PAID,
    "deposited": SettlementState.PAID,
    "rejected": SettlementState.REJECTED,
}


class SettlementSide(TextChoices):
    """The two records of details in a settlement report."""

    ORDER = "order", "Orders"
    RETURN = "return", "Returns and refunds"


def settlement_state_of(jet_word: str) -> SettlementState:
    """Our state for Jet's word, whatever its case; `deposited` is the word of 2014."""
    return _SETTLEMENT_WORDS.get(jet_word.strip().casefold(), SettlementState.UNKNOWN)
