"""One order as plain text for support: facts, what happened and Jet's JSON, without the shopper and without secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jetsync.jet.redact import Redactor
from jetsync.models import Attempt, Job, LogEntry
from jetsync.panel.details import changes_of
from jetsync.version import VERSION
from orders.masking import BuyerMask
from orders.models import Order, Shipment
from orders.queries.history import Event, History
from orders.queries.line import LineCount

# Bodies make a file long: of the newest this many calls they are shown, of all calls the line.
BODIES_SHOWN = 100
_NOTHING = "-"


@dataclass(frozen=True)
class CaseFile:
    """What a case file is made of."""

    order: Order
    made_by: str
    made_at: datetime
    lines: Sequence[LineCount]
    shipments: Sequence[Shipment]
    history: History


def case_file(case: CaseFile) -> str:
    """The text. Times are UTC. Whoever asks, the shopper's data, mail addresses and secrets are taken out."""
    order = case.order
    mask, redactor = BuyerMask.of(order), Redactor(order.account.api_secret or "")

    def clean(text: str) -> str:
        return redactor.clean(mask.text(text))

    def body(text: str) -> str:
        return _pretty(redactor.clean(mask.body(text)))

    parts = [
        _head(case),
        _section("Order", _facts(order, clean)),
        _section("Items", _items(case.lines, clean)),
        _section("Shipments", _shipments(case.shipments, clean)),
        _section("Time line, newest first", _events(case.history, clean, body)),
        _section("What Jet sent last", [body(json.dumps(order.raw))]),
    ]
    return "\n\n".join(parts) + "\n"


def utc(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else _NOTHING


def _head(case: CaseFile) -> str:
    merchant = case.order.merchant
    return "\n".join(
        [
            f"CASE FILE of order {case.order}",
            f"Made {utc(case.made_at)} by {case.made_by}, {merchant.name}, with jetsync {VERSION}.",
            "The shopper's name, address, phone and mail addresses, and all secrets, are replaced by •••.",
        ]
    )


def _section(title: str, rows: Iterable[str]) -> str:
    return "\n".join([title.upper(), "-" * len(title), *(list(rows) or ["none"])])


def _facts(order: Order, clean: Callable[[str], str]) -> list[str]:
    facts: list[tuple[str, Any]] = [
        ("Jet order id", order.merchant_order_id),
        ("Reference order id", order.reference_order_id),
        ("Customer reference", order.customer_reference_order_id),
        ("Store order id", order.alt_order_id),
        ("jetsync order", order.pk),
        ("Account", f"{order.account.get_mode_display()}, {order.account.api_url}"),
        ("State here", order.get_state_display()),
        ("Status at Jet", order.jet_status),
        ("Exception state at Jet", order.exception_state),
        ("Answer at Jet", order.acknowledgement_status),
        ("Answer on its way", order.planned_answer),
        ("Answered", order.get_answered_by_display()),
        ("Jet asks to cancel", "yes" if order.is_directed_cancel else "no"),
        ("Fulfilment node", order.node_ref),
        (
            "Asked carrier",
            f"{order.request_carrier} / {order.request_method} / {order.request_service_level}",
        ),
        ("Charged, USD", order.total),
        ("Problem", order.get_failure_reason_display()),
        ("", clean(f"{order.failure_message} {order.failure_hint}".strip())),
        *((label, utc(moment)) for label, moment in _moments(order)),
    ]
    return [f"{label:24}{value or _NOTHING}" for label, value in facts if label or value]


def _moments(order: Order) -> list[tuple[str, datetime | None]]:
    return [
        ("Placed", order.placed_at),
        ("Released by Jet", order.ready_at),
        ("Answer due", order.ack_due_at),
        ("Answered at", order.acknowledged_at),
        ("Ship by", order.ship_by),
        ("Deliver by", order.deliver_by),
        ("Completed", order.completed_at),
        ("First seen here", order.created_at),
        ("Last read from Jet", order.seen_at),
    ]


def _items(lines: Iterable[LineCount], clean: Callable[[str], str]) -> list[str]:
    return [
        clean(
            f"{count.line.sku} (item {count.line.order_item_id}): {count.line.quantity} ordered,"
            f" {count.line.cancel_requested} to cancel, {count.shipped} shipped, {count.cancelled} cancelled;"
            f" answer {count.line.planned_status or count.line.ack_status or _NOTHING};"
            f" {'known here' if count.line.variant_id else 'no such SKU here'}; {count.line.title}"
        )
        for count in lines
    ]


def _shipments(shipments: Iterable[Shipment], clean: Callable[[str], str]) -> list[str]:
    return [
        clean(
            f"{row} (at Jet {row.jet_shipment_id or _NOTHING}): {row.get_state_display()},"
            f" {row.get_source_display()}, {row.carrier} {row.method} {row.tracking_number},"
            f" shipped {utc(row.shipped_at)}, sent {utc(row.sent_at)}. {row.failure_message}"
        ).strip()
        for row in shipments
    ]


def _events(history: History, clean: Callable[[str], str], body: Callable[[str], str]) -> Iterator[str]:
    left = BODIES_SHOWN
    for event in history.events:
        about = f" [{event.about}]" if event.about else ""
        told = f"{event.title} {event.body}".strip()
        yield f"{utc(event.at)}  {event.kind.label}{about}  {clean(told)} ({event.actor}; {_ref(event)})"
        if isinstance(event.row, LogEntry):
            yield from (
                f"    {name}: {clean(old)} -> {clean(new)}" for name, old, new in changes_of(event.row)
            )
        for call in event.calls:
            yield from _call(call, clean, body if left > 0 else None)
            left -= 1
    if history.is_cut:
        yield "Older rows are left out."


def _ref(event: Event) -> str:
    if not isinstance(event.row, Job):
        return event.ref
    job = event.row
    end = f", {job.code}" if job.code else ""
    return f"{event.ref}: {job.kind}, {job.state}, tries {job.attempts}{end}"


def _call(call: Attempt, clean: Callable[[str], str], body: Callable[[str], str] | None) -> Iterator[str]:
    yield (
        f"    {utc(call.started_at)}  {call.method} {call.path}  {call.status or 'no answer'}"
        f"  {call.duration_ms} ms  try {call.try_number}  request id {call.request_id or _NOTHING}  (call {call.pk})"
    )
    if call.error:
        yield f"      error: {clean(call.error)}"
    if body is None:
        yield "      The bodies of older calls are left out."
        return
    for label, text in (("sent", call.request_cut), ("answer", call.answer_cut)):
        if text:
            yield f"      {label}:"
            yield from (f"        {row}" for row in body(text).splitlines())


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
