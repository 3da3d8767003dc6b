"""Bounds from a file and for a selection of SKUs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO

from catalog.bulk import batches
from catalog.pricing import to_cents
from catalog.queries.stock import variants_by_sku
from jetsync.actions.operation import RowSpec
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import Actor
from repricer.actions.rules import BATCH, VARIANT, set_rules
from repricer.csv_file import BadRow, BoundsFile, read_bounds
from repricer.queries.rules import store_prices

_HUNDRED = Decimal(100)


def import_bounds(merchant: Merchant, file: IO[bytes], *, name: str, size: int, actor: Actor) -> Operation:
    """Stores the good rows of a file and names the others, each with its line. Raises InvalidInput for a bad file."""
    read = read_bounds(file, size)
    known: dict[str, int] = {}
    for batch in batches(read.changes, BATCH):
        known |= {sku: row.pk for sku, row in variants_by_sku(merchant, batch).items()}
    first: dict[int, str] = {}
    for sku in read.changes:
        if sku in known:
            first.setdefault(known[sku], sku)
    bad = [*read.bad, *_without_place(read, known, first)]
    if not read.changes and not bad:
        raise InvalidInput("The file has no rows below its header.", hint="Fill it and upload it again.")
    wanted = {pk: read.changes[sku] for pk, sku in first.items()}
    failed = [
        RowSpec(
            VARIANT,
            known.get(row.sku),
            row.sku or f"Line {row.line}",
            line=row.line,
            data={"code": row.code, "message": row.message, "hint": row.hint},
        )
        for row in sorted(bad, key=lambda row: row.line)
    ]
    lines = {pk: read.lines[sku] for pk, sku in first.items()}
    title = f"Bounds from {name[:100]}"
    return set_rules(merchant, wanted, title=title, actor=actor, failed=failed, lines=lines)


def _without_place(read: BoundsFile, known: Mapping[str, int], first: Mapping[int, str]) -> Iterator[BadRow]:
    """Rows of SKUs that are not known, and of those that another row has named with other capitals."""
    for sku in read.changes:
        line = read.lines[sku]
        if sku not in known:
            yield BadRow(line, sku, "unknown", f"SKU {sku} is not known here.", "Check the spelling.")
        elif (other := first[known[sku]]) != sku:
            words = f"SKU {sku} stands in line {read.lines[other]} already, written {other}."
            yield BadRow(line, sku, "twice", words, "Keep one row.")


def set_by_percent(
    merchant: Merchant,
    variant_ids: Sequence[int],
    *,
    below: Decimal | None,
    above: Decimal | None,
    bid: Decimal | None,
    actor: Actor,
) -> Operation:
    """Gives many SKUs bounds around the price that Jet would be paid without the repricer.

    `below`: Min Price is so many percent under it, `above`: Max Price so many over it; None leaves what a SKU has.
    """
    if below is None and above is None and bid is None:
        raise InvalidInput("Nothing to set is given.", hint="Fill at least one of the fields.")
    wanted: dict[int, dict[str, Decimal | None]] = {}
    for batch in batches(sorted(set(variant_ids)), BATCH):
        for pk, price in store_prices(merchant, batch).items():
            changes: dict[str, Decimal | None] = {} if bid is None else {"bid": bid}
            if below is not None and price is not None:
                changes["min_price"] = to_cents(price * (_HUNDRED - below) / _HUNDRED)
            if above is not None and price is not None:
                changes["max_price"] = to_cents(price * (_HUNDRED + above) / _HUNDRED)
            if changes:
                wanted[pk] = changes
    if not wanted:
        raise InvalidInput("None of these SKUs has a price.", hint="Give them a price first.")
    count = len(wanted)
    return set_rules(
        merchant, wanted, title=f"Set bounds of {count:,} SKU{'' if count == 1 else 's'}", actor=actor
    )
