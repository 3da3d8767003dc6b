"""Imports every module that registers something: background steps, switches, bulk file handlers."""

from __future__ import annotations

from jetsync.sandbox import throttle
from jetsync.sandbox.files import handlers, running
from jetsync.sandbox.listings import choices as listing_choices
from jetsync.sandbox.listings import review
from jetsync.sandbox.marketplace import refunds, returns, settlement
from jetsync.sandbox.orders import choices, lifecycle
from jetsync.sandbox.orders.files import apply_shipments_file

ORDER_MODULES = (choices, lifecycle, returns, refunds, settlement)
LISTING_MODULES = (throttle, listing_choices, running, review)

handlers.register("Shipments", apply_shipments_file)
