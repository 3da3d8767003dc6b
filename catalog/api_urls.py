"""Addresses of the catalogue's API."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from catalog.api.exceptions import ReturnExceptionViewSet, ShippingExceptionViewSet
from catalog.api.views import ProductViewSet, VariantViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="product")
router.register("variants", VariantViewSet, basename="variant")
router.register("shipping-exceptions", ShippingExceptionViewSet, basename="shipping-exception")
router.register("return-exceptions", ReturnExceptionViewSet, basename="return-exception")
urlpatterns = router.urls
