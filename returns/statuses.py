"""Badges of returns and of the way of an answer to Jet."""

from __future__ import annotations

from jetsync.panel.statuses import Status, register_statuses
from returns.models import Return

register_statuses(
    {
        "return.created": Status(
            "Created",
            "orange",
            "created",
            "The shopper opened it. Answer within two business days after the goods arrived.",
        ),
        "return.inprogress": Status(
            "In progress", "azure", "inprogress", "Your answer is at Jet, which processes it."
        ),
        "return.completed": Status("Completed", "green", "completed by merchant", "Settled."),
        "return.not_accepted": Status(
            "Not accepted",
            "red",
            "completed by merchant",
            "Settled, and you disputed the return charge. What the shopper got stands on the lines.",
        ),
        "return.other": Status(
            "Other",
            "secondary",
            explanation="Jet's own word stands on the return. Amounts that Jet shows beside it count as paid.",
        ),
        "return.unreadable": Status(
            "Could not be read",
            "red",
            explanation="Jet lists it; every fetch tries again. Its order takes no refund as far as it is known.",
        ),
        "return.answering": Status(
            "Answering", "blue", "created", "Your answer is on its way to Jet.", busy=True
        ),
        "return.waiting": Status(
            "Waits for a second person",
            "purple",
            "created",
            "Answered here and not sent: somebody else confirms it first. Its money counts as given.",
        ),
        "send.none": Status("Not answered", "secondary", explanation="Nothing has been sent to Jet."),
        "send.queued": Status("Waiting", "secondary", explanation="Stored here, not sent to Jet yet."),
        "send.checking": Status(
            "Checking",
            "yellow",
            explanation="May have arrived; jetsync asks Jet before repeating it.",
            busy=True,
        ),
        "send.sent": Status("Sent", "green", explanation="Jet has it. It cannot be changed any more."),
        "send.refused": Status("Refused", "red", explanation="Jet did not take it; its money is free again."),
    }
)


def return_status_key(returned: Return) -> str:
    """The badge of a return; an answer on its way shows as such."""
    if returned.is_waiting:
        return "return.waiting"
    if returned.is_unreadable:
        return "return.unreadable"
    return "return.answering" if returned.is_in_flight else f"return.{returned.status}"
