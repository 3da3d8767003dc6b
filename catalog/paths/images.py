"""Addresses of images."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import images

urlpatterns: list[URLPattern] = [
    path("images/", images.ImageList.as_view(), name="image-list"),
    path("images/look-again/", images.LookAgain.as_view(), name="images-look"),
    path(
        "products/variants/<int:pk>/images/look-again/",
        images.look_again_at_variant,
        name="variant-images-look",
    ),
]
