"""Jet's return object as plain facts. Reads anything: what is missing or malformed becomes empty, never an error.

Source: orders.md section 5.3. `return_merchant_SKUs` is what the shopper sends back, `items` what the merchant
reported; while a return is `created` the second is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orders.reading import amount, moment, record, records, text, units
from returns.enums import ReturnStatus
from returns.money import Amounts, total_of

Json = Mapping[str, Any]

# Words without spaces were seen in paths of 2015 and 2016; `acknowledged` died in 2016 (orders.md 5.1).
_STATUSES = {
    "created": ReturnStatus.CREATED,
    "acknowledged": ReturnStatus.CREATED,
    "inprogress": ReturnStatus.IN_PROGRESS,
    "completedbymerchant": ReturnStatus.COMPLETED,
    "jetrefunded": ReturnStatus.COMPLETED,
    "refundcustomerwithoutreturn": ReturnStatus.COMPLETED,
}


@dataclass(frozen=True)
class SettledFacts:
    """What the merchant reported for a line."""

    quantity_returned: int
    quantity_refunded: int
    feedback: str
    notes: str
    amounts: Amounts


@dataclass(frozen=True)
class ReturnLineFacts:
    """One item, whatever the number of Jet's entries for it. `columns` are those of ReturnLine that Jet shows here."""

    order_item_id: str
    columns: dict[str, Any]
    settled: SettledFacts | None
    raw: Json


@dataclass(frozen=True)
class ReturnFacts:
    """`fields` are the columns of Return that Jet decides, empty or None where it shows nothing."""

    merchant_return_authorization_id: str
    fields: dict[str, Any]
    agree_to_return_charge: bool | None
    return_charge_feedback: str
    lines: tuple[ReturnLineFacts, ...]
    raw: Json

    @property
    def is_answered(self) -> bool:
        """Jet has an answer: a status past `created` that we know, or amounts beside a word that is new to us."""
        status = self.status()
        return status != ReturnStatus.CREATED and (status != ReturnStatus.OTHER or self.shows_amounts)

    @property
    def shows_amounts(self) -> bool:
        return any(line.settled is not None for line in self.lines)

    def status(self) -> ReturnStatus:
        """Our status for what Jet shows. A finished return whose charge was disputed is "not accepted"."""
        word = str(self.fields["jet_status"]).replace(" ", "").casefold()
        status = _STATUSES.get(word, ReturnStatus.OTHER)
        if status == ReturnStatus.COMPLETED and self.agree_to_return_charge is False:
            return ReturnStatus.NOT_ACCEPTED
        return status


def read_amounts(data: Json, key: str) -> Amounts:
    part = record(data, key)
    return Amounts(
        amount(part, "principal"),
        amount(part, "tax"),
        amount(part, "shipping_cost"),
        amount(part, "shipping_tax"),
    )


def entries_by_item(items: Iterable[Json]) -> dict[str, list[Json]]:
    """Jet's entries of each item, in its order: it may name one twice, with a reason each. An item without an id gets
    a name of its place."""
    found: dict[str, list[Json]] = {}
    for number, item in enumerate(items, start=1):
        found.setdefault(text(item, "order_item_id", 64) or f"line-{number}", []).append(item)
    return found


def first_text(entries: Iterable[Json], key: str, limit: int) -> str:
    return next((word for entry in entries if (word := text(entry, key, limit))), "")


def units_of(entries: Iterable[Json], key: str) -> int:
    return sum(units(entry, key) for entry in entries)


def amounts_of(entries: Iterable[Json], key: str) -> Amounts:
    return total_of(read_amounts(entry, key) for entry in entries)


def read_return(raw: Json) -> ReturnFacts:
    """Everything jetsync models of a return, from the answer of `GET /returns/state/{id}`."""
    agreed = raw.get("agree_to_return_charge")
    asked = entries_by_item(records(raw, "return_merchant_SKUs"))
    answered = entries_by_item(records(raw, "items"))
    return ReturnFacts(
        merchant_return_authorization_id=text(raw, "merchant_return_authorization_id", 64),
        fields=_columns(raw),
        agree_to_return_charge=agreed if isinstance(agreed, bool) else None,
        return_charge_feedback=text(raw, "return_charge_feedback", 60),
        lines=tuple(
            _read_line(item_id, asked.get(item_id, []), answered.get(item_id, []))
            for item_id in {**asked, **answered}
        ),
        raw=raw,
    )


def _columns(raw: Json) -> dict[str, Any]:
    charge, keeps = raw.get("merchant_return_charge"), raw.get("refund_without_return")
    return {
        "reference_return_authorization_id": text(raw, "reference_return_authorization_id", 64),
        "alt_return_authorization_id": text(raw, "alt_return_authorization_id", 100),
        "merchant_order_id": text(raw, "merchant_order_id", 64),
        "reference_order_id": text(raw, "reference_order_id", 64),
        "alt_order_id": text(raw, "alt_order_id", 100),
        "jet_status": text(raw, "return_status", 60),
        "refund_without_return": keeps if isinstance(keeps, bool) else None,
        "return_date": moment(raw, "return_date"),
        "completed_date": moment(raw, "completed_date"),
        "shipping_carrier": text(raw, "shipping_carrier", 80),
        "tracking_number": text(raw, "tracking_number", 100),
        "return_location": [dict(place) for place in _places(raw)],
        "merchant_return_charge": amount(raw, "merchant_return_charge") if charge is not None else None,
    }


def _places(raw: Json) -> list[Json]:
    """Jet's array of addresses; a single one is taken as well."""
    return records(raw, "return_location") or [part for part in [record(raw, "return_location")] if part]


def _read_line(item_id: str, asked: list[Json], answered: list[Json]) -> ReturnLineFacts:
    return ReturnLineFacts(
        order_item_id=item_id,
        columns=_line_columns(asked or answered),
        settled=_read_settled(answered) if answered else None,
        raw=(asked or answered)[0],
    )


def _line_columns(entries: list[Json]) -> dict[str, Any]:
    """What Jet leaves out is left out here too, so that it erases nothing."""
    words = {
        "alt_order_item_id": first_text(entries, "alt_order_item_id", 100),
        "sku": first_text(entries, "merchant_sku", 100),
        "title": first_text(entries, "merchant_sku_title", 500),
        "reason": first_text(entries, "reason", 120),
    }
    columns: dict[str, Any] = {name: word for name, word in words.items() if word}
    if any(entry.get("return_quantity") is not None for entry in entries):
        columns["return_quantity"] = units_of(entries, "return_quantity")
    asked = amounts_of(entries, "requested_refund_amount").parts()
    shown = {name for entry in entries for name in record(entry, "requested_refund_amount")}
    return columns | {f"requested_{name}": value for name, value in asked.items() if name in shown}


def _read_settled(entries: list[Json]) -> SettledFacts:
    return SettledFacts(
        quantity_returned=units_of(entries, "total_quantity_returned"),
        quantity_refunded=units_of(entries, "order_return_refund_qty"),
        feedback=first_text(entries, "return_refund_feedback", 120),
        notes=first_text(entries, "notes", 500),
        amounts=amounts_of(entries, "refund_amount"),
    )
