"""Addresses of the refunds API, under /api/v1/m/<merchant>/refunds/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from refunds.api.views import RefundViewSet

router = SimpleRouter()
router.register("", RefundViewSet, basename="refund")
urlpatterns = router.urls
