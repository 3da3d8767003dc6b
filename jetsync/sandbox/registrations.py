"""Imports every module that registers something: background steps, switches, bulk file handlers."""

from __future__ import annotations

from jetsync.sandbox.marketplace import refunds, returns, settlement
from jetsync.sandbox.orders import choices, lifecycle

ORDER_MODULES = (choices, lifecycle, returns, refunds, settlement)
