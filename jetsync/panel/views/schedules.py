"""Schedules: one row per regular activity, with its health and a way to run it now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from jetsync.actions.schedule import make_address, run_from_outside, run_now, set_interval, set_paused
from jetsync.exceptions import NotFound, StateConflict
from jetsync.models import Schedule
from jetsync.panel import cells
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.lists import Column, EmptyState, ListPage
from jetsync.panel.messages import say
from jetsync.queries.activity import get_schedule, schedules_of
from jetsync.queries.schedules import schedule_status, started_by, switched_off, tries_again
from jetsync.schedule_address import address_of, read_token
from jetsync.sync.control import may_control
from jetsync.sync.registry import ScheduleKind, schedule_of
from jetsync.sync.schedules import interval_words, schedule_at
from jetsync.templatetags.panel import duration, interval
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# What can be chosen, in minutes.
STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 360, 480, 720, 1440)


def label_of(schedule: Schedule) -> str:
    kind = schedule_of(schedule.kind)
    return kind.label if kind else schedule.kind


def _url(request: MerchantRequest, name: str, pk: int) -> str:
    return reverse(name, kwargs={"merchant_slug": request.merchant.slug, "pk": pk})


def _name(row: Schedule) -> cells.Cell:
    kind = schedule_of(row.kind)
    return cells.text(label_of(row), sub=kind.explanation if kind else "")


def _on_one_line(words: str) -> str:
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _result(row: Any) -> cells.Cell:
    """Of the last run; while the present one goes on trying, what keeps it."""
    trouble = row.trouble
    return cells.text(trouble.message, sub=trouble.hint) if trouble else cells.text(row.last_message)


def _next_run(row: Schedule) -> cells.Cell:
    return cells.ago(None if row.is_paused else row.next_due_at)


class ScheduleList(ListPage):
    live_seconds = 10
    right = Right.ACTIVITY_VIEW
    page_key = "schedules"
    title = "Schedules"
    subtitle = (
        "Regular work of this merchant, on which everything else hangs: no orders come and no stock goes while it does not "
        "run. Late means that more than twice the interval has passed since a run."
    )
    noun = ("schedule", "schedules")
    columns = (
        Column("kind", "Activity", cell=_name, sort=("kind",), is_primary=True),
        Column(
            "interval",
            "Every",
            cell=lambda row: cells.text(
                _on_one_line(interval(row.interval_seconds)), sub="chosen" if row.chosen_seconds else ""
            ),
            sort=("interval_seconds", "kind"),
        ),
        Column("state", "State", cell=lambda row: cells.status(row.status_key)),
        Column(
            "last_finished_at",
            "Last run",
            cell=lambda row: cells.ago(row.last_finished_at, sub=row.by),
            sort=("last_finished_at",),
        ),
        Column("last_message", "Result", cell=_result),
        Column(
            "duration",
            "Took",
            cell=lambda row: cells.text(_on_one_line(duration(row.last_duration_ms))),
            sort=("last_duration_ms",),
            align="end",
        ),
        Column("next_due_at", "Next run", cell=_next_run, sort=("next_due_at",)),
        Column("actions", "Actions", cell="activity/cells/schedule_actions.html", align="end"),
    )
    default_sort = "interval"
    empty = EmptyState(
        "No schedules yet", "They are made when the merchant is created; ask your operator.", icon="clock"
    )

    def get_queryset(self) -> QuerySet[Schedule]:
        return schedules_of(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant = self.request.merchant
        by, off, now = started_by(merchant, rows), switched_off(merchant), timezone.now()
        trying = tries_again(merchant)
        for row in rows:
            row.merchant = merchant
            row.trouble = trying.get(row.pk)
            row.by, row.status_key = by.get(row.pk, ""), schedule_status(row, now, off, trying)
        return rows

    def row_url(self, row: Any) -> str:
        return _url(self.request, "panel:schedule-detail", row.pk)

    def row_label(self, row: Schedule) -> str:
        return label_of(row)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def run(request: MerchantRequest, pk: int) -> HttpResponse:
    schedule = get_schedule(request.merchant, pk)
    run_now(schedule, actor=request.actor)
    say(request, "success", f"{label_of(schedule)}: started. The result appears here in a moment.")
    return redirect("panel:schedule-list", merchant_slug=request.merchant.slug)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def pause(request: MerchantRequest, pk: int) -> HttpResponse:
    """Pauses or resumes, as the field `paused` says."""
    schedule = get_schedule(request.merchant, pk)
    paused = request.POST.get("paused") == "1"
    set_paused(schedule, paused=paused, actor=request.actor)
    say(request, "success", f"{label_of(schedule)}: {'paused' if paused else 'resumed'}.")
    return redirect("panel:schedule-list", merchant_slug=request.merchant.slug)


class IntervalForm(ReadOnlyForm, forms.Form):
    """`limits`: the shortest and the longest interval; the usual one stands first in the choices."""

    read_only_reason = "You may look at schedules, not change them."

    minutes = forms.TypedChoiceField(label="Run every", required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, kind: ScheduleKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shortest, longest = kind.limits
        usual = interval_words(int(kind.interval.total_seconds()))
        steps = [step for step in STEPS if shortest <= timedelta(minutes=step) <= longest]
        field = self.fields["minutes"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 -- declared above
        field.choices = [("", f"{usual} (usual)"), *((step, interval_words(step * 60)) for step in steps)]
        low, high = (interval_words(int(limit.total_seconds())) for limit in kind.limits)
        field.help_text = (
            f"From {low} to {high}." if low != high else "Jet's deadlines allow no other interval."
        )


@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """One schedule: how often it runs, and how an outside cron starts it."""
    schedule = get_schedule(request.merchant, pk)
    may_edit = may_control(request.actor, schedule)
    kind = schedule_of(schedule.kind)
    if kind is None:
        raise NotFound(f"This version of jetsync knows no schedule “{schedule.kind}”.")
    chosen = schedule.chosen_seconds
    initial = {"minutes": chosen // 60 if chosen else ""}
    form = IntervalForm(request.POST or None, initial=initial, kind=kind, read_only=not may_edit)
    if request.method == "POST" and form.is_valid():
        set_interval(schedule, form.cleaned_data["minutes"], actor=request.actor)
        schedule.refresh_from_db()
        say(request, "success", f"{kind.label} runs every {interval(schedule.interval_seconds)}.")
        return redirect(_url(request, "panel:schedule-detail", pk))
    trying = tries_again(request.merchant)
    context = {
        "schedule": schedule,
        "kind": kind,
        "status": schedule_status(schedule, timezone.now(), switched_off(request.merchant), trying),
        "trouble": trying.get(schedule.pk),
        "form": form,
        "address": address_of(schedule) if may_edit else "",
        "command": f"{settings.MANAGE_COMMAND} run_schedule {request.merchant.slug} {schedule.kind}",
        "cron": cron_line(schedule),
    }
    return render(request, "activity/schedule.html", context, status=400 if form.errors else 200)


def cron_line(schedule: Schedule) -> str:
    """The five fields of a crontab that come nearest to the interval."""
    minutes = max(1, schedule.interval_seconds // 60)
    if minutes < 60:  # noqa: PLR2004 -- minutes of an hour
        return f"*/{minutes} * * * *"
    hours = minutes // 60
    return f"0 */{hours} * * *" if hours < 24 else "0 4 * * *"  # noqa: PLR2004 -- hours of a day


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def new_address(request: MerchantRequest, pk: int) -> HttpResponse:
    schedule = get_schedule(request.merchant, pk)
    is_first = not schedule.address_version
    make_address(schedule, actor=request.actor)
    words = (
        "The address is made." if is_first else "There is a new address; the old one opens nothing any more."
    )
    say(request, "success", f"{label_of(schedule)}: {words}")
    return redirect(_url(request, "panel:schedule-detail", pk))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def call(_request: HttpRequest, token: str) -> HttpResponse:
    """The signed address: starts the work and says so in plain text. GET too, as that is all many crons can do.

    404 for an address that opens nothing, 409 when the schedule is paused, or the merchant suspended or going to be deleted,
    429 within a minute.
    """
    found = read_token(token)
    schedule = schedule_at(*found) if found else None
    if schedule is None:
        return _plain("This address opens nothing. Take the present one from the page of schedules.", 404)
    if schedule.merchant.suspended_at is not None:
        return _plain("This merchant is suspended.", 409)
    with merchant_scope(schedule.merchant):
        try:
            run_from_outside(schedule, "its address")
        except StateConflict as error:
            status = 429 if error.code == "called_again" else error.status
            return _plain(f"{error.message} {error.hint}", status)
    return _plain(f"Started: {label_of(schedule)}.", 202)


def _plain(words: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{words}\n", status=status, content_type="text/plain; charset=utf-8")
    if status == 429:  # noqa: PLR2004 -- HTTP's Too Many Requests
        response["Retry-After"] = "60"
    return response
