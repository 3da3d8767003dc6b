"""The upload form of a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from catalog.enums import CsvKind

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
