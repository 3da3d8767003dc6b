"""Badges of settlement reports."""

from __future__ import annotations

from jetsync.panel.statuses import Status, register_statuses
from refunds.models import SettlementReport

register_statuses(
    {
        "settlement.submitted": Status("Submitted", "blue", "Submitted", "Jet sent the money to the bank."),
        "settlement.paid": Status("Paid", "green", "Paid", "The bank has paid it out."),
        "settlement.rejected": Status(
            "Rejected", "red", "Rejected", "The bank did not take it; you have no money yet."
        ),
        "settlement.unknown": Status("Unknown", "yellow", explanation="Jet's word stands beside it."),
        "settlement.unread": Status(
            "Not readable", "red", explanation="Kept as Jet sent it; the page says what could not be read."
        ),
    }
)


def settlement_status_key(report: SettlementReport) -> str:
    """The badge of a report; one that was never readable shows that."""
    if report.problems and report.raw is None:
        return "settlement.unread"
    return f"settlement.{report.state}"
