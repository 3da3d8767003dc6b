"""From test keys to live: the steps with their evidence, run at once or one by one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from jetsync.activation import actions
from jetsync.activation.queries import (
    chosen_sku,
    get_activation,
    grouped,
    last_rehearsal,
    running_rehearsal,
    shown_steps,
)
from jetsync.activation.registry import step_of
from jetsync.enums import Mode
from jetsync.exceptions import DomainError
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.messages import say, say_error
from jetsync.panel.setup.answers import act, back_to, settings_page
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


class SkuForm(ReadOnlyForm, forms.Form):
    sku = forms.CharField(
        label="SKU of the rehearsal",
        max_length=100,
        required=False,
        help_text="Empty: the first SKU that is ready and in stock. One piece of it counts as shipped: put it back "
        "into the stock afterwards.",
    )


def _page(request: MerchantRequest, form: SkuForm | None = None) -> HttpResponseBase:
    merchant = request.merchant
    steps, activation = shown_steps(merchant), get_activation(merchant)
    running = running_rehearsal(merchant)
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    context: dict[str, Any] = {
        "groups": grouped(steps),
        "done": sum(row.is_ok for row in steps),
        "open": [row.step for row in steps if not row.is_ok],
        "steps_total": len(steps),
        "failed": next((row for row in steps if row.state == "failed"), None),
        "running": running,
        "last": running or last_rehearsal(merchant),
        "activation": activation,
        "is_test": merchant.mode == Mode.TEST,
        "sku": chosen_sku(merchant),
        "form": form or SkuForm(initial={"sku": activation.sku}, read_only=not may_edit),
    }
    return settings_page(request, "settings/activation.html", "activation", context)


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def activation(request: MerchantRequest) -> HttpResponseBase:
    """GET shows where each step stands; POST chooses the product."""
    if request.method != "POST":
        return _page(request)
    form = SkuForm(request.POST)
    if form.is_valid():
        try:
            sku = actions.choose_sku(request.merchant, form.cleaned_data["sku"], actor=request.actor)
        except DomainError as error:
            form.add_error("sku", error.message)
        else:
            say(request, "success", f"The rehearsal uses {sku or 'the first ready SKU'}.")
            return back_to(request, "activation")
    return _page(request, form)


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def run_all(request: MerchantRequest) -> HttpResponseBase:
    """Pressed twice, it leads to the rehearsal that runs already."""
    try:
        operation = actions.start_rehearsal(request.merchant, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
    else:
        say(request, "success", f"{operation.title}: started. This page follows it.")
    return back_to(request, "activation")


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def run_step(request: MerchantRequest, key: str) -> HttpResponseBase:
    act(
        request,
        lambda: actions.start_step(request.merchant, key, actor=request.actor),
        f"{_label(key)}: started.",
    )
    return back_to(request, "activation")


def _label(key: str) -> str:
    try:
        return step_of(key).label
    except KeyError:
        return key
