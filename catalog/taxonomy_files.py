"""Reads Jet's public taxonomy spreadsheets, both layouts that went round (2015-12 and 2017-02). Pure.

Known defects, dealt with here: Windows-1252 text, names encoded twice, ids that a spreadsheet turned into
`1.41513E+14`, the text NULL for "no unit", links to retired nodes and attributes.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jetsync.exceptions import InvalidInput

# Jet's own files are about 1 MB; this only stops a wrong file.
MOST_BYTES = 50 * 1024 * 1024
LARGEST_ID = 2**63 - 1
PATH_SEPARATOR = " > "
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


@dataclass
class Category:
    node_id: int
    name: str
    parent_id: int
    level: int
    is_active: bool
    tax_code: str
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
    """What the four files hold after the broken rows were dropped; `dropped` counts those by reason."""

    categories: dict[int, Category] = field(default_factory=dict)
    attributes: dict[int, Attribute] = field(default_factory=dict)
    values: list[tuple[int, str, str]] = field(default_factory=list)
    links: set[tuple[int, int]] = field(default_factory=set)
    dropped: Counter[str] = field(default_factory=Counter)


def read_taxonomy(folder: Path) -> TaxonomyFiles:
    """Raises InvalidInput when a file is missing, unreadable or has other columns."""
    found = TaxonomyFiles()
    _read_categories(folder, found)
    _read_attributes(folder, found)
    _read_values(folder, found)
    _read_links(folder, found)
    return found


def decode(data: bytes, name: str) -> str:
    """UTF-8 where it is that, else Windows-1252. Raises InvalidInput for a binary file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is neither UTF-8 nor Windows-1252 text.") from None


def repair(text: str) -> str:
    """Undoes double encoding (`DÃ©cor`); text that is fine comes back as it is."""
    if "Ã" not in text and "Â" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


def _rows(folder: Path, kind: str) -> Iterator[dict[str, str]]:
    path = next((folder / name for name in FILE_NAMES[kind] if (folder / name).is_file()), None)
    if path is None:
        raise InvalidInput(
            f"{folder} holds no {' or '.join(FILE_NAMES[kind])}.", hint="All four files are needed."
        )
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(f"{path.name} is larger than {MOST_BYTES // 2**20} MB.")
    reader = csv.reader(io.StringIO(decode(path.read_bytes(), path.name), newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    missing = NEEDED_COLUMNS[kind] - set(header)
    if missing:
        raise InvalidInput(f"{path.name} lacks the columns {', '.join(sorted(missing))}.")
    for row in reader:
        if row:
            yield dict(zip(header, (repair(cell.strip()) for cell in row), strict=False))


def _id(text: str) -> int | None:
    """None for an id that a spreadsheet damaged (`1.41513E+14`) or that is no 64-bit number."""
    if not text.isascii() or not text.isdigit():
        return None
    value = int(text)
    return value if value <= LARGEST_ID else None


def _true(text: str) -> bool:
    return text.upper() in {"1", "TRUE"}


def _read_categories(folder: Path, found: TaxonomyFiles) -> None:
    for row in _rows(folder, "categories"):
        node_id, parent_id, level = _id(row["id"]), _id(row["parent_id"]), _id(row["level"])
        if node_id is None or parent_id is None or level is None:
            found.dropped["categories with a damaged id"] += 1
        elif node_id in found.categories:
            found.dropped["categories given twice"] += 1
        else:
            active = _true(row["active"]) and not _true(row.get("retired", ""))
            found.categories[node_id] = Category(
                node_id, row["name"][:200], parent_id, level, active, row.get("jettaxcode", "")[:80]
            )
    for node_id in list(found.categories):
        path = _path(found.categories, node_id)
        if not path:
            del found.categories[node_id]
            found.dropped["categories without a way to a root"] += 1
        else:
            found.categories[node_id].path = path[:500]


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


def _read_attributes(folder: Path, found: TaxonomyFiles) -> None:
    for row in _rows(folder, "attributes"):
        attribute_id = _id(row["id"])
        if attribute_id is None:
            found.dropped["attributes with a damaged id"] += 1
        elif attribute_id in found.attributes:
            found.dropped["attributes given twice"] += 1
        elif _true(row.get("retired", "")):
            found.dropped["retired attributes"] += 1
        else:
            free_text = int(row["free_text"]) if row["free_text"] in {"0", "1", "2"} else 1
            name = row["display_name"] or row["description"] or str(attribute_id)
            found.attributes[attribute_id] = Attribute(
                attribute_id, name[:200], row["description"], free_text, _true(row["variant"])
            )


def _read_values(folder: Path, found: TaxonomyFiles) -> None:
    for row in _rows(folder, "values"):
        attribute_id = _id(row["attribute_id"])
        if attribute_id is None:
            found.dropped["values with a damaged id"] += 1
        elif attribute_id not in found.attributes:
            found.dropped["values of unknown attributes"] += 1
        elif _true(row.get("retired", "")):
            found.dropped["retired values"] += 1
        else:
            unit = "" if row["units"].upper() == "NULL" else row["units"]
            found.values.append((attribute_id, row["value"][:300], unit[:60]))


def _read_links(folder: Path, found: TaxonomyFiles) -> None:
    for row in _rows(folder, "links"):
        attribute_id, node_id = _id(row["attribute_id"]), _id(row["category_id"])
        if attribute_id is None or node_id is None:
            found.dropped["links with a damaged id"] += 1
        elif attribute_id not in found.attributes:
            found.dropped["links to unknown attributes"] += 1
        elif node_id not in found.categories:
            found.dropped["links to unknown categories"] += 1
        elif (node_id, attribute_id) in found.links:
            found.dropped["links given twice"] += 1
        else:
            found.links.add((node_id, attribute_id))
