"""A list with bulk actions and a confirm page over jobs, added to the real addresses for tests."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.urls import include, path

from jetsync import urls as real
from jetsync.exceptions import StateConflict
from jetsync.models import Job
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right

handler403, handler404, handler500 = real.handler403, real.handler404, real.handler500


class WorkFilter(PanelFilterSet):
    q = SearchFilter(lookups=("key__istartswith",))
    state = django_filters.ChoiceFilter(choices=[("queued", "Waiting"), ("failed", "Failed")], label="State")
    attempts = django_filters.NumberFilter(label="Tries")
    bar: ClassVar[tuple[str, ...]] = ("q", "state")


class WorkList(ListPage):
    right = Right.ACTIVITY_VIEW
    page_key = "work"
    title = "Work"
    noun = ("job", "jobs")
    per_page = 3
    columns = (
        Column("key", "Key", cell=lambda row: cells.code(row.key), sort=("key",), is_primary=True),
        Column("attempts", "Tries", sort=("attempts",), align="end"),
        Column("message", "Message"),
        Column("queue", "Queue", default_on=False),
    )
    filter_class = WorkFilter
    default_sort = "key"
    bulk_actions = (
        BulkAction("cancel", "Cancel them", "work:cancel", Right.ACTIVITY_CONTROL),
        BulkAction("ship", "Ship them", "work:cancel", Right.ORDERS_SHIP),
    )
    page_actions = (PageAction("Make one", url_name="work:list", right=Right.ACTIVITY_CONTROL, primary=True),)
    empty = EmptyState(
        "No work yet", "It appears by itself.", action=PageAction("Start some", url_name="work:list")
    )

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.filter(merchant=self.request.merchant)

    def get_tabs(self) -> list[Tab]:
        return [Tab("All"), Tab("Failed", "state=failed", 7)]

    def row_url(self, row: Any) -> str:
        return f"/work/{row.pk}/"


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Reason", help_text="Others read it.")


class CancelWork(ConfirmPage):
    right, write_right = Right.ACTIVITY_VIEW, Right.ACTIVITY_CONTROL
    page_key, noun = "work", ("job", "jobs")
    confirm_label, danger, form_class = "Cancel them", True, ReasonForm

    def get_title(self, target: Any) -> str:
        return f"Cancel {self.count_words(target)}"

    def get_consequences(self, target: Any) -> list[str]:
        return ["They are not sent.", "They can be tried again later."]

    def perform(self, target: Any, form: Any) -> str:
        if form.cleaned_data["reason"] == "impossible":
            raise StateConflict("One of them runs already.", hint="Wait a minute.")
        jobs = Job.objects.filter(merchant=self.request.merchant, pk__in=target.ids)
        jobs.update(state="cancelled", message=form.cleaned_data["reason"])
        say(self.request, "success", f"{self.count_words(target)} cancelled.")
        return "../"


work = [
    path("work/", WorkList.as_view(), name="list"),
    path("work/cancel/", CancelWork.as_view(), name="cancel"),
]
urlpatterns = [*real.urlpatterns, path("m/<slug:merchant_slug>/", include((work, "work")))]
