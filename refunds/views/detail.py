"""Creating a refund, looking at one, and asking Jet how it stands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.panel.details import live_seconds, timeline_for, with_words
from jetsync.panel.messages import say, say_outcome
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.models import Order
from orders.pages import order_url
from orders.privacy import shown_buyer, shown_raw, shown_text
from orders.queries.order import get_order
from refunds.actions.confirming import confirm_refund, decline_refund
from refunds.actions.creating import (
    CREATE_JOB,
    check_refund,
    create_refund,
    refresh_now,
    update_status_now,
    withdraw,
)
from refunds.forms import RefundForm
from refunds.models import Refund
from refunds.pages import refund_list_url, refund_url
from refunds.queries import get_refund, refund_lines
from refunds.statuses import refund_status_key
from refunds.validators import check_order
from refunds.wording import WHEN_USED
from returns.enums import SendState
from returns.forms import DeclineForm
from returns.ledgers import line_ledgers, with_given
from returns.money import total_of
from returns.queries import failure_codes
from returns.views.guard import can_take_back, guard_of


@merchant_view(Right.REFUNDS_CREATE)
def refund_create(request: MerchantRequest, pk: int) -> HttpResponse:
    order = get_order(request.merchant, pk)
    order.merchant = request.merchant
    is_post = request.method == "POST"
    form = RefundForm(request.POST if is_post else None, ledgers=line_ledgers(order))
    if not is_post:
        return _create_page(request, order, form)
    if form.is_valid():
        try:
            if "check" in request.POST:
                check_refund(order, form.lines())
                return _create_page(request, order, form, is_checked=True)
            refund = create_refund(order, form.lines(), actor=request.actor)
        except InvalidInput as refused:
            form.take_faults(refused)
        except DomainError as refused:
            return _create_page(request, order, form, status=refused.status)
        else:
            total = total_of(line.amounts for line in refund_lines(refund)).total
            way = (
                "waits for a second person. Nothing is sent yet."
                if refund.is_waiting
                else "is on its way to Jet."
            )
            say(request, "success", f"Refund {refund} of ${total:,.2f} {way}")
            return HttpResponseRedirect(refund_url(refund))
    return _create_page(request, order, form, status=400)


def _create_page(
    request: MerchantRequest, order: Order, form: RefundForm, *, is_checked: bool = False, status: int = 200
) -> HttpResponse:
    blocked: DomainError | None = None
    try:
        check_order(order)
    except DomainError as refused:
        blocked = refused
    rows, given = form.rows(), form.given()
    total = total_of(movement.amounts for movement in (given or {}).values()).total
    context: dict[str, Any] = {
        "order": order,
        "form": form,
        "rows": rows,
        "can_refund": any(row.can_refund for row in rows),
        "blocked": blocked,
        "ledgers": with_given(form.ledgers, given),
        "shows_after": given is not None and blocked is None,
        "checked_total": total if is_checked else None,
        "guard": guard_of(request, Right.REFUNDS_CREATE, None, order=order),
        "order_url": order_url(order),
        "buyer": shown_buyer(order, request.actor),
        "when_used": WHEN_USED,
    }
    return render(request, "refunds/refund_form.html", context, status=status)


@merchant_view(Right.REFUNDS_VIEW)
def refund_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    return _page(request, get_refund(request.merchant, pk))


def _page(
    request: MerchantRequest, refund: Refund, *, decline: DeclineForm | None = None, status: int = 200
) -> HttpResponse:
    lines, words = refund_lines(refund), shown_text(refund.order, request.actor)
    for line in lines:
        line.notes = words(line.notes)
    context: dict[str, Any] = {
        "refund": refund,
        "status_key": refund_status_key(refund),
        "cause": failure_codes([refund], CREATE_JOB).get(refund.pk, ""),
        "lines": lines,
        "total": total_of(line.amounts for line in lines),
        "ledgers": line_ledgers(refund.order).values() if refund.order else (),
        "order_url": order_url(refund.order) if refund.order else "",
        "buyer": shown_buyer(refund.order, request.actor) if refund.order else "",
        "raw": shown_raw(refund.raw, request.actor, order=refund.order),
        "can_withdraw": can_take_back(refund, request.actor),
        "guard": guard_of(request, Right.REFUNDS_CREATE, refund.proposer_id) if refund.is_waiting else None,
        "decline_form": decline or DeclineForm(),
        "live_seconds": live_seconds(is_busy=refund.is_in_flight),
        "can_refresh": refund.send_state == SendState.SENT,
        "timeline": with_words(timeline_for(request.merchant, "refunds.refund", refund.pk), words),
    }
    return render(request, "refunds/refund_detail.html", context, status=status)


def _given(refund: Refund) -> Decimal:
    return total_of(line.amounts for line in refund_lines(refund)).total


@merchant_view(Right.REFUNDS_VIEW, write=Right.REFUNDS_CREATE)
@require_POST
def confirm(request: MerchantRequest, pk: int) -> HttpResponse:
    refund = get_refund(request.merchant, pk)
    words = f"You confirmed refund {refund}: ${_given(refund):,.2f} is on its way to Jet."
    with say_outcome(request, words):
        confirm_refund(refund, actor=request.actor)
    return HttpResponseRedirect(refund_url(refund))


@merchant_view(Right.REFUNDS_VIEW, write=Right.REFUNDS_CREATE)
@require_POST
def decline(request: MerchantRequest, pk: int) -> HttpResponse:
    refund = get_refund(request.merchant, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        say(request, "error", f"Refund {refund} was not sent back: say why.")
        return _page(request, refund, decline=form, status=400)
    words = f"Refund {refund} of ${_given(refund):,.2f} was sent back. Nothing was paid."
    with say_outcome(request, words):
        decline_refund(refund, form.cleaned_data["reason"], actor=request.actor)
    return HttpResponseRedirect(refund_url(refund))


@merchant_view(Right.REFUNDS_VIEW, write=Right.REFUNDS_CREATE)
@require_POST
def take_back(request: MerchantRequest, pk: int) -> HttpResponse:
    refund = get_refund(request.merchant, pk)
    with say_outcome(request, f"Refund {refund} was taken back. Nothing was sent."):
        withdraw(refund, actor=request.actor)
    return HttpResponseRedirect(refund_url(refund))


@merchant_view(Right.REFUNDS_VIEW, write=Right.REFUNDS_CREATE)
@require_POST
def refresh(request: MerchantRequest, pk: int) -> HttpResponse:
    refund = get_refund(request.merchant, pk)
    refresh_now(refund, actor=request.actor)
    say(request, "success", f"Asking Jet about refund {refund}. This page shows the answer by itself.")
    return HttpResponseRedirect(refund_url(refund))


@merchant_view(Right.REFUNDS_VIEW, write=Right.REFUNDS_CREATE)
@require_POST
def update_status(request: MerchantRequest) -> HttpResponse:
    with say_outcome(request, "Asking Jet for the status of all open refunds. This list shows it by itself."):
        update_status_now(request.merchant, actor=request.actor)
    return HttpResponseRedirect(refund_list_url(request.merchant))
