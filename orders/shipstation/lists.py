"""Lists: the calls of ShipStation, and the parcels it reported; and the page of one parcel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jetsync.exceptions import DomainError, InvalidInput
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.forms import put_on_form
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.models import ShipStationCall, ShipStationNotice
from orders.pages import order_url
from orders.queries.line import line_counts
from orders.shipstation import noticing
from orders.shipstation.calls import CALLS_FOR
from orders.shipstation.carriers import find_carrier
from orders.shipstation.forms import TrackingForm
from orders.shipstation.pages import notice_url, page_url
from orders.shipstation.queries import calls_of, get_notice, notices_of, rules_of, waiting_notices
from orders.shipstation.units import allocate
from orders.shipstation.words import OPEN_NOTICES, CallAction, NoticeState
from orders.wording import way_of_shipment


class CallFilter(PanelFilterSet):
    action = django_filters.ChoiceFilter(choices=CallAction.choices, label="Call", empty_label="All calls")
    result = django_filters.ChoiceFilter(
        choices=[("ok", "Answered"), ("failed", "Refused")],
        label="Result",
        empty_label="Any result",
        method="by_result",
    )
    at = DateRangeFilter(field_name="created_at", label="Date")
    bar: ClassVar[tuple[str, ...]] = ("action", "result")

    def by_result(
        self, queryset: QuerySet[ShipStationCall], _name: str, value: str
    ) -> QuerySet[ShipStationCall]:
        return queryset.filter(status__lt=400) if value == "ok" else queryset.filter(status__gte=400)


def _result(row: ShipStationCall) -> cells.Cell:
    return cells.status(
        "call.ok" if row.is_ok else "call.refused", sub=row.message, hint=f"HTTP {row.status}"
    )


class CallList(ListPage):
    right = Right.SETTINGS_VIEW
    page_key = "shipstation-calls"
    title = "Calls of ShipStation"
    noun = ("call", "calls")
    columns = (
        Column("created_at", "When", sort=("pk",), is_primary=True),
        Column("action", "Call", cell=lambda row: cells.text(row.get_action_display(), sub=row.about)),
        Column("result", "Result", cell=_result, sort=("status",)),
        Column("orders", "Orders", cell=lambda row: cells.number(row.orders), sort=("orders",), align="end"),
        Column(
            "duration_ms",
            "Duration",
            cell=lambda row: cells.text(f"{row.duration_ms:,} ms"),
            sort=("duration_ms",),
            align="end",
        ),
    )
    filter_class = CallFilter
    default_sort = "-created_at"
    empty = EmptyState(
        "No call yet",
        "Every call of ShipStation appears here while logging is on.",
        "plug-connected",
        PageAction("Set-up guide", url_name="orders:shipstation-guide", icon="book"),
    )

    def get_queryset(self) -> QuerySet[ShipStationCall]:
        return calls_of(self.request.merchant)

    def get_subtitle(self) -> str:
        return f"What ShipStation asked for and what it got, kept for {CALLS_FOR.days} days."

    def get_page_actions(self) -> Sequence[PageAction]:
        return (PageAction("Connection", url_name="orders:shipstation", icon="settings"),)

    def row_url(self, row: Any) -> str:  # noqa: ARG002 -- calls have no page of their own
        return ""


class NoticeFilter(PanelFilterSet):
    q = SearchFilter(
        lookups=("tracking_number__istartswith", "order__reference_order_id__startswith"),
        placeholder="Order or tracking number",
    )
    state = django_filters.ChoiceFilter(choices=NoticeState.choices, label="Result", empty_label="Any result")
    at = DateRangeFilter(field_name="created_at", label="Reported")
    bar: ClassVar[tuple[str, ...]] = ("q", "state")


def _carrier(row: ShipStationNotice) -> cells.Cell:
    return cells.text(row.carrier or "–", sub=row.service)  # noqa: RUF001 -- a dash, as typeset


class NoticeList(ListPage):
    right = Right.ORDERS_VIEW
    page_key = "shipstation-notices"
    title = "ShipStation parcels"
    subtitle = "Parcels as ShipStation reported them, and what became of each."
    noun = ("parcel", "parcels")
    columns = (
        Column("order", "Order", cell=lambda row: cells.code(row.order), is_primary=True),
        Column("state", "Result", cell="orders/cells/parcel.html", sort=("state",)),
        Column("tracking_number", "Tracking number", cell=lambda row: cells.code(row.tracking_number or "–")),  # noqa: RUF001
        Column("carrier", "Carrier", cell=_carrier, sort=("carrier",)),
        Column("ship_date", "Ship date", sort=("ship_date",)),
        Column("created_at", "Reported", sort=("pk",)),
    )
    filter_class = NoticeFilter
    default_sort = "-created_at"
    live_seconds = 15
    empty = EmptyState(
        "ShipStation has reported nothing yet",
        "Parcels appear here as soon as a label is made in ShipStation.",
        "truck",
    )

    def get_queryset(self) -> QuerySet[ShipStationNotice]:
        return notices_of(self.request.merchant).select_related("order")

    def get_tabs(self) -> Sequence[Tab]:
        rows = notices_of(self.request.merchant)
        waiting = (NoticeState.NEEDS_TRACKING, NoticeState.REFUSED)
        return (
            Tab("All"),
            Tab(
                "Tracking number missing",
                f"state={NoticeState.NEEDS_TRACKING}",
                rows=waiting_notices(self.request.merchant).filter(state=waiting[0]),
            ),
            Tab("Could not be used", f"state={NoticeState.REFUSED}", rows=rows.filter(state=waiting[1])),
        )

    def row_url(self, row: Any) -> str:
        row.merchant = self.request.merchant
        return notice_url(row)


@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_SHIP)
def notice(request: MerchantRequest, pk: int) -> HttpResponse:
    """One parcel; a missing tracking number is filled in here."""
    shown = get_notice(request.merchant, pk)
    shown.merchant = shown.order.merchant = request.merchant
    rule = find_carrier(shown.carrier, shown.service, rules_of(request.merchant))
    proposed = shown.jet_carrier or (rule.jet_carrier if rule else "Other")
    form = TrackingForm(
        request.POST or None, proposed=proposed, initial={"tracking_number": shown.tracking_number}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            noticing.give_tracking(shown, data["tracking_number"], data["jet_carrier"], actor=request.actor)
        except InvalidInput as refused:
            put_on_form(form, refused)
        except DomainError as refused:
            say_error(request, refused)
            return HttpResponseRedirect(notice_url(shown))
        else:
            is_sent = get_options(request.merchant).send_tracking
            say(request, "success", way_of_shipment(f"The parcel of order {shown.order}", is_sent=is_sent))
            return HttpResponseRedirect(order_url(shown.order))
    status = 400 if form.errors else 200
    return render(
        request,
        "orders/shipstation/notice.html",
        _notice_context(shown, form, rule is None),
        status=status,
    )


def _notice_context(shown: ShipStationNotice, form: TrackingForm, is_unmapped: bool) -> dict[str, Any]:  # noqa: FBT001
    counts = line_counts(shown.order)
    lines = {count.line.pk: count.line for count in counts}
    would_ship = allocate(shown.items, counts) if shown.order.is_shippable else None
    return {
        "notice": shown,
        "order": shown.order,
        "order_url": order_url(shown.order),
        "form": form,
        "status_key": f"shipnotice.{shown.state}",
        "is_open": shown.state in OPEN_NOTICES,
        "is_unmapped": is_unmapped and bool(shown.carrier),
        "would_ship": [(lines[pk], units) for pk, units in would_ship.lines.items()] if would_ship else [],
    }


def _act(request: MerchantRequest, pk: int, act: Any, done: str) -> HttpResponse:
    shown = get_notice(request.merchant, pk)
    shown.merchant = request.merchant
    try:
        act(shown, actor=request.actor)
    except DomainError as refused:
        say_error(request, refused)
        return HttpResponseRedirect(notice_url(shown))
    say(request, "success", done.format(order=shown.order))
    return HttpResponseRedirect(page_url(request.merchant, "shipstation-notices"))


@require_POST
@merchant_view(Right.ORDERS_VIEW, write=Right.ORDERS_SHIP)
def notice_retry(request: MerchantRequest, pk: int) -> HttpResponse:
    return _act(request, pk, noticing.retry_notice, "ShipStation's report of order {order} is tried again.")


class CloseNotice(ConfirmPage):
    """A closed report cannot be opened again, and what it reports may never be told to Jet."""

    right, write_right = Right.ORDERS_VIEW, Right.ORDERS_SHIP
    noun = ("report", "reports")
    danger = True
    confirm_label = "Close the report"

    def get_target(self, **kwargs: Any) -> ShipStationNotice:
        shown = get_notice(self.request.merchant, kwargs["pk"])
        shown.merchant = self.request.merchant
        return shown

    def get_title(self, target: ShipStationNotice) -> str:
        return f"Close the report of order {target.order}"

    def get_names(self, target: ShipStationNotice) -> Sequence[str]:
        return (f"{target.carrier or 'Carrier not named'}, {target.tracking_number or 'no tracking number'}",)

    def get_cancel_url(self, target: ShipStationNotice) -> str:
        return notice_url(target)

    def get_consequences(self, target: ShipStationNotice) -> Sequence[str]:
        return (
            "Jet is not told of this parcel.",
            f"Close it only when order {target.order} is shipped another way, or not at all.",
            "A closed report cannot be opened again.",
        )

    def perform(self, target: ShipStationNotice, form: None) -> str:  # noqa: ARG002 -- hook
        noticing.close_notice(target, actor=self.request.actor)
        say(self.request, "success", f"ShipStation's report of order {target.order} is closed.")
        return page_url(self.request.merchant, "shipstation-notices")
