"""The tabs over the settings. Apps add their own pages with `register_settings_tab`; the kernel names none."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest


@dataclass(frozen=True)
class SettingsPage:
    """`key` is what a page passes as the current tab."""

    key: str
    label: str
    position: int
    url_name: str
    right: Right = Right.SETTINGS_VIEW


@dataclass(frozen=True)
class SettingsTab:
    label: str
    url: str
    is_active: bool
    count: int | None = None


_pages: dict[str, SettingsPage] = {}


def register_settings_tab(*pages: SettingsPage) -> None:
    for page in pages:
        _pages[page.key] = page


register_settings_tab(
    SettingsPage("general", "General", 10, "panel:general"),
    SettingsPage("account", "Jet account", 20, "panel:account"),
    SettingsPage("activation", "API activation", 25, "panel:activation"),
    SettingsPage("return-locations", "Return locations", 30, "panel:return-locations"),
    SettingsPage("options", "Orders and stock", 40, "panel:options"),
    SettingsPage("mail", "Mail", 45, "panel:mail-settings"),
    SettingsPage("prerequisites", "Prerequisites", 50, "panel:prerequisites"),
    SettingsPage("schedules", "Schedules", 80, "panel:schedule-list", Right.ACTIVITY_VIEW),
    SettingsPage("members", "Members", 90, "panel:members"),
    SettingsPage("tokens", "API tokens", 100, "panel:tokens", Right.TOKENS_MANAGE),
    SettingsPage("webhooks", "Webhooks", 110, "panel:webhooks", Right.TOKENS_MANAGE),
    SettingsPage("data", "Your data", 120, "panel:data", Right.DATA_EXPORT),
)


def settings_tabs(request: MerchantRequest, current: str) -> list[SettingsTab]:
    """Those that the role may open, in order."""
    slug = request.merchant.slug
    return [
        SettingsTab(page.label, reverse(page.url_name, kwargs={"merchant_slug": slug}), page.key == current)
        for page in sorted(_pages.values(), key=lambda page: (page.position, page.key))
        if request.actor.may(page.right)
    ]
