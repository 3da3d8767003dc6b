"""What a file of settlement reports holds: one row per report, a column for every amount that Jet names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from operator import attrgetter

from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from refunds.enums import SettlementSide
from refunds.models import SettlementLine, SettlementReport
from refunds.settlement.words import LABELS

_PREFIX = {SettlementSide.ORDER: "Orders", SettlementSide.RETURN: "Returns"}


@dataclass(frozen=True)
class SettlementRow:
    """`other` is what Jet names and jetsync has no column for, as `name: amount`."""

    report: SettlementReport
    amounts: dict[tuple[str, str], Decimal] = field(default_factory=dict)

    @property
    def other(self) -> str:
        unknown = {key: value for key, value in self.amounts.items() if key[1] not in LABELS[key[0]]}
        return "; ".join(f"{side} {name}: {value}" for (side, name), value in unknown.items())


def settlement_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[SettlementRow]:
    """Two queries, whatever the number of reports."""
    found = SettlementReport.objects.filter(merchant=merchant).defer("raw", "unread").in_bulk(list(ids))
    amounts: dict[int, dict[tuple[str, str], Decimal]] = {}
    for line in SettlementLine.objects.filter(merchant=merchant, report__in=list(ids)).order_by("pk"):
        amounts.setdefault(line.report_id, {})[line.side, line.name] = line.amount
    for report in (found[pk] for pk in ids if pk in found):
        yield SettlementRow(report, amounts.get(report.pk, {}))


def _line(side: SettlementSide, name: str, label: str) -> SheetColumn:
    return SheetColumn(f"{_PREFIX[side]}: {label} (USD)", lambda row: row.amounts.get((side, name), ""))


def settlement_columns(_actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    return [
        SheetColumn("Report id at Jet", attrgetter("report.report_id")),
        SheetColumn("State", lambda row: row.report.get_state_display()),
        SheetColumn("State at Jet", attrgetter("report.jet_state")),
        *moment("Period start", attrgetter("report.period_start"), zone),
        *moment("Period end", attrgetter("report.period_end"), zone),
        *(_line(side, name, label) for side in SettlementSide for name, label in LABELS[side].items()),
        SheetColumn("Other amounts", attrgetter("other")),
        SheetColumn("Order balance (USD)", attrgetter("report.order_balance")),
        SheetColumn("Return balance (USD)", attrgetter("report.return_balance")),
        SheetColumn("Jet's adjustment (USD)", attrgetter("report.jet_adjustment")),
        SheetColumn("Settlement value (USD)", attrgetter("report.settlement_value")),
        SheetColumn("Not yet settled (USD)", attrgetter("report.unavailable_balance")),
        SheetColumn("Difference to our orders (USD)", attrgetter("report.difference")),
        SheetColumn("What differs", attrgetter("report.differing")),
        SheetColumn("Could not be read", lambda row: " ".join(row.report.problems)),
    ]


SETTLEMENT_SHEET = Sheet("settlement", settlement_columns, settlement_rows)
