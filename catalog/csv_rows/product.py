"""Rows of the product file, column by column."""

from __future__ import annotations

from collections.abc import Callable

from catalog import validators
from catalog.csv_reader import CsvRow
from catalog.csv_rows.row import ParsedRow, RowParser, decimal_number, whole_number
from catalog.identifiers import CODE_TYPES, code_problem, codes_problem
from catalog.problems import Problem
from catalog.validators import NUMBER_RULES, TEXT_RULES, shown


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
