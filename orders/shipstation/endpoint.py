"""The address that ShipStation calls: `GET ?action=export` for orders, `POST ?action=shipnotify` for parcels.

Outside of `/m/`, because there is no member and no session: user name and key open it, for one merchant. Every refusal
before that says the same, whether shop, name or key is wrong.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.models import Merchant
from jetsync.net import client_address
from jetsync.queries.settings import get_options
from jetsync.tenancy.context import merchant_scope
from jetsync.wording import counted
from orders.models import ShipStationConnection
from orders.shipstation.calls import CallRecord, note_call, note_left_out, note_refusal
from orders.shipstation.credentials import given_credentials, opens
from orders.shipstation.export import Unexportable, order_element, orders_document
from orders.shipstation.limits import BY_ADDRESS, BY_FAILURE, BY_MERCHANT, TooManyCalls, count_call
from orders.shipstation.noticing import receive_notice
from orders.shipstation.paging import read_page, window_name
from orders.shipstation.queries import exportable_orders, units_of, with_contents
from orders.shipstation.reading import MAX_BYTES, read_notice
from orders.shipstation.times import read_end, read_start
from orders.shipstation.words import CallAction

log = structlog.get_logger(__name__)

REFUSED = "Wrong user name or key."
XML = "text/xml; charset=utf-8"
MAX_PAGE = 1_000_000
# A change may stand in the database a little after its time: the window before must not have missed it for good.
# ShipStation takes an order that it knows as the same one again.
OVERLAP = timedelta(minutes=2)


def _text(message: str, status: int, **headers: str) -> HttpResponse:
    return HttpResponse(
        f"{message}\n", status=status, content_type="text/plain; charset=utf-8", headers=headers
    )


def _too_many(exc: TooManyCalls) -> HttpResponse:
    return _text(
        "Too many calls. Wait as long as Retry-After says.", 429, **{"Retry-After": str(exc.retry_after)}
    )


@csrf_exempt
@never_cache
def shipstation(request: HttpRequest, shop: str) -> HttpResponse:
    if settings.SECURE and not request.is_secure():
        return _text("Use https: this address takes no credentials over plain http.", 403)
    address = client_address(request)
    try:
        count_call(BY_ADDRESS, address)
    except TooManyCalls as exc:
        return _too_many(exc)
    # A shop that does not exist takes the same road: its scope holds no connection.
    merchant = Merchant.objects.filter(slug=shop, suspended_at=None).first() or Merchant(pk=0, slug="")
    with merchant_scope(merchant):
        connection = ShipStationConnection.objects.filter(merchant=merchant).first()
        if not opens(connection, given_credentials(request)):
            return _refuse(connection, f"{address} {shop}")
        assert connection is not None  # noqa: S101 -- opens nothing without one
        connection.merchant = merchant
        return _answer(request, connection)


def _refuse(connection: ShipStationConnection | None, key: str) -> HttpResponse:
    try:
        count_call(BY_FAILURE, key)
    except TooManyCalls as exc:
        return _too_many(exc)
    if connection is not None and connection.has_key:
        note_refusal(
            connection,
            "A call with a wrong user name or key was refused. Is the key in ShipStation the newest?",
        )
    return _text(REFUSED, 401, **{"WWW-Authenticate": 'Basic realm="jetsync", charset="UTF-8"'})


def _answer(request: HttpRequest, connection: ShipStationConnection) -> HttpResponse:
    """For a caller who may: does what is asked, and keeps a record of it."""
    started, call = time.monotonic(), CallRecord()
    try:
        count_call(BY_MERCHANT, str(connection.merchant_id))
    except TooManyCalls as exc:
        return _too_many(exc)
    try:
        response = _act(request, connection, call)
    except DomainError as exc:
        call.message = f"{exc.message} {exc.hint}".strip()
        response = _text(call.message, exc.status)
    except Exception:  # the caller sees our error page and asks again; the merchant sees that it failed
        call.status, call.message = 500, "An error on our side; it has been reported."
        note_call(connection, call, _since(started))
        raise
    call.status = response.status_code
    note_call(connection, call, _since(started))
    log.info("shipstation_call", action=str(call.action), status=call.status, orders=call.orders)
    return response


def _since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)


def _act(request: HttpRequest, connection: ShipStationConnection, call: CallRecord) -> HttpResponse:
    action = request.GET.get("action", "").strip().casefold()
    known = {CallAction.EXPORT: ("GET", export), CallAction.NOTICE: ("POST", take_notice)}
    if action not in known:
        raise InvalidInput("The action must be “export” (GET) or “shipnotify” (POST).")
    call.action = CallAction(action)
    method, act = known[call.action]
    if request.method != method:
        call.message = f"The action “{action}” is asked for with {method}."
        return _text(call.message, 405, Allow=method)
    if not connection.is_active:
        call.message = "The connection is switched off in jetsync, Settings, ShipStation."
        return _text(call.message, 403)
    return act(request, connection, call)


def export(request: HttpRequest, connection: ShipStationConnection, call: CallRecord) -> HttpResponse:
    """One page of the orders that changed in the window; both of its ends are included. Changes no order."""
    begin, end = _moment(request, "start_date"), _moment(request, "end_date")
    number = _page_number(request.GET.get("page", ""))
    merchant = connection.merchant
    orders = with_contents(exportable_orders(merchant, connection, begin - OVERLAP, end))
    page = read_page(orders, number, connection.export_cursor, window_name(begin, end))
    options, units = get_options(merchant), units_of(page.orders)
    elements, left_out = [], []
    for order in page.orders:
        try:
            elements.append(order_element(order, connection, options, units))
        except Unexportable as exc:
            left_out.append(exc.message)
            note_left_out(merchant, order, exc)
    call.orders = len(elements)
    call.about = f"Page {page.number} of {page.pages}"
    call.message = " ".join([f"{counted(len(left_out), 'order')} left out.", *left_out]) if left_out else ""
    call.columns = {"export_cursor": page.cursor}
    return HttpResponse(orders_document(elements, pages=page.pages, page=page.number), content_type=XML)


def _moment(request: HttpRequest, name: str) -> datetime:
    text = request.GET.get(name, "")
    moment = (read_start if name == "start_date" else read_end)(text)
    if moment is None:
        words = f"“{text[:40]}” is no date" if text else "it is missing"
        raise InvalidInput(f"{name}: {words}. Write it as MM/dd/yyyy HH:mm in UTC.")
    return moment


def _page_number(text: str) -> int:
    if not text.strip():
        return 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= MAX_PAGE and len(text) <= 10):  # noqa: PLR2004
        raise InvalidInput(f"page: “{text[:20]}” is no page; the first is 1.")
    return int(text)


def take_notice(request: HttpRequest, connection: ShipStationConnection, call: CallRecord) -> HttpResponse:
    """Stores the report and answers at once with an empty body; the shipment is made by a job."""
    facts = read_notice(request.GET.dict(), _body(request))
    call.about = f"Order {facts.order_number or facts.order_id}"
    received = receive_notice(connection.merchant, facts)
    call.orders = 1
    call.about = f"Order {received.notice.order}"
    call.message = "" if received.is_new else "Known already; nothing is done twice."
    return HttpResponse(status=200, content_type="text/plain")


class BodyTooLarge(InvalidInput):
    code = "shipstation_body_too_large"
    status = 413


def _body(request: HttpRequest) -> bytes:
    try:
        announced = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        announced = 0
    try:
        if announced > MAX_BYTES or len(request.body) > MAX_BYTES:
            raise BodyTooLarge("The body is larger than 1 MB.")
        return request.body
    except RequestDataTooBig:
        raise BodyTooLarge("The body is larger than 1 MB.") from None
    except UnreadablePostError:
        raise InvalidInput("The body broke off.") from None
