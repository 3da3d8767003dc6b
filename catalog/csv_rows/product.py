"""Rows of the product file, column by column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from catalog import validators
from catalog.csv_columns import FIELD_PREFIX
from catalog.csv_reader import CsvRow
from catalog.csv_rows.row import (
    TEXT_COLUMNS,
    ParsedRow,
    RowParser,
    money_number,
    whole_number,
)
from catalog.identifiers import CODE_TYPES, code_problem, codes_problem
from catalog.numbers import Writing
from catalog.problems import Problem
from catalog.product_fields import DECIMALS
from catalog.store_values import field_problem
from catalog.validators import NUMBER_RULES, TEXT_RULES, shown

Reader = Callable[[ParsedRow, str], None]
_PROP_65 = {"FALSE": False, "TRUE": True}


class ProductParser(RowParser):
    """The product file. Rules over several columns follow in `check_whole`.

    The header is compiled once: `defaults` are the values of a row whose cells are all empty, and `plan` names the
    reader of every cell, or group of cells, that is not. Readers stand in the order in which problems are told.
    """

    def __init__(self, columns: Sequence[str], writing: Writing = Writing.ENGLISH) -> None:
        super().__init__(columns, writing)
        self.defaults: dict[str, Any] = {}
        self.plan: list[tuple[int, tuple[int, ...], Reader]] = []
        self.bullets = self._numbered("bullet", 5)
        self.alternates = self._numbered("alternate_image", 8)
        self.codes = [
            self._cells(f"standard_product_code_type{n}", f"standard_product_code{n}") for n in (1, 2)
        ]
        self.attributes = [
            self._cells(f"attribute_id{n}", f"attribute_value{n}", f"attribute_value_unit{n}")
            for n in range(1, 6)
        ]
        self.fields = [
            (name.removeprefix(FIELD_PREFIX), number)
            for name, number in self.index.items()
            if name.startswith(FIELD_PREFIX)
        ]
        self._compile()

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        parsed.values = self.defaults.copy()
        cells = parsed.cells
        for first, others, read in self.plan:
            text = cells[first]
            if text or (others and any([cells[number] for number in others])):  # noqa: C419 -- a list is quicker here
                read(parsed, text)
        return parsed

    def _compile(self) -> None:
        for column, name in TEXT_COLUMNS.items():
            self._add(column, name, "", _text_reader(column, name))
        self._add_group("bullets", [number for number, _name in self.bullets], self._bullets)
        for column in DECIMALS:
            self._add(column, column, None, _number_reader(column, self.writing))
        self._add("multipack_quantity", "multipack_quantity", 1, _multipack_reader(self.writing))
        self._add("jet_browse_node_id", "jet_node_id", None, _node_reader(self.writing))
        self._add("map_implementation", "map_implementation", "101", _map_implementation)
        self._add("prop_65", "prop_65", False, _prop_65)
        self._add("asin", "asin", "", _asin)
        self._add("main_image_url", "main_image_url", "", _main_image)
        self._add_group(
            "alternate_image_urls", [number for number, _name in self.alternates], self._alternates
        )
        self._add_group("codes", [cell for pair in self.codes for cell in pair.values()], self._codes)
        groups = [cell for group in self.attributes for cell in group.values()]
        self._add_group("attributes", groups, self._attribute_values)
        self._add_group("data", [number for _name, number in self.fields], self._fields)
        if self.fields:
            self.defaults["data"] = dict.fromkeys((name for name, _number in self.fields), "")

    def _add(self, column: str, name: str, empty: Any, read: Reader) -> None:
        if column in self.index:
            self.defaults[name] = empty
            self.plan.append((self.index[column], (), read))

    def _add_group(self, name: str, numbers: Sequence[int], read: Reader) -> None:
        if numbers:
            self.defaults[name] = []
            self.plan.append((numbers[0], tuple(numbers[1:]), read))

    def _numbered(self, name: str, count: int) -> list[tuple[int, str]]:
        names = [f"{name}{n}" for n in range(1, count + 1)]
        return [(self.index[column], column) for column in names if column in self.index]

    def _cells(self, *columns: str) -> dict[str, int]:
        """Those of the columns that the file has, with their place."""
        return {column: self.index[column] for column in columns if column in self.index}

    def _bullets(self, parsed: ParsedRow, _first: str) -> None:
        found = []
        longest = TEXT_RULES["bullets"].longest
        for number, column in self.bullets:
            text = parsed.cells[number]
            if len(text) > longest:
                label = column.capitalize()
                parsed.take(validators.text_problem("bullets", text, column=column, label=label))
            elif text:
                found.append(text)
        parsed.values["bullets"] = found

    def _alternates(self, parsed: ParsedRow, _first: str) -> None:
        found = []
        for number, column in self.alternates:
            url = parsed.cells[number]
            label = f"Alternate image {column.removeprefix('alternate_image')}"
            if url and parsed.take(validators.image_problem(url, column=column, label=label)):
                found.append(url)
        parsed.values["alternate_image_urls"] = found

    def _codes(self, parsed: ParsedRow, _first: str) -> None:
        found: list[tuple[str, str]] = []
        columns: list[str] = []
        for n, places in enumerate(self.codes, 1):
            type_column, code_column = f"standard_product_code_type{n}", f"standard_product_code{n}"
            code_type = self._at(parsed, places.get(type_column)).upper()
            code = self._at(parsed, places.get(code_column))
            if not code_type and not code:
                continue
            if not code_type or not code:
                missing = type_column if not code_type else code_column
                message = f"{missing} is empty."
                parsed.take(Problem(missing, "pair", "", message, "A code and its type go together."))
            elif code_type not in CODE_TYPES:
                parsed.take(code_problem(code_type, code, column=type_column))
            else:
                found.append((code_type, code))
                columns.append(code_column)
        # Asked without columns first: the listing of the same batch asks so too, and finds the answer remembered.
        if codes_problem(found) is None or parsed.take(codes_problem(found, columns=columns)):
            parsed.values["codes"] = [{"type": code_type, "code": code} for code_type, code in found]
        else:
            parsed.values.pop("codes", None)

    def _attribute_values(self, parsed: ParsedRow, _first: str) -> None:
        """Only the form; whether Jet knows the attribute is asked in `check_attributes`, for a whole batch at once."""
        found = []
        for n, places in enumerate(self.attributes, 1):
            id_column, value_column = f"attribute_id{n}", f"attribute_value{n}"
            id_text = self._at(parsed, places.get(id_column))
            value = self._at(parsed, places.get(value_column))
            unit = self._at(parsed, places.get(f"attribute_value_unit{n}"))
            if not id_text and not value and not unit:
                continue
            if not id_text or not value:
                missing = id_column if not id_text else value_column
                parsed.take(Problem(missing, "pair", "", f"{missing} is empty.", "Id and value go together."))
                continue
            attribute_id, problem = whole_number(id_text, id_column, "Attribute id", self.writing)
            if parsed.take(problem) and attribute_id is not None:
                found.append({"id": attribute_id, "value": value, "unit": unit, "columns": str(n)})
        parsed.values["attributes"] = found

    def _fields(self, parsed: ParsedRow, _first: str) -> None:
        """The store's own fields: texts by name; an empty cell takes the field away."""
        found = {}
        for name, number in self.fields:
            text = parsed.cells[number]
            if parsed.take(field_problem(name, text, column=f"{FIELD_PREFIX}{name}")):
                found[name] = text
        parsed.values["data"] = found

    @staticmethod
    def _at(parsed: ParsedRow, number: int | None) -> str:
        return parsed.cells[number] if number is not None else ""


def _text_reader(column: str, name: str) -> Reader:
    rule = TEXT_RULES[name]
    shortest, longest = rule.shortest, rule.longest

    def read(parsed: ParsedRow, text: str) -> None:
        # The length is judged here first: calling the rule for every cell would double the time of an import.
        if shortest <= len(text) <= longest:
            parsed.values[name] = text
        else:
            parsed.take(validators.text_problem(name, text, column=column))
            del parsed.values[name]

    return read


def _number_reader(column: str, writing: Writing) -> Reader:
    label = NUMBER_RULES[column].label

    def read(parsed: ParsedRow, text: str) -> None:
        found = money_number(text, column, column, label, writing)
        if isinstance(found, Problem):
            parsed.take(found)
            del parsed.values[column]
        else:
            parsed.values[column] = found

    return read


def _multipack_reader(writing: Writing) -> Reader:
    def read(parsed: ParsedRow, text: str) -> None:
        value, problem = whole_number(text, "multipack_quantity", "Multipack quantity", writing)
        if parsed.take(problem) and value is not None and parsed.take(validators.multipack_problem(value)):
            parsed.values["multipack_quantity"] = value
        else:
            del parsed.values["multipack_quantity"]

    return read


def _node_reader(writing: Writing) -> Reader:
    def read(parsed: ParsedRow, text: str) -> None:
        value, problem = whole_number(text, "jet_browse_node_id", "Jet category id", writing)
        if parsed.take(problem):
            parsed.values["jet_node_id"] = value
        else:
            del parsed.values["jet_node_id"]

    return read


def _map_implementation(parsed: ParsedRow, text: str) -> None:
    if text in validators.MAP_CHOICES:
        parsed.values["map_implementation"] = text
        return
    parsed.take(validators.map_problem(text, None))
    del parsed.values["map_implementation"]


def _prop_65(parsed: ParsedRow, text: str) -> None:
    if text.upper() in _PROP_65:
        parsed.values["prop_65"] = _PROP_65[text.upper()]
        return
    message = f"prop_65 is “{shown(text)}”, TRUE or FALSE is expected."
    parsed.take(Problem("prop_65", "choice", shown(text), message, "Type TRUE or FALSE, or leave it empty."))
    del parsed.values["prop_65"]


def _asin(parsed: ParsedRow, text: str) -> None:
    value = text.upper()
    if parsed.take(validators.asin_problem(value)):
        parsed.values["asin"] = value
    else:
        del parsed.values["asin"]


def _main_image(parsed: ParsedRow, text: str) -> None:
    if parsed.take(validators.image_problem(text)):
        parsed.values["main_image_url"] = text
    else:
        del parsed.values["main_image_url"]
