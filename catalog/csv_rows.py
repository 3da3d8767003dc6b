"""One row of a CSV file against every rule. Pure: cells in, typed values or problems out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem
from catalog.csv_columns import NOTE_COLUMNS
from catalog.csv_reader import CsvRow
from catalog.facts import Taxonomy
from catalog.identifiers import CODE_TYPES, code_problem, codes_problem
from catalog.listing import category_problem
from catalog.problems import Problem
from catalog.validators import NUMBER_RULES, TEXT_RULES, shown

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
ALWAYS_NEEDED = ("product_title", "brand", "main_image_url")
NEEDED_WHEN_NEW = (
    "shipping_weight_pounds",
    "product_description",
    "manufacturer",
    "mfr_part_number",
    "bullet1",
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


class PriceParser(RowParser):
    """`sku` with `price` and/or `inventory`: an empty cell is an error, never a zero."""

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        if "price" in self.index:
            self._price(parsed)
        if "inventory" in self.index:
            self._inventory(parsed)
        return parsed

    def _price(self, parsed: ParsedRow) -> None:
        text = self.cell(parsed, "price")
        if not text:
            parsed.take(_empty("price"))
            return
        value, problem = decimal_number(text, "price", "Price")
        if (
            parsed.take(problem)
            and value is not None
            and parsed.take(validators.number_problem("price", value))
        ):
            parsed.values["price"] = value.quantize(validators.CENT)

    def _inventory(self, parsed: ParsedRow) -> None:
        text = self.cell(parsed, "inventory")
        if not text:
            parsed.take(_empty("inventory"))
            return
        value, problem = whole_number(text, "inventory", "Inventory")
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


class ProductParser(RowParser):
    """The product file, column by column. Rules over several columns follow in `check_whole`."""

    def parse(self, row: CsvRow) -> ParsedRow:
        parsed = self.start(row)
        if parsed.problems:
            return parsed
        parsed.is_read = True
        self._texts(parsed)
        self._numbers(parsed)
        self._small(parsed)
        self._images(parsed)
        self._codes(parsed)
        self._attribute_values(parsed)
        return parsed

    def _texts(self, parsed: ParsedRow) -> None:
        values, cells = parsed.values, parsed.cells
        for number, column, name in self.texts:
            text = cells[number]
            rule = TEXT_RULES[name]
            # The length is judged here first: calling the rule for every cell would double the time of an import.
            if text and not rule.shortest <= len(text) <= rule.longest:
                parsed.take(validators.text_problem(name, text, column=column))
                continue
            values[name] = text
        if self.bullets:
            values["bullets"] = self._bullets(parsed)

    def _bullets(self, parsed: ParsedRow) -> list[str]:
        found = []
        longest = TEXT_RULES["bullets"].longest
        for number, column in self.bullets:
            text = parsed.cells[number]
            if len(text) > longest:
                parsed.take(
                    validators.text_problem("bullets", text, column=column, label=column.capitalize())
                )
            elif text:
                found.append(text)
        return found

    def _numbers(self, parsed: ParsedRow) -> None:
        for number, column in self.numbers:
            text = parsed.cells[number]
            if not text:
                parsed.values[column] = None
                continue
            value, problem = decimal_number(text, column, NUMBER_RULES[column].label)
            if not parsed.take(problem) or value is None:
                continue
            if column == "number_units_for_price_per_unit" and value != value.to_integral_value():
                parsed.take(
                    Problem(
                        column,
                        "number",
                        text,
                        f"Number of units is {text}, a whole number is needed.",
                        "Round it.",
                    )
                )
            elif parsed.take(validators.number_problem(column, value)):
                parsed.values[column] = value.quantize(validators.CENT)

    def _small(self, parsed: ParsedRow) -> None:
        readers: dict[str, Callable[[ParsedRow, str], None]] = {
            "multipack_quantity": self._multipack,
            "jet_browse_node_id": self._node,
            "map_implementation": self._map_implementation,
            "prop_65": self._prop_65,
            "asin": self._asin,
        }
        for column, read in readers.items():
            number = self.index.get(column)
            if number is not None:
                read(parsed, parsed.cells[number])

    def _multipack(self, parsed: ParsedRow, text: str) -> None:
        value, problem = whole_number(text or "1", "multipack_quantity", "Multipack quantity")
        if parsed.take(problem) and value is not None and parsed.take(validators.multipack_problem(value)):
            parsed.values["multipack_quantity"] = value

    def _node(self, parsed: ParsedRow, text: str) -> None:
        if not text:
            parsed.values["jet_node_id"] = None
            return
        value, problem = whole_number(text, "jet_browse_node_id", "Jet category id")
        if parsed.take(problem):
            parsed.values["jet_node_id"] = value

    def _map_implementation(self, parsed: ParsedRow, text: str) -> None:
        value = text or "101"
        if value not in validators.MAP_CHOICES:
            parsed.take(validators.map_problem(value, None))
            return
        parsed.values["map_implementation"] = value

    def _prop_65(self, parsed: ParsedRow, text: str) -> None:
        known = {"": False, "FALSE": False, "TRUE": True}
        if text.upper() in known:
            parsed.values["prop_65"] = known[text.upper()]
            return
        message = f"prop_65 is “{shown(text)}”, TRUE or FALSE is expected."
        parsed.take(
            Problem("prop_65", "choice", shown(text), message, "Type TRUE or FALSE, or leave it empty.")
        )

    def _asin(self, parsed: ParsedRow, text: str) -> None:
        value = text.upper()
        if not value or parsed.take(validators.asin_problem(value)):
            parsed.values["asin"] = value

    def _images(self, parsed: ParsedRow) -> None:
        main = self.index.get("main_image_url")
        if main is not None:
            url = parsed.cells[main]
            if not url or parsed.take(validators.image_problem(url)):
                parsed.values["main_image_url"] = url
        if not self.alternates:
            return
        found = []
        for number, column in self.alternates:
            url = parsed.cells[number]
            label = f"Alternate image {column.removeprefix('alternate_image')}"
            if url and parsed.take(validators.image_problem(url, column=column, label=label)):
                found.append(url)
        parsed.values["alternate_image_urls"] = found

    def _codes(self, parsed: ParsedRow) -> None:
        if not self.codes:
            return
        found: list[tuple[str, str]] = []
        columns: list[str] = []
        for type_column, code_column in self.codes:
            code_type, code = self.cell(parsed, type_column).upper(), self.cell(parsed, code_column)
            if not code_type and not code:
                continue
            if not code_type or not code:
                missing = type_column if not code_type else code_column
                parsed.take(
                    Problem(missing, "pair", "", f"{missing} is empty.", "A code and its type go together.")
                )
            elif code_type not in CODE_TYPES:
                parsed.take(code_problem(code_type, code, column=type_column))
            else:
                found.append((code_type, code))
                columns.append(code_column)
        if parsed.take(codes_problem(found, columns=columns)):
            parsed.values["codes"] = [{"type": code_type, "code": code} for code_type, code in found]

    def _attribute_values(self, parsed: ParsedRow) -> None:
        """Only the form; whether Jet knows the attribute is asked in `check_attributes`, for a whole batch at once."""
        if not self.attributes:
            return
        found = []
        for id_column, value_column, unit_column in self.attributes:
            id_text, value = self.cell(parsed, id_column), self.cell(parsed, value_column)
            unit = self.cell(parsed, unit_column)
            if not id_text and not value and not unit:
                continue
            if not id_text or not value:
                missing = id_column if not id_text else value_column
                parsed.take(Problem(missing, "pair", "", f"{missing} is empty.", "Id and value go together."))
                continue
            attribute_id, problem = whole_number(id_text, id_column, "Attribute id")
            if parsed.take(problem) and attribute_id is not None:
                found.append({"id": attribute_id, "value": value, "unit": unit, "columns": id_column[-1]})
        parsed.values["attributes"] = found


def check_attributes(parsed: ParsedRow, taxonomy: Taxonomy) -> None:
    """Attributes and category against the taxonomy; drops the note of which columns they came from."""
    seen: set[int] = set()
    for item in parsed.values.get("attributes", ()):
        n = item.pop("columns", "")
        columns = (f"attribute_id{n}", f"attribute_value{n}", f"attribute_value_unit{n}")
        attribute_id = item["id"]
        rule = taxonomy.attributes.get(attribute_id)
        if taxonomy.version or attribute_id <= 0:
            problem = attribute_problem(rule, attribute_id, item["value"], item["unit"], columns=columns)
        else:
            problem = validators.attribute_text_problem(item["value"], column=columns[1])
        if parsed.take(problem) and attribute_id in seen:
            message = f"Attribute {attribute_id} is given twice."
            parsed.take(Problem(columns[0], "duplicate", str(attribute_id), message, "Keep one."))
        seen.add(attribute_id)
    node_id = parsed.values.get("jet_node_id")
    if node_id is not None:
        known = taxonomy.categories.get(node_id)
        parsed.take(
            category_problem(known, node_id, known=bool(taxonomy.version), column="jet_browse_node_id")
        )


def check_whole(parsed: ParsedRow, stored: Mapping[str, Any] | None, *, new_to_jet: bool) -> None:
    """Rules over several columns, on the values as they would be stored (`stored`: those of a known SKU)."""
    values = {**(stored or {}), **parsed.values}
    for column in ALWAYS_NEEDED:
        _need(parsed, values, column, "")
    if new_to_jet:
        for column in NEEDED_WHEN_NEW:
            _need(parsed, values, column, " It is needed for a product that is new to Jet.")
        if (
            not values.get("jet_node_id")
            and not values.get("store_category")
            and not parsed.is_wrong("jet_browse")
        ):
            message = "jet_browse_node_id is empty. It is needed for a product that is new to Jet."
            parsed.take(
                Problem("jet_browse_node_id", "required", "", message, "Give it, or give store_category.")
            )
    if (
        not values.get("asin")
        and not values.get("codes")
        and not parsed.is_wrong("asin", "standard_product_code")
    ):
        message = "standard_product_code1 and asin are both empty; one of them is needed."
        fix = "Give a product code with its type, or an ASIN."
        parsed.take(Problem("standard_product_code1", "required", "", message, fix))
    if not parsed.is_wrong("map_"):
        parsed.take(validators.map_problem(values.get("map_implementation", "101"), values.get("map_price")))
    pair = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")
    if not parsed.is_wrong(*pair):
        parsed.take(validators.unit_price_problem(values.get(pair[0]), values.get(pair[1], ""), columns=pair))
    images = values.get("main_image_url", ""), values.get("alternate_image_urls", ())
    parsed.take(validators.same_image_problem(*images))


_FIELD_OF = {**TEXT_COLUMNS, "bullet1": "bullets"}


def _need(parsed: ParsedRow, values: Mapping[str, Any], column: str, why: str) -> None:
    if not values.get(_FIELD_OF.get(column, column)) and not parsed.is_wrong(column):
        parsed.take(Problem(column, "required", "", f"{column} is empty.{why}", f"Fill the column {column}."))
