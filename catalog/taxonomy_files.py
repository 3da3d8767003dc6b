"""Reads Jet's public taxonomy spreadsheets, both layouts that went round (2015-12 and 2017-02). Pure.

Known defects, dealt with here: Windows-1252 text, names encoded twice, ids that a spreadsheet turned into
`1.41513E+14`, the text NULL for "no unit", links to retired nodes and attributes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jetsync.exceptions import InvalidInput
from jetsync.ids import LARGEST_ID

# Jet's own files are about 1 MB and 29,000 rows; these only stop a wrong file.
MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 300_000

PATH_SEPARATOR = " > "
# In the order in which they must be read.
KINDS = ("categories", "attributes", "values", "links")
KIND_LABELS = {
    "categories": "category file",
    "attributes": "attribute file",
    "values": "attribute value file",
    "links": "category-attribute mapping file",
}
FILE_NAMES = {
    "categories": ("Jet_Taxonomy.csv", "categories.csv"),
    "attributes": ("Jet_Taxonomy_attribute.csv", "attributes.csv"),
    "values": ("Jet_Taxonomy_attribute_value.csv", "attribute_values.csv"),
    "links": ("Jet_Taxonomy_mapping.csv", "category_attribute_mappings.csv"),
}
NEEDED_COLUMNS = {
    "categories": {"id", "name", "parent_id", "active", "level"},
    "attributes": {"id", "description", "display_name", "free_text", "variant"},
    "values": {"attribute_id", "value", "units"},
    "links": {"attribute_id", "category_id"},
}
# Rows that are broken. All other dropped rows are what Jet has retired or said twice, which harms nobody.
FAULTS = frozenset(
    {
        "categories with a damaged id",
        "categories without a way to a root",
        "attributes with a damaged id",
        "values with a damaged id",
        "links with a damaged id",
    }
)


class Source(NamedTuple):
    """One file as it came: its name for messages, and its bytes."""

    name: str
    data: bytes


class Dropped(NamedTuple):
    """A row that was left out. `line` counts from 1, the header being line 1; `value` is the cell that is at fault."""

    file: str
    line: int
    reason: str
    value: str

    @property
    def is_fault(self) -> bool:
        return self.reason in FAULTS


@dataclass
class Category:
    node_id: int
    name: str
    parent_id: int
    level: int
    is_active: bool
    tax_code: str
    line: int
    path: str = ""


@dataclass(frozen=True)
class Attribute:
    attribute_id: int
    name: str
    description: str
    free_text: int
    is_variant: bool


@dataclass
class TaxonomyFiles:
    """What the four files hold; `dropped_rows` are those left out, in the order of the files."""

    categories: dict[int, Category] = field(default_factory=dict)
    attributes: dict[int, Attribute] = field(default_factory=dict)
    values: list[tuple[int, str, str]] = field(default_factory=list)
    links: set[tuple[int, int]] = field(default_factory=set)
    dropped_rows: list[Dropped] = field(default_factory=list)

    @property
    def dropped(self) -> Counter[str]:
        """How many rows were left out for each reason."""
        return Counter(row.reason for row in self.dropped_rows)

    @property
    def taken(self) -> int:
        return len(self.categories) + len(self.attributes) + len(self.values) + len(self.links)


def find_sources(folder: Path) -> dict[str, Source]:
    """The four files of a folder by kind. Raises InvalidInput when one is missing or too large."""
    found = {}
    for kind in KINDS:
        path = next((folder / name for name in FILE_NAMES[kind] if (folder / name).is_file()), None)
        if path is None:
            names = " or ".join(FILE_NAMES[kind])
            raise InvalidInput(f"{folder} holds no {names}.", hint="All four files are needed.")
        check_size(path.name, path.stat().st_size)
        found[kind] = Source(path.name, path.read_bytes())
    return found


def check_size(name: str, size: int) -> None:
    """Raises InvalidInput for a file that is empty or larger than any taxonomy file is."""
    if not size:
        raise InvalidInput(f"“{name}” is empty.", hint="Choose the file as Jet published it.")
    if size > MOST_BYTES:
        raise InvalidInput(
            f"“{name}” has {size / 2**20:,.1f} MB, at most {MOST_BYTES // 2**20} MB are taken.",
            hint="Jet's own files have about 1 MB. Is it the right one?",
        )


def kind_of(source: Source) -> str:
    """Which of the four files this is, by its header. Raises InvalidInput naming the columns that each kind has."""
    header = set(_header(_lines(source)))
    fitting = [kind for kind in KINDS if header >= NEEDED_COLUMNS[kind]]
    if not fitting:
        raise InvalidInput(
            f"“{source.name}” is none of the four taxonomy files.",
            hint="Its first line must name the columns, e.g. id, name, parent_id, active and level for the category file.",
        )
    return fitting[0]


def read_taxonomy(
    sources: Mapping[str, Source], progress: Callable[[str], None] = lambda _kind: None
) -> TaxonomyFiles:
    """Reads the four files in their order; `progress` is told each kind when it is read.

    Raises InvalidInput when a file is unreadable, too long or has other columns.
    """
    found = TaxonomyFiles()
    for kind, read in zip(
        KINDS, (_read_categories, _read_attributes, _read_values, _read_links), strict=True
    ):
        read(sources[kind], found)
        progress(kind)
    return found


def decode(data: bytes, name: str) -> str:
    """UTF-8 where it is that, else Windows-1252. Raises InvalidInput for a binary file."""
    if data[:2] == b"PK" or b"\0" in data:
        raise InvalidInput(f"“{name}” is not a CSV file.", hint="Save the spreadsheet as CSV first.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise InvalidInput(f"“{name}” is neither UTF-8 nor Windows-1252 text.") from None


def repair(text: str) -> str:
    """Undoes double encoding (`DÃ©cor`); text that is fine comes back as it is."""
    if "Ã" not in text and "Â" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _lines(source: Source) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty; the line is where the row ends."""
    reader = csv.reader(io.StringIO(decode(source.data, source.name), newline=""))
    try:
        for row in reader:
            if reader.line_num > MOST_ROWS:
                raise InvalidInput(f"“{source.name}” has more than {MOST_ROWS:,} lines.")
            if row:
                yield reader.line_num, row
    except csv.Error as exc:
        raise InvalidInput(
            f"“{source.name}”, line {reader.line_num}: {exc}.", hint="Is it a CSV file?"
        ) from None


def _header(lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    _line, cells = next(lines, (0, []))
    return [name.strip().lower() for name in cells]


def _rows(source: Source, kind: str, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """(line, the cells of these columns); a cell that the row or the whole file lacks is empty."""
    lines = _lines(source)
    header = _header(lines)
    missing = NEEDED_COLUMNS[kind] - set(header)
    if missing:
        raise InvalidInput(f"“{source.name}” lacks the columns {', '.join(sorted(missing))}.")
    width = len(header)
    places = [header.index(name) if name in header else width for name in columns]
    for line, cells in lines:
        if len(cells) <= width:
            cells.extend([""] * (width + 1 - len(cells)))
        else:
            cells[width] = ""
        yield line, [cells[place].strip() for place in places]


def _id(text: str) -> int | None:
    """None for an id that a spreadsheet damaged (`1.41513E+14`) or that is no 64-bit number."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(LARGEST_ID)):
        return None
    value = int(text)
    return value if value <= LARGEST_ID else None


def _true(text: str) -> bool:
    return text.upper() in {"1", "TRUE"}


def _damaged(*cells: str) -> str:
    return next((cell for cell in cells if _id(cell) is None), "")


def _read_categories(source: Source, found: TaxonomyFiles) -> None:
    columns = ("id", "parent_id", "level", "name", "active", "retired", "jettaxcode")
    for line, cells in _rows(source, "categories", columns):
        own, parent, depth, name, active, retired, tax_code = cells
        node_id, parent_id, level = _id(own), _id(parent), _id(depth)
        if node_id is None or parent_id is None or level is None:
            reason, value = "categories with a damaged id", _damaged(own, parent, depth)
        elif node_id in found.categories:
            reason, value = "categories given twice", own
        else:
            is_active = _true(active) and not _true(retired)
            found.categories[node_id] = Category(
                node_id, repair(name)[:200], parent_id, min(level, 99), is_active, tax_code[:80], line
            )
            continue
        found.dropped_rows.append(Dropped(source.name, line, reason, value))
    for node_id, category in list(found.categories.items()):
        category.path = _path(found.categories, node_id)[:500]
    for node_id, category in list(found.categories.items()):
        if not category.path:
            del found.categories[node_id]
            reason = "categories without a way to a root"
            found.dropped_rows.append(Dropped(source.name, category.line, reason, str(category.parent_id)))


def _path(categories: dict[int, Category], node_id: int) -> str:
    """Names from the root down; empty when a parent is missing or the line bites its tail."""
    names: list[str] = []
    seen: set[int] = set()
    current = node_id
    while current:
        if current in seen or current not in categories:
            return ""
        seen.add(current)
        names.append(categories[current].name)
        current = categories[current].parent_id
    return PATH_SEPARATOR.join(reversed(names))


def _read_attributes(source: Source, found: TaxonomyFiles) -> None:
    columns = ("id", "display_name", "description", "free_text", "variant", "retired")
    for line, (own, shown, description, free_text, variant, retired) in _rows(source, "attributes", columns):
        attribute_id = _id(own)
        if attribute_id is None:
            reason = "attributes with a damaged id"
        elif attribute_id in found.attributes:
            reason = "attributes given twice"
        elif _true(retired):
            reason = "retired attributes"
        else:
            found.attributes[attribute_id] = Attribute(
                attribute_id,
                repair(shown or description or own)[:200],
                repair(description),
                int(free_text) if free_text in {"0", "1", "2"} else 1,
                _true(variant),
            )
            continue
        found.dropped_rows.append(Dropped(source.name, line, reason, own))


def _read_values(source: Source, found: TaxonomyFiles) -> None:
    columns = ("attribute_id", "value", "units", "retired")
    for line, (owner, value, units, retired) in _rows(source, "values", columns):
        attribute_id = _id(owner)
        if attribute_id is None:
            reason = "values with a damaged id"
        elif attribute_id not in found.attributes:
            reason = "values of unknown attributes"
        elif _true(retired):
            reason = "retired values"
        else:
            unit = "" if units.upper() == "NULL" else units
            found.values.append((attribute_id, repair(value)[:300], unit[:60]))
            continue
        found.dropped_rows.append(Dropped(source.name, line, reason, owner))


def _read_links(source: Source, found: TaxonomyFiles) -> None:
    for line, (attribute, category) in _rows(source, "links", ("attribute_id", "category_id")):
        attribute_id, node_id = _id(attribute), _id(category)
        if attribute_id is None or node_id is None:
            reason, value = "links with a damaged id", _damaged(attribute, category)
        elif attribute_id not in found.attributes:
            reason, value = "links to unknown attributes", attribute
        elif node_id not in found.categories:
            reason, value = "links to unknown categories", category
        elif (node_id, attribute_id) in found.links:
            reason, value = "links given twice", f"{attribute}, {category}"
        else:
            found.links.add((node_id, attribute_id))
            continue
        found.dropped_rows.append(Dropped(source.name, line, reason, value))
