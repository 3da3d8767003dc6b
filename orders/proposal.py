"""What a shipment is filled with before a person types: carrier, method, dates, zip. One place for form and list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from jetsync.jet.words.shipping import Carrier
from jetsync.models import Options
from orders.dates import AFTERNOON, NOON, ProposedDates, at_time, days_on_the_way, propose_dates
from orders.methods import carrier_of_method, is_method_of
from orders.models import Order
from orders.validators import LineInput, ShipmentInput
from orders.wording import method_code


@dataclass(frozen=True)
class Proposal:
    carrier: str
    method: str
    dates: ProposedDates
    zip_code: str

    def method_for(self, carrier: str) -> str:
        """The proposed method where it fits the carrier that was chosen."""
        return self.method if is_method_of(self.method, carrier) else ""


def zone_of(order: Order) -> ZoneInfo:
    """Where the goods leave: the node's time zone, otherwise the store's."""
    return ZoneInfo((order.node.time_zone if order.node else "") or order.merchant.time_zone)


def propose(order: Order, options: Options, now: datetime, *, ship_on: date | None = None) -> Proposal:
    """What Jet asks for, then what the merchant usually does. No query when the order's node and merchant are read."""
    days = days_on_the_way(order.request_service_level, order.request_method, options.transit_days)
    dates = propose_dates(
        now,
        zone_of(order),
        days,
        promised=order.deliver_by,
        ship_on=ship_on,
        cutoff=order.node.cutoff if order.node else None,
    )
    carrier = (
        order.request_carrier
        or carrier_of_method(order.request_method)
        or options.default_carrier
        or str(Carrier.FEDEX)
    )
    method = method_code(order.request_method)
    return Proposal(
        carrier=carrier,
        method=method if is_method_of(method, carrier) else "",
        dates=dates,
        zip_code=order.node.zip_code if order.node else "",
    )


@dataclass(frozen=True)
class ParcelFacts:
    """What a row of a list says about its parcel; the rest is proposed. Words are Jet's."""

    carrier: str
    method: str
    tracking_number: str
    lines: Sequence[LineInput]


def parcel_input(
    order: Order, options: Options, facts: ParcelFacts, now: datetime, *, ship_on: date | None = None
) -> ShipmentInput:
    """The shipment of one parcel of a list. What is late or doubtful was shown before the list was sent, so it is
    confirmed.
    """
    proposal = propose(order, options, now, ship_on=ship_on)
    zone = zone_of(order)
    return ShipmentInput(
        carrier=facts.carrier or proposal.carrier,
        method=facts.method or proposal.method_for(facts.carrier or proposal.carrier),
        tracking_number=facts.tracking_number,
        shipped_at=at_time(proposal.dates.ship, NOON, zone, not_before=now),
        expected_delivery_at=at_time(proposal.dates.expected, AFTERNOON, zone),
        pick_up_at=at_time(proposal.dates.pick_up, AFTERNOON, zone, not_before=now),
        ship_from_zip=proposal.zip_code,
        lines=tuple(facts.lines),
        confirms_late=True,
        confirms_tracking=True,
    )
