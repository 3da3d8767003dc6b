"""How fast orders are answered: worked out by the database, one query whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Greatest, TruncDate
from django.utils import timezone

from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import Merchant
from orders.days import begin_of, last_days
from orders.enums import AnsweredBy, OrderState
from orders.models import ACKNOWLEDGE_WINDOW, Order
from orders.queries.order import all_orders

PERIODS = (7, 30, 90)
ALL = Q()


class Percentile(Aggregate):
    """The value that `share` of the rows stay within, between two rows in proportion (PostgreSQL percentile_cont)."""

    function = "percentile_cont"
    name = "Percentile"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Any, share: float, **more: Any) -> None:
        super().__init__(expression, share=float(share), **more)


@dataclass(frozen=True)
class AnswerTimes:
    """Of the orders that Jet released in the last `days` days of the merchant's calendar and whose end is known.

    `orders` = `in_time` + `late` + `lost`; `lost` were not answered at all. `saved` were accepted by the fallback.
    Times are those from release to the yes, of accepted orders; None when there is none.
    """

    days: int
    orders: int
    in_time: int
    lost: int
    automatic: int
    person: int
    saved: int
    untimed: int
    half_within: timedelta | None
    most_within: timedelta | None

    @property
    def late(self) -> int:
        return self.orders - self.in_time - self.lost

    @property
    def p50_seconds(self) -> float | None:
        return self.half_within.total_seconds() if self.half_within is not None else None

    @property
    def p95_seconds(self) -> float | None:
        return self.most_within.total_seconds() if self.most_within is not None else None

    @property
    def percent(self) -> float | None:
        return 100 * self.in_time / self.orders if self.orders else None


def answer_times(merchant: Merchant, *periods: int, now: datetime | None = None) -> tuple[AnswerTimes, ...]:
    """One per period in days (PERIODS when none is given), in one query. Today is the last day of each, so that lists,
    which are filtered by days, hold the same orders.
    """
    now, wanted = now or timezone.now(), periods or PERIODS
    begins = {days: begin_of(merchant, last_days(merchant, days, now)[0]) for days in wanted}
    parts: dict[str, Any] = {}
    for days, begin in begins.items():
        parts |= {f"{name}_{days}": part for name, part in _parts(now, Q(ready_at__gte=begin)).items()}
    found = _timed(merchant, min(begins.values()), now).aggregate(**parts)
    return tuple(
        AnswerTimes(days=days, **{name: found[f"{name}_{days}"] for name in _parts(now)}) for days in wanted
    )


def answers_by_day(
    merchant: Merchant, days: int, now: datetime | None = None
) -> tuple[AnswerTimes, dict[date, AnswerTimes]]:
    """Of the last `days` days of the merchant's own calendar together, and by the day of release. Two queries.

    Days on which Jet released nothing are left out.
    """
    now = now or timezone.now()
    timed = _timed(merchant, begin_of(merchant, last_days(merchant, days, now)[0]), now)
    by_day: Any = timed.annotate(day=TruncDate("ready_at", tzinfo=merchant.zone)).order_by().values("day")
    parts = _parts(now)
    rows = {
        row["day"]: AnswerTimes(days=1, **{name: row[name] for name in parts})
        for row in by_day.annotate(**parts)
    }
    return AnswerTimes(days=days, **timed.aggregate(**parts)), rows


def answer_conditions(now: datetime) -> dict[str, Q]:
    """What became of released orders by now, as AnswerTimes counts them: "known" = "in_time" + "late" + "lost". Who answered
    is "automatic", "person" or "saved"; "untimed" ones were answered elsewhere, nobody knows when.
    """
    answered = Q(acknowledged_at__isnull=False)
    accepted = answered & Q(acknowledgement_status=AcknowledgementStatus.ACCEPTED)
    open_or_lost = (OrderState.CREATED, OrderState.READY, OrderState.EXPIRED)
    lost = Q(state=OrderState.EXPIRED) | Q(state=OrderState.READY, ack_due_at__lte=now)
    in_time = Q(acknowledged_at__lte=F("ready_at") + ACKNOWLEDGE_WINDOW)
    return {
        "known": answered | lost,
        "in_time": answered & ~lost & in_time,
        "late": answered & ~lost & ~in_time,
        "lost": lost,
        "automatic": answered & Q(answered_by=AnsweredBy.AUTOMATIC),
        "person": answered & Q(answered_by=AnsweredBy.PERSON),
        "saved": accepted & Q(answered_by=AnsweredBy.FALLBACK),
        "untimed": ~answered & ~Q(state__in=open_or_lost),
        "accepted": accepted,
    }


def _timed(merchant: Merchant, since: datetime, now: datetime) -> QuerySet[Order]:
    # Jet's clock and ours may differ by a second; nobody answers before the release.
    took = Greatest(
        ExpressionWrapper(F("acknowledged_at") - F("ready_at"), output_field=DurationField()),
        Value(timedelta(0), output_field=DurationField()),
    )
    return all_orders(merchant).filter(ready_at__gte=since, ready_at__lte=now).annotate(took=took)


def _parts(now: datetime, recent: Q = ALL) -> dict[str, Aggregate]:
    became = answer_conditions(now)
    numbers = ("in_time", "lost", "automatic", "person", "saved", "untimed")
    return {
        "orders": Count("pk", filter=recent & became["known"]),
        **{name: Count("pk", filter=recent & became[name]) for name in numbers},
        "half_within": Percentile("took", 0.5, filter=recent & became["accepted"]),
        "most_within": Percentile("took", 0.95, filter=recent & became["accepted"]),
    }
