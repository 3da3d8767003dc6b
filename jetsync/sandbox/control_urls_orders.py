"""Control calls after the sale, included under `/control/`."""

from __future__ import annotations

from django.urls import path

from jetsync.sandbox.orders import control

urlpatterns = [
    path("orders/generate", control.generate_orders),
    path("orders/cancel", control.cancel_order),
    path("orders/resolve", control.resolve_exception),
    path("returns/generate", control.generate_return),
    path("returns/finish", control.finish_return),
    path("refunds/decide", control.decide_refund),
    path("settlement/close", control.close_settlement),
    path("settlement/decide", control.decide_settlement),
]
