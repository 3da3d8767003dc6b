"""What a shipment is filled with before a person types: carrier, method, dates, zip. One place for form and list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jetsync.jet.words.shipping import Carrier
from jetsync.models import Options
from orders.dates import ProposedDates, days_on_the_way, propose_dates
from orders.methods import carrier_of_method, is_method_of
from orders.models import Order
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


def propose(order: Order, options: Options, now: datetime) -> Proposal:
    """What Jet asks for, then what the merchant usually does. No query when the order's node and merchant are read."""
    days = days_on_the_way(order.request_service_level, order.request_method, options.transit_days)
    dates = propose_dates(now, ZoneInfo(order.merchant.time_zone), days, promised=order.deliver_by)
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
