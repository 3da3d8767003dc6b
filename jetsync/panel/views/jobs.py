"""Jobs and the calls they made: what went out, what came back, what happens next."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from jetsync.actions.job import cancel as cancel_job
from jetsync.actions.job import retry_job
from jetsync.enums import FailureEnd, JobState, Queue
from jetsync.models import Attempt, Job
from jetsync.panel import cells
from jetsync.panel.call_bodies import note_look, shown_calls
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.job_words import job_names, job_words
from jetsync.panel.lists import Column, EmptyState, ListPage, Tab
from jetsync.panel.messages import say
from jetsync.panel.shoppers import ReadableSearch, masks_by_call, masks_by_job, words_through
from jetsync.panel.trail import call_state
from jetsync.queries.activity import calls_of, get_call, get_job, jobs_of
from jetsync.queries.settings import get_options
from jetsync.sync.registry import all_kinds, kind_label
from jetsync.templatetags.panel import duration
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# Calls shown on a job's page, newest first.
CALLS_SHOWN = 50
CALL_RESULTS = [("ok", "Answered"), ("refused", "Refused"), ("lost", "No answer")]


def kind_choices() -> list[tuple[str, str]]:
    return [(kind.name, kind.label) for kind in all_kinds()]


class JobFilter(PanelFilterSet):
    q = ReadableSearch(
        lookups=("key__istartswith", "message__icontains"),
        open_lookups=("key__istartswith",),
        hides_untied=True,
        placeholder="Key or message",
    )
    state = django_filters.ChoiceFilter(choices=JobState.choices, label="State", empty_label="Any")
    kind = django_filters.ChoiceFilter(choices=kind_choices, label="Kind", empty_label="Any")
    queue = django_filters.ChoiceFilter(choices=Queue.choices, label="Queue", empty_label="Any")
    failure_end = django_filters.ChoiceFilter(
        choices=[
            (end, "Passing trouble" if end == FailureEnd.RETRY else end.label) for end in FailureEnd if end
        ],
        label="Failure",
        empty_label="Any",
    )
    created = DateRangeFilter(field_name="created_at", label="Created")
    bar: ClassVar[tuple[str, ...]] = ("q", "state")


def _message(row: Any) -> cells.Cell:
    return cells.text(row.shown(row.message), sub=row.shown(row.hint))


class JobList(ListPage):
    live_seconds = 10
    right = Right.ACTIVITY_VIEW
    page_key = "jobs"
    title = "Jobs"
    subtitle = "Every call to Jet or a store is a job: queued with the change, tried again when it may help."
    noun = ("job", "jobs")
    columns = (
        Column(
            "kind",
            "Job",
            cell=lambda row: cells.text(kind_label(row.kind), sub=row.about),
            sort=("kind", "key"),
            is_primary=True,
        ),
        Column("state", "State", cell=lambda row: cells.status(f"job.{row.state}"), sort=("state",)),
        Column(
            "failure_end",
            "Failure",
            cell=lambda row: cells.status(f"failure.{row.failure_shown}") if row.failure_end else "",
            sort=("failure_end",),
        ),
        Column("message", "Message", cell=_message),
        Column("attempts", "Tries", sort=("attempts",), align="end"),
        Column("queue", "Queue", cell=lambda row: cells.text(row.get_queue_display()), default_on=False),
        Column("not_before", "Due", sort=("not_before",), default_on=False),
        Column("created_at", "Created", sort=("created_at",)),
        Column("finished_at", "Ended", sort=("finished_at",)),
    )
    filter_class = JobFilter
    default_sort = "-created_at"
    empty = EmptyState(
        "No jobs yet", "As soon as something must reach Jet, its job stands here.", icon="send"
    )

    def get_queryset(self) -> QuerySet[Job]:
        return jobs_of(self.request.merchant).select_related("operation")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        told = [row for row in rows if row.message or row.hint]
        masks = masks_by_job(self.request.merchant, self.request.actor, told)
        names = job_names(self.request.merchant, self.request.actor, rows)
        for row in rows:
            row.shown = words_through(masks.get(row.pk))
            row.about = names.get(row.pk, "")
        return rows

    def row_url(self, row: Any) -> str:
        kwargs = {"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        return reverse("panel:job-detail", kwargs=kwargs)

    def get_tabs(self) -> list[Tab]:
        return [
            Tab("All"),
            Tab("Waiting", "state=queued"),
            Tab("Running", "state=running"),
            Tab("Failed", "state=failed"),
        ]


class CallFilter(PanelFilterSet):
    q = SearchFilter(lookups=("path__icontains", "request_id__istartswith"), placeholder="Path or request id")
    result = django_filters.ChoiceFilter(
        choices=CALL_RESULTS, label="Result", empty_label="Any", method="by_result"
    )
    kind = django_filters.ChoiceFilter(
        field_name="job__kind", choices=kind_choices, label="Job", empty_label="Any"
    )
    at = DateRangeFilter(field_name="started_at", label="Time")
    bar: ClassVar[tuple[str, ...]] = ("q", "result")

    def by_result(self, queryset: QuerySet[Attempt], _name: str, value: str) -> QuerySet[Attempt]:
        conditions = {
            "ok": Q(status__lt=400),
            "refused": Q(status__gte=400),
            "lost": Q(status=None),
        }
        return queryset.filter(conditions[value])


class CallList(ListPage):
    right = Right.ACTIVITY_VIEW
    page_key = "calls"
    title = "Calls to Jet and stores"
    subtitle = "Each exchange on the wire, secrets removed. Old ones are trimmed by age."
    noun = ("call", "calls")
    columns = (
        Column(
            "path",
            "Call",
            cell=lambda row: cells.code(f"{row.method} {row.path}"),
            sort=("path",),
            is_primary=True,
        ),
        Column("state", "Result", cell=lambda row: cells.status(call_state(row), hint=row.shown(row.error))),
        Column("status", "HTTP", cell=lambda row: cells.text(row.status), sort=("status",), align="end"),
        Column(
            "job",
            "Job",
            cell=lambda row: (
                cells.text(kind_label(row.job.kind), url=row.job_url, sub=row.about) if row.job else ""
            ),
        ),
        Column(
            "duration_ms",
            "Took",
            cell=lambda row: cells.text(duration(row.duration_ms)),
            sort=("duration_ms",),
            align="end",
        ),
        Column("request_id", "Request id", cell=lambda row: cells.code(row.request_id), default_on=False),
        Column("started_at", "When", sort=("started_at",)),
    )
    filter_class = CallFilter
    default_sort = "-started_at"
    empty = EmptyState(
        "Nothing has been sent yet",
        "With keys entered and a job due, calls appear here.",
        icon="arrows-exchange",
    )

    def get_queryset(self) -> QuerySet[Attempt]:
        return calls_of(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        told = [row for row in rows if row.error]
        masks = masks_by_call(self.request.merchant, self.request.actor, told)
        names = job_names(self.request.merchant, self.request.actor, (row.job for row in rows if row.job))
        for row in rows:
            row.shown = words_through(masks.get(row.pk))
            row.about = names.get(row.job_id or 0, "")
            kwargs = {"merchant_slug": self.request.merchant.slug, "pk": row.job_id or 0}
            row.job_url = f"{reverse('panel:job-detail', kwargs=kwargs)}#call-{row.pk}"
        return rows

    def row_url(self, row: Any) -> str:
        kwargs = {"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        return reverse("panel:call-detail", kwargs=kwargs)

    def get_tabs(self) -> list[Tab]:
        return [Tab("All"), Tab("Refused", "result=refused"), Tab("No answer", "result=lost")]


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_view(Right.ACTIVITY_VIEW, write=Right.BUYERS_VIEW)
def detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """A POST asks for the shoppers' data in the bodies: it is written down, and answered with the page at once."""
    merchant, actor = request.merchant, request.actor
    job = get_job(merchant, pk)
    calls = list(calls_of(merchant).filter(job=job).order_by("-id")[:CALLS_SHOWN])
    mask = masks_by_job(merchant, actor, [job]).get(job.pk)
    asked = request.method == "POST"
    if asked:
        note_look(merchant, actor, job, f"the calls of “{kind_label(job.kind)}”")
    shown = shown_calls(merchant, actor, calls, with_shoppers=asked)
    context = {
        "job": job,
        "label": kind_label(job.kind),
        "calls": shown,
        "hides": any(call.hides for call in shown),
        "shows_shoppers": asked,
        "data": mask.json(job.data) if mask else job.data,
        "message": words_through(mask)(job.message),
        "hint": words_through(mask)(job.hint),
        "keeps_bodies": get_options(merchant).full_payload_log,
        "can_retry": job.state in {JobState.FAILED, JobState.CANCELLED, JobState.QUEUED},
        "can_cancel": job.state == JobState.QUEUED,
    }
    return _private(render(request, "activity/job_detail.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_view(Right.ACTIVITY_VIEW, write=Right.BUYERS_VIEW)
def call_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """One call with its bodies. A POST asks for the shoppers' data in them, as on the page of a job."""
    merchant, actor = request.merchant, request.actor
    call = get_call(merchant, pk)
    asked = request.method == "POST"
    if asked:
        note_look(merchant, actor, call, f"the call {call.method} {call.path}")
    context = {
        "shown": shown_calls(merchant, actor, [call], with_shoppers=asked)[0],
        "shows_shoppers": asked,
        "job_label": job_words(call.job, job_names(merchant, actor, [call.job])) if call.job else "",
    }
    return _private(render(request, "activity/call_detail.html", context))


def _private(response: HttpResponse) -> HttpResponse:
    """A page that may show shoppers is not kept by the browser."""
    response["Cache-Control"] = "no-store, private"
    return response


def _back_to(request: MerchantRequest, job: Job) -> HttpResponse:
    return redirect("panel:job-detail", merchant_slug=request.merchant.slug, pk=job.pk)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def retry(request: MerchantRequest, pk: int) -> HttpResponse:
    fresh = retry_job(get_job(request.merchant, pk), actor=request.actor)
    name = job_words(fresh, job_names(request.merchant, request.actor, [fresh]))
    say(request, "success", f"“{name}” is tried again now.")
    return _back_to(request, fresh)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def cancel(request: MerchantRequest, pk: int) -> HttpResponse:
    job = get_job(request.merchant, pk)
    ended = cancel_job(job, actor=request.actor)
    name = job_words(job, job_names(request.merchant, request.actor, [job]))
    words = f"“{name}” was cancelled before it was sent."
    say(request, "success", f"{words} “{ended.title}” has ended with it." if ended else words)
    return _back_to(request, job)
