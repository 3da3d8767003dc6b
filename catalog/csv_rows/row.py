"""What every kind of CSV row shares: cells, problems, numbers, and the checks of any cell."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from catalog import validators
from catalog.csv_columns import is_passed_over
from catalog.csv_encoding import UNREAD
from catalog.csv_reader import UNCLOSED, CsvRow
from catalog.numbers import Writing, foreign_currency, readings
from catalog.problems import Problem
from catalog.product_fields import PLAIN_TEXTS
from catalog.validators import number_text, shown
from jetsync.wording import counted

_FORMULA = re.compile(r"^(=|[@+\-].*[(|!])", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Means one thing in every file: no three digits stand behind the point.
_PLAIN = re.compile(r"[+-]?\d{1,20}(\.\d{1,2})?", re.ASCII)
MOST_WHOLE_DIGITS = 18
_WHOLE = re.compile(rf"[+-]?\d{{1,{MOST_WHOLE_DIGITS}}}", re.ASCII)
_POWER = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d{1,3}")
# A spreadsheet runs a cell that begins so; our own downloads put an apostrophe before it, which is taken off again.
_ESCAPED = ("'=", "'+", "'-", "'@")
# Stands before a refused formula in the file of failed rows: with one apostrophe it would come back as a text.
_REFUSED = "''"
# Stands before every cell where a row is looked through as one text. Printable, so that the text stays so.
_BEFORE = "\xa6"
_SUSPECT_START = re.compile(rf"{_BEFORE}[=@+\-']")

TEXT_COLUMNS = {
    "product_title": "title",
    "brand": "brand",
    "product_description": "description",
    "manufacturer": "manufacturer",
    "mfr_part_number": "mfr_part_number",
    **{name: name for name in PLAIN_TEXTS},
    "store_category": "store_category",
}


@dataclass(slots=True)
class ParsedRow:
    """`is_read` is False for a row whose cells could not be judged one by one.

    `values` holds only what the file speaks about; a group (codes, bullets, …) is there when any column of it is.
    `given`: the cells as they stand in the file, where they are others than `cells`.
    """

    line: int
    cells: list[str]
    sku: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    is_read: bool = False
    given: list[str] = field(default_factory=list)

    def take(self, problem: Problem | None) -> bool:
        if problem is not None:
            self.problems.append(problem)
        return problem is None

    def is_wrong(self, *columns: str) -> bool:
        """Whether a column whose name begins so has a problem already: then its absence is no second one."""
        return any(problem.field.startswith(columns) for problem in self.problems)


def whole_number(
    text: str, column: str, label: str, writing: Writing = Writing.POINT
) -> tuple[int | None, Problem | None]:
    """Also 5.0, 1,299 and 1.299 are whole; of two readings the one without a fraction is meant."""
    if _WHOLE.fullmatch(text):
        return int(text), None
    found = [value for value in readings(text, writing) if value == value.to_integral_value()]
    if len(found) == 1 and found[0].adjusted() < MOST_WHOLE_DIGITS:
        return int(found[0]), None
    if len(found) > 1:
        return None, _ambiguous(text, column, label, found, "{:f}")
    fix = _power_fix(text) or "Type digits only, e.g. 12."
    return None, Problem(
        column, "number", shown(text), f"{label} “{shown(text)}” is not a whole number.", fix
    )


def decimal_number(
    text: str, column: str, label: str, writing: Writing = Writing.POINT, *, money: bool = False
) -> tuple[Decimal | None, Problem | None]:
    if _PLAIN.fullmatch(text):
        return Decimal(text), None
    found = readings(text, writing, money=money)
    if len(found) == 1:
        return found[0], None
    if found:
        return None, _ambiguous(text, column, label, found, "{:.2f}")
    fix = _power_fix(text) or _currency_fix(text) or "Type it like 1234.50, digits only."
    return None, Problem(column, "number", shown(text), f"{label} “{shown(text)}” is not a number.", fix)


def _ambiguous(text: str, column: str, label: str, found: Sequence[Decimal], form: str) -> Problem:
    first, second = (number_text(value.normalize()) for value in found)
    message = f"{label} “{shown(text)}” can be read as {first} or as {second}."
    fix = f"Write {form.format(found[0])} or {form.format(found[1])}: without a mark between thousands."
    return Problem(column, "ambiguous", shown(text), message, fix)


def is_power(text: str) -> bool:
    """Whether a spreadsheet has turned a long number into 1.2E+11: its digits are lost."""
    return _POWER.fullmatch(text) is not None


def _power_fix(text: str) -> str:
    if not is_power(text):
        return ""
    return "The spreadsheet has shortened the number. Format the column as text and type all digits again."


def _currency_fix(text: str) -> str:
    sign = foreign_currency(text)
    return f"Amounts are in US dollars: give it in USD, without “{sign}”." if sign else ""


# Prices, weights and sizes repeat: most cells are answered without parsing them again.
@lru_cache(maxsize=16_384)
def money_number(
    text: str, column: str, field_name: str, label: str, writing: Writing = Writing.POINT
) -> Decimal | Problem:
    """The cell as a number of two places that keeps the rule of `field_name`, or what is wrong with it."""
    is_money = validators.NUMBER_RULES[field_name].unit == "USD"
    value, problem = decimal_number(text, column, label, writing, money=is_money)
    if value is None:
        assert problem is not None  # noqa: S101 -- one of the two is always given
        return problem
    if column == "number_units_for_price_per_unit" and value != value.to_integral_value():
        message = f"Number of units is {text}, a whole number is needed."
        return Problem(column, "number", text, message, "Round it.")
    found = validators.number_problem(field_name, value, column=column)
    return found or value.quantize(validators.CENT)


def unescaped(cell: str) -> str:
    """The text behind the apostrophe with which our downloads make a cell harmless."""
    return cell[1:] if cell.startswith(_ESCAPED) else cell


def refusable(cell: str) -> str:
    """A cell of a failed row for the file of them, so that it is refused again when that file is uploaded untouched."""
    seen = _CONTROL.sub(UNREAD, cell)
    return f"{_REFUSED}{seen}" if _FORMULA.match(seen) else seen


class RowParser(ABC):
    """Parses rows of one file; made once from its header, so a row costs one pass over its cells."""

    def __init__(self, columns: Sequence[str], writing: Writing = Writing.ENGLISH) -> None:
        self.columns = list(columns)
        self.writing = writing
        self.index = {name: number for number, name in enumerate(columns)}
        self.sku_at = self.index.get("sku", 0)

    @abstractmethod
    def parse(self, row: CsvRow) -> ParsedRow:
        """The row with its values and problems."""

    def start(self, row: CsvRow) -> ParsedRow:
        """Checks that hold for every kind of file: number of cells, formulas, control characters, SKU."""
        cells = list(map(str.strip, row.cells))
        parsed = ParsedRow(row.line, cells)
        if row.fault:
            self._note_fault(parsed, row.fault)
            return parsed
        if len(cells) != len(self.columns):
            self._note_width(parsed)
            return parsed
        text = _BEFORE + _BEFORE.join(cells)
        if not text.isprintable() or UNREAD in text or _SUSPECT_START.search(text):
            self._check_cells(parsed)
        parsed.sku = parsed.cells[self.sku_at]
        if not parsed.sku:
            parsed.take(Problem("sku", "required", "", "SKU is empty.", "Give the product's key."))
        else:
            parsed.take(validators.sku_problem(parsed.sku))
        return parsed

    def cell(self, parsed: ParsedRow, column: str) -> str:
        """The cell, empty also when the file lacks the column."""
        number = self.index.get(column)
        return parsed.cells[number] if number is not None else ""

    def _note_fault(self, parsed: ParsedRow, fault: str) -> None:
        fix = "Shorten it."
        if fault == UNCLOSED:
            fix = "Close it behind its text, or delete it; two of them stand for one inside a text."
        parsed.take(Problem("", "quote", "", fault, fix))
        parsed.sku = self._likely_sku(parsed.cells)

    def _note_width(self, parsed: ParsedRow) -> None:
        cells = parsed.cells
        parsed.take(
            Problem(
                "",
                "cells",
                str(len(cells)),
                f"The row has {counted(len(cells), 'cell')}, the header has {counted(len(self.columns), 'column')}.",
                "Put texts that hold the delimiter into quotation marks.",
            )
        )
        parsed.sku = self._likely_sku(cells)

    def _likely_sku(self, cells: Sequence[str]) -> str:
        """Of a row whose cells may stand at the wrong place."""
        return cells[self.sku_at][:100].strip('"') if self.sku_at < len(cells) else ""

    def _check_cells(self, parsed: ParsedRow) -> None:
        parsed.given = list(parsed.cells)
        for number, (name, cell) in enumerate(zip(self.columns, parsed.cells, strict=True)):
            if not cell or is_passed_over(name):
                continue
            bare = cell.removeprefix(_REFUSED)
            if _FORMULA.match(bare):
                message = f"{name} holds a spreadsheet formula."
                fix = "Replace the formula by its value."
                parsed.take(Problem(name, "formula", shown(bare), message, fix))
            elif _CONTROL.search(cell):
                message = f"{name} holds control characters."
                parsed.take(Problem(name, "characters", shown(cell), message, "Type the text again."))
            elif UNREAD in cell:
                message = f"{name} holds a character that cannot be read."
                fix = "Type it again and save the file as “CSV UTF-8”."
                parsed.take(Problem(name, "characters", shown(cell), message, fix))
            else:
                parsed.cells[number] = unescaped(cell)
