"""The upload form of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from catalog.csv_columns import FIELD_PREFIX, IGNORED, column_names
from catalog.csv_reader import column_name
from catalog.enums import CsvKind
from catalog.node_columns import NO_NODES, NodeColumns
from catalog.validators import shown

NEW, KNOWN = "new", "known"
ACCEPTED = ".csv,text/csv,.txt,.tsv,.xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class CsvUploadForm(forms.Form):
    kind = forms.ChoiceField(label="What the file holds", choices=CsvKind.choices, widget=forms.RadioSelect)
    level = forms.ChoiceField(
        label="Are the products on Jet already?",
        choices=[
            (NEW, "They are new to Jet, or I do not know: columns with ** and * are needed"),
            (KNOWN, "Jet sells them already: columns with ** are enough"),
        ],
        initial=NEW,
        required=False,
        widget=forms.RadioSelect,
        help_text="SKUs that Jet has accepted from you are recognised by themselves.",
    )
    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ACCEPTED}))
    at_once = forms.BooleanField(
        label="Import at once, without a preview",
        required=False,
        help_text="Otherwise the file is only checked, and you see what it would change before anything is stored.",
    )

    confirms_prices = forms.BooleanField(
        label="Take large changes of prices too",
        required=False,
        help_text="For an import at once: else a price that moves by more than your price settings allow, or passes a "
        "limit, is held back. The preview asks for it.",
    )

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        limit = settings.CSV_MAX_BYTES // 2**20
        self.fields[
            "file"
        ].help_text = f"CSV or Excel workbook (.xlsx, first sheet), up to {limit} MB and {settings.CSV_MAX_ROWS:,} rows."


class ColumnsForm(forms.Form):
    """One list per column of the file: which of ours it is. `samples`: what stands below each name in the first rows.

    `nodes`: the merchant's, for a file of prices.
    """

    def __init__(
        self,
        data: Any = None,
        *,
        kind: str,
        header: Sequence[str],
        columns: Sequence[str],
        samples: Sequence[Sequence[str]],
        nodes: NodeColumns = NO_NODES,
    ) -> None:
        super().__init__(data)
        ours = [(name, name) for name in (*column_names(kind), *nodes.names)]
        for number, title in enumerate(header):
            label = title or f"Column {number + 1} (no name)"
            below = (
                ", ".join(f"“{shown(text)[:40]}”" for text in samples[number])
                if number < len(samples)
                else ""
            )
            said = f"In the file: {below}" if below else "Empty in the first rows."
            lost = nodes.fault(title) if kind == CsvKind.PRICE_INVENTORY and nodes.is_lost(title) else ""
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=label[:100],
                choices=[(IGNORED, "Leave it out"), *_own_field(title, columns[number], kind), *ours],
                initial=columns[number],
                required=False,
                help_text=f"{lost} {said}".strip(),
            )

    @property
    def columns(self) -> list[str]:
        """Of a valid form: ours per column of the file."""
        return [str(self.cleaned_data[name]) for name in self.fields]


def _own_field(title: str, chosen: str, kind: str) -> list[tuple[str, str]]:
    """The choice to keep the column as a field of the store's own, in a product file."""
    if kind != CsvKind.PRODUCTS:
        return []
    name = column_name(title if title.lower().startswith(FIELD_PREFIX) else f"{FIELD_PREFIX}{title}")
    names = dict.fromkeys(
        value for value in (name, chosen) if value.startswith(FIELD_PREFIX) and value != FIELD_PREFIX
    )
    return [(value, f"Own field “{value.removeprefix(FIELD_PREFIX)}”") for value in names]
