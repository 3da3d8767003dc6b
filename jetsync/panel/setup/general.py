"""Entry pages, general settings and options."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from jetsync.actions.merchant import accept_invitation, create_merchant, find_invitation, rename_merchant
from jetsync.actions.options import save_options
from jetsync.exceptions import DomainError, NotFound
from jetsync.models import Invitation, Merchant, User
from jetsync.panel.home import cards_for, steps_for
from jetsync.panel.messages import say, say_error
from jetsync.panel.setup.answers import back_to, settings_page
from jetsync.panel.setup.forms import JoinForm, MerchantForm, merchant_initial
from jetsync.panel.setup.option_groups import OptionsForm, options_changes
from jetsync.panel.setup.prerequisites import run_checks
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


@login_required
def entry(request: HttpRequest) -> HttpResponseBase:
    """To the merchant used last, else the first one, else to the form that makes one; staff without one, to theirs."""
    assert isinstance(request.user, User)  # noqa: S101 -- login_required
    mine = Merchant.objects.filter(memberships__user=request.user, suspended_at=None).order_by("name")
    last = mine.filter(slug=request.session.get("merchant", "")).first() or mine.first()
    if last is not None:
        return redirect("panel:home", merchant_slug=last.slug)
    return redirect("admin:index" if request.user.is_staff else "merchant-new")


@login_required
def new_merchant(request: HttpRequest) -> HttpResponseBase:
    assert isinstance(request.user, User)  # noqa: S101 -- login_required
    form = MerchantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        merchant = create_merchant(
            form.cleaned_data["name"], owner=request.user, time_zone=form.cleaned_data["time_zone"]
        )
        say(request, "success", f"{merchant} is ready. The steps below lead to the first listing.")
        return redirect("panel:home", merchant_slug=merchant.slug)
    return render(request, "settings/merchant_new.html", {"form": form})


def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    found = find_invitation(token)
    if found is None:
        raise NotFound(
            "This invitation was used, withdrawn or has expired.", hint="Ask whoever sent it for a new one."
        )
    if not isinstance(request.user, User):
        return _sign_in(request, found)
    form = JoinForm(request.POST or None, initial={"name": request.user.get_full_name()})
    if request.method == "POST" and form.is_valid():
        try:
            accept_invitation(found, user=request.user, name=form.cleaned_data["name"])
        except DomainError as error:
            say_error(request, error)
        else:
            say(request, "success", f"Welcome to {found.merchant}.")
            return redirect("panel:home", merchant_slug=found.merchant.slug)
    return render(request, "settings/invitation.html", {"invitation": found, "form": form})


def _sign_in(request: HttpRequest, found: Invitation) -> HttpResponseBase:
    """To the log-in for an address with an account, else to the form that makes one with this address.

    Whoever has the link has the mail, so the address needs no second one to be confirmed.
    """
    known = User.objects.filter(email__iexact=found.email).exists()
    if not known:
        get_adapter().stash_verified_email(request, found.email)
    query = {"next": request.path} if known else {"email": found.email, "next": request.path}
    return redirect(f"{reverse('account_login' if known else 'account_signup')}?{urlencode(query)}")


@merchant_view(Right.HOME_VIEW)
def home(request: MerchantRequest) -> HttpResponseBase:
    request.session["merchant"] = request.merchant.slug
    steps = steps_for(request.merchant)
    context = {
        "steps": [(step, done, request.actor.may(step.right)) for step, done in steps]
        if not all(done for _step, done in steps)
        else [],
        "steps_done": sum(done for _step, done in steps),
        "now_cards": cards_for(request.merchant, request.actor, "now"),
        "running_cards": cards_for(request.merchant, request.actor, "running"),
        "business_cards": cards_for(request.merchant, request.actor, "business"),
    }
    return render(request, "home/home.html", context)


@merchant_view(Right.HOME_VIEW)
def dashboard(request: MerchantRequest) -> HttpResponseBase:
    """Products, orders and returns in numbers: what each role may see of them."""
    cards = cards_for(request.merchant, request.actor, "report")
    return render(request, "home/dashboard.html", {"cards": cards})


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def general(request: MerchantRequest) -> HttpResponseBase:
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    form = MerchantForm(
        request.POST or None, initial=merchant_initial(request.merchant), read_only=not may_edit
    )
    if request.method == "POST" and form.is_valid():
        rename_merchant(request.merchant, actor=request.actor, **form.cleaned_data)
        say(request, "success", f"{request.merchant} was saved.")
        return back_to(request, "general")
    return settings_page(request, "settings/general.html", "general", {"form": form})


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def options(request: MerchantRequest) -> HttpResponseBase:
    row = get_options(request.merchant)
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    form = OptionsForm(request.POST or None, instance=row, read_only=not may_edit)
    if request.method == "POST" and form.is_valid():
        save_options(form.instance, old=options_changes(form), actor=request.actor)
        say(
            request,
            "success",
            "The settings were saved." if form.changed_data else "No setting was changed.",
        )
        return back_to(request, "options")
    return settings_page(request, "settings/options.html", "options", {"form": form})


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def prerequisites(request: MerchantRequest) -> HttpResponseBase:
    """GET looks at what is stored; POST asks outside, too, where a check can, and shows what came of it."""
    is_probing = request.method == "POST"
    checks = run_checks(request.merchant, probing=is_probing)
    if is_probing:
        met = sum(row.finding.state != "missing" for row in checks)
        say(
            request,
            "info",
            f"Prerequisites of {request.merchant} checked anew: {met} of {len(checks)} are met.",
        )
    context = {
        "checks": checks,
        "open_count": sum(row.finding.state == "missing" for row in checks),
        "is_probing": is_probing,
    }
    return settings_page(request, "settings/prerequisites.html", "prerequisites", context)
