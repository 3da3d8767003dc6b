"""Members, invitations and API tokens."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.actions import merchant as actions
from jetsync.enums import Role
from jetsync.exceptions import DomainError
from jetsync.models import ApiToken, Invitation, Membership
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say, say_error
from jetsync.panel.setup.answers import back_to, settings_page
from jetsync.panel.setup.forms import InviteForm, RoleForm, TokenForm
from jetsync.panel.setup.lookups import get_membership
from jetsync.panel.setup.rights_form import rights_by_area
from jetsync.queries.mail import reaches_nobody
from jetsync.queries.members import members_of
from jetsync.queries.support import sessions_of
from jetsync.tenancy.rights import Right, parse_rights, words_of
from jetsync.tenancy.views import MerchantRequest, merchant_view

# The newest; the log has all.
SESSIONS_SHOWN = 10


@merchant_view(Right.SETTINGS_VIEW, write=Right.MEMBERS_MANAGE)
def members(request: MerchantRequest) -> HttpResponseBase:
    form, link = InviteForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        try:
            _invitation, link = actions.invite(request.merchant, email, role, actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            if not reaches_nobody():
                say(request, "success", f"{email} was invited; the link is in the mail.")
                return back_to(request, "members")
            say(
                request,
                "success",
                f"{email} was invited. No mail is sent from here: hand over the link below.",
            )
            form = InviteForm()
    seats = list(members_of(request.merchant))
    open_invitations = Invitation.objects.filter(
        merchant=request.merchant, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    context = {
        "form": form,
        "link": link,
        "seats": seats,
        "without_factor": [seat.user for seat in seats if not seat.has_second_factor],  # type: ignore[attr-defined]  # annotated
        "invitations": open_invitations,
        "role_choices": Membership._meta.get_field("role").choices,
        "roles": list(Role.labels),
        "role_rights": rights_by_area(),
        "may_manage": request.actor.may(Right.MEMBERS_MANAGE),
        "support_sessions": sessions_of(request.merchant)[:SESSIONS_SHOWN],
    }
    response = settings_page(request, "settings/members.html", "members", context)
    if link:
        response["Cache-Control"] = "no-store"
    return response


@require_POST
@merchant_view(Right.MEMBERS_MANAGE)
def change_member(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """Gives the member the posted `role`."""
    seat = get_membership(request.merchant, pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        _change_role(request, seat, form.cleaned_data["role"])
    else:
        say(
            request, "error", f"{seat.user} keeps the role {seat.get_role_display()}: choose one of the four."
        )
    return back_to(request, "members")


def _change_role(request: MerchantRequest, seat: Membership, role: str) -> None:
    try:
        ended = actions.change_role(seat, role, actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return
    label = Role(role).label
    if ended is None:
        say(request, "info", f"{seat.user} has the role {label} already. Nothing was changed.")
        return
    lost = f" No longer granted: {words_of(ended)}." if ended else ""
    say(request, "success", f"{seat.user} is now {label}.{lost}")


@merchant_view(Right.TOKENS_MANAGE)
def tokens(request: MerchantRequest) -> HttpResponseBase:
    """The list, the form, and once after creation the secret itself."""
    form = TokenForm(request.POST or None, rights=request.actor.rights)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = actions.create_token(
                request.merchant,
                form.cleaned_data["name"],
                parse_rights(form.cleaned_data["rights"]),
                actor=request.actor,
                expires_at=_end_of_day(request, form),
            )
            form = TokenForm(rights=request.actor.rights)
        except DomainError as error:
            put_on_form(form, error)
    rows = ApiToken.objects.filter(merchant=request.merchant, revoked_at=None).select_related("user")
    response = settings_page(
        request, "settings/tokens.html", "tokens", {"form": form, "tokens": rows, "secret": secret}
    )
    response["Cache-Control"] = "no-store"
    return response


def _end_of_day(request: MerchantRequest, form: TokenForm) -> datetime | None:
    day = form.cleaned_data["expires_on"]
    return datetime.combine(day, time.max, ZoneInfo(request.merchant.time_zone)) if day else None
