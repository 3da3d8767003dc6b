"""The whole time line of one order, and single calls of it with what was sent and answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from jetsync.models import Attempt, Job, LogEntry, Mail
from jetsync.panel.details import JOB_LOOK, Level, TimelineEntry, changes_of, with_words
from jetsync.panel.filters import with_values
from jetsync.panel.list_parts import Count, ShownTab, int_or
from jetsync.panel.paging import paging_of
from jetsync.queries.mail import may_read
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from orders.cases import case_text_of
from orders.enums import HistoryKind, HistoryResult
from orders.masking import BuyerMask
from orders.models import Order
from orders.privacy import may_see_buyers, shown_text
from orders.queries.history import Event, get_order_call, order_history
from orders.queries.order import get_order

PER_PAGE = 50
_ICONS: dict[str, str] = {
    HistoryKind.CALLS: "arrows-exchange",
    HistoryKind.DECISIONS: "robot",
    HistoryKind.PEOPLE: "user",
    HistoryKind.PARCELS: "package",
    HistoryKind.MAILS: "mail",
    HistoryKind.NOTICES: "bell",
}


@require_GET
@merchant_view(Right.ORDERS_VIEW)
def timeline(request: MerchantRequest, pk: int) -> HttpResponse:
    """Newest first; `kind` and `result` of the address narrow it. The number of queries does not grow with it."""
    order = _order(request, pk)
    history = order_history(order, request.actor)
    kind, result = request.GET.get("kind", ""), request.GET.get("result", "")
    of_kind = [event for event in history.events if kind in {"", event.kind}]
    events = [event for event in of_kind if result in {"", *event.results}]
    number = min(max(int_or(request.GET.get("page"), 1), 1), max(1, -(-len(events) // PER_PAGE)))
    shown = events[(number - 1) * PER_PAGE : number * PER_PAGE]
    count = Count(len(events), is_bounded=False)
    context = {
        "order": order,
        "entries": _entries(request, order, shown),
        "kinds": _tabs(request.GET, "kind", HistoryKind.choices, [{event.kind} for event in history.events]),
        "results": _tabs(
            request.GET, "result", HistoryResult.choices, [event.results for event in of_kind], "Any result"
        ),
        "is_filtered": bool(kind or result),
        "is_cut": history.is_cut,
        "count": count,
        "paging": paging_of(
            request.GET,
            number,
            per_page=PER_PAGE,
            shown=len(shown),
            count=count,
            has_next=number * PER_PAGE < len(events),
        ),
        "sees_buyers": may_see_buyers(request.actor),
    }
    return render(request, "orders/history/timeline.html", context)


@require_GET
@merchant_view(Right.ORDERS_VIEW)
def call(request: MerchantRequest, pk: int, call: int) -> HttpResponse:
    """What one call sent and got. As a part of the page for htmx, as a page of its own without."""
    order = _order(request, pk)
    found = get_order_call(order, request.actor, call)
    mask = None if may_see_buyers(request.actor) else BuyerMask.of(order)
    context = {
        "order": order,
        "call": found,
        "sent": mask.body(found.request_cut) if mask else found.request_cut,
        "answer": mask.body(found.answer_cut) if mask else found.answer_cut,
        "error": mask.text(found.error) if mask else found.error,
        "is_masked": mask is not None,
    }
    name = "call" if getattr(request, "htmx", False) else "call_page"
    response = render(request, f"orders/history/{name}.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
@merchant_view(Right.ORDERS_VIEW)
def case(request: MerchantRequest, pk: int) -> HttpResponse:
    """The case file to read and to copy. It is the same for everybody who may see the order."""
    order = _order(request, pk)
    return render(
        request, "orders/history/case.html", {"order": order, "text": case_text_of(order, request.actor)}
    )


@require_GET
@merchant_view(Right.ORDERS_VIEW)
def case_text(request: MerchantRequest, pk: int) -> HttpResponse:
    order = _order(request, pk)
    name = f"case-{re.sub(r'[^A-Za-z0-9-]', '', str(order))}-{timezone.now():%Y%m%d-%H%M}.txt"
    response = HttpResponse(case_text_of(order, request.actor), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _order(request: MerchantRequest, pk: int) -> Order:
    order = get_order(request.merchant, pk)
    order.merchant = request.merchant  # addresses name it; it need not be read again
    return order


def _tabs(
    query: QueryDict,
    name: str,
    choices: Iterable[tuple[str, str]],
    held: Sequence[Iterable[str]],
    all_label: str = "All",
) -> list[ShownTab]:
    """One tab per value with how many events hold it; the other filter of the address stays, the page does not."""
    query = query.copy()
    query.pop("page", None)
    chosen = query.get(name, "")
    found = [
        ShownTab(all_label, with_values(query, **{name: ""}), Count(len(held), is_bounded=False), not chosen)
    ]
    for value, label in choices:
        count = Count(sum(value in values for values in held), is_bounded=False)
        found.append(ShownTab(label, with_values(query, **{name: value}), count, value == chosen))
    return found


def _entries(request: MerchantRequest, order: Order, events: Iterable[Event]) -> list[TimelineEntry]:
    entries = [_entry(request, order, event) for event in events]
    return with_words(entries, shown_text(order, request.actor))


def _entry(request: MerchantRequest, order: Order, event: Event) -> TimelineEntry:
    icon, level = _look(event)
    extra: dict[str, Any] = {
        "about": event.about,
        "about_url": event.about_url,
        "open_calls": [(call, _call_url(order, call)) for call in event.calls],
    }
    if isinstance(event.row, Job):
        extra |= {"job": event.row, "status": f"job.{event.row.state}"}
    elif isinstance(event.row, LogEntry):
        extra["changes"] = changes_of(event.row)
    elif isinstance(event.row, Mail) and may_read(event.row, request.actor):
        extra |= {"mail_id": event.row.pk, "status": f"mail.{event.row.state}"}
    return TimelineEntry(event.at, icon, event.title, event.body, event.actor, level, extra)


def _look(event: Event) -> tuple[str, Level]:
    if isinstance(event.row, Job):
        return JOB_LOOK[event.row.state]
    level: Level = "danger" if HistoryResult.BAD in event.results else "info"
    return _ICONS[event.kind], "success" if HistoryResult.OK in event.results else level


def _call_url(order: Order, call: Attempt) -> str:
    kwargs = {"merchant_slug": order.merchant.slug, "pk": order.pk, "call": call.pk}
    return reverse("orders:order-call", kwargs=kwargs)
