"""What only a sandbox has: faults, the clock and the switches."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from jetsync.sandbox import clock as sandbox_clock
from jetsync.sandbox import faults as fault_board
from jetsync.sandbox import processing
from jetsync.sandbox import switches as switch_board
from jetsync.sandbox.models.account import Clock, FaultRule, MerchantAccount, SwitchValue
from jetsync.sandbox.portal.forms import AdvanceForm, FaultForm, PortalForm, switch_field
from jetsync.sandbox.portal.pages import act, go, page, show

STEPS = (
    (60, "1 minute"),
    (900, "15 minutes"),
    (1800, "30 minutes"),
    (3600, "1 hour"),
    (86_400, "1 day"),
    (604_800, "1 week"),
)


@page
def faults(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    return _faults(request, account, FaultForm())


@act
def add_fault(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    form = FaultForm(request.POST)
    if not form.is_valid():
        return _faults(request, account, form, status=400)
    data = form.cleaned_data
    rule = fault_board.add_fault(
        kind=data["kind"],
        path=data["path"],
        method=data["method"],
        rate=data["rate"],
        remaining=data["remaining"],
        merchant=None if data["everybody"] else account,
        options=form.options,
    )
    messages.success(request, f"The rule stands: {rule}.")
    return go(account, "faults")


@act
def remove_fault(request: HttpRequest, account: MerchantAccount, pk: int) -> HttpResponse:
    fault_board.remove_fault(pk)
    messages.success(request, "The rule is gone.")
    return go(account, "faults")


@act
def clear_faults(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    fault_board.clear_faults()
    messages.success(request, "The board is empty.")
    return go(account, "faults")


@page
def clock(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    row = Clock.objects.first()
    return show(
        request,
        account,
        "clock",
        form=AdvanceForm(),
        steps=STEPS,
        is_frozen=bool(row and row.frozen_at),
        offset_seconds=row.offset_seconds if row else 0,
    )


@act
def advance(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """Move the clock of the whole server; what became due happens on the next page."""
    form = AdvanceForm(request.POST)
    if not form.is_valid():
        return show(request, account, "clock", 400, form=form, steps=STEPS)
    moment = sandbox_clock.advance(form.cleaned_data["seconds"])
    processing.poke()
    messages.success(request, f"It is now {moment:%Y-%m-%d %H:%M:%S} UTC.")
    return go(account, "clock")


@act
def freeze(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    is_to_stop = request.POST.get("freeze") == "yes"
    sandbox_clock.freeze(sandbox_clock.now() if is_to_stop else None)
    messages.success(request, "The clock stands still." if is_to_stop else "The clock runs.")
    return go(account, "clock")


@page
def switches(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    return _switches(request, account, _switch_form(account))


@act
def set_switches(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """Store what differs from what stood on the page; an unchanged switch keeps following its default."""
    form = _switch_form(account, request.POST)
    if not form.is_valid():
        return _switches(request, account, form, status=400)
    current = switch_board.Switches.of(account)
    changed = [name for name, value in form.cleaned_data.items() if value != current[name]]
    for name in changed:
        value = form.cleaned_data[name]
        is_default = value == switch_board.definitions[name].default
        switch_board.set_switch(account, name, None if is_default else value)
        if is_default and switch_board.Switches.of(account)[name] != value:
            # A value set for everybody stands behind the account's own.
            switch_board.set_switch(account, name, value)
    processing.poke()
    messages.success(request, f"Changed: {', '.join(changed)}." if changed else "Nothing was changed.")
    return go(account, "switches")


@act
def default_switches(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    for name in SwitchValue.objects.filter(merchant=account).values_list("name", flat=True):
        switch_board.set_switch(account, name, None)
    messages.success(request, "All switches of this account stand at their defaults.")
    return go(account, "switches")


def _faults(
    request: HttpRequest, account: MerchantAccount, form: FaultForm, status: int = 200
) -> HttpResponse:
    return show(
        request, account, "faults", status, form=form, rules=FaultRule.objects.select_related("merchant")
    )


def _switch_form(account: MerchantAccount, data: Any = None) -> PortalForm:
    form = PortalForm(data)
    current = switch_board.Switches.of(account)
    for name, definition in sorted(switch_board.definitions.items()):
        form.fields[name] = switch_field(definition, current[name])
    return form


def _switches(
    request: HttpRequest, account: MerchantAccount, form: PortalForm, status: int = 200
) -> HttpResponse:
    current = switch_board.Switches.of(account)
    rows = [
        (form[name], definition, current[name] != definition.default)
        for name, definition in sorted(switch_board.definitions.items())
    ]
    return show(request, account, "switches", status, form=form, rows=rows)
