"""Addresses of the returns API, under /api/v1/m/<merchant>/returns/."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from returns.api.views import ReturnViewSet

router = SimpleRouter()
router.register("", ReturnViewSet, basename="return")
urlpatterns = router.urls
SUBJECTS = {"": "Returns and refunds"}
