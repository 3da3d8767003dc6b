"""The cells of the editor in a table as inputs, and the posted ones as edits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString

from catalog.actions.sheet import MOST_CELLS, CellEdit, CellNote
from catalog.queries.sheet import SheetRow
from catalog.sheet_cells import SheetColumn
from jetsync.exceptions import InvalidInput

_NAME = re.compile(r"c-(\d{1,18})-([a-z_]{1,40}(?::\d{1,18})?)")
# Longer than any value of one line, and than any value.
LONGEST_LINE, LONGEST_CELL = 1000, 20_000
LISTS = {"store_category": "sheet-categories", "profile": "sheet-profiles", "sells_on_jet": "sheet-yes"}


@dataclass(frozen=True)
class ShownCell:
    """`seen` goes along hidden, so that a value somebody else has changed is noticed when saving."""

    name: str
    column: SheetColumn
    input: SafeString
    seen: SafeString
    note: CellNote | None

    @property
    def note_id(self) -> str:
        return f"note-{self.name}"


@dataclass(frozen=True)
class ShownRow:
    row: SheetRow
    url: str
    cells: list[ShownCell]


def cell_name(variant_id: int, column: str) -> str:
    return f"c-{variant_id}-{column}"


def shown_cells(
    row: SheetRow,
    columns: Sequence[SheetColumn],
    *,
    typed: Mapping[str, str],
    notes: Mapping[str, CellNote],
    read_only: bool,
) -> list[ShownCell]:
    """`typed`: what was posted, by name of the cell, so that nothing typed is lost when a cell is refused."""
    return [_cell(row, column, typed, notes, read_only=read_only) for column in columns]


def _cell(
    row: SheetRow,
    column: SheetColumn,
    typed: Mapping[str, str],
    notes: Mapping[str, CellNote],
    *,
    read_only: bool,
) -> ShownCell:
    name = cell_name(row.pk, column.key)
    note, stored = notes.get(name), row.texts[column.key]
    attrs: dict[str, Any] = {
        "id": name,
        "class": "form-control form-control-sm w-auto" + (" is-invalid" if note else ""),
        "autocomplete": "off",
        "aria-label": f"{column.label} of {row.sku}",
        "data-cell": column.key,
    }
    if placeholder := row.texts.get(column.falls_back, column.empty):
        attrs |= {"placeholder": placeholder, "title": column.hint}
    attrs |= (
        {"rows": 1, "cols": column.width}
        if column.is_long
        else {"size": column.width, "maxlength": LONGEST_LINE}
    )
    widget = forms.Textarea if column.is_long else forms.TextInput
    if column.is_number:
        attrs["inputmode"] = "decimal"
    if column.key in LISTS:
        attrs["list"] = LISTS[column.key]
    if note:
        attrs |= {"aria-invalid": "true", "aria-describedby": f"note-{name}"}
    if read_only:
        attrs["readonly"] = True
    return ShownCell(
        name=name,
        column=column,
        input=widget(attrs).render(name, typed.get(name, stored)),
        seen=forms.HiddenInput({"id": f"o{name}"}).render(f"o{name}", stored),
        note=note,
    )


def posted_edits(post: QueryDict) -> list[CellEdit]:
    """Cells that differ from what the page showed. Raises InvalidInput for more than a page can hold."""
    edits = []
    for name, text in post.items():
        found = _NAME.fullmatch(name)
        if found is None or not isinstance(text, str):
            continue
        seen, typed = _lines(post.get(f"o{name}", "")), _lines(text)
        if typed != seen:
            edits.append(CellEdit(int(found[1]), found[2], seen, typed[: LONGEST_CELL + 1]))
    if len(edits) > MOST_CELLS:
        raise InvalidInput(
            f"There are {len(edits):,} changed cells, at most {MOST_CELLS:,} are taken at once."
        )
    return edits


def _lines(text: str) -> str:
    return text.strip().replace("\r\n", "\n")
