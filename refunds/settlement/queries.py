"""Reads of settlement reports."""

from __future__ import annotations

from django.db.models import QuerySet

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import account_in_use
from refunds.enums import OPEN_SETTLEMENTS
from refunds.models import SettlementLine, SettlementReport


def all_settlements(merchant: Merchant) -> QuerySet[SettlementReport]:
    """Reports of the merchant's current mode."""
    return SettlementReport.objects.filter(merchant=merchant, account=account_in_use(merchant))


def get_settlement(merchant: Merchant, pk: int) -> SettlementReport:
    """One report of this merchant, of either mode. Raises NotFound."""
    report = (
        SettlementReport.objects.filter(merchant=merchant, pk=pk)
        .select_related("account", "merchant")
        .first()
    )
    if report is None:
        raise NotFound(f"There is no settlement report {pk}.", hint="It may belong to another merchant.")
    return report


def open_report_ids(merchant: Merchant) -> list[str]:
    """Jet's ids of the reports whose money is still on its way, oldest first."""
    rows = all_settlements(merchant).filter(state__in=OPEN_SETTLEMENTS)
    return list(rows.order_by("period_end", "pk").values_list("report_id", flat=True))


def settlement_lines(report: SettlementReport) -> list[SettlementLine]:
    """In the order in which Jet's records name them."""
    return list(SettlementLine.objects.filter(merchant=report.merchant_id, report=report).order_by("pk"))
