"""Rows of the variations file: a parent, what its children differ in, and the children."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.csv_columns import MOST_CHILDREN, MOST_REFINEMENTS, is_passed_over
from catalog.csv_reader import CsvRow
from catalog.csv_rows.row import ParsedRow, RowParser, whole_number
from catalog.enums import Relationship
from catalog.numbers import Writing
from catalog.problems import Problem
from catalog.validators import shown, sku_problem
from catalog.variations import LONGEST_TITLE
from jetsync.wording import counted

# A bigint column holds it.
MOST_ID = 2**63 - 1
CHILD = "child_sku"


class VariationParser(RowParser):
    """`values`: refinements as [(column, id)], children as [(column, sku)], group_title if the file has the column, and
    under "columns" the names of the file's columns, to show a stored group in the same order.
    """

    def __init__(self, columns: Sequence[str], writing: Writing = Writing.ENGLISH) -> None:
        super().__init__(columns, writing)
        self.refinements = self._present("variation_refinement", MOST_REFINEMENTS)
        self.children = self._present(CHILD, MOST_CHILDREN)
        self.own = [name for name in columns if not is_passed_over(name)]

    def _present(self, name: str, count: int) -> list[tuple[str, int]]:
        names = [f"{name}{n}" for n in range(1, count + 1)]
        return [(column, self.index[column]) for column in names if column in self.index]

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        parsed.values["columns"] = self.own
        self._relationship(parsed)
        self._title(parsed)
        self._refinements(parsed)
        self._children(parsed)
        return parsed

    def _text(self, parsed: ParsedRow, column: str) -> str:
        at = self.index.get(column)
        return parsed.cells[at] if at is not None else ""

    def _relationship(self, parsed: ParsedRow) -> None:
        text = self._text(parsed, "relationship")
        word = text.lower()
        if word == Relationship.VARIATION.lower():
            return
        fix = "Write Variation."
        if not text:
            parsed.take(Problem("relationship", "required", "", "relationship is empty.", fix))
        elif word == Relationship.ACCESSORY.lower():
            message = "relationship is Accessory, which Jet has refused since October 2017."
            fix = "Write Variation if the SKUs differ in attributes; else leave the row out."
            parsed.take(Problem("relationship", "withdrawn", shown(text), message, fix))
        else:
            message = f"relationship is “{shown(text)}”, only Variation is allowed."
            parsed.take(Problem("relationship", "choice", shown(text), message, fix))

    def _title(self, parsed: ParsedRow) -> None:
        if "group_title" not in self.index:
            return
        text = self._text(parsed, "group_title")
        if len(text) > LONGEST_TITLE:
            over = len(text) - LONGEST_TITLE
            message = f"group_title has {len(text):,} characters, at most {LONGEST_TITLE} are allowed."
            fix = f"Cut it by {counted(over, 'character')}."
            parsed.take(Problem("group_title", "length", shown(text), message, fix))
        parsed.values["group_title"] = text

    def _refinements(self, parsed: ParsedRow) -> None:
        found: list[tuple[str, int]] = []
        for column, at in self.refinements:
            text = parsed.cells[at]
            if not text:
                continue
            value, problem = whole_number(text, column, column, self.writing)
            if not parsed.take(problem) or value is None:
                continue
            if not 0 < value <= MOST_ID:
                message = f"{column} is {value}, it must be above 0."
                parsed.take(Problem(column, "range", text, message, "Give the id of a Jet attribute."))
            elif value in {known for _column, known in found}:
                message = f"{column} repeats the attribute {value}."
                parsed.take(Problem(column, "duplicate", text, message, "Keep one of the two."))
            else:
                found.append((column, value))
        if not found and not parsed.is_wrong("variation_refinement"):
            message = "variation_refinement1 is empty: nothing says in which attribute the SKUs differ."
            fix = "Give the id of an attribute that every SKU of the group has."
            parsed.take(Problem("variation_refinement1", "required", "", message, fix))
        parsed.values["refinements"] = found

    def _children(self, parsed: ParsedRow) -> None:
        found: dict[str, str] = {}
        for column, at in self.children:
            text = parsed.cells[at]
            if not text:
                continue
            wrong = sku_problem(text)
            if wrong is not None:
                parsed.take(Problem(column, wrong.rule, wrong.value, f"{column}: {wrong.message}", wrong.fix))
            elif text == parsed.sku:
                message = f"{column} is the parent itself; a SKU cannot be its own child."
                parsed.take(Problem(column, "own_child", shown(text), message, "Leave it out."))
            elif text in found:
                message = f"{column} repeats {found[text]}."
                parsed.take(Problem(column, "duplicate", shown(text), message, "Keep one of the two."))
            else:
                found[text] = column
        if not found and not parsed.is_wrong(CHILD):
            message = "child_sku1 is empty; a group needs at least one child."
            parsed.take(Problem("child_sku1", "required", "", message, "Give the SKU of a child."))
        parsed.values["children"] = [(column, sku) for sku, column in found.items()]
