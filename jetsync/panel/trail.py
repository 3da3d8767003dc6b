"""What was found in the log, as one person may read it: for the page, the file and the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from jetsync.masking import PersonMask
from jetsync.models import Attempt, LogEntry, Mail, Merchant, OperationRow
from jetsync.panel.about import about_urls
from jetsync.panel.details import changes_of
from jetsync.panel.job_words import job_names, job_words
from jetsync.panel.shoppers import (
    masks_by_call,
    masks_for,
    shopper_types,
    shown_words,
    words_of_log,
    words_through,
)
from jetsync.panel.values import change_words
from jetsync.queries.trail import BAD, CALL, CHANGE, MAIL, OK, PART, Entry, Wanted
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

KINDS = [("", "Everything"), (CHANGE, "Changes"), (CALL, "Calls"), (MAIL, "Mails")]
RESULTS = [("", "Any result"), (OK, "Went well"), (BAD, "Failed or refused")]
# Behind it there is no next day, in any time zone.
LAST_DAY = date(9999, 12, 29)
LABELS = {CHANGE: "Change", CALL: "Call", MAIL: "Mail", PART: "Change"}


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

    def wanted(self, actor: Actor) -> Wanted:
        """Both days are of the current time zone, and inclusive. What cannot be read is left out; the form says why.

        Words that are hidden from the actor find nothing.
        """
        given = self.cleaned_data
        until = given.get("until")
        return Wanted(
            words=given.get("q", "").strip(),
            person=given.get("person", "").strip(),
            kind=given.get("kind", ""),
            result=given.get("result", ""),
            job=given.get("job") or 0,
            since=_start(given.get("since")),
            until=_start(until + timedelta(days=1)) if until and until <= LAST_DAY else None,
            hidden_types=frozenset() if actor.may(Right.BUYERS_VIEW) else shopper_types() | {""},
        )


def _start(day: Any) -> datetime | None:
    return datetime.combine(day, time.min, timezone.get_current_timezone()) if day else None


@dataclass(frozen=True)
class Shown:
    """An entry as this person may read it; `pk` is that of the change, call or mail, or of the operation."""

    pk: int
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


def call_state(call: Attempt) -> str:
    if call.status is None:
        return "call.lost"
    return "call.ok" if call.status < 400 else "call.refused"  # noqa: PLR2004 -- HTTP


def shown_entries(merchant: Merchant, actor: Actor, entries: Sequence[Entry]) -> list[Shown]:
    """A query per kind of object at most, for links and masks."""
    rows = [entry.row for entry in entries]
    logged = [row for row in rows if isinstance(row, LogEntry)]
    parts = [row for row in rows if isinstance(row, OperationRow)]
    urls, words = about_urls(merchant, actor, [*logged, *parts]), words_of_log(merchant, actor, logged)
    masks = masks_for(merchant, actor, parts)
    names = job_names(merchant, actor, (row.job for row in rows if isinstance(row, Attempt) and row.job))
    by_call = masks_by_call(merchant, actor, [row for row in rows if isinstance(row, Attempt) and row.error])
    shown = []
    for row in rows:
        if isinstance(row, LogEntry):
            shown.append(_change(row, urls, words[row.pk]))
        elif isinstance(row, Mail):
            shown.append(_mail(merchant, row))
        elif isinstance(row, OperationRow):
            shown.append(_part(merchant, row, urls, shown_words(masks, row)))
        else:
            shown.append(_call(merchant, row, by_call.get(row.pk), names))
    return shown


def _change(row: LogEntry, urls: dict[tuple[str, int], str], words: Callable[[str], str]) -> Shown:
    return Shown(
        row.pk,
        row.created_at,
        CHANGE,
        title=words(row.message),
        object_label=words(row.object_label),
        object_url=urls.get((row.object_type, row.object_id or 0), ""),
        actor=row.actor_label,
        job=row.job_id,
        changes="; ".join(words(change_words(*change)) for change in changes_of(row)),
    )


def _part(
    merchant: Merchant, row: OperationRow, urls: dict[tuple[str, int], str], words: Callable[[str], str]
) -> Shown:
    return Shown(
        row.operation_id,
        row.updated_at,
        PART,
        title=row.operation.title,
        url=_url(merchant, "operation-detail", row.operation_id),
        object_label=words(row.label),
        object_url=urls.get((row.object_type, row.object_id or 0), ""),
        status=f"row.{row.state}",
        result=f"{row.get_state_display()}: {words(row.message)}" if row.message else row.get_state_display(),
        actor=row.operation.actor_label,
        changes=words(row.message),
    )


def _mail(merchant: Merchant, row: Mail) -> Shown:
    return Shown(
        row.pk,
        row.created_at,
        MAIL,
        title=row.subject,
        url=_url(merchant, "mail-detail", row.pk),
        object_label=row.to,
        status=f"mail.{row.state}",
        result=row.get_state_display(),
    )


def _call(merchant: Merchant, row: Attempt, mask: PersonMask | None, names: dict[int, str]) -> Shown:
    job = row.job
    return Shown(
        row.pk,
        row.started_at,
        CALL,
        title=f"{row.method} {row.path}",
        url=_url(merchant, "call-detail", row.pk),
        object_label=job_words(job, names) if job else "",
        object_url=_url(merchant, "job-detail", job.pk) if job else "",
        status=call_state(row),
        result=f"{row.status or 'no answer'} {words_through(mask)(row.error)}".strip(),
        actor=job.operation.actor_label if job and job.operation else "jetsync",
        job=row.job_id,
    )


def _url(merchant: Merchant, name: str, pk: int) -> str:
    return reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, "pk": pk})
