"""Notices: what the bell counts."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.log import mark_read
from jetsync.enums import NoticeLevel
from jetsync.exceptions import NotAllowed
from jetsync.models import Notice
from jetsync.panel import cells
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.queries.notices import get_notice, notices_for, unread_for
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


class NoticeFilter(PanelFilterSet):
    q = SearchFilter(lookups=("title__icontains", "body__icontains"), placeholder="Words of a notice")
    unread = django_filters.BooleanFilter(method="filter_unread", label="Unread")
    level = django_filters.ChoiceFilter(choices=NoticeLevel.choices, label="Level", empty_label="Any")
    at = DateRangeFilter(field_name="updated_at", label="Date")

    def filter_unread(self, rows: QuerySet[Notice], _name: str, value: Any) -> QuerySet[Notice]:
        unread = unread_for(self.request.merchant, self.request.actor).values("pk")
        return rows.filter(pk__in=unread) if value else rows.exclude(pk__in=unread)


def _title(row: Notice) -> cells.Cell:
    times = f" ×{row.count}" if row.count > 1 else ""  # noqa: RUF001 -- a times sign
    return cells.text(f"{row.title}{times}", sub=row.body)


class NoticeList(ListPage):
    right = Right.HOME_VIEW
    page_key = "notices"
    title = "Notices"
    subtitle = "What jetsync thought you should know. Opening one marks it as read, for you alone."
    noun = ("notice", "notices")
    columns = (
        Column("title", "Notice", cell=_title, sort=("title",), is_primary=True),
        Column("level", "Level", cell=lambda row: cells.status(f"notice.{row.level}"), sort=("level",)),
        Column("updated_at", "When", sort=("updated_at",)),
        Column("seen_at", "Read", cell=lambda row: cells.when(row.seen_at), sort=("seen_at",)),
    )
    filter_class = NoticeFilter
    default_sort = "-updated_at"
    empty = EmptyState(
        "No notices yet", "New orders, returns, failures and low stock are told here.", icon="bell"
    )

    def get_queryset(self) -> QuerySet[Notice]:
        return notices_for(self.request.merchant, self.request.actor)

    def row_url(self, row: Any) -> str:
        return reverse(
            "panel:notice-open", kwargs={"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        )

    def get_tabs(self) -> list[Tab]:
        unread = unread_for(self.request.merchant, self.request.actor)
        return [Tab("All"), Tab("Unread", "unread=true", rows=unread)]

    def get_page_actions(self) -> list[PageAction]:
        return [
            PageAction("Mark all as read", url_name="panel:notice-read-all", method="post", icon="checks")
        ]


@require_GET
@merchant_view(Right.HOME_VIEW)
def open_notice(request: MerchantRequest, pk: int) -> HttpResponse:
    """Marks it as read by this person and goes where it points. A support session leaves it unread."""
    notice = get_notice(request.merchant, request.actor, pk)
    if request.access.support is None:
        mark_read(request.merchant, request.actor, pk)
    if notice.url and url_has_allowed_host_and_scheme(notice.url, {request.get_host()}):
        return redirect(notice.url)
    return redirect("panel:notice-list", merchant_slug=request.merchant.slug)


@require_POST
@merchant_view(Right.HOME_VIEW)
def read_all(request: MerchantRequest) -> HttpResponse:
    if request.access.support is not None:
        raise NotAllowed("A support session changes nothing.")
    count = mark_read(request.merchant, request.actor)
    say(request, "success", f"{count} notice{'' if count == 1 else 's'} marked as read by you.")
    return redirect("panel:notice-list", merchant_slug=request.merchant.slug)
