"""Calls after the sale. Words come before ids: `orders/generate/3` is not an order named `generate`."""

from __future__ import annotations

from jetsync.sandbox.http import route
from jetsync.sandbox.marketplace import views as marketplace
from jetsync.sandbox.orders import checklist, views

urlpatterns = [
    route("orders/directedcancel", views.directed_cancel),
    route("orders/withoutshipmentdetail/{order_id}", views.without_shipment_detail),
    route("orders/withshipmentdetail/{order_id}", views.with_shipment_detail),
    route("orders/generate/{count}", views.generate),
    route("orders/{order_id}/acknowledge", views.acknowledge),
    route("orders/{order_id}/shipped", views.shipped),
    route("orders/{order_id}/tag", views.tag),
    route("orders/{status}/{tag}/{include}", views.by_tag),
    route("orders/{status}", views.by_status),
    route("returns/state/{return_id}", marketplace.return_state),
    route("returns/generate/{order_id}", marketplace.generate_return),
    route("returns/{return_id}/complete", marketplace.complete_return),
    route("returns/{status}", marketplace.returns_by_status),
    route("refunds/state/{refund_id}", marketplace.refund_state),
    route("refunds/{order_id}/{alt_refund_id}", marketplace.create_refund),
    route("refunds/{status}", marketplace.refunds_by_status),
    route("settlement/report/{report_id}", marketplace.settlement_report),
    route("settlement/{days}", marketplace.settlements),
    route("portal/merchantsetupstatus", checklist.setup_status),
    route("portal/analytics/order/{order_id}/history", views.history),
]
