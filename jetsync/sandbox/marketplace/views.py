"""The calls after shipment: returns (R1 to R3, T2), refunds (F1 to F3) and settlement (S1, S2)."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse

from jetsync.sandbox.clock import now
from jetsync.sandbox.http import ApiRequest, api, json_body, no_content, reply
from jetsync.sandbox.marketplace import refunds, returns, settlement
from jetsync.sandbox.marketplace.body import Refused
from jetsync.sandbox.marketplace.messages import read_completion, read_refund
from jetsync.sandbox.marketplace.words import RETURN_STATUS_ALIASES, RETURN_STATUS_EMPTY
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.return_ import Return
from jetsync.sandbox.orders.lists import LIST_LIMIT, get_order

MAX_ALT_ID = 200


@api("GET")
def returns_by_status(request: ApiRequest, status: str) -> HttpResponse:
    """R1: `{"return_urls": [...]}`; withdrawn words still answer, with nothing."""
    word = status.casefold()
    if word in RETURN_STATUS_EMPTY:
        return reply({"return_urls": []})
    if word not in RETURN_STATUS_ALIASES:
        raise Refused(f"There is no return status '{status}'.", status=404)
    rows = request.merchant.returns.filter(status=RETURN_STATUS_ALIASES[word]).order_by("opened_at", "pk")
    ids = rows.values_list("return_id", flat=True)[:LIST_LIMIT]
    return reply({"return_urls": [f"/returns/state/{return_id}" for return_id in ids]})


@api("GET")
def return_state(request: ApiRequest, return_id: str) -> HttpResponse:
    """R2."""
    return reply(returns.return_record(get_return(request.merchant, return_id)))


@api("PUT")
def complete_return(request: ApiRequest, return_id: str) -> HttpResponse:
    """R3: 204, empty."""
    opened = get_return(request.merchant, return_id)
    message = read_completion(
        json_body(request),
        order_id=opened.order.merchant_order_id,
        lines=returns.requested_lines(opened),
        strict=request.switches["strict_orders"],
    )
    returns.complete_return(opened, message, now())
    return no_content()


@api("GET")
def generate_return(request: ApiRequest, order_id: str) -> HttpResponse:
    """T2, test keys only: a GET with an effect, answered with the new return's address."""
    if not request.is_test:
        raise Refused("Returns are generated with test keys only.", status=403)
    with transaction.atomic():
        opened = returns.open_return(get_order(request.merchant, order_id), now())
    return reply({"url": opened.url})


@api("POST")
def create_refund(request: ApiRequest, order_id: str, alt_refund_id: str) -> HttpResponse:
    """F1: 201 with Jet's id."""
    order = get_order(request.merchant, order_id)
    if len(alt_refund_id) > MAX_ALT_ID:
        raise Refused(f"The id is longer than {MAX_ALT_ID} characters. Path: alt_refund_id")
    refunds.check_refundable(order)
    items = read_refund(
        json_body(request), lines=refunds.refundable_lines(order), strict=request.switches["strict_orders"]
    )
    refund = refunds.create_refund(order, alt_refund_id, items, now())
    return reply({"refund_authorization_id": refund.refund_id, "refund_status": refund.status}, status=201)


@api("GET")
def refund_state(request: ApiRequest, refund_id: str) -> HttpResponse:
    """F2: by Jet's id or the merchant's own."""
    rows = request.merchant.refunds.select_related("order")
    refund = rows.filter(refund_id=refund_id).first() or rows.filter(alt_refund_id=refund_id).first()
    if refund is None:
        raise Refused(f"Refund '{refund_id}' was not found.", status=404)
    return reply(refunds.refund_record(refund))


@api("GET")
def refunds_by_status(request: ApiRequest, status: str) -> HttpResponse:
    """F3: `{"refund_urls": [...]}`."""
    ids = refunds.with_status(request.merchant, status).values_list("refund_id", flat=True)[:LIST_LIMIT]
    return reply({"refund_urls": [f"/refunds/state/{refund_id}" for refund_id in ids]})


@api("GET")
def settlements(request: ApiRequest, days: str) -> HttpResponse:
    """S1: reports of the last `days` days."""
    if not days.isdecimal() or len(days) > 4:  # noqa: PLR2004 -- 9,999 days reach before Jet
        raise Refused(f"'{days}' is not a number of days.", status=404)
    rows = settlement.reports_of(request.merchant, int(days), now())
    return reply({"settlement_report_urls": [report.url for report in rows]})


@api("GET")
def settlement_report(request: ApiRequest, report_id: str) -> HttpResponse:
    """S2."""
    report = request.merchant.settlements.filter(report_id=report_id.lower()).first()
    if report is None:
        raise Refused(f"Settlement report '{report_id}' was not found.", status=404)
    return reply(settlement.report_record(report))


def get_return(merchant: MerchantAccount, return_id: str) -> Return:
    """The merchant's return. Raises Refused (404)."""
    opened = merchant.returns.select_related("order").filter(return_id=return_id.lower()).first()
    if opened is None:
        raise Refused(f"Return '{return_id}' was not found.", status=404)
    return opened
