"""Addresses of the catalogue's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from catalog.api.views import ProductViewSet, VariantViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="product")
router.register("variants", VariantViewSet, basename="variant")
urlpatterns = router.urls
