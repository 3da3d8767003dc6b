"""Jet's return object as plain facts. Reads anything: what is missing or malformed becomes empty, never an error.

Source: orders.md section 5.3. `return_merchant_SKUs` is what the shopper sends back, `items` what the merchant
reported; while a return is `created` the second is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orders.reading import amount, moment, record, records, text, units
from returns.enums import ReturnStatus
from returns.money import Amounts

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
    order_item_id: str
    alt_order_item_id: str
    sku: str
    title: str
    return_quantity: int
    reason: str
    requested: Amounts
    settled: SettledFacts | None
    raw: Json


@dataclass(frozen=True)
class ReturnFacts:
    """`fields` are the columns of Return that Jet decides."""

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


def read_return(raw: Json) -> ReturnFacts:
    """Everything jetsync models of a return, from the answer of `GET /returns/state/{id}`."""
    agreed = raw.get("agree_to_return_charge")
    answered = {text(item, "order_item_id", 64): item for item in records(raw, "items")}
    return ReturnFacts(
        merchant_return_authorization_id=text(raw, "merchant_return_authorization_id", 64),
        fields=_columns(raw),
        agree_to_return_charge=agreed if isinstance(agreed, bool) else None,
        return_charge_feedback=text(raw, "return_charge_feedback", 60),
        lines=tuple(_read_line(item, answered) for item in _line_records(raw)),
        raw=raw,
    )


def _line_records(raw: Json) -> list[Json]:
    """The shopper's lines; where Jet shows only the merchant's answer, those."""
    return records(raw, "return_merchant_SKUs") or records(raw, "items")


def _columns(raw: Json) -> dict[str, Any]:
    charge = raw.get("merchant_return_charge")
    return {
        "reference_return_authorization_id": text(raw, "reference_return_authorization_id", 64),
        "alt_return_authorization_id": text(raw, "alt_return_authorization_id", 100),
        "merchant_order_id": text(raw, "merchant_order_id", 64),
        "reference_order_id": text(raw, "reference_order_id", 64),
        "alt_order_id": text(raw, "alt_order_id", 100),
        "jet_status": text(raw, "return_status", 60),
        "refund_without_return": raw.get("refund_without_return") is True,
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


def _read_line(item: Json, answered: Mapping[str, Json]) -> ReturnLineFacts:
    item_id = text(item, "order_item_id", 64)
    answer = answered.get(item_id)
    return ReturnLineFacts(
        order_item_id=item_id,
        alt_order_item_id=text(item, "alt_order_item_id", 100),
        sku=text(item, "merchant_sku", 100),
        title=text(item, "merchant_sku_title", 500),
        return_quantity=units(item, "return_quantity"),
        reason=text(item, "reason", 120),
        requested=read_amounts(item, "requested_refund_amount"),
        settled=_read_settled(answer) if answer is not None else None,
        raw=item,
    )


def _read_settled(item: Json) -> SettledFacts:
    return SettledFacts(
        quantity_returned=units(item, "total_quantity_returned"),
        quantity_refunded=units(item, "order_return_refund_qty"),
        feedback=text(item, "return_refund_feedback", 120),
        notes=text(item, "notes", 500),
        amounts=read_amounts(item, "refund_amount"),
    )
