"""Reads taxonomy CSV folders in the layouts Jet's partners kept; no database here.

A file is known by its header, not by its name. Both layouts at hand are taken:

- 2017: `id, Name, Parent_id, active, Level, JetTaxCode` and its three companions, Windows-1252 or UTF-8, booleans as
  0/1, `NULL` for no unit, some 15-digit ids destroyed by a spreadsheet (`1.41513E+14`), which are left out;
- 2015: `id, name, parent_id, active, retired, path, level` and companions, UTF-8 with CRLF, booleans as TRUE/FALSE,
  some names encoded twice, ids whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Record = dict[str, str]
TRUE = {"1", "true", "yes"}


class TaxonomyUnreadable(Exception):
    """The folder holds no usable taxonomy; the text says what is missing."""


@dataclass
class CategoryRow:
    node_id: int
    name: str
    parent_id: int
    level: int
    tax_code: str
    path: str
    is_active: bool


@dataclass
class AttributeRow:
    attribute_id: int
    description: str
    display_name: str
    free_text: int
    is_variant: bool


@dataclass
class Taxonomy:
    """Rows by id. `values` keeps the order of the file: the list Jet showed."""

    categories: dict[int, CategoryRow] = field(default_factory=dict)
    attributes: dict[int, AttributeRow] = field(default_factory=dict)
    values: dict[tuple[int, str, str], None] = field(default_factory=dict)
    links: dict[tuple[int, int], None] = field(default_factory=dict)
    damaged_ids: int = 0
    dangling_links: int = 0


def read_folders(folders: list[Path]) -> Taxonomy:
    """Read one folder or several; the first to name an id wins, later ones add what it lacks.

    Links and values that name an unknown category or attribute are left out and counted. Raises TaxonomyUnreadable.
    """
    taxonomy = Taxonomy()
    for folder in folders:
        _read_folder(folder, taxonomy)
    if not taxonomy.categories:
        raise TaxonomyUnreadable(f"No category file was found in {', '.join(map(str, folders))}.")
    _drop_dangling(taxonomy)
    _complete_paths(taxonomy)
    return taxonomy


def _read_folder(folder: Path, taxonomy: Taxonomy) -> None:
    # A value list is taken whole from the first folder that has the attribute; mixing two ages would double entries.
    known_before = set(taxonomy.attributes)
    for path in sorted(folder.glob("*.csv")):
        records = csv.DictReader(io.StringIO(_decode(path.read_bytes())))
        columns = {name.strip().lower() for name in records.fieldnames or ()}
        rows = ({(key or "").strip().lower(): value or "" for key, value in row.items()} for row in records)
        if {"attribute_id", "category_id"} <= columns:
            _read_links(rows, taxonomy)
        elif {"attribute_id", "value"} <= columns:
            _read_values(rows, taxonomy, known_before)
        elif {"id", "parent_id", "level"} <= columns:
            _read_categories(rows, taxonomy)
        elif {"id", "description", "free_text"} <= columns:
            _read_attributes(rows, taxonomy)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _read_categories(rows: Iterator[Record], taxonomy: Taxonomy) -> None:
    for row in rows:
        node_id, parent_id = _number(row["id"]), _number(row["parent_id"])
        if node_id is None or parent_id is None:
            taxonomy.damaged_ids += 1
            continue
        path = "/".join(_mended(part) for part in row.get("path", "").split("|"))
        category = CategoryRow(
            node_id=node_id,
            name=_mended(row["name"]),
            parent_id=parent_id,
            level=int(row["level"]),
            tax_code=row.get("jettaxcode", "").strip(),
            path=path,
            is_active=_flag(row.get("active", "1")) and not _flag(row.get("retired", "0")),
        )
        taxonomy.categories.setdefault(node_id, category)


def _read_attributes(rows: Iterator[Record], taxonomy: Taxonomy) -> None:
    for row in rows:
        attribute_id = _number(row["id"])
        if attribute_id is None:
            taxonomy.damaged_ids += 1
        elif not _flag(row.get("retired", "0")):
            attribute = AttributeRow(
                attribute_id=attribute_id,
                description=_mended(row["description"]),
                display_name=_mended(row.get("display_name", "")),
                free_text=int(row["free_text"]),
                is_variant=_flag(row.get("variant", "0")),
            )
            taxonomy.attributes.setdefault(attribute_id, attribute)


def _read_values(rows: Iterator[Record], taxonomy: Taxonomy, known_before: set[int]) -> None:
    for row in rows:
        attribute_id = _number(row["attribute_id"])
        if attribute_id is None:
            taxonomy.damaged_ids += 1
        elif attribute_id not in known_before and not _flag(row.get("retired", "0")):
            unit = row.get("units", "").strip()
            unit = "" if unit.upper() == "NULL" else unit
            taxonomy.values.setdefault((attribute_id, _mended(row["value"]), unit))


def _read_links(rows: Iterator[Record], taxonomy: Taxonomy) -> None:
    for row in rows:
        attribute_id, node_id = _number(row["attribute_id"]), _number(row["category_id"])
        if attribute_id is None or node_id is None:
            taxonomy.damaged_ids += 1
        elif _flag(row.get("active", "1")):
            taxonomy.links.setdefault((node_id, attribute_id))


def _drop_dangling(taxonomy: Taxonomy) -> None:
    good = {
        link: None
        for link in taxonomy.links
        if link[0] in taxonomy.categories and link[1] in taxonomy.attributes
    }
    taxonomy.dangling_links = len(taxonomy.links) - len(good)
    taxonomy.links = good
    taxonomy.values = {key: None for key in taxonomy.values if key[0] in taxonomy.attributes}


def _complete_paths(taxonomy: Taxonomy) -> None:
    """Fill paths the file does not give: the names from the root down, joined with `/`."""
    for category in sorted(taxonomy.categories.values(), key=lambda row: row.level):
        if not category.path:
            parent = taxonomy.categories.get(category.parent_id)
            category.path = f"{parent.path}/{category.name}" if parent else category.name


def _number(text: str) -> int | None:
    """The id, or None when a spreadsheet turned it into `1.4E+14` and its digits are lost."""
    try:
        return int(text)
    except ValueError:
        return None


def _flag(text: str) -> bool:
    return text.strip().lower() in TRUE


def _mended(text: str) -> str:
    """Undo a double encoding (`DÃ©cor`); anything else stays as it is."""
    text = text.strip()
    if "Ã" in text or "â€" in text:
        try:
            return text.encode("cp1252").decode("utf-8")
        except UnicodeError:
            return text
    return text
