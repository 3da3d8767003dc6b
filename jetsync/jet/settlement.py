"""Settlement reports (orders.md section 7)."""

from __future__ import annotations

from typing import Any

from jetsync.jet.paths import segment
from jetsync.jet.requestor import Requestor
from jetsync.jet.types.account import SettlementReport


class SettlementService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def report_ids(self, days: int) -> list[str]:
        """GET /settlement/{days}: ids of the reports of the last days. Documented: orders.md section 7."""
        return self._requestor.get(f"/settlement/{int(days)}").ids("settlement_report_urls")

    def report(self, report_id: str) -> SettlementReport:
        """GET /settlement/report/{id}, US dollars. Raises JetNotFound.

        Documented: orders.md section 7, fixture settlement.json.
        """
        return self._requestor.get(f"/settlement/report/{segment(report_id)}").parse(SettlementReport)

    def report_as_sent(self, report_id: str) -> Any:
        """The same answer as JSON, whatever its shape: the way to keep a report that cannot be read. Raises JetNotFound."""
        return self._requestor.get(f"/settlement/report/{segment(report_id)}").value
