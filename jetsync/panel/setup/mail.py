"""The mail settings, a preview of every kind, and a test mail to oneself."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.mail import preview_letter, preview_section, send_test_mail
from jetsync.actions.options import save_options
from jetsync.mail.kinds import SUMMARY, MailKind, all_mail_kinds, mail_kind
from jetsync.mail.writing import Letter, Section
from jetsync.models import User
from jetsync.panel.letters import letter_page, letter_response
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import act, back_to, settings_page
from jetsync.panel.setup.mail_form import MailForm
from jetsync.panel.setup.option_groups import options_changes
from jetsync.queries.mail import is_wanted, next_summary_at, reaches_nobody, recipients_of, waiting_events
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view


@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def mail_settings(request: MerchantRequest) -> HttpResponseBase:
    row = get_options(request.merchant)
    may_edit = request.actor.may(Right.SETTINGS_EDIT)
    form = MailForm(request.POST or None, instance=row, merchant=request.merchant, read_only=not may_edit)
    if request.method == "POST" and form.is_valid():
        save_options(form.instance, old=options_changes(form), actor=request.actor)
        say(
            request,
            "success",
            "The mail settings were saved." if form.changed_data else "No mail setting was changed.",
        )
        return back_to(request, "mail-settings")
    context = {
        "form": form,
        "waiting": waiting_events(request.merchant).count(),
        "next_at": next_summary_at(request.merchant, row, timezone.now()),
        "reaches_nobody": reaches_nobody(),
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    return settings_page(request, "settings/mail.html", "mail", context)


def _sections(request: MerchantRequest, name: str) -> list[tuple[Section, bool]]:
    """What the preview of a kind, or of the summary, shows; real events only to those who may see their objects."""
    if name == SUMMARY:
        options = get_options(request.merchant)
        kinds = [kind for kind in all_mail_kinds() if kind.may_wait and is_wanted(options, kind)]
        found = [_section(request, kind) for kind in kinds]
        return [entry for entry in found if entry[1]] or found
    return [_section(request, _kind(name))]


def _section(request: MerchantRequest, kind: MailKind) -> tuple[Section, bool]:
    return preview_section(request.merchant, kind, real=request.actor.may(kind.right))


def _kind(name: str) -> MailKind:
    kind = mail_kind(name)
    if kind is None:
        raise Http404("There is no such kind of mail.")
    return kind


def _letter(request: MerchantRequest, sections: list[tuple[Section, bool]]) -> Letter:
    if not sections:
        raise Http404("Every mail that could stand in a summary is switched off.")
    return preview_letter(request.merchant, sections)


@require_GET
@letter_page
@merchant_view(Right.SETTINGS_VIEW)
def mail_preview(request: MerchantRequest, kind: str) -> HttpResponse:
    sections = _sections(request, kind)
    known = mail_kind(kind)
    options = get_options(request.merchant)
    context: dict[str, Any] = {
        "name": kind,
        "label": known.label if known else "Summary",
        "explanation": known.explanation
        if known
        else "What the hourly or daily mail looks like: all that happened, in one mail per address.",
        "kind": known,
        "letter": _letter(request, sections),
        "is_real": all(is_real for _section, is_real in sections),
        "recipients": recipients_of(request.merchant, options, known) if known else [],
        "is_on": is_wanted(options, known) if known else True,
        "address": _address(request.user),
    }
    return settings_page(request, "settings/mail_preview.html", "mail", context)


@require_GET
@merchant_view(Right.SETTINGS_VIEW)
def mail_preview_frame(request: MerchantRequest, kind: str) -> HttpResponseBase:
    return letter_response(request, _letter(request, _sections(request, kind)).html)


@require_POST
@merchant_view(Right.SETTINGS_VIEW, write=Right.SETTINGS_EDIT)
def mail_test(request: MerchantRequest, kind: str) -> HttpResponse:
    known = _kind(kind)
    address = _address(request.user)
    silent = (
        " This installation writes mails to a folder or its console, so it will not arrive."
        if reaches_nobody()
        else ""
    )
    act(
        request,
        lambda: send_test_mail(request.merchant, known, address=address, actor=request.actor),
        f"A test mail ({known.label.lower()}) is on its way to {address}.{silent}",
    )
    return back_to(request, "mail-preview", kind=kind)


def _address(user: AbstractBaseUser | Any) -> str:
    return user.email if isinstance(user, User) else ""
