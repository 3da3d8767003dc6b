"""What a file of returns holds: one row per item, what was asked for and what was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch, QuerySet

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
class ItemRow:
    """One item of a return or a refund. `line` is None for one without items, which still has its row."""

    parent: Any
    line: Any = None


def return_rows(merchant: Merchant, ids: Sequence[int]) -> Iterator[ItemRow]:
    lines = ReturnLine.objects.filter(merchant=merchant).defer("raw")
    return item_rows(Return.objects.filter(merchant=merchant), lines, ids)


def item_rows(parents: QuerySet[Any], lines: QuerySet[Any], ids: Sequence[int]) -> Iterator[ItemRow]:
    """Rows of the parents in the order of the ids. Two queries, whatever their number."""
    found = (
        parents.select_related("order")
        .defer("raw", "order__raw")
        .prefetch_related(Prefetch("lines", queryset=lines))
        .in_bulk(list(ids))
    )
    for parent in (found[pk] for pk in ids if pk in found):
        yield from [ItemRow(parent, line) for line in parent.lines.all()] or [ItemRow(parent)]


def of_parent(heading: str, name: str) -> SheetColumn:
    return SheetColumn(heading, attrgetter(f"parent.{name}"))


def of_line(heading: str, get: Callable[[Any], Any]) -> SheetColumn:
    return SheetColumn(heading, lambda row: "" if row.line is None else get(row.line))


def shopper_column(actor: Actor) -> SheetColumn:
    return SheetColumn(
        "Customer", lambda row: shown_buyer(row.parent.order, actor) if row.parent.order else ""
    )


def _settled(row: ItemRow, name: str) -> Any:
    """What is given, empty until somebody decided or when the item was left out."""
    if row.line is None or not row.parent.is_settled or not row.line.is_included:
        return ""
    value = getattr(row.line, name)
    return "" if value is None else value


def _given(name: str) -> Callable[[ItemRow], Any]:
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
        of_parent("Return", "reference_return_authorization_id"),
        of_parent("Return id at Jet", "merchant_return_authorization_id"),
        of_parent("Order", "reference_order_id"),
        of_parent("Order id at Jet", "merchant_order_id"),
        SheetColumn("Status", lambda row: row.parent.get_status_display()),
        of_parent("Status at Jet", "jet_status"),
        SheetColumn("Refund without return", lambda row: "yes" if row.parent.refund_without_return else "no"),
        *dates,
        *_line_columns(actor),
        SheetColumn("Return charge (USD)", lambda row: row.parent.merchant_return_charge),
        SheetColumn("Answer to the charge", lambda row: _CHARGE[row.parent.agree_to_return_charge]),
        of_parent("Reason for disputing", "return_charge_feedback"),
        of_parent("Carrier", "shipping_carrier"),
        of_parent("Tracking number", "tracking_number"),
        of_parent("Decided by", "decided_by"),
        *confirmed_columns(zone),
        of_parent("What went wrong", "failure_message"),
        shopper_column(actor),
    ]


def shown_notes(text: str, actor: Actor) -> str:
    """Words that people wrote to Jet may be about the shopper."""
    return text if may_see_buyers(actor) or not text else HIDDEN


def _line_columns(actor: Actor) -> list[SheetColumn]:
    asked = [
        of_line(f"{label} asked for (USD)", attrgetter(f"requested_{name}")) for name, label in PARTS.items()
    ]
    given = [SheetColumn(f"{label} refunded (USD)", _given(name)) for name, label in PARTS.items()]
    return [
        of_line("Order item id", attrgetter("order_item_id")),
        of_line("SKU", attrgetter("sku")),
        of_line("Title", attrgetter("title")),
        of_line("Reason", attrgetter("reason")),
        of_line("Quantity asked for", attrgetter("return_quantity")),
        SheetColumn("Quantity returned", _given("quantity_returned")),
        SheetColumn("Quantity refunded", _given("quantity_refunded")),
        *asked,
        of_line("Total asked for (USD)", attrgetter("requested.total")),
        *given,
        SheetColumn("Total refunded (USD)", _total),
        SheetColumn("Feedback", _given("feedback")),
        SheetColumn("Notes for Jet", lambda row: shown_notes(_settled(row, "notes"), actor)),
    ]


def _total(row: ItemRow) -> Any:
    amounts = _settled(row, "settled")
    return amounts.total if amounts else ""


RETURN_SHEET = Sheet("returns", return_columns, return_rows)
