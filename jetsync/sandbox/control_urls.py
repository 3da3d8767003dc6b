from __future__ import annotations

from django.urls import include, path

from jetsync.sandbox import control
from jetsync.sandbox.listings import control as listings

urlpatterns = [
    path("ready", control.ready),
    path("reset", control.reset),
    path("clock", control.steer_clock),
    path("process", control.process),
    path("faults", control.fault_board),
    path("requests", control.requests),
    path("counts", control.counts),
    path("switches", control.switch_board),
    path("tokens/revoke", control.revoke_tokens),
    path("accounts", control.accounts),
    path("nodes", control.nodes),
    path("return-locations", control.return_locations),
    path("skus/verdict", listings.verdict),
    path("skus/sales-data", listings.sales),
    path("skus/competitor", listings.competitor),
    path("", include("jetsync.sandbox.control_urls_orders")),
]
