"""Cells of the editor in a table: which columns there are, how a value reads, and what a typed text means. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog import validators
from catalog.csv_rows.row import money_number, whole_number
from catalog.identifiers import CODE_LENGTHS, CODE_TYPES, UPC_E, UPC_E_LENGTH, clean_code, codes_problem
from catalog.node_columns import is_cleared
from catalog.problems import Problem
from catalog.validators import shown

NODE = "node:"
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_SPLIT = re.compile(r"[,;\n]+")
_TYPE_OF_LENGTH = {
    12: "UPC",
    13: "EAN",
    14: "GTIN-14",
    10: "ISBN-10",
    UPC_E_LENGTH: UPC_E,
}


@dataclass(frozen=True)
class SheetColumn:
    """`is_shared`: all SKUs of a product have the same value. An empty cell shows in grey what counts instead: `empty`, or
    the value of the column `falls_back`. `is_long`: a text that may have several lines.
    """

    key: str
    label: str
    hint: str
    is_shared: bool = False
    is_number: bool = False
    is_long: bool = False
    width: int = 12
    falls_back: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Lookups:
    """Names to pks of what a cell may name, and the nodes by pk; `default` is the pk of the default one."""

    categories: Mapping[str, int] = field(default_factory=dict)
    profiles: Mapping[str, int] = field(default_factory=dict)
    nodes: Mapping[int, str] = field(default_factory=dict)
    default: int | None = None


_BEFORE_NODES = (
    SheetColumn("title", "Title", "5 to 500 characters", is_shared=True, width=26),
    SheetColumn("brand", "Brand", "Up to 100 characters", is_shared=True, width=11),
    SheetColumn("codes", "Product codes", "e.g. UPC 036000291452; two with a comma between", width=16),
    SheetColumn("mfr_part_number", "MPN", "Up to 50 characters", width=14),
    SheetColumn("price", "Price", "USD, 0.01 or more", is_number=True, width=9),
    SheetColumn("special_price", "Special price", "USD; empty for none", is_number=True, width=9),
    SheetColumn(
        "quantity", "Quantity", "Pieces in your store; empty when not counted", is_number=True, width=9
    ),
)
_AFTER_NODES = (
    SheetColumn("main_image_url", "Main image", "Its address; http:// or https://", width=26),
    SheetColumn(
        "description", "Description", "Up to 2,000 characters", is_shared=True, is_long=True, width=40
    ),
    SheetColumn("store_category", "Store category", "One that exists", is_shared=True, width=24),
    SheetColumn("profile", "Profile", "One that exists; empty for none", is_shared=True, width=16),
    SheetColumn("sells_on_jet", "Sells on Jet", "yes or no", width=8),
    SheetColumn("shipping_weight_pounds", "Weight in pounds", "0.01 or more", is_number=True, width=9),
)
FIXED_COLUMNS = frozenset(column.key for column in (*_BEFORE_NODES, *_AFTER_NODES))
# Jet takes no product without them, unless a profile or a mapping fills them.
NEEDED = frozenset(
    {
        "brand",
        "codes",
        "mfr_part_number",
        "price",
        "main_image_url",
        "description",
        "store_category",
        "shipping_weight_pounds",
    }
)
DEFAULT_COLUMNS = ("title", "brand", "codes", "price", "quantity")


def sheet_columns(lookups: Lookups) -> list[SheetColumn]:
    """All columns, with one for the quantity of each node."""
    at_nodes = [_at_node(pk, name, is_default=pk == lookups.default) for pk, name in lookups.nodes.items()]
    return [*_BEFORE_NODES, *at_nodes, *_AFTER_NODES]


def _at_node(pk: int, name: str, *, is_default: bool) -> SheetColumn:
    """Without a number of its own the default node offers the product's quantity, every other one nothing."""
    key, label = f"{NODE}{pk}", f"Quantity at {name}"
    if is_default:
        hint = "Empty, or none: the product's quantity counts"
        return SheetColumn(key, label, hint, is_number=True, width=9, falls_back="quantity")
    hint = "Empty, or none: not counted here, so Jet is told 0"
    return SheetColumn(key, label, hint, is_number=True, width=9, empty="not counted")


def codes_text(codes: Sequence[Mapping[str, Any]]) -> str:
    """ "UPC 036000291452, EAN 4006381333931"."""
    return ", ".join(f"{code.get('type', '')} {code.get('code', '')}".strip() for code in codes)


def cell_text(key: str, value: Any) -> str:
    """A stored value as the cell shows it, and as `read_cell` takes it back."""
    if value is None:
        return ""
    if key == "codes":
        return codes_text(value)
    if key == "sells_on_jet":
        return "yes" if value else "no"
    if key == "description":
        return str(value).replace("\r\n", "\n").strip()
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def read_cell(key: str, text: str, lookups: Lookups) -> Any | Problem:
    """The value that a cell means, or what is wrong with it: by the validators of forms and files."""
    cell = text.strip()
    reader = _READERS.get(key)
    if reader is not None:
        return reader(cell, lookups)
    if key.startswith(NODE):
        return None if is_cleared(cell) else _quantity(cell, lookups)
    return Problem(key, "column", "", f"There is no column {shown(key)}.", "")


def _title(cell: str, _lookups: Lookups) -> Any | Problem:
    return validators.text_problem("title", cell) or cell


def _text(name: str) -> Callable[[str, Lookups], Any | Problem]:
    def read(cell: str, _lookups: Lookups) -> Any | Problem:
        return (validators.text_problem(name, cell) if cell else None) or cell

    return read


def _image(cell: str, _lookups: Lookups) -> Any | Problem:
    return (validators.image_problem(cell) if cell else None) or cell


def _money(name: str, label: str) -> Callable[[str, Lookups], Any | Problem]:
    rule = "price" if name == "special_price" else name

    def read(cell: str, _lookups: Lookups) -> Any | Problem:
        return money_number(cell, name, rule, label) if cell else None

    return read


def _quantity(cell: str, _lookups: Lookups) -> Any | Problem:
    if not cell:
        return None
    value, problem = whole_number(cell, "quantity", "Quantity")
    if value is None:
        return problem
    return validators.quantity_problem(value) or value


def _codes(cell: str, _lookups: Lookups) -> Any | Problem:
    found: list[tuple[str, str]] = []
    for part in filter(None, map(str.strip, _SPLIT.split(cell))):
        kind, _space, code = part.partition(" ")
        if not code or kind.upper() not in CODE_TYPES:
            digits = clean_code(part)
            kind, code = _TYPE_OF_LENGTH.get(len(digits), ""), part
        if not kind:
            lengths = ", ".join(f"{name} {size}" for name, size in CODE_LENGTHS.items())
            message = f"“{shown(part)}” is no product code."
            return Problem("codes", "length", shown(part), message, f"Digits by type: {lengths}.")
        found.append((kind.upper(), code.strip()))
    if len(found) > validators.MOST_CODES:
        most = validators.MOST_CODES
        return Problem(
            "codes",
            "count",
            str(len(found)),
            f"There are {len(found)} codes, Jet takes {most}.",
            "Leave some out.",
        )
    return codes_problem(found) or [{"type": kind, "code": code} for kind, code in found]


def _named(
    what: str, names: Callable[[Lookups], Mapping[str, int]]
) -> Callable[[str, Lookups], Any | Problem]:
    def read(cell: str, lookups: Lookups) -> Any | Problem:
        if not cell:
            return None
        if cell in names(lookups):
            return cell
        message = f"There is no {what} “{shown(cell)}”."
        return Problem(
            what.replace(" ", "_"),
            "unknown",
            shown(cell),
            message,
            "Make it first, or choose one that exists.",
        )

    return read


def _yes(cell: str, _lookups: Lookups) -> Any | Problem:
    value = _YES.get(cell.lower())
    if value is None:
        return Problem(
            "sells_on_jet",
            "choice",
            shown(cell),
            f"“{shown(cell)}” is neither yes nor no.",
            "Type yes or no.",
        )
    return value


_READERS: dict[str, Callable[[str, Lookups], Any | Problem]] = {
    "title": _title,
    "brand": _text("brand"),
    "codes": _codes,
    "main_image_url": _image,
    "description": _text("description"),
    "mfr_part_number": _text("mfr_part_number"),
    "price": _money("price", "Price"),
    "special_price": _money("special_price", "Special price"),
    "quantity": _quantity,
    "store_category": _named("store category", lambda lookups: lookups.categories),
    "profile": _named("profile", lambda lookups: lookups.profiles),
    "sells_on_jet": _yes,
    "shipping_weight_pounds": _money("shipping_weight_pounds", "Shipping weight"),
}
