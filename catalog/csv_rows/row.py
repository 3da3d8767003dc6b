"""What every kind of CSV row shares: cells, problems, numbers, and the checks of any cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog import validators
from catalog.csv_columns import NOTE_COLUMNS
from catalog.csv_reader import CsvRow
from catalog.problems import Problem
from catalog.validators import shown

_FORMULA = re.compile(r"^(=|[@+\-].*[(|!])", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECIMAL = re.compile(r"[+-]?\d{1,20}(\.\d{1,10})?")
_WHOLE = re.compile(r"[+-]?\d{1,18}")

TEXT_COLUMNS = {
    "product_title": "title",
    "brand": "brand",
    "product_description": "description",
    "manufacturer": "manufacturer",
    "mfr_part_number": "mfr_part_number",
    "legal_disclaimer_description": "legal_disclaimer_description",
    "country_of_origin": "country_of_origin",
    "safety_warning": "safety_warning",
    "type_of_unit_for_price_per_unit": "type_of_unit_for_price_per_unit",
    "store_category": "store_category",
}
NUMBER_COLUMNS = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "msrp",
    "map_price",
    "number_units_for_price_per_unit",
)


@dataclass
class ParsedRow:
    """`is_read` is False for a row whose cells could not be judged one by one.

    `values` holds only what the file speaks about; a group (codes, bullets, …) is there when any column of it is.
    """

    line: int
    cells: list[str]
    sku: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_read: bool = False

    def take(self, problem: Problem | None) -> bool:
        if problem is not None:
            self.problems.append(problem)
        return problem is None

    def is_wrong(self, *columns: str) -> bool:
        """Whether a column whose name begins so has a problem already: then its absence is no second one."""
        return any(problem.field.startswith(columns) for problem in self.problems)


def whole_number(text: str, column: str, label: str) -> tuple[int | None, Problem | None]:
    if _WHOLE.fullmatch(text):
        return int(text), None
    return None, Problem(
        column,
        "number",
        shown(text),
        f"{label} “{shown(text)}” is not a whole number.",
        "Type digits only, e.g. 12.",
    )


def decimal_number(text: str, column: str, label: str) -> tuple[Decimal | None, Problem | None]:
    if _DECIMAL.fullmatch(text):
        try:
            return Decimal(text), None
        except InvalidOperation:  # pragma: no cover -- the pattern allows nothing that Decimal refuses
            pass
    fix = "Type it like 1234.50, without currency sign or thousands separator."
    return None, Problem(column, "number", shown(text), f"{label} “{shown(text)}” is not a number.", fix)


class RowParser:
    """Parses rows of one file; made once from its header, so a row costs one pass over its cells."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.index = {name: number for number, name in enumerate(columns)}
        self.texts = [(self.index[c], c, f) for c, f in TEXT_COLUMNS.items() if c in self.index]
        self.numbers = [(self.index[c], c) for c in NUMBER_COLUMNS if c in self.index]
        self.bullets = self._group("bullet", 5)
        self.alternates = self._group("alternate_image", 8)
        self.codes = self._pairs("standard_product_code_type", "standard_product_code", 2)
        self.attributes = self._attribute_columns()

    def _group(self, name: str, count: int) -> list[tuple[int, str]]:
        names = [f"{name}{n}" for n in range(1, count + 1)]
        return [(self.index[column], column) for column in names if column in self.index]

    def _pairs(self, first: str, second: str, count: int) -> list[tuple[str, str]]:
        pairs = [(f"{first}{n}", f"{second}{n}") for n in range(1, count + 1)]
        return [pair for pair in pairs if pair[0] in self.index or pair[1] in self.index]

    def _attribute_columns(self) -> list[tuple[str, str, str]]:
        groups = [
            (f"attribute_id{n}", f"attribute_value{n}", f"attribute_value_unit{n}") for n in range(1, 6)
        ]
        return [group for group in groups if any(name in self.index for name in group)]

    def start(self, row: CsvRow) -> ParsedRow:
        """Checks that hold for every kind of file: number of cells, formulas, control characters, SKU."""
        cells = [cell.strip() for cell in row.cells]
        parsed = ParsedRow(row.line, cells)
        if len(cells) != len(self.columns):
            parsed.take(
                Problem(
                    "",
                    "cells",
                    str(len(cells)),
                    f"The row has {len(cells)} cells, the header has {len(self.columns)} columns.",
                    "Put texts that hold the delimiter into quotation marks.",
                )
            )
            sku_at = self.index["sku"]
            parsed.sku = cells[sku_at][:100] if sku_at < len(cells) else ""
            return parsed
        parsed.sku = cells[self.index["sku"]]
        self._check_cells(parsed)
        if not parsed.sku:
            parsed.take(Problem("sku", "required", "", "SKU is empty.", "Give the product's key."))
        else:
            parsed.take(validators.sku_problem(parsed.sku))
        return parsed

    def _check_cells(self, parsed: ParsedRow) -> None:
        control = _CONTROL.search("\n".join(parsed.cells))
        for name, cell in zip(self.columns, parsed.cells, strict=True):
            if name in NOTE_COLUMNS:
                continue
            if cell and cell[0] in "=@+-" and _FORMULA.match(cell):
                parsed.take(
                    Problem(
                        name,
                        "formula",
                        shown(cell),
                        f"{name} holds a spreadsheet formula.",
                        "Replace the formula by its value.",
                    )
                )
            elif control and _CONTROL.search(cell):
                parsed.take(
                    Problem(
                        name,
                        "characters",
                        shown(cell),
                        f"{name} holds control characters.",
                        "Type the text again.",
                    )
                )

    def cell(self, parsed: ParsedRow, column: str) -> str:
        """The cell, empty also when the file lacks the column."""
        number = self.index.get(column)
        return parsed.cells[number] if number is not None else ""
