"""Addresses of the order pages."""

from __future__ import annotations

from django.urls import path

from orders.shipstation import urls as shipstation_urls
from orders.views import (
    answer,
    detail,
    documents,
    held,
    history,
    lists,
    many,
    printing,
    ship,
    ship_many,
    store,
    times,
    tour,
)

app_name = "orders"
urlpatterns = [
    *shipstation_urls.urlpatterns,
    path("", lists.OrderList.as_view(), name="order-list"),
    path("failed/", lists.FailedOrderList.as_view(), name="order-failed"),
    path("held/", held.HeldStock.as_view(), name="held-stock"),
    path("held/release/", held.ReleaseHeldStock.as_view(), name="held-stock-release"),
    path("times/", times.times, name="answer-times"),
    path("tour/", tour.tour, name="tour"),
    path("documents/", documents.DocumentList.as_view(), name="document-list"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path("store/", store.store_orders, name="store-orders"),
    path("fetch/", detail.fetch, name="order-fetch"),
    path("failed/refresh/", many.RefreshFailedOrders.as_view(), name="order-failed-refresh"),
    path("acknowledge/", many.AcknowledgeOrders.as_view(), name="order-acknowledge"),
    path("reject/", many.RejectOrders.as_view(), name="order-reject-many"),
    path("cancel/", many.CancelOrders.as_view(), name="order-cancel-many"),
    path("refresh/", many.RefreshOrders.as_view(), name="order-refresh-many"),
    path("ship/", ship_many.ship_list, name="order-ship-many"),
    path("slips/", printing.packing_slips, name="order-slips"),
    path("pick/", printing.pick, name="order-pick"),
    path("<int:pk>/slip/", printing.packing_slip, name="order-slip"),
    path("tracking/", ship.tracking, name="order-tracking"),
    path("<int:pk>/", detail.order_detail, name="order-detail"),
    path("<int:pk>/timeline/", history.timeline, name="order-timeline"),
    path("<int:pk>/timeline/calls/<int:call>/", history.call, name="order-call"),
    path("<int:pk>/case/", history.case, name="order-case"),
    path("<int:pk>/case.txt", history.case_text, name="order-case-text"),
    path("<int:pk>/accept/", answer.AcceptOrder.as_view(), name="order-accept"),
    path("<int:pk>/reject/", answer.RejectOrder.as_view(), name="order-reject"),
    path("<int:pk>/retry/", detail.retry, name="order-retry"),
    path("<int:pk>/refresh/", detail.refresh, name="order-refresh"),
    path("<int:pk>/ship/", ship.ship, name="order-ship"),
    path("<int:pk>/cancel/", ship.CancelOrder.as_view(), name="order-cancel"),
    path("shipments/<int:pk>/resend/", ship.resend, name="shipment-resend"),
]
