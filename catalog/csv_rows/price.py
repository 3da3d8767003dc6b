"""Rows of the price and inventory file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog import validators
from catalog.csv_reader import CsvRow
from catalog.csv_rows.row import ParsedRow, RowParser, money_number, whole_number
from catalog.node_columns import NodeColumn, is_cleared
from catalog.numbers import Writing
from catalog.problems import Problem


class PriceParser(RowParser):
    """`sku` with `price` and/or `inventory`: an empty cell is an error, never a zero.

    `nodes`: those of the columns that speak of a fulfilment node. Few SKUs have numbers there, so an empty cell leaves
    what is stored; `values` have the others under the column's key, None for one that is cleared.
    """

    def __init__(
        self,
        columns: Sequence[str],
        writing: Writing = Writing.ENGLISH,
        nodes: Mapping[str, NodeColumn] | None = None,
    ) -> None:
        super().__init__(columns, writing)
        self.at_nodes = [(self.index[name], column) for name, column in (nodes or {}).items()]

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        if self._has(parsed, "price"):
            self._price(parsed, "price", "Price", "price")
        if self._has(parsed, "inventory"):
            self._inventory(parsed, "inventory", "Inventory", "quantity")
        for place, column in self.at_nodes:
            read = self._price if column.field == "price" else self._inventory
            if is_cleared(parsed.cells[place]):
                parsed.values[column.key] = None
            elif parsed.cells[place]:
                read(parsed, column.name, column.label, column.key)
        return parsed

    def _has(self, parsed: ParsedRow, column: str) -> bool:
        if column not in self.index:
            return False
        return bool(parsed.cells[self.index[column]]) or parsed.take(_empty(column))

    def _price(self, parsed: ParsedRow, column: str, label: str, key: str) -> None:
        found = money_number(parsed.cells[self.index[column]], column, "price", label, self.writing)
        if isinstance(found, Problem):
            parsed.take(found)
        else:
            parsed.values[key] = found

    def _inventory(self, parsed: ParsedRow, column: str, label: str, key: str) -> None:
        text = parsed.cells[self.index[column]]
        value, problem = whole_number(text, column, label, self.writing)
        if not parsed.take(problem) or value is None:
            return
        if parsed.take(validators.quantity_problem(value, column=column, label=label)):
            parsed.values[key] = value


def _empty(column: str) -> Problem:
    return Problem(
        column,
        "empty",
        "",
        f"{column} is empty.",
        f"Give a number (0 is written 0), or leave the whole column out to keep what is stored as {column}.",
    )
