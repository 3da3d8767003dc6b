"""Addresses of the repricer's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from repricer.api.views import RuleViewSet, SalesDataViewSet

router = SimpleRouter()
router.register("sales-data", SalesDataViewSet, basename="sales-data")
router.register("bounds", RuleViewSet, basename="reprice-rule")
urlpatterns = router.urls
