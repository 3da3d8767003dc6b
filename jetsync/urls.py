"""All addresses: merchants under /m/<slug>/, the API under /api/v1/m/<slug>/, staff under /admin/."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from jetsync.api import urls as api_urls
from jetsync.panel import urls as panel_urls
from jetsync.panel.health import healthz, readyz
from jetsync.panel.setup import urls as setup_urls


def app_urls() -> list[URLPattern | URLResolver]:
    """`<app>.urls` of our apps, each under its own label; third-party apps are not merchants' pages."""
    return [
        path(f"{config.label}/", include(import_module(f"{config.name}.urls")))
        for config in apps.get_app_configs()
        if getattr(config, "has_merchant_pages", False) and find_spec(f"{config.name}.urls") is not None
    ]


def app_public_urls() -> list[URLPattern | URLResolver]:
    """`<app>.public_urls` of our apps: addresses that other programs call, with credentials of their own."""
    return [
        entry
        for config in apps.get_app_configs()
        if getattr(config, "has_merchant_pages", False)
        and find_spec(f"{config.name}.public_urls") is not None
        for entry in import_module(f"{config.name}.public_urls").urlpatterns
    ]


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include(panel_urls.public + setup_urls.public)),
    *app_public_urls(),
    path("m/<slug:merchant_slug>/", include((setup_urls.merchant + panel_urls.merchant, "panel"))),
    path("m/<slug:merchant_slug>/", include(app_urls())),
    path("api/v1/m/<slug:merchant_slug>/", include((api_urls.app_api_urls(), "api"))),
    path("api/", include(api_urls.docs)),
    path("accounts/", include("allauth.urls")),
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", admin.site.urls),
]

handler400 = "jetsync.panel.errors.bad_request"
handler403 = "jetsync.panel.errors.forbidden"
handler404 = "jetsync.panel.errors.not_found"
handler500 = "jetsync.panel.errors.server_error"
