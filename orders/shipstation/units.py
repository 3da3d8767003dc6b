"""Which lines a reported parcel ships: by our line id, else by SKU, and never more than is open. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jetsync.wording import counted
from orders.models import OrderLine
from orders.queries.line import LineCount


@dataclass(frozen=True)
class Allocation:
    """`lines`: units by line id; `surplus`: sentences about units that were reported but are not open."""

    lines: Mapping[int, int]
    surplus: Sequence[str] = field(default_factory=tuple)


def units_by_line(items: Sequence[Mapping[str, object]], lines: Sequence[OrderLine]) -> dict[str, int]:
    """Units by the line that is named, for telling reports apart; what names no line of the order stands by SKU."""
    found: dict[str, int] = {}
    for item in items:
        line = _named(item, lines)
        name = f"line {line.pk}" if line is not None else f"sku {item['sku'] or item['line_item_id']}"
        found[name] = found.get(name, 0) + int(str(item["quantity"]))
    return found


def _named(item: Mapping[str, object], lines: Sequence[OrderLine]) -> OrderLine | None:
    by_id = next((line for line in lines if str(line.pk) == item["line_item_id"]), None)
    return by_id or next((line for line in lines if item["sku"] and line.sku == item["sku"]), None)


def allocate(items: Sequence[Mapping[str, object]], counts: Sequence[LineCount]) -> Allocation:
    """Spreads the reported units over open lines. No items: everything that is open.

    ShipStation may merge lines of one SKU, so what is too much for one goes to the others of the same SKU. Units that
    the shopper wants cancelled go only if they were really reported.
    """
    if not items:
        return Allocation({row.line.pk: units for row in counts if (units := _usual(row))})
    left = {row.line.pk: row.shippable for row in counts}
    lines = [row.line for row in counts]
    taken: dict[int, int] = {}
    surplus: list[str] = []
    for item in items:
        line, wanted = _named(item, lines), int(str(item["quantity"]))
        if line is None:
            surplus.append(f"{item['sku'] or item['line_item_id']} is not part of the order.")
            continue
        for target in [line, *(other for other in lines if other.sku == line.sku and other is not line)]:
            units = min(wanted, left[target.pk])
            if units:
                taken[target.pk] = taken.get(target.pk, 0) + units
                left[target.pk] -= units
                wanted -= units
        if wanted:
            surplus.append(
                f"{line.sku}: {counted(wanted, 'unit')} more than {'was' if wanted == 1 else 'were'} open."
            )
    return Allocation(taken, tuple(surplus))


def _usual(row: LineCount) -> int:
    return max(0, min(row.shippable, row.remaining - row.cancel_wanted))
