"""Addresses of the refunds API, under /api/v1/m/<merchant>/refunds/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from refunds.api.views import RefundViewSet
from refunds.daily.api import DailyReportViewSet
from refunds.settlement.api import SettlementViewSet

router = SimpleRouter()
router.register("settlement", SettlementViewSet, basename="settlement")
router.register("daily", DailyReportViewSet, basename="daily-report")
router.register("", RefundViewSet, basename="refund")
urlpatterns = router.urls
SUBJECTS = {"": "Returns and refunds"}
