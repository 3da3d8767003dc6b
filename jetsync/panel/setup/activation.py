"""From test keys to live: the steps with their evidence, run at once or one by one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from jetsync.actions import known_places
from jetsync.activation import actions, switching
from jetsync.activation.queries import (
    activation_of,
    chosen_sku,
    grouped,
    last_rehearsal,
    may_go_live,
    obstacle,
    open_steps,
    running_rehearsal,
    shown_steps,
    trouble_of,
)
from jetsync.activation.registry import launch, step_of, trial_links
from jetsync.enums import Mode
from jetsync.exceptions import DomainError
from jetsync.models import JetAccount
from jetsync.panel.evidence import readable_steps
from jetsync.panel.forms import ReadOnlyForm, add_words
from jetsync.panel.messages import say, say_error
from jetsync.panel.setup.account import ask_and_say, initial_keys, sandbox_portal_of, save_keys
from jetsync.panel.setup.answers import act, back_to, settings_page
from jetsync.panel.setup.forms import AccountForm
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


class SkuForm(ReadOnlyForm, forms.Form):
    sku = forms.CharField(
        label="SKU of the rehearsal",
        max_length=100,
        required=False,
        help_text="Empty: the first SKU that is ready and in stock. The piece that counts as shipped is put back into "
        "the stock.",
    )


class ShareForm(ReadOnlyForm, forms.Form):
    share = forms.IntegerField(
        label="Share of the ready SKUs, in percent",
        min_value=1,
        max_value=100,
        initial=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Rounded up; the oldest products first, the SKUs of a product together. The others are held back and not "
        "archived; you widen the share when you are content.",
    )


def _wider(share: int, *, read_only: bool) -> ShareForm:
    return ShareForm(initial={"share": min(100, share * 2)}, read_only=read_only)


def _links(request: MerchantRequest) -> list[dict[str, str]]:
    """Generators and tour: with test keys only, and each for who may see what it leads to."""
    if request.merchant.mode != Mode.TEST:
        return []
    return [
        {"label": link.label, "text": link.text, "url": link.url(request.merchant)}
        for link in trial_links()
        if request.actor.may(link.right)
    ]


def _page(
    request: MerchantRequest, form: SkuForm | None = None, share_form: ShareForm | None = None
) -> HttpResponseBase:
    merchant = request.merchant
    steps, activation = readable_steps(shown_steps(merchant), request.actor), activation_of(merchant)
    running = running_rehearsal(merchant)
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    sku_form = form or SkuForm(initial={"sku": activation.sku}, read_only=not may_edit)
    context: dict[str, Any] = {
        "groups": grouped(steps),
        "done": sum(row.is_ok for row in steps),
        "open": [row.step for row in steps if not row.is_ok],
        "steps_total": len(steps),
        "failed": next((row for row in steps if row.state == "failed"), None),
        "running": running,
        "trouble": trouble_of(running) if running else None,
        "obstacle": obstacle(merchant) if merchant.mode == Mode.TEST else None,
        "links": _links(request),
        "last": running or last_rehearsal(merchant),
        "activation": activation,
        "is_test": merchant.mode == Mode.TEST,
        "may_go_live": activation.went_live_at is not None or all(row.is_ok for row in steps),
        "counts": launch().counts(merchant) if merchant.mode == Mode.LIVE else None,
        "share_form": share_form or _wider(activation.live_share, read_only=not may_edit),
        "sku": chosen_sku(merchant),
        "form": share_form or sku_form,
        "sku_form": sku_form,
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
            add_words(form, "sku", error.message, error.code)
        else:
            say(request, "success", f"The rehearsal uses {sku or 'the first ready SKU'}.")
            return back_to(request, "activation")
    return _page(request, form)


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def live(request: MerchantRequest) -> HttpResponseBase:
    """The guided switch: what is open, the live keys, what changes, the share. POST `do` is `keys` or `switch`."""
    if request.merchant.mode == Mode.LIVE:
        return back_to(request, "activation")
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    stored, does = switching.live_account(request.merchant), request.POST.get("do")
    keys = AccountForm(
        request.POST if does == "keys" else None,
        initial=initial_keys(stored),
        account=stored,
        read_only=not may_edit,
    )
    share = ShareForm(request.POST if does == "switch" else None, read_only=not may_edit)
    if does == "keys" and keys.is_valid() and (saved := save_keys(request, Mode.LIVE, keys)):
        if ask_and_say(request, saved):
            _bring_return_locations(request, saved)
        return back_to(request, "go-live")
    is_valid = does == "switch" and share.is_valid()
    if is_valid and "preview" not in request.POST and _switch(request, share):
        return back_to(request, "activation")
    return _live_page(request, keys, share)


def _bring_return_locations(request: MerchantRequest, account: JetAccount) -> None:
    """The live account's own, as its nodes are brought along; shipments and exceptions name one from the first day."""
    if account.return_locations.exists():
        return
    try:
        added = known_places.import_return_locations(account, actor=request.actor)
    except DomainError:
        return
    if added:
        say(request, "info", f"{len(added)} return location{'' if len(added) == 1 else 's'} read from Jet.")


def _live_page(request: MerchantRequest, keys: AccountForm, share: ShareForm) -> HttpResponseBase:
    merchant = request.merchant
    problem = switching.live_keys_problem(merchant)
    context: dict[str, Any] = {
        "form": keys if keys.errors else share,
        "keys_form": keys,
        "share_form": share,
        "open": [] if may_go_live(merchant) else open_steps(merchant),
        "problem": problem,
        "account": switching.live_account(merchant),
        "sandbox_portal": sandbox_portal_of(keys),
        "rows": switching.differences(merchant),
        "ready": launch().counts(merchant).ready,
        "strangers": switching.live_places_unknown_to_jet(merchant),
        "begin": launch().preview(merchant, _shown_share(share)),
        "begin_share": _shown_share(share),
    }
    return settings_page(request, "settings/go_live.html", "activation", context)


def _shown_share(form: ShareForm) -> int:
    """What stands in the form, where that is a share."""
    field = form.fields["share"]
    given = form.cleaned_data.get("share") if form.is_bound and form.is_valid() else field.initial
    return int(given or field.initial)


def _switch(request: MerchantRequest, form: ShareForm) -> bool:
    """Asks Jet about the live keys once more, so that nobody switches to keys that were taken back."""
    share = form.cleaned_data["share"]
    try:
        switching.ask_jet(request.merchant, actor=request.actor)
        operation = switching.go_live(request.merchant, share=share, actor=request.actor)
    except DomainError as error:
        add_words(form, None, f"{error.message} {error.hint}".strip(), error.code)
        return False
    sent = f"{operation.title}: started." if operation else "No SKU is ready yet, so nothing is uploaded."
    say(request, "success", f"{request.merchant} is live. {sent}")
    return True


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def widen(request: MerchantRequest) -> HttpResponseBase:
    form = ShareForm(request.POST)
    if form.is_valid():
        share = form.cleaned_data["share"]
        try:
            operation = switching.widen(request.merchant, share=share, actor=request.actor)
        except DomainError as error:
            add_words(form, "share", error.message, error.code)
        else:
            sent = f"{operation.title}: started." if operation else "That many are on their way already."
            say(request, "success", f"{share} % of the ready SKUs may be live. {sent}")
            return back_to(request, "activation")
    return _page(request, share_form=form)


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
