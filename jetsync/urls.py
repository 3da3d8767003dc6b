"""All addresses: merchants under /m/<slug>/, the API under /api/v1/m/<slug>/, staff under /admin/."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from jetsync.panel import urls as panel_urls

urlpatterns = [
    path("", include(panel_urls.public)),
    path("m/<slug:merchant_slug>/", include((panel_urls.merchant, "panel"))),
    path("accounts/", include("allauth.urls")),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
]
