"""Addresses of the kernel's pages: `public` needs no merchant, `merchant` lies under /m/<slug>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from jetsync.panel import activity_urls
from jetsync.panel.setup import urls as setup_urls

public: list[URLPattern | URLResolver] = [*setup_urls.public, *activity_urls.public]
merchant: list[URLPattern | URLResolver] = [*setup_urls.merchant, *activity_urls.merchant]
