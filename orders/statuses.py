"""Badges of orders, shipments and failure reasons."""

from __future__ import annotations

from jetsync.panel.statuses import Status, register_statuses
from orders.enums import FailureReason

register_statuses(
    {
        "orders.created": Status(
            "At Jet's check",
            "secondary",
            "created",
            "Jet checks the payment for about 30 minutes. Do not ship.",
        ),
        "orders.ready": Status(
            "Ready", "orange", "ready", "Waits for your answer. Jet withdraws it after 15 minutes."
        ),
        "orders.acknowledged": Status("Acknowledged", "blue", "acknowledged", "Accepted. Ship it in time."),
        "orders.inprogress": Status(
            "In progress", "azure", "inprogress", "Some units are shipped or cancelled, others are open."
        ),
        "orders.complete": Status("Completed", "green", "complete", "Every unit is shipped or cancelled."),
        "orders.cancelled": Status(
            "Cancelled", "secondary", "complete", "Every unit was cancelled; nothing was shipped or charged."
        ),
        "orders.rejected": Status("Rejected", "red", "", "Jet was told that you do not deliver this order."),
        "orders.expired": Status(
            "Expired", "red", "", "Nobody answered in time, so Jet offered it to another seller."
        ),
        "orders.failed": Status("Failed", "red", "", "Could not be handled; the reason stands on the order."),
        "orders.accepting": Status("Accepting", "blue", "ready", "Your yes is on its way to Jet.", busy=True),
        "orders.rejecting": Status(
            "Rejecting", "orange", "ready", "Your no is on its way to Jet.", busy=True
        ),
        "shipment.queued": Status("Waiting", "secondary", explanation="Stored here, not sent to Jet yet."),
        "shipment.checking": Status(
            "Checking",
            "yellow",
            explanation="May have arrived; jetsync asks Jet before repeating it.",
            busy=True,
        ),
        "shipment.sent": Status("Sent", "green", explanation="Jet has it. It cannot be changed any more."),
        "shipment.refused": Status(
            "Refused", "red", explanation="Jet did not take it; its units are free again."
        ),
        "parcel.ready": Status(
            "Will be shipped", "green", explanation="Sent to Jet when you confirm the list."
        ),
        "parcel.done": Status(
            "Shipped before",
            "secondary",
            explanation="This number stands on the order already; it is skipped.",
        ),
        "parcel.wrong": Status(
            "Not shipped", "red", explanation="Left out, with its reason; the others are shipped."
        ),
        "shipstation.none": Status(
            "Not connected", "secondary", explanation="Make user name and key to begin."
        ),
        "shipstation.off": Status("Switched off", "yellow", explanation="Calls of ShipStation are refused."),
        "shipstation.silent": Status(
            "No call yet",
            "orange",
            explanation="ShipStation has not asked for orders since the key was made.",
        ),
        "shipstation.late": Status(
            "Silent", "orange", explanation="ShipStation has not asked for orders for more than a day."
        ),
        "shipstation.trouble": Status("Last call failed", "red", explanation="The reason stands below."),
        "shipstation.working": Status("Working", "green", explanation="ShipStation asks for orders."),
        "shipnotice.waiting": Status(
            "Being handled", "blue", explanation="Becomes a shipment within seconds.", busy=True
        ),
        "shipnotice.shipped": Status("Shipment made", "green", explanation="Jet is told of the shipment."),
        "shipnotice.needs_tracking": Status(
            "Tracking number missing", "orange", explanation="Jet needs one. Enter it."
        ),
        "shipnotice.nothing_left": Status(
            "Nothing was left", "secondary", explanation="Every unit had been shipped or cancelled before."
        ),
        "shipnotice.refused": Status("Could not be used", "red", explanation="Open it for the reason."),
        "shipnotice.closed": Status("Closed by hand", "secondary", explanation="Somebody saw to it."),
        **{
            f"reason.{reason.value}": Status(
                reason.label,
                "secondary" if reason == FailureReason.REJECTED_BY_YOU else "red",
            )
            for reason in FailureReason
        },
    }
)


def order_status_key(state: str, planned_answer: str, *, is_cancelled: bool = False) -> str:
    """The badge of an order; an answer on its way shows as such, and so does that nothing of it was shipped."""
    if is_cancelled:
        return "orders.cancelled"
    if state == "ready" and planned_answer:
        return "orders.accepting" if planned_answer == "accepted" else "orders.rejecting"
    return f"orders.{state}"
