"""Returns, refunds and settlement, and the generator of returns."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from jetsync.sandbox.clock import now
from jetsync.sandbox.marketplace import refunds as refunding
from jetsync.sandbox.marketplace import returns as returning
from jetsync.sandbox.marketplace import settlement as settling
from jetsync.sandbox.marketplace.words import RefundStatus, ReturnStatus
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import Order
from jetsync.sandbox.models.refund import Refund
from jetsync.sandbox.models.return_ import Return
from jetsync.sandbox.orders.lists import get_order
from jetsync.sandbox.portal.forms import RefundDecisionForm, ReturnGeneratorForm
from jetsync.sandbox.portal.pages import act, go, one_line, page, paged, show

OFFERED_ORDERS = 100


@page
def returns(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    rows = Return.objects.filter(merchant=account).select_related("order").order_by("-pk")
    rows = rows.prefetch_related("items__order_item")
    status = request.GET.get("status", "")
    if status in ReturnStatus.values:
        rows = rows.filter(status=status)
    return show(
        request, account, "returns", page=paged(request, rows), statuses=ReturnStatus.values, status=status
    )


@page
def return_detail(request: HttpRequest, account: MerchantAccount, return_id: str) -> HttpResponse:
    opened = _get_return(account, return_id)
    items = opened.items.select_related("order_item")
    return show(request, account, "return", opened=opened, items=items, ReturnStatus=ReturnStatus)


@act
def finish(request: HttpRequest, account: MerchantAccount, return_id: str) -> HttpResponse:
    """An answered return is through; one without an answer is completed by Jet, in full."""
    opened = _get_return(account, return_id)
    if opened.status == ReturnStatus.CREATED:
        returning.complete_as_jet(opened, now())
    else:
        returning.finish_return(opened, now())
    messages.success(request, f"Return {opened.reference_id} is completed.")
    return go(account, "return", return_id=return_id)


@page
def return_generator(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    form = ReturnGeneratorForm(_returnable(account), initial={"order_id": request.GET.get("order", "")})
    return show(request, account, "return_generator", form=form)


@act
def generate_return(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    """The shopper of a shipped order sends everything back."""
    form = ReturnGeneratorForm(_returnable(account), request.POST)
    if not form.is_valid():
        return show(request, account, "return_generator", 400, form=form)
    opened = returning.open_return(
        get_order(account, form.cleaned_data["order_id"]),
        now(),
        reason=form.cleaned_data["reason"] or None,
        refund_without_return=form.cleaned_data["refund_without_return"],
    )
    messages.success(request, f"Return {opened.reference_id} was opened.")
    return go(account, "return", return_id=opened.return_id)


@page
def refunds(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    rows = Refund.objects.filter(merchant=account).select_related("order").order_by("-pk")
    rows = rows.prefetch_related("items__order_item")
    status = request.GET.get("status", "")
    if status in RefundStatus.values:
        rows = rows.filter(status=status)
    return show(
        request,
        account,
        "refunds",
        page=paged(request, rows),
        statuses=RefundStatus.values,
        status=status,
        open_statuses=[status.value for status in refunding.OPEN],
        decisions=RefundDecisionForm.base_fields["status"].choices,  # type: ignore[attr-defined]  # a choice field
    )


@act
def decide_refund(request: HttpRequest, account: MerchantAccount, refund_id: str) -> HttpResponse:
    """Jet or the bank decides."""
    refund = get_object_or_404(account.refunds.select_related("order"), refund_id=refund_id)
    form = RefundDecisionForm(request.POST)
    if form.is_valid():
        refunding.decide(refund, RefundStatus(form.cleaned_data["status"]), now())
        messages.success(request, f"Refund {refund.alt_refund_id} is {refund.status}.")
    else:
        messages.error(request, one_line(form.errors))
    return go(account, "refunds")


@page
def settlement(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    reports = [
        (report, settling.report_record(report)) for report in account.settlements.order_by("-period_end")
    ]
    return show(request, account, "settlement", reports=reports)


@page
def report(request: HttpRequest, account: MerchantAccount, report_id: str) -> HttpResponse:
    found = get_object_or_404(account.settlements, report_id=report_id)
    rows = settling.settlement_rows(found)
    return show(request, account, "report", report=found, record=settling.report_record(found), rows=rows)


@act
def close_week(request: HttpRequest, account: MerchantAccount) -> HttpResponse:
    made = settling.close_now(account, now())
    if made is None:
        messages.warning(request, "There is nothing to settle.")
        return go(account, "settlement")
    messages.success(request, f"The period from {made.period_start:%d %B} is closed.")
    return go(account, "report", report_id=made.report_id)


def _returnable(account: MerchantAccount) -> list[tuple[str, str]]:
    """Newest orders with a unit that can still come back, as (id, text)."""
    rows = Order.objects.filter(merchant=account, items__shipped__gt=0).order_by("-pk").distinct()
    return [
        (order.merchant_order_id, f"{order.reference_order_id}, {order.shipping_to['recipient']['name']}")
        for order in rows.prefetch_related("items")[:OFFERED_ORDERS]
        if any(returning.returnable_units(item) for item in order.items.all())
    ]


def _get_return(account: MerchantAccount, return_id: str) -> Return:
    return get_object_or_404(account.returns.select_related("order"), return_id=return_id)
