"""Mails that were sent, wait, or did not arrive."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.mail import send_again
from jetsync.actions.retention import MAILS_FOR
from jetsync.enums import MailState
from jetsync.exceptions import NotAllowed
from jetsync.mail.kinds import SUMMARY, all_mail_kinds, mail_label
from jetsync.models import Mail
from jetsync.panel import cells
from jetsync.panel.about import about_urls
from jetsync.panel.details import timeline_for
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.letters import letter_page, letter_response
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.panel.rendering import when_text
from jetsync.queries.mail import CONTENT, get_mail, mails_of, may_read, next_summary_at, waiting_events
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import RIGHT_LABELS, Right, parse_rights
from jetsync.tenancy.views import MerchantRequest, merchant_view


def kind_choices() -> list[tuple[str, str]]:
    return [*((kind.name, kind.label) for kind in all_mail_kinds()), (SUMMARY, mail_label(SUMMARY))]


class MailFilter(PanelFilterSet):
    q = SearchFilter(lookups=("to__istartswith", "subject__icontains"), placeholder="Address or subject")
    state = django_filters.ChoiceFilter(choices=MailState.choices, label="State", empty_label="Any")
    kind = django_filters.ChoiceFilter(choices=kind_choices, label="Kind", empty_label="Any")
    test = django_filters.BooleanFilter(field_name="is_test", label="Test mail")
    at = DateRangeFilter(field_name="created_at", label="Written")
    bar: ClassVar[tuple[str, ...]] = ("q", "state", "kind")


def _subject(row: Mail) -> cells.Cell:
    return cells.text(row.subject, sub=f"{mail_label(row.kind)}{', test' if row.is_test else ''}")


def _trouble(row: Mail) -> cells.Cell:
    return cells.text(row.message, sub=row.hint)


class MailList(ListPage):
    live_seconds = 15
    right = Right.ACTIVITY_VIEW
    page_key = "mails"
    title = "Mail"
    noun = ("mail", "mails")
    columns = (
        Column("subject", "Subject", cell=_subject, sort=("subject",), is_primary=True),
        Column("to", "To", sort=("to",)),
        Column("state", "State", cell=lambda row: cells.status(f"mail.{row.state}"), sort=("state",)),
        Column("message", "Trouble", cell=_trouble),
        Column("attempts", "Tries", sort=("attempts",), align="end", default_on=False),
        Column("created_at", "Written", sort=("created_at",)),
        Column("sent_at", "Sent", sort=("sent_at",)),
    )
    filter_class = MailFilter
    default_sort = "-created_at"
    empty = EmptyState(
        "No mail yet",
        "Mails about orders, alarms, returns, low stock and trouble stand here once they are written.",
        icon="mail",
    )

    def get_queryset(self) -> QuerySet[Mail]:
        return mails_of(self.request.merchant).defer(*CONTENT)

    def get_subtitle(self) -> str:
        waiting = waiting_events(self.request.merchant).count()
        if not waiting:
            return f"What your people were told by mail. Kept for {MAILS_FOR.days} days."
        options = get_options(self.request.merchant)
        at = next_summary_at(self.request.merchant, options, timezone.now())
        when = f"at {when_text(at)}" if at else "within a minute"
        return f"{waiting:,} event{'' if waiting == 1 else 's'} will be told {when}."

    def get_page_actions(self) -> list[PageAction]:
        return [
            PageAction(
                "Mail settings", url_name="panel:mail-settings", icon="settings", right=Right.SETTINGS_VIEW
            )
        ]

    def row_url(self, row: Any) -> str:
        kwargs = {"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        return reverse("panel:mail-detail", kwargs=kwargs)

    def get_tabs(self) -> list[Tab]:
        return [
            Tab("All"),
            Tab("Waiting", "state=queued"),
            Tab("Sent", "state=sent"),
            Tab("Failed", "state=failed"),
            Tab("Unsure", "state=unsure"),
        ]


@require_GET
@letter_page
@merchant_view(Right.ACTIVITY_VIEW)
def mail_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    mail = get_mail(request.merchant, pk)
    missing = [RIGHT_LABELS[right] for right in parse_rights(mail.rights) if not request.actor.may(right)]
    context = {
        "mail": mail,
        "kind_label": mail_label(mail.kind),
        "missing": ", ".join(missing),
        "named": _named(request, mail) if not missing else [],
        "timeline": timeline_for(request.merchant, "jetsync.mail", mail.pk),
        "waits": mail.is_open,
    }
    return render(request, "activity/mail_detail.html", context)


class _Named:
    """For `about_urls`."""

    def __init__(self, object_type: str, object_id: int, label: str) -> None:
        self.object_type, self.object_id, self.label = object_type, object_id, label


def _named(request: MerchantRequest, mail: Mail) -> list[tuple[str, str]]:
    """(label, address) of the objects that the mail names."""
    rows = [_Named(*entry) for entry in mail.named]
    urls = about_urls(request.merchant, request.actor, rows)
    return [(row.label, urls.get((row.object_type, row.object_id), "")) for row in rows]


@require_GET
@merchant_view(Right.ACTIVITY_VIEW)
def mail_frame(request: MerchantRequest, pk: int) -> HttpResponseBase:
    mail = get_mail(request.merchant, pk)
    if not may_read(mail, request.actor):
        raise NotAllowed("Your role may not see what this mail names.")
    return letter_response(request, mail.html)


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def mail_again(request: MerchantRequest, pk: int) -> HttpResponse:
    mail = get_mail(request.merchant, pk)
    send_again(mail, actor=request.actor)
    say(request, "success", f"The mail to {mail.to} is sent again: {mail.subject}")
    return redirect("panel:mail-detail", merchant_slug=request.merchant.slug, pk=mail.pk)
