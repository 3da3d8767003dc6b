"""Addresses of the kernel's pages: `public` needs no merchant, `merchant` lies under /m/<slug>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

public: list[URLPattern | URLResolver] = []
merchant: list[URLPattern | URLResolver] = []
