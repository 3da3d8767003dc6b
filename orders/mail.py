"""Mails about orders. They name order, SKUs, amount, dates and the state, never the shopper or where he lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from jetsync.enums import FallbackPolicy
from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.mail.writing import absolute, dollars, moment
from jetsync.models import Merchant, Options
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.enums import FAILED_STATES, OrderState
from orders.masking import for_all
from orders.models import Order
from orders.pages import order_list_url, order_url
from orders.queries.clock import FALLBACK_LEAD
from orders.queries.order import all_orders, ready_orders
from orders.wording import answer_label

# A preview shows so many of the latest.
PREVIEWED = 3
# Lines of one order in a mail; the order page has the rest.
LINES_SHOWN = 20


def _orders(merchant: Merchant, events: Sequence[Event]) -> list[tuple[Order, Event]]:
    """Those that are still there, in the order of their events; two queries."""
    rows = Order.objects.filter(merchant=merchant, pk__in=[event.object_id for event in events])
    found = {row.pk: row for row in rows.select_related("merchant").prefetch_related("lines")}
    return [(found[event.object_id], event) for event in events if event.object_id in found]


def _item(order: Order, notes: Sequence[str], *, with_dates: bool = True) -> MailItem:
    dates = _dates(order) if with_dates else []
    return MailItem(
        label=f"Order {order}",
        url=absolute(order_url(order)),
        side=dollars(order.total) if order.total is not None else "",
        lines=_lines(order),
        notes=tuple(note for note in [*(for_all(order, note) for note in notes), *dates] if note),
        about=("orders.order", order.pk),
    )


def _lines(order: Order) -> tuple[str, ...]:
    lines = list(order.lines.all())
    shown = [f"{line.quantity} x {line.sku}: {line.title}".rstrip(": ") for line in lines[:LINES_SHOWN]]
    more = len(lines) - len(shown)
    return (*shown, f"and {counted(more, 'more line')}") if more > 0 else tuple(shown)


def _dates(order: Order) -> list[str]:
    # Mails are also read by people who may not see buyers, here and wherever they are forwarded to.
    parts = [f"To {order.ship_to_state}"] if order.ship_to_state else []
    parts += [f"ship by {moment(order.merchant, order.ship_by)}"] if order.ship_by else []
    parts += [f"deliver by {moment(order.merchant, order.deliver_by)}"] if order.deliver_by else []
    sentence = ", ".join(parts)
    return [sentence[:1].upper() + sentence[1:]] if sentence else []


def _answer_note(order: Order) -> str:
    if order.planned_answer:
        return f"{answer_label(order.planned_answer)}, being sent to Jet."
    if order.state == OrderState.READY:
        until = f" before {moment(order.merchant, order.ack_due_at)}" if order.ack_due_at else ""
        if order.failure_reason:
            return f"Cannot be accepted as it stands. {order.failure_message} Mend it, accept or reject it{until}."
        return f"Waits for your answer: accept or reject it{until}."
    return f"{order.get_state_display()}. {order.failure_message if order.has_failed else ''}".strip()


def new_orders(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    return [_item(order, [_answer_note(order)]) for order, _event in _orders(merchant, events)]


def alarmed_orders(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """Only those that still wait for an answer: an alarm about an answered order helps nobody."""
    now, options = timezone.now(), get_options(merchant)
    return [
        _item(order, [_clock_note(order, now), _fallback_note(order, now, options)], with_dates=False)
        for order, _event in _orders(merchant, events)
        if order.is_answerable and order.ack_due_at
    ]


def _clock_note(order: Order, now: datetime) -> str:
    assert order.ack_due_at is not None  # noqa: S101 -- its caller asked
    left = max(0, round((order.ack_due_at - now) / timedelta(minutes=1)))
    return (
        f"Jet withdraws it at {moment(order.merchant, order.ack_due_at)}, in {counted(left, 'minute')}, "
        "unless it is accepted or rejected."
    )


def _fallback_note(order: Order, now: datetime, options: Options) -> str:
    assert order.ack_due_at is not None  # noqa: S101 -- its caller asked
    if order.ack_due_at - now <= FALLBACK_LEAD or options.fallback_policy == FallbackPolicy.NOTHING:
        return ""
    return f"If nobody does, when 2 minutes are left: {options.get_fallback_policy_display().lower()}."


def failed_orders(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """With the reason as it stands now; an order that recovered meanwhile is left out."""
    return [
        _item(order, [order.failure_message, order.failure_hint], with_dates=False)
        for order, _event in _orders(merchant, events)
        if order.failure_reason
    ]


def cancelled_orders(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    return [
        _item(order, [_cancel_note(order)], with_dates=False)
        for order, _event in _orders(merchant, events)
        if order.is_directed_cancel
    ]


def _cancel_note(order: Order) -> str:
    units = sum(line.cancel_requested for line in order.lines.all())
    what = f"{counted(units, 'unit')} of it" if units else "it"
    return f"Jet asks to cancel {what}. Do not ship what has not left yet; cancel the units on the shipment form."


def _sample(*notes: str) -> MailItem:
    return MailItem(
        label="Order 201811280417",
        side=dollars(Decimal("64.97")),
        lines=("2 x HF-MUG-12: Stoneware mug, 12 oz", "1 x HF-KET-25: Kettle, 2.5 qt"),
        notes=tuple(notes),
    )


def _in_five_minutes(merchant: Merchant) -> str:
    return moment(merchant, timezone.now() + timedelta(minutes=5))


def _events(orders: Iterable[Order]) -> list[Event]:
    return [Event(order.pk) for order in orders]


def silences(merchant: Merchant, events: Sequence[Event]) -> list[MailItem]:
    """Of silences that were ended by an order meanwhile nothing is told."""
    return [
        MailItem(
            label=f"About {event.facts['expected']:,} orders are missing",
            url=absolute(order_list_url(merchant)),
            lines=(f"The last one came {moment(merchant, datetime.fromisoformat(event.facts['since']))}.",),
        )
        for event in events
        if not Order.objects.filter(
            merchant=merchant, ready_at__gt=datetime.fromisoformat(event.facts["since"])
        ).exists()
    ]


register_mail(
    MailKind(
        name="orders.silence",
        label="Orders have stopped",
        explanation="No order came for so long that chance hardly explains it, by what is usual for the hour and weekday.",
        position=35,
        right=Right.ORDERS_VIEW,
        template="mail/orders/silence",
        headline=lambda _items, _total: "No order for an unusual time",
        items=silences,
        sample=lambda merchant: [
            MailItem(
                "About 16 orders are missing",
                url=absolute(order_list_url(merchant)),
                lines=(f"The last one came {moment(merchant, timezone.now())}.",),
            )
        ],
        list_url=order_list_url,
        list_label="Open the orders",
        switch="mail_silence",
    ),
    MailKind(
        name="orders.new",
        label="New orders",
        explanation="Orders that Jet released, each with its SKUs, amount, dates and what was answered.",
        position=10,
        right=Right.ORDERS_VIEW,
        template="mail/orders/new",
        headline=lambda items, total: (
            f"New order: {items[0].label.removeprefix('Order ')}"
            if total == 1
            else f"{counted(total, 'new order')} from Jet"
        ),
        items=new_orders,
        recent=lambda merchant: _events(all_orders(merchant).order_by("-placed_at", "-pk")[:PREVIEWED]),
        sample=lambda merchant: [
            _sample("Acknowledged.", f"To TX, ship by {moment(merchant, timezone.now())}")
        ],
        list_url=order_list_url,
        list_label="Open the orders",
        recipients="order_notice_emails",
        switch="mail_new_orders",
    ),
    MailKind(
        name="orders.alarm",
        label="Orders about to be lost",
        explanation="5 and 2 minutes before Jet withdraws an order that nobody answered. Never waits.",
        position=20,
        right=Right.ORDERS_VIEW,
        template="mail/orders/alarm",
        headline=lambda items, total: (
            f"{items[0].label} is about to be lost"
            if total == 1
            else f"{counted(total, 'order')} are about to be lost"
        ),
        items=alarmed_orders,
        recent=lambda merchant: _events(
            ready_orders(merchant).filter(ack_due_at__gt=timezone.now())[:PREVIEWED]
        ),
        sample=lambda merchant: [
            _sample(
                f"Jet withdraws it at {_in_five_minutes(merchant)}, in 5 minutes, "
                "unless it is accepted or rejected."
            )
        ],
        list_url=lambda merchant: order_list_url(merchant, "view=ready"),
        list_label="Answer it now",
        recipients="order_notice_emails",
        switch="mail_order_alarms",
        may_wait=False,
        useful_for=timedelta(minutes=5),
    ),
    MailKind(
        name="orders.failed",
        label="Failed orders",
        explanation="Rejected automatically, unreadable, lost, or an answer or shipment that Jet did not take.",
        position=30,
        right=Right.ORDERS_VIEW,
        template="mail/orders/failed",
        headline=lambda items, total: (
            f"{items[0].label} failed" if total == 1 else f"{counted(total, 'order')} failed"
        ),
        items=failed_orders,
        recent=lambda merchant: _events(
            all_orders(merchant)
            .filter(state__in=FAILED_STATES)
            .exclude(failure_reason="")
            .order_by("-placed_at", "-pk")[:PREVIEWED]
        ),
        sample=lambda _merchant: [
            _sample(
                "HF-KET-25: Out of stock.",
                "Raise the quantity, or set a buffer under Settings so that Jet gets a lower one.",
            )
        ],
        list_url=lambda merchant: order_list_url(merchant, "view=failed"),
        list_label="Open the failed orders",
        switch="mail_failed_orders",
    ),
    MailKind(
        name="orders.cancel",
        label="Cancel requests",
        explanation="Jet asks not to ship units that have not left yet.",
        position=40,
        right=Right.ORDERS_VIEW,
        template="mail/orders/cancel",
        headline=lambda items, total: (
            f"Jet asks to cancel {items[0].label.lower()}"
            if total == 1
            else f"Jet asks to cancel {counted(total, 'order')}"
        ),
        items=cancelled_orders,
        recent=lambda merchant: _events(
            all_orders(merchant).filter(is_directed_cancel=True).order_by("-placed_at", "-pk")[:PREVIEWED]
        ),
        sample=lambda _merchant: [
            _sample(
                "Jet asks to cancel 2 units of it. Do not ship what has not left yet; "
                "cancel the units on the shipment form."
            )
        ],
        list_url=order_list_url,
        list_label="Open the orders",
        recipients="order_notice_emails",
        switch="mail_directed_cancels",
    ),
)
