"""Addresses of the catalogue, one module per subject: publish_urls, product_urls (grid, product page), csv and mapping."""

from __future__ import annotations

from catalog import publish_urls

app_name = "catalog"
urlpatterns = [*publish_urls.urlpatterns]
