"""Schedules: one row per regular activity, with its health and a way to run it now."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.actions.schedule import run_now, set_paused
from jetsync.models import Schedule
from jetsync.panel import cells
from jetsync.panel.lists import Column, EmptyState, ListPage
from jetsync.panel.messages import say
from jetsync.queries.activity import get_schedule, schedules_of
from jetsync.queries.schedules import schedule_status, started_by
from jetsync.sync.registry import schedule_of
from jetsync.templatetags.panel import duration, interval
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


def label_of(schedule: Schedule) -> str:
    kind = schedule_of(schedule.kind)
    return kind.label if kind else schedule.kind


def _name(row: Schedule) -> cells.Cell:
    kind = schedule_of(row.kind)
    return cells.text(label_of(row), sub=kind.explanation if kind else "")


class ScheduleList(ListPage):
    live_seconds = 10
    right = Right.ACTIVITY_VIEW
    page_key = "schedules"
    title = "Schedules"
    subtitle = (
        "Regular work of this merchant. Late means that more than twice the interval has passed since a run."
    )
    noun = ("schedule", "schedules")
    columns = (
        Column("kind", "Activity", cell=_name, sort=("kind",), is_primary=True),
        Column(
            "interval",
            "Every",
            cell=lambda row: cells.text(interval(row.interval_seconds)),
            sort=("interval_seconds", "kind"),
        ),
        Column("state", "State", cell=lambda row: cells.status(schedule_status(row, timezone.now()))),
        Column(
            "last_finished_at",
            "Last run",
            cell=lambda row: cells.ago(row.last_finished_at, sub=row.by),
            sort=("last_finished_at",),
        ),
        Column("last_message", "Result", cell=lambda row: cells.text(row.last_message)),
        Column(
            "duration",
            "Took",
            cell=lambda row: cells.text(duration(row.last_duration_ms)),
            sort=("last_duration_ms",),
            align="end",
        ),
        Column("next_due_at", "Next run", cell=lambda row: cells.ago(row.next_due_at), sort=("next_due_at",)),
        Column("actions", "Actions", cell="activity/cells/schedule_actions.html", align="end"),
    )
    default_sort = "interval"
    empty = EmptyState(
        "No schedules yet", "They are made when the merchant is created; ask your operator.", icon="clock"
    )

    def get_queryset(self) -> QuerySet[Schedule]:
        return schedules_of(self.request.merchant)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        by = started_by(self.request.merchant, rows)
        for row in rows:
            row.by = by.get(row.pk, "")
        return rows

    def row_url(self, row: Any) -> str:  # noqa: ARG002 -- schedules have no page of their own
        return ""

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
