"""Addresses of vacation."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import vacation

urlpatterns: list[URLPattern] = [
    path("vacation/", vacation.vacation, name="vacation"),
    path("vacation/end/", vacation.vacation_end, name="vacation-end"),
]
