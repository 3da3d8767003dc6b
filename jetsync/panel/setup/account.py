"""Jet account: keys per mode, validation, nodes, return locations, test or live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.actions import account as actions
from jetsync.actions import known_places, places
from jetsync.activation.generators import talks_to_sandbox
from jetsync.activation.queries import may_go_live
from jetsync.enums import Mode
from jetsync.exceptions import DomainError
from jetsync.models import FulfillmentNode, JetAccount, ReturnLocation
from jetsync.panel.forms import add_words, put_on_form
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import act, back_to, settings_page
from jetsync.panel.setup.forms import AccountForm, NodeForm, ReturnLocationForm
from jetsync.panel.setup.lookups import get_account_of_mode, get_node, get_return_location, require_account
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


def initial_keys(account: JetAccount | None) -> dict[str, Any]:
    if account is None:
        sandbox = f"{settings.SANDBOX_URL}/api" if settings.SANDBOX_URL else ""
        return {"api_url": sandbox or settings.JET_API_URL}
    return {
        "api_url": account.api_url,
        "api_user": account.api_user,
        "jet_merchant_id": account.jet_merchant_id,
    }


def sandbox_portal_of(form: AccountForm) -> str:
    """Where the keys for the address in the form are found, when that is the sandbox; else ""."""
    return str(settings.SANDBOX_PORTAL_URL) if talks_to_sandbox(str(form["api_url"].value())) else ""


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def account(request: MerchantRequest, mode: str = "") -> HttpResponseBase:
    """Keys of one mode. They are tried at Jet before they are stored, unless the merchant overrides that."""
    mode = mode if mode in Mode.values else request.merchant.mode
    stored = get_account_of_mode(request.merchant, mode)
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    form = AccountForm(
        request.POST or None, initial=initial_keys(stored), account=stored, read_only=not may_edit
    )
    is_trial = request.POST.get("do") == "try"
    tried = _try_keys(request, mode, form, stored) if is_trial and form.is_valid() else None
    if (
        request.method == "POST"
        and not is_trial
        and form.is_valid()
        and (saved := save_keys(request, mode, form))
    ):
        ask_and_say(request, saved)
        return back_to(request, "account-mode", mode=mode)
    nodes = FulfillmentNode.objects.filter(merchant=request.merchant, account=stored) if stored else []
    context = {
        "form": form,
        "sandbox_portal": sandbox_portal_of(form),
        "tried": tried,
        "account": stored,
        "mode": mode,
        "modes": Mode.choices,
        "nodes": nodes,
        "node_form": NodeForm(),
        "may_go_live": may_go_live(request.merchant),
        "token_is_valid": bool(
            stored and stored.token_expires_at and stored.token_expires_at > timezone.now()
        ),
    }
    return settings_page(request, "settings/account.html", "account", context)


@dataclass(frozen=True)
class Trial:
    """What Jet says of the keys in the form, and which ones those were."""

    result: actions.ValidationResult
    tested: str


def _try_keys(
    request: MerchantRequest, mode: str, form: AccountForm, stored: JetAccount | None
) -> Trial | None:
    """Asks Jet about what stands in the form and stores none of it; what Jet says of the stored keys is kept.

    None, with the reason on the form, for an address that cannot be asked.
    """
    url, user, secret = (form.cleaned_data[name] for name in ("api_url", "api_user", "api_secret"))
    is_stored = (
        not secret
        and stored is not None
        and (stored.api_url, stored.api_user) == (actions.normal_url(url), user.strip())
    )
    try:
        if is_stored and stored is not None:
            result = actions.validate_account(stored, actor=request.actor)
            _compare(request, stored)
            return Trial(result, "Tested: the keys as they are stored.")
        result = actions.check_keys(
            request.merchant, mode, api_url=url, api_user=user, api_secret=secret or None
        )
    except DomainError as error:
        put_on_form(form, error)
        return None
    which = "the secret typed here" if secret else "the stored secret"
    again = " The secret is not shown again: type it once more to save it." if secret else ""
    return Trial(
        result, f"Tested: API user “{user}” as typed, with {which}, at {url}. Nothing of it is stored.{again}"
    )


def save_keys(request: MerchantRequest, mode: str, form: AccountForm) -> JetAccount | None:
    """None, with the reason on the form, when Jet refuses the keys and the merchant has not overridden it."""
    given = form.cleaned_data
    keys = {name: given[name] for name in ("api_url", "api_user")} | {
        "api_secret": given["api_secret"] or None
    }
    try:
        if not given["override"]:
            result = actions.check_keys(request.merchant, mode, **keys)
            if not result.ok:
                hint = "Nothing was saved. Correct the keys, or tick the override below and type the secret again."
                words = f"{result.message} {result.hint} {hint}".replace("  ", " ")
                add_words(form, None, words, result.code)
                return None
        return actions.save_account(
            request.merchant, mode, **keys, jet_merchant_id=given["jet_merchant_id"], actor=request.actor
        )
    except DomainError as error:
        put_on_form(form, error)
        return None


def ask_and_say(request: MerchantRequest, stored: JetAccount) -> bool:
    """Whether Jet accepted the keys, which the person is told."""
    result = actions.validate_account(stored, actor=request.actor)
    if result.ok:
        say(request, "success", f"{stored}: {result.message}")
        _offer_nodes(request, stored)
        _compare(request, stored)
    else:
        say(request, "warning", f"Saved, but not usable yet. {result.message} {result.hint}".strip())
    return result.ok


def _offer_nodes(request: MerchantRequest, stored: JetAccount) -> None:
    """The first good keys bring the account's nodes along; typing 32 characters is nobody's wish."""
    if FulfillmentNode.objects.filter(merchant=request.merchant, account=stored).exists():
        return
    try:
        added = known_places.import_nodes(stored, actor=request.actor)
    except DomainError:
        return
    if added:
        say(request, "info", f"{len(added)} fulfilment node{'' if len(added) == 1 else 's'} read from Jet.")


def _compare(request: MerchantRequest, stored: JetAccount) -> None:
    if words := known_places.compare_quietly(stored):
        say(request, "warning", words)


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def switch_mode(request: MerchantRequest, mode: str) -> HttpResponseBase:
    if mode not in Mode.values:
        raise Http404("There is no such mode.")
    act(
        request,
        lambda: actions.switch_mode(request.merchant, mode, actor=request.actor),
        f"{request.merchant} now works in {dict(Mode.choices).get(mode, mode)} mode.",
    )
    return back_to(request, "account-mode", mode=mode)


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def add_node(request: MerchantRequest, mode: str) -> HttpResponseBase:
    stored = require_account(request.merchant, mode)
    form = NodeForm(request.POST)
    if form.is_valid():
        if act(
            request,
            lambda: places.add_node(stored, actor=request.actor, **form.cleaned_data),
            f"{form.cleaned_data['name']} was added as a fulfilment node.",
        ):
            _compare(request, stored)
    else:
        first = next(iter(form.errors.items()))
        say(request, "error", f"{form.fields[first[0]].label}: {first[1][0]}")
    return back_to(request, "account-mode", mode=mode)


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def import_nodes(request: MerchantRequest, mode: str) -> HttpResponseBase:
    stored = require_account(request.merchant, mode)
    if act(
        request,
        lambda: known_places.import_nodes(stored, actor=request.actor),
        "The nodes known to Jet are listed.",
    ):
        _say_unknown(request, FulfillmentNode.objects.filter(account=stored))
    return back_to(request, "account-mode", mode=mode)


def _say_unknown(request: MerchantRequest, places_of_account: QuerySet[Any]) -> None:
    unknown = places_of_account.filter(merchant=request.merchant, is_at_jet=False)
    if words := known_places.unknown_words(unknown):
        say(request, "warning", words)


@merchant_view(Right.SETTINGS_EDIT)
def edit_node(request: MerchantRequest, pk: int) -> HttpResponseBase:
    node = get_node(request.merchant, pk)
    form = NodeForm(request.POST or None, initial=NodeForm.initial_of(node))
    if request.method == "POST" and form.is_valid():
        try:
            saved = places.update_node(node, form.cleaned_data, actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            say(request, "success", f"{saved.name} was saved.")
            _compare(request, node.account)
            return back_to(request, "account-mode", mode=node.account.mode)
    return settings_page(request, "settings/node_form.html", "account", {"form": form, "node": node})


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def default_node(request: MerchantRequest, pk: int) -> HttpResponseBase:
    node = get_node(request.merchant, pk)
    act(
        request,
        lambda: places.make_default_node(node, actor=request.actor),
        f"{node.name} is the default now.",
    )
    return back_to(request, "account-mode", mode=node.account.mode)


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def return_locations(request: MerchantRequest) -> HttpResponseBase:
    stored = get_account_of_mode(request.merchant, request.merchant.mode)
    rows = ReturnLocation.objects.filter(merchant=request.merchant, account=stored) if stored else []
    return settings_page(
        request, "settings/return_locations.html", "return-locations", {"account": stored, "locations": rows}
    )


@merchant_view(Right.SETTINGS_EDIT)
def edit_return_location(request: MerchantRequest, pk: int | None = None) -> HttpResponseBase:
    stored = require_account(request.merchant, request.merchant.mode)
    location = get_return_location(request.merchant, pk) if pk else None
    form = ReturnLocationForm(request.POST or None, instance=location)
    if request.method == "POST" and form.is_valid():
        try:
            saved = places.save_return_location(
                stored, form.cleaned_data, actor=request.actor, location=location
            )
        except DomainError as error:
            put_on_form(form, error)
        else:
            say(request, "success", f"Return location {saved} was saved.")
            _compare(request, stored)
            return back_to(request, "return-locations")
    return settings_page(
        request,
        "settings/return_location_form.html",
        "return-locations",
        {"form": form, "location": location},
    )


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def import_return_locations(request: MerchantRequest) -> HttpResponseBase:
    stored = require_account(request.merchant, request.merchant.mode)
    if act(
        request,
        lambda: known_places.import_return_locations(stored, actor=request.actor),
        "The return locations known to Jet are listed.",
    ):
        _say_unknown(request, ReturnLocation.objects.filter(account=stored))
    return back_to(request, "return-locations")


@require_POST
@merchant_view(Right.SETTINGS_EDIT)
def default_return_location(request: MerchantRequest, pk: int) -> HttpResponseBase:
    location = get_return_location(request.merchant, pk)
    act(
        request,
        lambda: places.make_default_location(location, actor=request.actor),
        f"{location} is the default now.",
    )
    return back_to(request, "return-locations")
