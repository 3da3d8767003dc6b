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
