"""The store's rule that everyone needs a second factor: switching it, and the page it leads people to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allauth.mfa.totp.forms import DeactivateTOTPForm
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from jetsync.actions.people import OWN_FACTOR_FIRST, require_second_factor
from jetsync.models import Membership, Merchant, User
from jetsync.panel.messages import say
from jetsync.panel.setup.removals import Removal
from jetsync.queries.members import members_without_factor, working_tokens
from jetsync.tenancy.rights import Right

# Where the pages of the account lead back to once the factor is set up.
WAITING = "second_factor_page"


@require_GET
@login_required
def second_factor(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Says why the store does not open and what to do; with a second factor it leads on to `next`."""
    assert isinstance(request.user, User)  # noqa: S101 -- login_required
    seats = request.user.memberships.select_related("merchant").filter(merchant__suspended_at=None)
    seat = get_object_or_404(seats, merchant__slug=slug)
    if is_mfa_enabled(request.user) or not seat.merchant.requires_second_factor:
        request.session.pop(WAITING, None)
        url = request.GET.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()})
        return redirect(url) if is_ours else redirect("panel:home", merchant_slug=slug)
    request.session[WAITING] = request.get_full_path()
    context = {"store": seat.merchant, "has_others": seats.exclude(pk=seat.pk).exists()}
    return render(request, "settings/second_factor.html", context)


class TurnOffForm(DeactivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """allauth's own; its page names the stores that close with it."""

    def stores(self) -> list[Merchant]:
        user = self.authenticator.user
        return list(Merchant.objects.filter(memberships__user=user, requires_second_factor=True))


class RequireFactor(Removal):
    right = write_right = Right.MEMBERS_MANAGE
    danger = False
    noun = ("member has no second factor", "members have no second factor")
    confirm_label = "Require it"
    back_name = "members"

    def get_target(self, **kwargs: Any) -> list[Membership]:  # noqa: ARG002 -- about the store
        return list(members_without_factor(self.request.merchant))

    def get_title(self, target: list[Membership]) -> str:  # noqa: ARG002 -- hook
        return f"Require a second factor of everyone in {self.request.merchant.name}"

    def get_count(self, target: list[Membership]) -> int:
        return len(target)

    def get_names(self, target: list[Membership]) -> Sequence[str]:
        return [str(seat) for seat in target]

    def get_blockers(self, target: list[Membership]) -> Sequence[str]:
        if self.request.merchant.requires_second_factor:
            return ("It is required already.",)
        return (OWN_FACTOR_FIRST,) if any(seat.user_id == self.request.user.pk for seat in target) else ()

    def get_consequences(self, target: list[Membership]) -> Sequence[str]:
        found = [
            "Whoever has none is led to set one up before any page of this store opens, from the next click on.",
            "Their other stores and their own account stay open to them.",
        ]
        people = [seat.user_id for seat in target]
        tokens = working_tokens(self.request.merchant).filter(user__in=people)
        if names := ", ".join(f"“{token.name}” of {token.user}" for token in tokens.select_related("user")):
            found.append(
                f"API tokens go on working, no password opens them: {names}. Revoke what should not."
            )
        return found

    def perform(self, target: list[Membership], form: Any) -> str:  # noqa: ARG002 -- no form
        merchant = self.request.merchant
        require_second_factor(merchant, required=True, actor=self.request.actor)
        say(self.request, "success", f"Everyone in {merchant.name} needs a second factor from now on.")
        return self.page("members")


class DropFactor(Removal):
    right = write_right = Right.MEMBERS_MANAGE
    noun = ("store", "stores")
    confirm_label = "No longer require it"
    back_name = "members"

    def get_target(self, **kwargs: Any) -> Merchant:  # noqa: ARG002 -- about the store
        return self.request.merchant

    def get_title(self, target: Merchant) -> str:
        return f"Leave a second factor to each person in {target.name}"

    def get_blockers(self, target: Merchant) -> Sequence[str]:
        return () if target.requires_second_factor else ("It is not required.",)

    def get_consequences(self, target: Merchant) -> Sequence[str]:
        return [
            f"A password alone opens {target.name} again for whoever has no second factor.",
            "Second factors that are set up stay, and log-ins go on asking for them.",
        ]

    def perform(self, target: Merchant, form: Any) -> str:  # noqa: ARG002 -- no form
        require_second_factor(target, required=False, actor=self.request.actor)
        say(self.request, "success", f"A second factor is up to each person in {target.name} again.")
        return self.page("members")
