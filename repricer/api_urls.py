"""Addresses of the repricer's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from repricer.api.views import SalesDataViewSet

router = SimpleRouter()
router.register("sales-data", SalesDataViewSet, basename="sales-data")
urlpatterns = router.urls
