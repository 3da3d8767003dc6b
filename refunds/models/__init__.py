"""Refunds, and the settlement reports in which Jet pays."""

from __future__ import annotations

from refunds.models.refund import Refund, RefundLine
from refunds.models.settlement import SettlementLine, SettlementReport

__all__ = ["Refund", "RefundLine", "SettlementLine", "SettlementReport"]
