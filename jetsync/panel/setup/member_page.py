"""What one person may do here: rights by area, tokens, second factor; and the end of a support session."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jetsync.actions.merchant import end_support
from jetsync.actions.people import change_rights
from jetsync.exceptions import DomainError, NotAllowed
from jetsync.models import ApiToken, Membership, Merchant
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import back_to, settings_page
from jetsync.panel.setup.rights_form import GRANTED, TAKEN, RightsForm, right_rows
from jetsync.queries.members import members_of, working_tokens
from jetsync.queries.support import get_session
from jetsync.tenancy.rights import RIGHT_LABELS, Right, parse_rights
from jetsync.tenancy.views import MerchantRequest, merchant_view


@merchant_view(Right.SETTINGS_VIEW, write=Right.MEMBERS_MANAGE)
def member(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """Shows the rights; for those who manage people a form that grants some or takes some away."""
    seat = get_object_or_404(members_of(request.merchant), pk=pk)
    may_manage = request.actor.may(Right.MEMBERS_MANAGE)
    form = RightsForm(request.POST or None, seat=seat) if may_manage else None
    if request.method == "POST" and form is not None and form.is_valid() and _save(request, seat, form):
        return back_to(request, "member", pk=seat.pk)
    context = {
        "seat": seat,
        "form": form,
        "rows": list(right_rows(seat, form)),
        "held_count": len(seat.rights),
        "all_count": len(Right),
        "tokens": _tokens(request.merchant, seat),
        "may_manage": may_manage,
    }
    return settings_page(request, "settings/member.html", "members", context)


def _save(request: MerchantRequest, seat: Membership, form: RightsForm) -> bool:
    try:
        changed = change_rights(
            seat, granted=form.chosen(GRANTED), withheld=form.chosen(TAKEN), actor=request.actor
        )
    except DomainError as error:
        put_on_form(form, error)
        return False
    what = "The rights of {} were changed. They count from now on, also for API tokens."
    say(request, "success", (what if changed else "No right of {} was changed.").format(seat.user))
    return True


def _tokens(merchant: Merchant, seat: Membership) -> list[tuple[ApiToken, list[str]]]:
    """Tokens that work, with what each may really do: never more than the person."""
    held = seat.rights
    return [
        (row, [RIGHT_LABELS[right] for right in Right if right in parse_rights(row.rights) & held])
        for row in working_tokens(merchant).filter(user=seat.user)
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
