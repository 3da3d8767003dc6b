"""Jet's settlement report as plain facts. Reads anything, never raises. Source: orders.md section 7 (S2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orders.amounts import cents
from orders.reading import moment, text
from refunds.enums import SettlementSide
from refunds.settlement.words import LABELS
from returns.reading import Json

# What our columns hold; Jet pays nobody more in a week.
LARGEST = Decimal("999999999999.99")
NAME_LENGTH = 80
DETAILS = {SettlementSide.ORDER: "order_balance_details", SettlementSide.RETURN: "return_balance_details"}
NEEDED = ("order_balance", "return_balance", "settlement_value")
OPTIONAL = ("jet_adjustment", "unavailable_balance")


@dataclass(frozen=True)
class ReportFacts:
    """`amounts` by Jet's name, None for what is missing; `lines` are (side, name, amount); all in USD.

    `problems` says in sentences what could not be read; `raw` is the answer as it came.
    """

    report_id: str
    jet_state: str
    currency: str
    period_start: datetime | None
    period_end: datetime | None
    amounts: dict[str, Decimal | None]
    lines: tuple[tuple[str, str, Decimal], ...]
    problems: tuple[str, ...]
    raw: Any


def read_report(report_id: str, raw: Any) -> ReportFacts:
    """The facts of the answer of `GET /settlement/report/{report_id}`."""
    if not isinstance(raw, Mapping):
        return unreadable(report_id, raw, "The answer is not a record.")
    problems: list[str] = []
    amounts = {name: _amount(raw, name, problems, is_needed=name in NEEDED) for name in (*NEEDED, *OPTIONAL)}
    lines = tuple(line for side, name in DETAILS.items() for line in _lines(side, name, raw, problems))
    start, end = moment(raw, "settlement_period_start"), moment(raw, "settlement_period_end")
    word, named = text(raw, "settlement_state", 60), text(raw, "settlement_report_id", 100)
    if start is None or end is None:
        problems.append("The period has no readable start or end.")
    elif start > end:
        problems.append("The period ends before it begins.")
    if not word:
        problems.append("The state is missing.")
    if named and named != report_id:
        problems.append(f"It calls itself “{named}”.")
    return ReportFacts(
        report_id=report_id,
        jet_state=word,
        currency=text(raw, "currency", 40),
        period_start=start,
        period_end=end,
        amounts=amounts,
        lines=lines,
        problems=tuple(problems),
        raw=raw,
    )


def unreadable(report_id: str, raw: Any, problem: str) -> ReportFacts:
    """Of an answer that is no record at all."""
    return ReportFacts(
        report_id, "", "", None, None, dict.fromkeys((*NEEDED, *OPTIONAL)), (), (problem,), raw
    )


def _lines(side: str, key: str, raw: Json, problems: list[str]) -> list[tuple[str, str, Decimal]]:
    """Known names first, in our order, then whatever else Jet names."""
    details = raw.get(key)
    if not isinstance(details, Mapping):
        problems.append(f"“{key}” is missing.")
        return []
    names = [name for name in LABELS[side] if name in details]
    names += [str(name) for name in details if name not in LABELS[side]]
    found = ((name, _amount(details, name, problems)) for name in names)
    return [(side, name[:NAME_LENGTH], amount) for name, amount in found if amount is not None]


def _amount(data: Json, name: str, problems: list[str], *, is_needed: bool = False) -> Decimal | None:
    """USD with two places, from the digits of Jet's number; None when there is none, with a problem if it matters."""
    value = data.get(name)
    if value is None or value == "":
        if is_needed:
            problems.append(f"“{name}” is missing.")
        return None
    number = None if isinstance(value, bool | Mapping | list) else _decimal(value)
    if number is None:
        problems.append(f"“{name}” is no amount: {str(value)[:60]}.")
    return number


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return cents(number) if number.is_finite() and abs(number) <= LARGEST else None
