"""How a settings page answers a POST: act, say what happened, go back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from jetsync.panel.messages import say_outcome
from jetsync.panel.setup.tabs import settings_tabs
from jetsync.tenancy.views import MerchantRequest


def settings_page(
    request: MerchantRequest, template: str, current: str, context: dict[str, Any]
) -> HttpResponse:
    """Renders one page of the settings with their tabs; tabs that the role may not open are absent."""
    status = 400 if getattr(context.get("form"), "errors", None) else 200
    tabs = settings_tabs(request, current)
    label = next((tab.label for tab in tabs if tab.is_active), "")
    return render(request, template, {**context, "tabs": tabs, "tab_label": label}, status=status)


def back_to(request: MerchantRequest, name: str, **kwargs: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(
        reverse(f"panel:{name}", kwargs={"merchant_slug": request.merchant.slug, **kwargs})
    )


def act(request: HttpRequest, action: Callable[[], object], done: str) -> bool:
    """Runs the action; True and a success toast, or False and the error's own words."""
    is_done = False
    with say_outcome(request, done):
        action()
        is_done = True
    return is_done
