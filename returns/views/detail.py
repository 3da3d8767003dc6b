"""One return: what Jet says, the answer, the money of its order, notes and the time line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.panel.details import live_seconds, timeline_for, with_words
from jetsync.panel.messages import say, say_error, say_outcome
from jetsync.tenancy.rights import Right, lack_of
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.pages import order_url
from orders.privacy import shown_buyer, shown_raw, shown_text
from returns.actions.confirming import confirm_return, decline_return
from returns.actions.notes import add_note
from returns.actions.settling import (
    COMPLETE_JOB,
    check_settle,
    fetch_now,
    ledgers_for,
    refresh_now,
    settle_return,
    withdraw,
)
from returns.forms import DeclineForm, NoteForm, SettleForm
from returns.ledgers import LineLedger, with_given
from returns.models import Return, ReturnLine
from returns.money import total_of
from returns.pages import return_list_url, return_url
from returns.queries import failure_codes, get_return, return_lines, return_notes
from returns.statuses import return_status_key
from returns.validators import answer_blocker
from returns.views.guard import can_take_back, guard_of
from returns.wording import charge_feedback_label


@merchant_view(Right.RETURNS_VIEW)
def return_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    return _page(request, get_return(request.merchant, pk))


def _page(
    request: MerchantRequest,
    returned: Return,
    *,
    form: SettleForm | None = None,
    note: NoteForm | None = None,
    decline: DeclineForm | None = None,
    is_checked: bool = False,
    status: int = 200,
) -> HttpResponse:
    words = shown_text(returned.order, request.actor)
    lines, ledgers = return_lines(returned), ledgers_for(returned)
    for line in lines:
        line.notes = words(line.notes)
    can_answer = returned.is_answerable
    if form is None and can_answer:
        form = _form(request, returned, None, lines, ledgers)
    form = form if can_answer else None
    given = form.given() if form is not None and not form.read_only else None
    guarded = returned.is_waiting or form
    right, proposer = Right.RETURNS_SETTLE, returned.proposer_id
    context: dict[str, Any] = {
        **_facts(request, returned, words),
        "lines": lines,
        "form": form,
        "ledgers": with_given(ledgers, given),
        "shows_after": given is not None,
        "checked_total": form.total() if form is not None and is_checked else None,
        "guard": guard_of(request, right, proposer, order=returned.order) if guarded else None,
        "decline_form": decline or DeclineForm(),
        "asked": total_of(line.requested for line in lines).total,
        "given": total_of(line.settled for line in lines if line.is_included).total,
        "note_form": note or NoteForm(),
    }
    return render(request, "returns/return_detail.html", context, status=status)


def _facts(request: MerchantRequest, returned: Return, words: Callable[[str], str]) -> dict[str, Any]:
    """What is known of the return itself; `words` hides the shopper from those who may not see him."""
    return {
        "returned": returned,
        "status_key": return_status_key(returned),
        "cause": failure_codes([returned], COMPLETE_JOB).get(returned.pk, ""),
        "blocker": answer_blocker(returned),
        "charge_feedback": charge_feedback_label(returned.return_charge_feedback),
        "buyer": shown_buyer(returned.order, request.actor) if returned.order else "",
        "order_url": order_url(returned.order) if returned.order else "",
        "raw": shown_raw(returned.raw, request.actor, order=returned.order),
        "notes": [(words(row.text), row) for row in return_notes(returned)],
        "can_withdraw": can_take_back(returned, request.actor),
        "live_seconds": live_seconds(is_busy=returned.is_in_flight),
        "timeline": with_words(timeline_for(request.merchant, "returns.return", returned.pk), words),
    }


def _form(
    request: MerchantRequest,
    returned: Return,
    data: Any,
    lines: Sequence[ReturnLine],
    ledgers: Mapping[int, LineLedger],
) -> SettleForm:
    reason = ""
    if not request.actor.may(Right.RETURNS_SETTLE):
        reason = lack_of(Right.RETURNS_SETTLE)
    elif (blocker := answer_blocker(returned)) is not None:
        reason = f"It cannot be answered: {blocker[0]} {blocker[1]}"
    return SettleForm(
        data,
        returned=returned,
        lines=lines,
        ledgers=ledgers,
        read_only=bool(reason),
        read_only_reason=reason,
    )


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def settle(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    form = _form(request, returned, request.POST, return_lines(returned), ledgers_for(returned))
    if form.is_valid():
        try:
            if "check" in request.POST:
                check_settle(returned, form.decision())
                return _page(request, returned, form=form, is_checked=True)
            settled = settle_return(returned, form.decision(), actor=request.actor)
        except InvalidInput as refused:
            form.take_faults(refused)
        except DomainError as refused:
            say_error(request, refused)
            return HttpResponseRedirect(return_url(returned))
        else:
            say(request, "success", _settled_words(settled))
            return HttpResponseRedirect(return_url(returned))
    return _page(request, returned, form=form, status=400)


def _settled_words(returned: Return) -> str:
    if not returned.is_waiting:
        return f"The answer to return {returned} is on its way to Jet."
    return f"The answer to return {returned} over ${_given(returned):,.2f} waits for a second person. Nothing is sent yet."


def _given(returned: Return) -> Decimal:
    return total_of(line.settled for line in return_lines(returned) if line.is_included).total


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def confirm(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    words = f"You confirmed return {returned}: the answer over ${_given(returned):,.2f} is on its way to Jet."
    with say_outcome(request, words):
        confirm_return(returned, actor=request.actor)
    return HttpResponseRedirect(return_url(returned))


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def decline(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    form, total = DeclineForm(request.POST), _given(returned)
    if not form.is_valid():
        say(request, "error", f"The answer to return {returned} was not sent back: say why.")
        return _page(request, returned, decline=form, status=400)
    with say_outcome(
        request, f"The answer to return {returned} over ${total:,.2f} was sent back. Nothing was sent."
    ):
        decline_return(returned, form.cleaned_data["reason"], actor=request.actor)
    return HttpResponseRedirect(return_url(returned))


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def take_back(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    with say_outcome(request, f"The answer to return {returned} was taken back. Nothing was sent."):
        withdraw(returned, actor=request.actor)
    return HttpResponseRedirect(return_url(returned))


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def refresh(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    refresh_now(returned, actor=request.actor)
    say(request, "success", f"Asking Jet about return {returned}. This page shows the answer by itself.")
    return HttpResponseRedirect(return_url(returned))


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def write_note(request: MerchantRequest, pk: int) -> HttpResponse:
    returned = get_return(request.merchant, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, returned, note=form, status=400)
    add_note(returned, form.cleaned_data["text"], actor=request.actor)
    say(request, "success", f"The note on return {returned} is kept.")
    return HttpResponseRedirect(f"{return_url(returned)}#notes")


@merchant_view(Right.RETURNS_VIEW, write=Right.RETURNS_SETTLE)
@require_POST
def fetch(request: MerchantRequest) -> HttpResponse:
    with say_outcome(request, "Asking Jet for new returns. This list shows them by itself."):
        fetch_now(request.merchant, actor=request.actor)
    return HttpResponseRedirect(return_list_url(request.merchant))
