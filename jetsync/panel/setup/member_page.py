"""What one person may do here: rights of the role by area, tokens, second factor; and the end of a support session."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.merchant import end_support
from jetsync.exceptions import NotAllowed
from jetsync.models import ApiToken, Merchant, User
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import back_to, settings_page
from jetsync.queries.members import members_of, working_tokens
from jetsync.queries.support import get_session
from jetsync.tenancy.rights import RIGHT_LABELS, Right, parse_rights, rights_of
from jetsync.tenancy.views import MerchantRequest, merchant_view

# Areas that go by another name than the first part of their rights.
_AREAS = {"buyers": "Shoppers", "members": "People", "tokens": "API tokens and webhooks"}


def _area(right: Right) -> str:
    key = right.value.partition(".")[0]
    return _AREAS.get(key, key.capitalize())


def rights_by_area(held: frozenset[Right]) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Every right there is, in the order of the table, and whether it is held."""
    return [
        (area, [(RIGHT_LABELS[right], right in held) for right in rights])
        for area, rights in groupby(Right, key=_area)
    ]


@require_GET
@merchant_view(Right.SETTINGS_VIEW)
def member(request: MerchantRequest, pk: int) -> HttpResponseBase:
    seat = get_object_or_404(members_of(request.merchant), pk=pk)
    held = rights_of(seat.role)
    context = {
        "seat": seat,
        "areas": rights_by_area(held),
        "held_count": len(held),
        "all_count": len(Right),
        "tokens": _tokens(request.merchant, seat.user, held),
        "may_manage": request.actor.may(Right.MEMBERS_MANAGE),
    }
    return settings_page(request, "settings/member.html", "members", context)


def _tokens(merchant: Merchant, user: User, held: frozenset[Right]) -> list[tuple[ApiToken, list[str]]]:
    """Tokens that work, with what each may really do: never more than the person."""
    return [
        (row, [RIGHT_LABELS[right] for right in Right if right in parse_rights(row.rights) & held])
        for row in working_tokens(merchant).filter(user=user)
    ]


@require_POST
@merchant_view(Right.MEMBERS_MANAGE)
def shut_out(request: MerchantRequest, pk: int) -> HttpResponse:
    """The merchant's people end a support session at once."""
    session = get_session(request.merchant, pk)
    was_open = session.is_open
    end_support(session, actor=request.actor)
    words = f"{session.user} is shut out: the support session has ended."
    say(request, "success", words if was_open else f"The support session of {session.user} is over already.")
    return back_to(request, "members")


@require_POST
@merchant_view(Right.HOME_VIEW)
def leave_support(request: MerchantRequest) -> HttpResponse:
    """Staff end their own session before its time."""
    session = request.access.support
    if session is None:
        raise NotAllowed("You are not here by a support session.")
    end_support(session)
    say(request, "success", f"Your support session in {request.merchant} has ended.")
    return redirect("admin:jetsync_merchant_changelist")
