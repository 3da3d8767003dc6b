"""The log: who did what, when, with old and new values."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from jetsync.models import LogEntry
from jetsync.panel import cells
from jetsync.panel.about import about_urls
from jetsync.panel.details import changes_of
from jetsync.panel.filters import DateRangeFilter, IdFilter, PanelFilterSet
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction
from jetsync.panel.messages import say
from jetsync.panel.shoppers import ReadableSearch, words_of_log
from jetsync.panel.values import change_words
from jetsync.queries.activity import log_of
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

AREAS = [
    ("orders.", "Orders"),
    ("returns.", "Returns"),
    ("refunds.", "Refunds"),
    ("catalog.", "Products"),
    ("repricer.", "Repricer"),
    ("jetsync.", "Settings and operations"),
]
MAKERS = [("people", "People"), ("jetsync", "jetsync itself")]


SHOW_AGAIN = PageAction("Show them again", url_name="panel:log-restore", method="post", icon="eye")


class LogFilter(PanelFilterSet):
    q = ReadableSearch(
        lookups=(
            "message__icontains",
            "object_label__istartswith",
            "actor_label__icontains",
            "action__icontains",
        ),
        open_lookups=("object_label__istartswith", "actor_label__icontains", "action__icontains"),
        hides_untied=True,
        placeholder="Words, object or person",
    )
    area = django_filters.ChoiceFilter(
        field_name="action", lookup_expr="startswith", choices=AREAS, label="Area", empty_label="All areas"
    )
    action = django_filters.CharFilter(lookup_expr="startswith", label="Action begins with")
    maker = django_filters.ChoiceFilter(
        choices=MAKERS, label="Done by", empty_label="Anybody", method="by_maker"
    )
    object_type = django_filters.CharFilter(label="Object type")
    object_id = IdFilter(label="Object number")
    job = IdFilter(field_name="job_id", label="Job number")
    at = DateRangeFilter(field_name="created_at", label="Date")
    bar: ClassVar[tuple[str, ...]] = ("q", "area")

    def by_maker(self, queryset: QuerySet[LogEntry], _name: str, value: str) -> QuerySet[LogEntry]:
        return queryset.filter(actor__isnull=value == "jetsync")


def _changes(row: Any) -> str:
    changes = "; ".join(change_words(name, old, new) for name, old, new in changes_of(row))
    return str(row.shown(changes))


def _object(row: Any) -> cells.Cell:
    return cells.text(row.shown(row.object_label), url=row.about_url)


def _cleared_key(request: MerchantRequest) -> str:
    return f"log_cleared:{request.merchant.pk}"


class LogList(ListPage):
    right = Right.ACTIVITY_VIEW
    page_key = "log"
    title = "Log"
    noun = ("entry", "entries")
    columns = (
        Column(
            "message",
            "What happened",
            cell=lambda row: cells.text(row.shown(row.message)),
            sort=("message",),
            is_primary=True,
        ),
        Column("object_label", "Object", cell=_object, sort=("object_label",)),
        Column("changes", "Change", cell=lambda row: cells.text(_changes(row)[:300])),
        Column("actor_label", "By", sort=("actor_label",)),
        Column(
            "action", "Action", cell=lambda row: cells.code(row.action), sort=("action",), default_on=False
        ),
        Column("created_at", "When", sort=("id",)),
    )
    filter_class = LogFilter
    default_sort = "-created_at"
    empty = EmptyState(
        "Nothing logged yet", "Every change by people, jobs and schedules is written here.", icon="history"
    )

    @property
    def cleared_up_to(self) -> int:
        return int(self.request.session.get(_cleared_key(self.request), 0))

    def get_queryset(self) -> QuerySet[LogEntry]:
        rows = log_of(self.request.merchant)
        return rows.filter(pk__gt=self.cleared_up_to) if self.cleared_up_to else rows

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant, actor = self.request.merchant, self.request.actor
        urls, words = about_urls(merchant, actor, rows), words_of_log(merchant, actor, rows)
        for row in rows:
            row.shown = words[row.pk]
            row.about_url = urls.get((row.object_type, row.object_id), "")
        return rows

    def get_empty(self) -> EmptyState:
        if not self.cleared_up_to:
            return self.empty
        return EmptyState(
            "Older entries are hidden from you",
            "You cleared your view; nothing was deleted, and others see them. What happens from now on stands here.",
            icon="eye-off",
            action=SHOW_AGAIN,
        )

    def get_subtitle(self) -> str:
        if self.cleared_up_to:
            return "Older entries are hidden from you. The audit keeps them; show them again at any time."
        return "Who did what, with the values before and after."

    def get_page_actions(self) -> list[PageAction]:
        find = PageAction("Search", url_name="panel:trail", icon="search")
        if self.cleared_up_to:
            return [find, SHOW_AGAIN]
        return [
            find,
            PageAction("Clear my view", url_name="panel:log-clear", method="post", icon="clear-all"),
        ]

    def row_url(self, row: Any) -> str:  # noqa: ARG002 -- entries have no page of their own
        return ""


@require_POST
@merchant_view(Right.ACTIVITY_VIEW)
def clear(request: MerchantRequest) -> HttpResponse:
    """Hides what is there now from this person's view; nothing is deleted."""
    newest = log_of(request.merchant).order_by("-pk").values_list("pk", flat=True).first()
    request.session[_cleared_key(request)] = newest or 0
    say(
        request,
        "success",
        "Older log entries are hidden from you alone, until you show them again or sign out. None was deleted.",
    )
    return redirect("panel:log-list", merchant_slug=request.merchant.slug)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW)
def restore(request: MerchantRequest) -> HttpResponse:
    request.session.pop(_cleared_key(request), None)
    say(request, "success", "All log entries are shown again.")
    return redirect("panel:log-list", merchant_slug=request.merchant.slug)
