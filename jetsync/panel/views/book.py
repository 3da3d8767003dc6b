"""The pattern book: every component in every state, for the people who build pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.utils import timezone
from django.utils.safestring import SafeString

from jetsync.panel.charts import Bar, bars_of, columns_of, lines_of
from jetsync.panel.details import TimelineEntry
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.list_parts import Button, Count, Paging, ShownTab
from jetsync.panel.statuses import all_statuses

SOURCE = Path(settings.BASE_DIR) / "templates" / "ui" / "book.txt"
# Sections of the source file: "## Title" and below it the snippet.
SECTION = re.compile(r"^## (?P<title>.+?)(?P<wide> \(wide\))?$", re.MULTILINE)


@dataclass(frozen=True)
class Pattern:
    title: str
    slug: str
    is_wide: bool
    code: str
    shown: SafeString | str


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As shoppers see it.", max_length=50)
    price = forms.DecimalField(label="Price", help_text="US dollars, two places.", min_value=Decimal("0.01"))
    carrier = forms.ChoiceField(label="Carrier", choices=[("ups", "UPS"), ("fedex", "FedEx")])
    day = forms.DateField(label="Pick-up day", required=False)
    notes = forms.CharField(label="Notes", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    urgent = forms.BooleanField(
        label="Send at once", help_text="Otherwise with the next round.", required=False
    )
    days = forms.MultipleChoiceField(
        label="Days",
        choices=[("mon", "Monday"), ("tue", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class SampleReadOnlyForm(ReadOnlyForm, SampleForm):
    pass


@lru_cache(maxsize=1)
def snippets() -> list[tuple[str, bool, str]]:
    """`(title, is_wide, code)` of every section in ui/book.txt."""
    text = SOURCE.read_text()
    found = list(SECTION.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        (match["title"], bool(match["wide"]), text[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]


def samples() -> dict[str, Any]:
    """The values the snippets show."""
    now = timezone.now()
    bound = SampleForm({"name": "", "price": "-3", "carrier": "ups"})
    return {
        "now": now,
        "soon": now + timedelta(minutes=8),
        "urgent": now + timedelta(minutes=2),
        "later": now + timedelta(hours=30),
        "amount": Decimal("1249.90"),
        "bars": bars_of(
            [Bar("Available for sale", 1204, "#", "green"), Bar("Under review", 82, "#", "yellow")]
        ),
        "chart": columns_of(
            [(f"Day {day}", (day * 37) % 90, f"${(day * 37) % 90}.00") for day in range(1, 31)]
        ),
        "line_chart": lines_of(
            [(float(day), f"Day {day}") for day in range(1, 15)],
            {
                "Ours": [38.5 - (day * 5 % 4) for day in range(1, 15)],
                "Best": [37.0 - (day * 7 % 5) if day != 6 else None for day in range(1, 15)],  # noqa: PLR2004 -- a day without figures
            },
            lambda value: f"${value:,.2f}",
        ),
        "payload": {"merchant_sku": "HF-2210", "price": {"price": "24.90"}, "nodes": ["hoboken"]},
        "form": SampleForm(),
        "form_errors": bound,
        "form_read_only": SampleReadOnlyForm(read_only=True, initial={"name": "Linen shirt"}),
        "tabs": [
            ShownTab("All", "#", Count(10_000, is_bounded=True), True),
            ShownTab("Ready", "#", Count(4, is_bounded=False), False),
            ShownTab("Failed", "#", Count(0, is_bounded=False), False),
        ],
        "statuses": sorted(all_statuses()),
        "entries": _entries(now),
        "bulk": [
            Button("Acknowledge", key="ack", style="primary"),
            Button("Archive", key="archive", reason="No right"),
        ],
        "count": Count(4312, is_bounded=False),
        "paging": Paging(
            2,
            51,
            100,
            "#",
            "#",
            [("1", "#", False), ("2", "#", True), ("3", "#", False), ("…", "", False), ("87", "#", False)],
        ),
    }


def _entries(now: Any) -> list[TimelineEntry]:
    call = SimpleNamespace(method="PUT", path="/orders/1/acknowledge", status=204, error="", duration_ms=182)
    return [
        TimelineEntry(
            now,
            "cloud-upload",
            "Acknowledge order",
            actor="jetsync",
            level="success",
            extra={"calls": [call], "status": "job.done"},
        ),
        TimelineEntry(
            now - timedelta(minutes=3),
            "user",
            "Price changed",
            actor="Mara Finch",
            extra={"changes": [("price", "22.90", "24.90")]},
        ),
        TimelineEntry(
            now - timedelta(hours=2),
            "alert-triangle",
            "Send price",
            "Jet refused: price below the minimum.",
            "jetsync",
            "danger",
        ),
    ]


def pattern_book(request: HttpRequest) -> HttpResponse:
    """For staff; to everybody else there is nothing here."""
    if not request.user.is_staff:
        raise Http404
    engine, context = engines["django"], samples()
    patterns = [
        Pattern(
            title,
            re.sub(r"\W+", "-", title.lower()),
            is_wide,
            code,
            engine.from_string("{% load panel %}" + compiled(code)).render(context, request),
        )
        for title, is_wide, code in snippets()
    ]
    return render(request, "ui/book.html", {"patterns": patterns})


def compiled(code: str) -> str:
    """Component tags as template tags: the loader does this for files, here for a string."""
    from django_cotton.compiler_regex import CottonCompiler  # noqa: PLC0415 -- only needed here

    return str(CottonCompiler().process(code))
