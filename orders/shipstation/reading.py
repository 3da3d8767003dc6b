"""What ShipStation reports of a parcel: the query and the XML `ShipNotice`. Pure.

No document type is read: entities of strangers have no business here. An empty body is legal, then the query is all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from jetsync.exceptions import InvalidInput
from orders.shipstation.times import read_day, read_moment
from orders.shipstation.xmltext import clean

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
MAX_ITEMS = 2000
MAX_UNITS = 1_000_000


class BadNotice(InvalidInput):
    """Not a ShipNotice that can be read."""

    code = "shipstation_bad_notice"


@dataclass(frozen=True)
class ItemFacts:
    line_item_id: str
    sku: str
    quantity: int

    def as_json(self) -> dict[str, object]:
        return {"line_item_id": self.line_item_id, "sku": self.sku, "quantity": self.quantity}


@dataclass(frozen=True)
class NoticeFacts:
    """`items` empty: everything still open was shipped."""

    order_id: str
    order_number: str
    carrier: str
    service: str
    tracking_number: str
    ship_date: date | None
    label_at: datetime | None
    items: Sequence[ItemFacts]


def read_notice(query: Mapping[str, str], body: bytes) -> NoticeFacts:
    """The body wins over the query. Raises BadNotice with the reason."""
    root = parse_xml(body) if body.strip() else None
    if root is not None and root.tag != "shipnotice":
        raise BadNotice(f"The body is not a ShipNotice but “{root.tag[:60]}”.")

    def value(tag: str, parameter: str, limit: int) -> str:
        text = _text(root, tag) if root is not None else ""
        return (text or clean(query.get(parameter, "")).strip())[:limit]

    return NoticeFacts(
        order_id=value("orderid", "order_id", 50),
        order_number=value("ordernumber", "order_number", 64),
        carrier=value("carrier", "carrier", 50),
        service=value("service", "service", 100),
        tracking_number=_tracking(value("trackingnumber", "tracking_number", 200)),
        ship_date=read_day(value("shipdate", "ship_date", 40)),
        label_at=read_moment(value("labelcreatedate", "label_create_date", 40)),
        items=_items(root) if root is not None else (),
    )


def notice_key(facts: NoticeFacts, lines: Mapping[str, int]) -> str:
    """Of (tracking number, units by line): the same report again has the same key, whatever its other fields say.

    `lines`: units by what names the line, see `orders.shipstation.units.units_by_line`; empty for everything.
    """
    told = json.dumps([facts.tracking_number.upper(), sorted(lines.items())])
    return hashlib.sha256(told.encode()).hexdigest()


def parse_xml(body: bytes) -> Element:
    """The root with names in lower case and without prefixes. Raises BadNotice."""
    builder, depth = TreeBuilder(), 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise BadNotice(f"The XML is nested deeper than {MAX_DEPTH} elements.")
        builder.start(_local(name), {})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(name))

    def refuse(*_parts: object) -> None:
        raise BadNotice("The XML declares a document type, which is not taken.")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(body.lstrip(b" \t\r\n"), True)
    except (expat.ExpatError, LookupError, ValueError) as exc:
        raise BadNotice(f"The body is not well-formed XML: {exc}.") from None
    return builder.close()


def _local(name: str) -> str:
    return name.rpartition(":")[2].casefold()


def _text(parent: Element, tag: str) -> str:
    found = parent.find(tag)
    return clean(found.text or "").strip() if found is not None else ""


def _tracking(text: str) -> str:
    number = "".join(text.split())
    if len(number) > 100:  # noqa: PLR2004 -- of our column and more than any carrier's
        raise BadNotice("The tracking number is longer than 100 characters.")
    return number


def _items(root: Element) -> tuple[ItemFacts, ...]:
    holder = root.find("items")
    rows = holder.findall("item") if holder is not None else []
    if len(rows) > MAX_ITEMS:
        raise BadNotice(f"The notice has more than {MAX_ITEMS} items.")
    items = tuple(_item(row) for row in rows)
    if items and not any(item.quantity for item in items):
        raise BadNotice("The notice has items but no units.")
    return tuple(item for item in items if item.quantity)


def _item(row: Element) -> ItemFacts:
    sku, line, written = _text(row, "sku")[:100], _text(row, "lineitemid")[:50], _text(row, "quantity")
    try:
        quantity = Decimal(written)
        if not (quantity.is_finite() and 0 <= quantity <= MAX_UNITS and quantity == int(quantity)):
            raise InvalidOperation
    except InvalidOperation:
        raise BadNotice(f"Item “{sku or line}”: “{written[:20]}” is no number of units.") from None
    if not (sku or line):
        raise BadNotice("An item has neither SKU nor LineItemID.")
    return ItemFacts(line, sku, int(quantity))
