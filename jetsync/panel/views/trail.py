"""Search the log: changes, calls and mails in one list, to look at and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from jetsync.actions.log import record
from jetsync.panel.exports import csv_download
from jetsync.panel.filters import with_values
from jetsync.panel.list_sheets import CSV, MOST, XLSX
from jetsync.panel.rendering import local_zone
from jetsync.panel.trail import TrailForm, shown_entries
from jetsync.panel.workbook import workbook_download
from jetsync.queries.trail import Place, Wanted, trail, whole_trail
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

PER_PAGE = 50
HEADER = ("Kind", "What happened", "Object", "Result", "By", "Job", "Changes")


@require_GET
@merchant_view(Right.ACTIVITY_VIEW)
def search(request: MerchantRequest) -> HttpResponseBase:
    """`?q=&person=&kind=&result=&job=&since=&until=`, `behind` for older ones, `download=csv|xlsx` for a file."""
    with timezone.override(local_zone()):
        form = TrailForm(request.GET)
        is_clear = form.is_valid()
        wanted = form.wanted(request.actor)
        if is_clear and request.GET.get("download") in MOST:
            return _file(request, wanted, request.GET["download"])
        entries, after = trail(request.merchant, wanted, Place.parse(request.GET.get("behind", "")), PER_PAGE)
        query = request.GET.copy()
        query.pop("behind", None)
        context = {
            "form": form,
            "rows": shown_entries(request.merchant, request.actor, entries),
            "is_filtered": any(request.GET.get(name) for name in form.fields),
            "is_first": "behind" not in request.GET,
            "first_url": f"?{query.urlencode()}",
            "older_url": with_values(query, behind=str(after)) if after else "",
            "files": [
                (f"{label}, newest {MOST[kind]:,}", with_values(query, download=kind))
                for kind, label in ((CSV, "CSV"), (XLSX, "Excel workbook"))
            ],
        }
        return render(request, "activity/trail.html", context)


def _file(request: MerchantRequest, wanted: Wanted, kind: str) -> HttpResponseBase:
    """The newest entries that fit one file, bodies left out. That it was taken stands in the log."""
    merchant, zone = request.merchant, local_zone()
    name = f"log-{merchant.slug}-{timezone.localdate(timezone=zone):%Y-%m-%d}.{kind}"
    record(
        merchant,
        "jetsync.log.exported",
        f"Downloaded the log as {name}.",
        actor=request.actor,
        new={"file": name},
    )
    header = (f"Time ({zone})", "Time (UTC)", *HEADER)
    actor = request.actor

    def rows() -> Iterator[list[Any]]:
        for entries in whole_trail(merchant, wanted, MOST[kind]):
            for row in shown_entries(merchant, actor, entries):
                local = row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
                exact = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                facts = (row.kind_label, row.title, row.object_label, row.result, row.actor)
                yield [local, exact, *facts, row.job or "", row.changes]

    if kind == CSV:
        return csv_download(merchant, name, header, rows())
    return workbook_download(name, "Log", header, rows())
