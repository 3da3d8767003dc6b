"""Addresses of pricing."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import pricing

urlpatterns: list[URLPattern] = [
    path("pricing/", pricing.price_rules, name="price-rules"),
    path("pricing/example/", pricing.price_example, name="price-example"),
]
