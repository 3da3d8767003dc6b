"""Refunds, and the settlement reports in which Jet pays."""

from __future__ import annotations

from refunds.models.daily import DailyReport
from refunds.models.refund import Refund, RefundLine
from refunds.models.settlement import SettlementLine, SettlementReport

__all__ = ["DailyReport", "Refund", "RefundLine", "SettlementLine", "SettlementReport"]
