"""What ShipStation reported becomes shipments: stored first, turned into a shipment by the job `orders.shipstation`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.enums import JobState, NoticeLevel, Priority
from jetsync.exceptions import DomainError, InvalidInput, NotFound, StateConflict
from jetsync.jet.words.shipping import Carrier
from jetsync.models import Job, Merchant
from jetsync.queries.settings import get_options
from jetsync.resting import check_not_resting
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM, Actor
from orders.actions.shipment import ship_order
from orders.dates import AFTERNOON, NOON, add_business_days, at_time, is_after_promise
from orders.enums import FAILED_STATES, OrderState, ShipmentSource
from orders.models import Order, Shipment, ShipStationNotice
from orders.pages import order_list_url
from orders.queries.line import LineCount, line_counts
from orders.queries.order import lock_order
from orders.shipstation.carriers import find_carrier, method_for
from orders.shipstation.connecting import note_unknown_carrier
from orders.shipstation.pages import carriers_url, notice_url
from orders.shipstation.queries import TwoOrdersMeant, find_reported_order, rules_of
from orders.shipstation.reading import NoticeFacts, notice_key
from orders.shipstation.units import Allocation, allocate, units_by_line
from orders.shipstation.words import OPEN_NOTICES, NoticeState
from orders.validators import LineInput, ShipmentInput, promised_day

JOB = "orders.shipstation"
SHIPSTATION = Actor(label="ShipStation")


class OrderNotAccepted(StateConflict):
    """The order is still waiting for its acknowledgement: the parcel can be told to Jet a little later."""

    code = "order_not_accepted"


class UnknownOrder(NotFound):
    code = "shipstation_unknown_order"


@dataclass(frozen=True)
class Received:
    notice: ShipStationNotice
    is_new: bool


def receive_notice(merchant: Merchant, facts: NoticeFacts) -> Received:
    """Stores a report and enqueues its job, once however often it comes. Raises UnknownOrder and TwoOrdersMeant.

    A report that was refused before is tried again: something may have changed since.
    """
    try:
        order = find_reported_order(merchant, facts.order_id, facts.order_number)
    except TwoOrdersMeant as refused:
        _tell_two_orders(merchant, facts, refused)
        raise
    if order is None:
        named = facts.order_number or facts.order_id or "without a number"
        raise UnknownOrder(
            f"There is no order {named} in this store.", hint="It may belong to another of your stores."
        )
    return _store(merchant, order, facts)


def _tell_two_orders(merchant: Merchant, facts: NoticeFacts, refused: TwoOrdersMeant) -> None:
    notify(
        merchant,
        f"orders.shipstation_two_orders.{facts.order_id}.{facts.order_number}"[:120],
        "A parcel that ShipStation reports belongs to no one order",
        level=NoticeLevel.DANGER,
        body=f"{refused.message} Tracking number: {facts.tracking_number or 'none'}. {refused.hint}",
        url=order_list_url(merchant),
    )


@transaction.atomic
def _store(merchant: Merchant, order: Order, facts: NoticeFacts) -> Received:
    items = [item.as_json() for item in facts.items]
    key = notice_key(facts, units_by_line(items, list(order.lines.all())))
    notice, is_new = ShipStationNotice.objects.get_or_create(
        merchant=merchant,
        order=order,
        key=key,
        defaults={
            "carrier": facts.carrier,
            "service": facts.service,
            "tracking_number": facts.tracking_number,
            "ship_date": facts.ship_date,
            "label_at": facts.label_at,
            "items": items,
        },
    )
    if is_new:
        record(
            merchant,
            "orders.shipstation.reported",
            f"ShipStation reports a parcel of order {order}: {_words(notice)}.",
            actor=SHIPSTATION,
            about=order,
            new={"tracking": notice.tracking_number, "carrier": notice.carrier, "service": notice.service},
        )
    else:
        _note_again(notice)
    if notice.state == NoticeState.WAITING:
        _enqueue(notice)
    return Received(notice, is_new)


def _note_again(notice: ShipStationNotice) -> None:
    rows = ShipStationNotice.objects.filter(merchant=notice.merchant_id, pk=notice.pk)
    rows.update(times_seen=F("times_seen") + 1)
    rows.filter(state=NoticeState.REFUSED).update(state=NoticeState.WAITING, updated_at=timezone.now())
    notice.refresh_from_db()


def _words(notice: ShipStationNotice) -> str:
    carrier = " ".join(part for part in (notice.carrier, notice.service) if part) or "carrier not named"
    return f"{carrier}, {notice.tracking_number or 'no tracking number'}"


def _enqueue(notice: ShipStationNotice) -> None:
    enqueue(notice.merchant, JOB, str(notice.pk), priority=Priority.NOW, about=notice.order)


@transaction.atomic
def apply_notice(merchant: Merchant, pk: int, *, job: Job | None = None) -> ShipStationNotice:
    """Makes the shipment of a stored report, or says why not. In one transaction, so that it is done once or not at all.

    Raises OrderNotAccepted while the order waits for its answer.
    """
    notice = _locked(merchant, pk)
    order = notice.order
    if notice.state != NoticeState.WAITING:
        return notice
    if order.state in {OrderState.CREATED, OrderState.READY}:
        raise OrderNotAccepted(f"Order {order} has not been accepted yet, so Jet takes no shipment.")
    counts = line_counts(order) if order.is_shippable else []
    found = allocate(notice.items, counts)
    if order.state in FAILED_STATES:
        words = f"Order {order} is {order.get_state_display().lower()}, but ShipStation has shipped it."
        _refuse(notice, words, "Stop the parcel if you still can: Jet does not pay for it.", job)
    elif not found.lines:
        _end(notice, NoticeState.NOTHING_LEFT, _nothing_left(order, found))
    elif not notice.tracking_number:
        _ask_tracking(notice)
    else:
        _ship(notice, counts, found, job)
    return notice


def _locked(merchant: Merchant, pk: int) -> ShipStationNotice:
    """The report below its order's lock, as everything about shipments."""
    order_id = (
        ShipStationNotice.objects.values_list("order_id", flat=True).filter(merchant=merchant, pk=pk).first()
    )
    if order_id is None:
        raise NotFound(f"There is no report {pk} of ShipStation.")
    order = lock_order(merchant, order_id)
    notice = ShipStationNotice.objects.get(merchant=merchant, pk=pk)
    notice.order, notice.merchant = order, order.merchant
    return notice


def _nothing_left(order: Order, found: Allocation) -> str:
    if order.state == OrderState.COMPLETE:
        return f"Order {order} was complete already."
    return (
        " ".join((*found.surplus, f"Nothing of order {order} was open."))
        if found.surplus
        else (f"Every unit of order {order} is shipped, cancelled or on its way to Jet.")
    )


def _end(
    notice: ShipStationNotice, state: NoticeState, message: str, hint: str = "", **columns: Shipment
) -> None:
    notice.state, notice.message, notice.hint = state, message[:500], hint[:500]
    for name, value in columns.items():
        setattr(notice, name, value)
    notice.save(update_fields=["state", "message", "hint", "updated_at", *columns])


def _refuse(notice: ShipStationNotice, message: str, hint: str, job: Job | None) -> None:
    _end(notice, NoticeState.REFUSED, message, hint)
    record(notice.merchant, "orders.shipstation.refused", message, actor=SYSTEM, about=notice.order, job=job)
    title = "ShipStation's report could not be used"
    _tell(notice, "refused", title, message, level=NoticeLevel.DANGER)


def _tell(
    notice: ShipStationNotice, event: str, title: str, body: str, *, level: NoticeLevel = NoticeLevel.WARNING
) -> None:
    """Under the bell, with the way to the report."""
    notify(
        notice.merchant,
        f"orders.shipstation_{event}.{notice.pk}",
        f"Order {notice.order}: {title}",
        level=level,
        body=body,
        url=notice_url(notice),
    )


def _ask_tracking(notice: ShipStationNotice) -> None:
    message = f"ShipStation shipped order {notice.order} without a tracking number. Jet needs one."
    _end(notice, NoticeState.NEEDS_TRACKING, message, "Enter the number; the shipment then goes to Jet.")
    _tell(notice, "tracking", "tracking number missing", message)


def _ship(notice: ShipStationNotice, counts: list[LineCount], found: Allocation, job: Job | None) -> None:
    order = notice.order
    try:
        shipment = ship_order(
            order, _shipment_input(notice, found), actor=SHIPSTATION, source=ShipmentSource.SHIPSTATION
        )
    except DomainError as refused:
        _refuse(notice, refused.message, "Ship the order here, or correct it and press “Try again”.", job)
        return
    late = _late_words(notice, shipment)
    _end(notice, NoticeState.SHIPPED, " ".join([*found.surplus, *late]), shipment=shipment)
    for words in late:
        record(notice.merchant, "orders.shipstation.late", words, actor=SYSTEM, about=order)
        _tell(notice, "late", "arrives later than promised", words)
    if found.surplus:
        _warn_surplus(notice, found)
    _supersede(notice, counts, found)


def _late_words(notice: ShipStationNotice, shipment: Shipment) -> list[str]:
    """The parcel has left, so nobody is asked; but the day that Jet is told is later than the one it promised."""
    order = notice.order
    if not is_after_promise(shipment.expected_delivery_at, order.deliver_by, order.merchant.zone):
        return []
    words = f"The parcel of order {order} is expected after {promised_day(order)}, the day Jet promised the shopper."
    return [f"{words} A later delivery lowers your performance."]


def _warn_surplus(notice: ShipStationNotice, found: Allocation) -> None:
    words = f"ShipStation reports more of order {notice.order} than was open. {' '.join(found.surplus)}"
    record(notice.merchant, "orders.shipstation.surplus", words, actor=SYSTEM, about=notice.order)
    _tell(notice, "surplus", "more shipped than was open", words)


def _supersede(notice: ShipStationNotice, counts: list[LineCount], found: Allocation) -> None:
    """The number that an earlier report lacked has come with this one."""
    left = sum(row.shippable for row in counts) - sum(found.lines.values())
    earlier = ShipStationNotice.objects.filter(
        merchant=notice.merchant_id, order=notice.order, state=NoticeState.NEEDS_TRACKING
    ).exclude(pk=notice.pk)
    for other in earlier:
        if not left or other.items == notice.items:
            _end(
                other,
                NoticeState.NOTHING_LEFT,
                f"Reported again with tracking number {notice.tracking_number}.",
            )


def _shipment_input(notice: ShipStationNotice, found: Allocation) -> ShipmentInput:
    """Ship date + the merchant's delivery days (CFG-19) = the expected day; picked up on the ship date."""
    order, now = notice.order, timezone.now()
    zone = ZoneInfo(order.merchant.time_zone)
    day = notice.ship_date or (notice.label_at or notice.created_at or now).astimezone(zone).date()
    floor = order.placed_at or now  # a clock that is behind must not send goods before they were ordered
    shipped_at = max(notice.label_at or at_time(day, NOON, zone) or now, floor)
    pick_up_at = max(at_time(day, AFTERNOON, zone) or now, floor)
    days = get_options(order.merchant).shipstation_delivery_days
    expected_at = at_time(add_business_days(day, days), AFTERNOON, zone) or now + timedelta(days=days)
    carrier = _carrier(notice)
    return ShipmentInput(
        carrier=carrier,
        method=method_for(notice.service, carrier),
        tracking_number=notice.tracking_number,
        shipped_at=shipped_at,
        expected_delivery_at=max(expected_at, shipped_at),
        pick_up_at=pick_up_at,
        ship_from_zip=_zip(order),
        lines=tuple(LineInput(pk, quantity=units) for pk, units in found.lines.items()),
        confirms_late=True,
    )


def _zip(order: Order) -> str:
    code = order.node.zip_code if order.node else ""
    return code if code.isdigit() and len(code) == 5 else ""  # noqa: PLR2004 -- Jet's zip codes


def _carrier(notice: ShipStationNotice) -> str:
    """Jet's carrier: chosen by a person, by the table, or "Other" with a note that the table lacks a line."""
    if notice.jet_carrier:
        return notice.jet_carrier
    rule = find_carrier(notice.carrier, notice.service, rules_of(notice.merchant))
    if rule is not None:
        return rule.jet_carrier
    if notice.carrier and note_unknown_carrier(notice.merchant, notice.carrier):
        notify(
            notice.merchant,
            "orders.shipstation_carrier",
            f"ShipStation uses a carrier without translation: {notice.carrier}",
            level=NoticeLevel.WARNING,
            body="Its parcels are told to Jet as carrier “Other”. Choose Jet's carrier once and for all.",
            url=carriers_url(notice.merchant),
        )
    return str(Carrier.OTHER)


def fail_notice(job: Job) -> None:
    """The job gave up: the report is kept, and a person told."""
    notice = _locked(job.merchant, int(job.key))
    if notice.state == NoticeState.WAITING:
        _refuse(notice, job.message, job.hint or "Open it and press “Try again”.", job)


# --- what a person does -------------------------------------------------------------------------------------


@transaction.atomic
def give_tracking(notice: ShipStationNotice, tracking_number: str, jet_carrier: str, *, actor: Actor) -> None:
    """Completes a report and lets its shipment go to Jet. Raises InvalidInput, or StateConflict once it is done or while
    the store rests.
    """
    number = "".join(tracking_number.split())
    faults: dict[str, list[str]] = {}
    if not number or len(number) > 100:  # noqa: PLR2004 -- our column
        faults["tracking_number"] = ["Give the tracking number, up to 100 characters."]
    if jet_carrier not in set(Carrier):
        faults["jet_carrier"] = ["Choose one of Jet's carriers."]
    if faults:
        raise InvalidInput(next(iter(faults.values()))[0], fields=faults)
    notice = _open(notice)
    check_not_resting(notice.merchant)
    notice.tracking_number, notice.jet_carrier = number, jet_carrier
    notice.state, notice.message, notice.hint = NoticeState.WAITING, "", ""
    notice.save(update_fields=["tracking_number", "jet_carrier", "state", "message", "hint", "updated_at"])
    words = f"Tracking number {number} was entered for ShipStation's parcel of order {notice.order}."
    record(notice.merchant, "orders.shipstation.tracking_given", words, actor=actor, about=notice.order)
    _enqueue(notice)


@transaction.atomic
def close_notice(notice: ShipStationNotice, *, actor: Actor) -> None:
    """The report needs no more: the person has seen to it. Raises StateConflict once it is done."""
    notice = _open(notice)
    _end(notice, NoticeState.CLOSED, f"Closed by {actor.label}.")
    words = f"ShipStation's report of order {notice.order} was closed."
    record(notice.merchant, "orders.shipstation.closed", words, actor=actor, about=notice.order)


@transaction.atomic
def retry_notice(notice: ShipStationNotice, *, actor: Actor) -> None:
    """Tries a refused report again. Raises StateConflict once it is done or while the store rests."""
    notice = _open(notice)
    check_not_resting(notice.merchant)
    _end(notice, NoticeState.WAITING, "")
    words = f"ShipStation's report of order {notice.order} is tried again."
    record(notice.merchant, "orders.shipstation.retried", words, actor=actor, about=notice.order)
    _enqueue(notice)


def _open(notice: ShipStationNotice) -> ShipStationNotice:
    """The report, locked, if a person may act on it: it waits for one, or its job ended without a result."""
    fresh = _locked(notice.merchant, notice.pk)
    if fresh.state in OPEN_NOTICES or (fresh.state == NoticeState.WAITING and not _has_job(fresh)):
        return fresh
    raise StateConflict(
        f"This report of order {fresh.order} is done: {fresh.get_state_display().lower()}.",
        hint="Reload the page to see what has become of it.",
    )


def _has_job(notice: ShipStationNotice) -> bool:
    open_states = (JobState.QUEUED, JobState.RUNNING)
    jobs = Job.objects.filter(merchant=notice.merchant_id, kind=JOB, key=str(notice.pk))
    return jobs.filter(state__in=open_states).exists()
