"""Word lists of returns, and the one table of allowed transitions."""

from __future__ import annotations

from django.db.models import TextChoices


class ReturnStatus(TextChoices):
    """Ours beside Jet's. `not_accepted` is local: Jet completes a return that the merchant disputed as well."""

    CREATED = "created", "Created"
    IN_PROGRESS = "inprogress", "In progress"
    COMPLETED = "completed", "Completed"
    NOT_ACCEPTED = "not_accepted", "Not accepted"
    OTHER = "other", "Other"


# Never backwards, so that a read which was overtaken by a newer one changes nothing.
TRANSITIONS: dict[str, frozenset[str]] = {
    ReturnStatus.CREATED: frozenset(
        {ReturnStatus.IN_PROGRESS, ReturnStatus.COMPLETED, ReturnStatus.NOT_ACCEPTED, ReturnStatus.OTHER}
    ),
    ReturnStatus.IN_PROGRESS: frozenset(
        {ReturnStatus.COMPLETED, ReturnStatus.NOT_ACCEPTED, ReturnStatus.OTHER}
    ),
    ReturnStatus.COMPLETED: frozenset(),
    ReturnStatus.NOT_ACCEPTED: frozenset(),
    ReturnStatus.OTHER: frozenset(
        {
            ReturnStatus.CREATED,
            ReturnStatus.IN_PROGRESS,
            ReturnStatus.COMPLETED,
            ReturnStatus.NOT_ACCEPTED,
        }
    ),
}

# Jet may still change these by itself; the fetch asks about them.
OPEN_STATUSES = (ReturnStatus.CREATED, ReturnStatus.IN_PROGRESS, ReturnStatus.OTHER)
# Jet has paid the shopper what it shows, or what was asked for. A disputed return *charge* is no disputed payment.
FINISHED_STATUSES = (ReturnStatus.COMPLETED, ReturnStatus.NOT_ACCEPTED)
# The lines hold what Jet shows as given, whatever we meant to send.
ANSWERED_STATUSES = (ReturnStatus.IN_PROGRESS, *FINISHED_STATUSES, ReturnStatus.OTHER)


def may_become(old: str, new: str) -> bool:
    """Whether the table allows the step; staying is no step and always allowed."""
    return old == new or new in TRANSITIONS.get(old, frozenset())


class SendState(TextChoices):
    """Where a stored decision is on its way to Jet; returns and refunds alike.

    `[waiting ->] queued -> checking -> sent | refused`. `waiting` is stored and holds its money, and nothing sends it
    until a second person confirms. `checking` is written before the call, so that a lost answer or a
    killed worker always leads to a look at Jet and never to a second payment.
    """

    NONE = "none", "Nothing to send"
    WAITING = "waiting", "Waits for a second person"
    QUEUED = "queued", "Waiting to be sent"
    CHECKING = "checking", "Sent, answer not in yet"
    SENT = "sent", "Sent to Jet"
    REFUSED = "refused", "Refused by Jet"


# A decision in one of these holds its money: nothing else may pay it out.
HOLDING_STATES = (SendState.WAITING, SendState.QUEUED, SendState.CHECKING, SendState.SENT)
# It reaches Jet without anybody's further word, or is there.
ON_ITS_WAY_STATES = (SendState.QUEUED, SendState.CHECKING, SendState.SENT)
# The next look at Jet will change them.
IN_FLIGHT_STATES = (SendState.QUEUED, SendState.CHECKING)
