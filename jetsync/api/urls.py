"""The API's own addresses; each app adds its view sets under /api/v1/m/<merchant>/<app>/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from jetsync.api.activation import ActivationViewSet
from jetsync.api.data_exports import DataExportViewSet
from jetsync.api.docs import DocsView, SchemaView
from jetsync.api.mails import MailViewSet
from jetsync.api.operations import JobViewSet, OperationViewSet
from jetsync.api.schedules import ScheduleViewSet
from jetsync.api.subjects import api_modules
from jetsync.api.support import SupportSessionViewSet
from jetsync.api.trail import TrailViewSet
from jetsync.api.webhooks import WebhookViewSet

kernel = SimpleRouter()
kernel.register("activation", ActivationViewSet, basename="activation")
kernel.register("data-exports", DataExportViewSet, basename="data-export")
kernel.register("mails", MailViewSet, basename="mail")
kernel.register("operations", OperationViewSet, basename="operation")
kernel.register("jobs", JobViewSet, basename="job")
kernel.register("log", TrailViewSet, basename="log")
kernel.register("schedules", ScheduleViewSet, basename="schedule")
kernel.register("support-sessions", SupportSessionViewSet, basename="support-session")
kernel.register("webhooks", WebhookViewSet, basename="webhook")


def app_api_urls() -> list[URLPattern | URLResolver]:
    """`<app>.api_urls` of every installed app that has one, and the kernel's own."""
    found: list[URLPattern | URLResolver] = [path("", include(kernel.urls))]
    return found + [path(f"{label}/", include(module.urlpatterns)) for label, module in api_modules()]


docs: list[URLPattern | URLResolver] = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
