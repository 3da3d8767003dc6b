"""Addresses of the kernel's pages: `public` needs no merchant, `merchant` lies under /m/<slug>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from jetsync.panel import activity_urls

public: list[URLPattern | URLResolver] = [*activity_urls.public]
merchant: list[URLPattern | URLResolver] = [*activity_urls.merchant]
