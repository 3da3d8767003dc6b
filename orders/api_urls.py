"""Addresses of the orders API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from orders.api.documents import DocumentViewSet
from orders.api.views import OrderViewSet
from orders.shipstation.api import ShipStationKeyViewSet, ShipStationNoticeViewSet, ShipStationViewSet

router = SimpleRouter()
router.register("shipstation/parcels", ShipStationNoticeViewSet, basename="shipstation-notice")
router.register("documents", DocumentViewSet, basename="document")
router.register("", OrderViewSet, basename="order")
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "shipstation/",
        ShipStationViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="shipstation",
    ),
    path("shipstation/renew/", ShipStationKeyViewSet.as_view({"post": "renew"}), name="shipstation-renew"),
    *router.urls,
]
SUBJECTS = {"shipstation": "ShipStation", "": "Orders"}
