"""Search the log: changes, calls and mails in one list, to look at and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from jetsync.actions.log import record
from jetsync.masking import PersonMask
from jetsync.models import Attempt, LogEntry, Mail, Merchant
from jetsync.panel.about import about_urls
from jetsync.panel.details import changes_of
from jetsync.panel.exports import csv_download
from jetsync.panel.filters import with_values
from jetsync.panel.list_sheets import CSV, MOST, XLSX
from jetsync.panel.rendering import local_zone
from jetsync.panel.shoppers import masks_for, shopper_types, shown_words
from jetsync.panel.values import change_words
from jetsync.panel.views.jobs import call_state
from jetsync.panel.workbook import workbook_download
from jetsync.queries.trail import BAD, CALL, CHANGE, MAIL, OK, Entry, Place, Wanted, trail, whole_trail
from jetsync.sync.registry import kind_label
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

PER_PAGE = 50
KINDS = [("", "Everything"), (CHANGE, "Changes"), (CALL, "Calls"), (MAIL, "Mails")]
RESULTS = [("", "Any result"), (OK, "Went well"), (BAD, "Failed or refused")]
LABELS = {CHANGE: "Change", CALL: "Call", MAIL: "Mail"}
HEADER = ("Kind", "What happened", "Object", "Result", "By", "Job", "Changes")


class TrailForm(forms.Form):
    q = forms.CharField(
        label="Object or words",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    person = forms.CharField(label="Person", required=False, max_length=120)
    kind = forms.ChoiceField(label="Kind", required=False, choices=KINDS)
    result = forms.ChoiceField(label="Result", required=False, choices=RESULTS)
    job = forms.IntegerField(label="Job number", required=False, min_value=1, max_value=2**63 - 1)
    since = forms.DateField(label="From", required=False)
    until = forms.DateField(label="To", required=False)

    def wanted(self) -> Wanted:
        """Both days are the merchant's, and inclusive. What cannot be read is left out; the form says why."""
        given = self.cleaned_data
        until = given.get("until")
        return Wanted(
            words=given.get("q", "").strip(),
            person=given.get("person", "").strip(),
            kind=given.get("kind", ""),
            result=given.get("result", ""),
            job=given.get("job") or 0,
            since=_start(given.get("since")),
            until=_start(until + timedelta(days=1)) if until else None,
        )


def _start(day: Any) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None


@dataclass(frozen=True)
class Shown:
    """An entry as this person may read it."""

    at: datetime
    kind: str
    title: str
    object_label: str
    url: str = ""
    object_url: str = ""
    status: str = ""
    result: str = ""
    actor: str = "jetsync"
    job: int | None = None
    changes: str = ""

    @property
    def kind_label(self) -> str:
        return LABELS[self.kind]


@require_GET
@merchant_view(Right.ACTIVITY_VIEW)
def search(request: MerchantRequest) -> HttpResponseBase:
    """`?q=&person=&kind=&result=&job=&since=&until=`, `behind` for older ones, `download=csv|xlsx` for a file."""
    with timezone.override(local_zone()):
        form = TrailForm(request.GET)
        is_clear = form.is_valid()
        wanted = form.wanted()
        if not request.actor.may(Right.BUYERS_VIEW):
            wanted = replace(wanted, hidden_types=shopper_types())
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


def shown_entries(merchant: Merchant, actor: Actor, entries: Sequence[Entry]) -> list[Shown]:
    """A query per kind of object at most, for links and masks."""
    named: list[Any] = [entry.row for entry in entries if isinstance(entry.row, LogEntry)]
    named += [entry.row.job for entry in entries if isinstance(entry.row, Attempt) and entry.row.job]
    urls, masks = about_urls(merchant, actor, named), masks_for(merchant, actor, named)
    return [_shown(merchant, entry, urls, masks) for entry in entries]


def _shown(
    merchant: Merchant,
    entry: Entry,
    urls: dict[tuple[str, int], str],
    masks: dict[tuple[str, int], PersonMask],
) -> Shown:
    row = entry.row
    if isinstance(row, LogEntry):
        words = shown_words(masks, row)
        return Shown(
            entry.at,
            entry.kind,
            title=words(row.message),
            object_label=words(row.object_label),
            object_url=urls.get((row.object_type, row.object_id or 0), ""),
            actor=row.actor_label,
            job=row.job_id,
            changes="; ".join(words(change_words(*change)) for change in changes_of(row)),
        )
    if isinstance(row, Mail):
        return Shown(
            entry.at,
            entry.kind,
            title=row.subject,
            url=_url(merchant, "mail-detail", row.pk),
            object_label=row.to,
            status=f"mail.{row.state}",
            result=row.get_state_display(),
        )
    job = row.job
    words = shown_words(masks, job) if job else str
    return Shown(
        entry.at,
        entry.kind,
        title=f"{row.method} {row.path}",
        url=_url(merchant, "call-detail", row.pk),
        object_label=f"{kind_label(job.kind)} {job.key}" if job else "",
        object_url=_url(merchant, "job-detail", job.pk) if job else "",
        status=call_state(row),
        result=f"{row.status or 'no answer'} {words(row.error)}".strip(),
        actor=job.operation.actor_label if job and job.operation else "jetsync",
        job=row.job_id,
    )


def _url(merchant: Merchant, name: str, pk: int) -> str:
    return reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, "pk": pk})


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
