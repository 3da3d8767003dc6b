"""Badges of refunds."""

from __future__ import annotations

from jetsync.panel.statuses import Status, register_statuses
from refunds.enums import RefundStatus
from refunds.models import Refund
from returns import statuses as _statuses  # noqa: F401 -- the badges of the way to Jet
from returns.enums import SendState

register_statuses(
    {
        "refund.created": Status("Created", "blue", "created", "Jet has it and has not started to pay."),
        "refund.processing": Status(
            "Processing", "azure", "processing", "Jet is paying the shopper.", busy=True
        ),
        "refund.accepted": Status("Accepted", "green", "accepted", "The shopper has the money."),
        "refund.rejected": Status(
            "Rejected", "red", "rejected", "The shopper did not get it; Jet's reason stands beside it."
        ),
        "refund.waiting": Status(
            "Waits for a second person",
            "purple",
            explanation="Stored here and not sent: somebody else confirms it first. Its money counts as paid.",
        ),
        "refund.unreadable": Status(
            "Could not be read",
            "red",
            explanation="Made elsewhere; its amount is unknown until it can be read.",
        ),
        "refund.sending": Status("Sending", "yellow", explanation="On its way to Jet.", busy=True),
        "refund.refused": Status("Not sent", "red", explanation="It did not get to Jet; nothing was paid."),
    }
)


def refund_status_key(refund: Refund) -> str:
    """The badge of a refund; one that has not arrived at Jet shows that."""
    if refund.is_waiting:
        return "refund.waiting"
    if refund.is_unreadable:
        return "refund.unreadable"
    if refund.is_in_flight:
        return "refund.sending"
    if refund.send_state == SendState.REFUSED and refund.status == RefundStatus.CREATED:
        return "refund.refused"
    return f"refund.{refund.status}"
