"""What a file of returns holds: one row per item, what was asked for and what was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch

from jetsync.masking import HIDDEN
from jetsync.models import Merchant
from jetsync.panel.list_sheets import Sheet, SheetColumn, moment
from jetsync.tenancy.actor import Actor
from orders.privacy import may_see_buyers, shown_buyer
from returns.models import Return, ReturnLine
from returns.money import PARTS

_DATES = {"Date added": "return_date", "Decided": "decided_at", "Completed": "completed_date"}
_CHARGE = {True: "Accepted", False: "Disputed", None: ""}


@dataclass(frozen=True)
class ReturnRow:
    """`line` is None for a return without items, which still has its row."""

    parent: Return
    line: ReturnLine | None = None


def return_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[ReturnRow]:
    """Two queries, whatever the number of returns."""
    lines = ReturnLine.objects.filter(merchant=merchant).defer("raw")
    found = (
        Return.objects.filter(merchant=merchant)
        .select_related("order")
        .defer("raw", "order__raw")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk(list(ids))
    )
    for returned in (found[pk] for pk in ids if pk in found):
        yield from [ReturnRow(returned, line) for line in returned.lines.all()] or [ReturnRow(returned)]


def _of_return(heading: str, name: str) -> SheetColumn:
    return SheetColumn(heading, attrgetter(f"parent.{name}"))


def _of_line(heading: str, get: Callable[[Any], Any]) -> SheetColumn:
    return SheetColumn(heading, lambda row: "" if row.line is None else get(row.line))


def _settled(row: ReturnRow, name: str) -> Any:
    """What is given, empty until somebody decided or when the item was left out."""
    if row.line is None or not row.parent.is_settled or not row.line.is_included:
        return ""
    value = getattr(row.line, name)
    return "" if value is None else value


def _given(name: str) -> Callable[[ReturnRow], Any]:
    return lambda row: _settled(row, name)


def confirmed_columns(zone: tzinfo) -> list[SheetColumn]:
    """Who was the second person, and when; empty where nobody was asked. Of a return's row or a refund's."""
    return [
        SheetColumn("Confirmed by", attrgetter("parent.confirmed_by")),
        *moment("Confirmed", attrgetter("parent.confirmed_at"), zone),
    ]


def return_columns(actor: Actor, zone: tzinfo) -> list[SheetColumn]:
    dates = [
        column
        for heading, name in _DATES.items()
        for column in moment(heading, attrgetter(f"parent.{name}"), zone)
    ]
    return [
        _of_return("Return", "reference_return_authorization_id"),
        _of_return("Return id at Jet", "merchant_return_authorization_id"),
        _of_return("Order", "reference_order_id"),
        _of_return("Order id at Jet", "merchant_order_id"),
        SheetColumn("Status", lambda row: row.parent.get_status_display()),
        _of_return("Status at Jet", "jet_status"),
        SheetColumn("Refund without return", lambda row: "yes" if row.parent.refund_without_return else "no"),
        *dates,
        *_line_columns(actor),
        SheetColumn("Return charge (USD)", lambda row: row.parent.merchant_return_charge),
        SheetColumn("Answer to the charge", lambda row: _CHARGE[row.parent.agree_to_return_charge]),
        _of_return("Reason for disputing", "return_charge_feedback"),
        _of_return("Carrier", "shipping_carrier"),
        _of_return("Tracking number", "tracking_number"),
        _of_return("Decided by", "decided_by"),
        *confirmed_columns(zone),
        _of_return("What went wrong", "failure_message"),
        SheetColumn("Customer", lambda row: shown_buyer(row.parent.order, actor) if row.parent.order else ""),
    ]


def shown_notes(text: str, actor: Actor) -> str:
    """Words that people wrote to Jet may be about the shopper."""
    return text if may_see_buyers(actor) or not text else HIDDEN


def _line_columns(actor: Actor) -> list[SheetColumn]:
    asked = [
        _of_line(f"{label} asked for (USD)", attrgetter(f"requested_{name}")) for name, label in PARTS.items()
    ]
    given = [SheetColumn(f"{label} refunded (USD)", _given(name)) for name, label in PARTS.items()]
    return [
        _of_line("Order item id", attrgetter("order_item_id")),
        _of_line("SKU", attrgetter("sku")),
        _of_line("Title", attrgetter("title")),
        _of_line("Reason", attrgetter("reason")),
        _of_line("Quantity asked for", attrgetter("return_quantity")),
        SheetColumn("Quantity returned", _given("quantity_returned")),
        SheetColumn("Quantity refunded", _given("quantity_refunded")),
        *asked,
        _of_line("Total asked for (USD)", attrgetter("requested.total")),
        *given,
        SheetColumn("Total refunded (USD)", _total),
        SheetColumn("Feedback", _given("feedback")),
        SheetColumn("Notes for Jet", lambda row: shown_notes(_settled(row, "notes"), actor)),
    ]


def _total(row: ReturnRow) -> Any:
    amounts = _settled(row, "settled")
    return amounts.total if amounts else ""


RETURN_SHEET = Sheet("returns", return_columns, return_rows)
