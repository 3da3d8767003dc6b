"""Addresses of the repricer's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from repricer.api.views import ChangeViewSet, RuleViewSet, RunViewSet, SalesDataViewSet

router = SimpleRouter()
router.register("sales-data", SalesDataViewSet, basename="sales-data")
router.register("bounds", RuleViewSet, basename="reprice-rule")
router.register("runs", RunViewSet, basename="reprice-run")
router.register("changes", ChangeViewSet, basename="reprice-change")
urlpatterns = router.urls
