"""Columns of the product grid: price and quantity as Jet should have them, as it accepted them, and as it shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from catalog.models import Variant
from catalog.queries.product import Pieces, listing_of
from jetsync.panel import cells
from jetsync.panel.lists import Column


def _price_of(name: str) -> Callable[[Variant], cells.Cell]:
    return lambda row: cells.money(getattr(listing_of(row), name, None))


def _pieces_of(name: str) -> Callable[[Any], cells.Cell]:
    return lambda row: cells.number(getattr(row.pieces, name))


NO_PIECES = Pieces()
_SHOULD, _TOOK, _SHOWS = (
    "As Jet should have it",
    "As Jet accepted it last",
    "As Jet showed it when it was read",
)
# The same three as on a product's page: what should be, what Jet accepted, what it shows. Offered in the column menu,
# and there by themselves where the SKUs are those that differ.
AT_JET = (
    Column("price_target", "Price for Jet", _price_of("price_target"), align="end", default_on=False, hint=_SHOULD),
    Column("price_sent", "Price accepted", _price_of("price_sent"), align="end", default_on=False, hint=_TOOK),
    Column("price_live", "Price at Jet", _price_of("price_live"), align="end", default_on=False, hint=_SHOWS),
    Column("target", "Quantity for Jet", _pieces_of("target"), align="end", default_on=False, hint=_SHOULD),
    Column("sent", "Quantity accepted", _pieces_of("sent"), align="end", default_on=False, hint=_TOOK),
    Column("live", "Quantity at Jet", _pieces_of("live"), align="end", default_on=False, hint=_SHOWS),
)  # fmt: skip
_KEYS = frozenset(column.key for column in AT_JET)
# What those six say already, or what only takes their room.
_LEFT_OUT = frozenset({"category", "quantity", "ready"})


def shown_at_jet(columns: Sequence[Column]) -> list[Column]:
    """The columns of the grid with these six on, until a person chooses others."""
    return [
        replace(
            column,
            default_on=column.key in _KEYS or (column.default_on and column.key not in _LEFT_OUT),
        )
        for column in columns
    ]
