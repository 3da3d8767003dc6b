"""Rows of the price and inventory file."""

from __future__ import annotations

from catalog import validators
from catalog.csv_reader import CsvRow
from catalog.csv_rows.row import ParsedRow, RowParser, money_number, whole_number
from catalog.problems import Problem


class PriceParser(RowParser):
    """`sku` with `price` and/or `inventory`: an empty cell is an error, never a zero."""

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        if "price" in self.index:
            self._price(parsed, parsed.cells[self.index["price"]])
        if "inventory" in self.index:
            self._inventory(parsed, parsed.cells[self.index["inventory"]])
        return parsed

    def _price(self, parsed: ParsedRow, text: str) -> None:
        if not text:
            parsed.take(_empty("price"))
            return
        found = money_number(text, "price", "price", "Price", self.writing)
        if isinstance(found, Problem):
            parsed.take(found)
        else:
            parsed.values["price"] = found

    def _inventory(self, parsed: ParsedRow, text: str) -> None:
        if not text:
            parsed.take(_empty("inventory"))
            return
        value, problem = whole_number(text, "inventory", "Inventory", self.writing)
        if not parsed.take(problem) or value is None:
            return
        if parsed.take(validators.quantity_problem(value, column="inventory", label="Inventory")):
            parsed.values["quantity"] = value


def _empty(column: str) -> Problem:
    return Problem(
        column,
        "empty",
        "",
        f"{column} is empty.",
        f"Give a number (0 is written 0), or leave the whole column out to keep what is stored as {column}.",
    )
