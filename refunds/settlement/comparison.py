"""Jet's settlement report beside our own orders, returns and refunds: line by line, each difference in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from jetsync.models import Merchant
from jetsync.wording import counted
from orders.amounts import ZERO
from orders.enums import OrderState
from orders.pages import order_list_url
from refunds.enums import RefundStatus, SettlementSide
from refunds.models import SettlementLine, SettlementReport
from refunds.pages import refund_list_url
from refunds.settlement.ours import Ours, orders_of, ours_of
from refunds.settlement.words import LABELS
from returns.pages import return_list_url

# We see an order complete when we next look; one this near to an end may be in the neighbouring report.
NEAR = timedelta(hours=1)
CHARGE = "merchant_return_charge"


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Row:
    """One amount. `ours` is None where only Jet knows it; `words` is empty where nothing differs."""

    label: str
    jet: Decimal | None
    ours: Decimal | None = None
    words: str = ""
    links: tuple[Link, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        return None if self.ours is None else (self.jet or ZERO) - self.ours


@dataclass(frozen=True)
class Part:
    """One of Jet's two records of details with its balance; `ours` and `jet` sum the lines that are compared."""

    side: SettlementSide
    rows: tuple[Row, ...]
    balance: Decimal | None

    @property
    def compared(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.ours is not None)

    @property
    def ours(self) -> Decimal:
        return sum((row.ours or ZERO for row in self.compared), ZERO)

    @property
    def jet(self) -> Decimal:
        return sum((row.jet or ZERO for row in self.compared), ZERO)

    @property
    def difference(self) -> Decimal:
        return self.jet - self.ours


@dataclass(frozen=True)
class Comparison:
    """`counts` is None, and nothing is compared, when the report names no readable period.

    `sums` are sentences about sums inside of Jet's report that do not add up.
    """

    parts: tuple[Part, ...]
    counts: Ours | None
    sums: tuple[str, ...]

    @property
    def differing(self) -> tuple[Row, ...]:
        return tuple(row for part in self.parts for row in part.rows if row.words)

    @property
    def difference(self) -> Decimal | None:
        """Jet's minus ours, over all lines that are compared."""
        return None if self.counts is None else sum((part.difference for part in self.parts), ZERO)


def compare(report: SettlementReport, lines: list[SettlementLine]) -> Comparison:
    """Four queries; `lines` are those of the report, which has its merchant."""
    counts = ours_of(report, *report.period) if report.period and report.has_amounts else None
    amounts = {(line.side, line.name): line.amount for line in lines}
    balances = {SettlementSide.ORDER: report.order_balance, SettlementSide.RETURN: report.return_balance}
    parts = tuple(
        Part(side, tuple(_rows(report, side, amounts, counts)), balance) for side, balance in balances.items()
    )
    return Comparison(parts, counts, tuple(wrong_sums(report, lines)))


def near_the_ends(report: SettlementReport) -> int:
    """Orders seen complete within an hour of the period's ends, inside or outside; one query."""
    if report.period is None:
        return 0
    start, end = report.period
    near = orders_of(report, start - NEAR, start + NEAR) | orders_of(report, end - NEAR, end + NEAR)
    return near.count()


def wrong_sums(report: SettlementReport, lines: list[SettlementLine]) -> list[str]:
    """What does not add up inside of the report itself."""
    found = []
    for side, name, balance in (
        (SettlementSide.ORDER, "order balance", report.order_balance),
        (SettlementSide.RETURN, "return balance", report.return_balance),
    ):
        total = sum((line.amount for line in lines if line.side == side), ZERO)
        if balance is not None and balance != total:
            found.append(_apart(f"Jet's {name}", balance, "its amounts add up to", total))
    parts = [report.order_balance, report.return_balance, report.jet_adjustment or ZERO]
    if report.settlement_value is not None and None not in parts:
        total = sum((part for part in parts if part is not None), ZERO)
        if report.settlement_value != total:
            both = "both balances and the adjustment add up to"
            found.append(_apart("Jet's settlement value", report.settlement_value, both, total))
    return found


def dollars(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _apart(name: str, said: Decimal, adds_up: str, total: Decimal) -> str:
    return f"{name} is {dollars(said)}, but {adds_up} {dollars(total)}: {dollars(abs(said - total))} apart."


def _rows(
    report: SettlementReport,
    side: SettlementSide,
    amounts: dict[tuple[str, str], Decimal],
    counts: Ours | None,
) -> list[Row]:
    ours: dict[str, Decimal] = {}
    if counts is not None:
        ours = counts.order if side == SettlementSide.ORDER else counts.back
    names = list(LABELS[side]) + [name for one, name in amounts if one == side and name not in LABELS[side]]
    rows = []
    for name in names:
        label, jet = LABELS[side].get(name, name), amounts.get((side, name))
        mine = ours.get(name)
        if mine is None or counts is None or (jet or ZERO) == mine:
            rows.append(Row(label, jet, mine))
        else:
            words = _words(side, label, (jet or ZERO) - mine, counts)
            rows.append(Row(label, jet, mine, words, tuple(_links(report, side, name))))
    return rows


def _words(side: SettlementSide, label: str, difference: Decimal, counts: Ours) -> str:
    apart = dollars(abs(difference))
    if side == SettlementSide.ORDER:
        more = "more" if difference > 0 else "less"
        return (
            f"{label}: Jet counts {apart} {more} than the {counted(counts.orders, 'order')} completed here."
        )
    more = "more" if difference < 0 else "less"
    here = f"{counted(counts.returns, 'return')} and {counted(counts.refunds, 'refund')}"
    return f"{label}: Jet takes back {apart} {more} than the {here} here."


def _links(report: SettlementReport, side: SettlementSide, name: str) -> list[Link]:
    merchant = report.merchant
    if side == SettlementSide.ORDER:
        query = {"state": OrderState.COMPLETE, **_between(report, "completed")}
        return [Link("Orders", order_list_url(merchant, urlencode(query)))]
    returned = _between(report, "completed")  # only finished ones have that date
    links = [Link("Returns", return_list_url(merchant, urlencode(returned)))]
    if name == CHARGE:
        return links
    paid = {"status": RefundStatus.ACCEPTED, **_between(report, "closed")}
    return [*links, Link("Refunds", refund_list_url(merchant, urlencode(paid)))]


def _between(report: SettlementReport, name: str) -> dict[str, str]:
    """The period for the filter of a list, which reads the merchant's clock; browsers take milliseconds at most."""
    if report.period is None:
        return {}
    start, end = report.period
    return {f"{name}_after": _local(report.merchant, start), f"{name}_before": _local(report.merchant, end)}


def _local(merchant: Merchant, at: datetime) -> str:
    local = at.astimezone(merchant.zone).replace(tzinfo=None)
    return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")
