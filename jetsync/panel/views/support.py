"""Contact support: the form, what was asked so far, and single messages with their case file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from jetsync.actions.support import LONGEST_MESSAGE, PER_PERSON_AND_HOUR, Attachment, ask_support
from jetsync.exceptions import DomainError, NotAllowed
from jetsync.ids import parse_id
from jetsync.panel.cases import case_kind
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.queries.support import get_request, requests_seen_by
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# Older messages are in the mail.
SHOWN_REQUESTS = 50


class SupportForm(forms.Form):
    subject = forms.CharField(max_length=150, help_text="What it is about, in a few words.")
    message = forms.CharField(
        max_length=LONGEST_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="What you did, what you expected, what came instead. Never send keys or passwords.",
    )
    with_case = forms.BooleanField(
        label="Attach the case file",
        required=False,
        initial=True,
        help_text="What happened and what was said to Jet, as text. Shoppers and secrets are taken out.",
    )


@merchant_view(Right.HOME_VIEW)
def contact(request: MerchantRequest) -> HttpResponse:
    """`?about=orders.order&id=5` names what the message is about; its case file is attached."""
    about = _about(request)
    form = SupportForm(request.POST or None, initial={"subject": f"About {about[2]}"[:150] if about else ""})
    if about is None:
        del form.fields["with_case"]
    status = 200
    if request.method == "POST":
        if request.access.support is not None:
            raise NotAllowed("A support session changes nothing.")
        status = 400
        if form.is_valid():
            try:
                asked = ask_support(
                    request.merchant,
                    subject=form.cleaned_data["subject"],
                    message=form.cleaned_data["message"],
                    attachment=_attachment(request, about) if form.cleaned_data.get("with_case") else None,
                    actor=request.actor,
                )
            except DomainError as error:
                put_on_form(form, error)
                status = error.status
            else:
                where = (
                    "sent to support" if settings.SUPPORT_EMAIL else "kept for the staff of this installation"
                )
                say(
                    request,
                    "success",
                    f"Message {asked.reference} “{asked.subject}” was stored and {where}; a copy is in your mail.",
                )
                return redirect("panel:support-detail", merchant_slug=request.merchant.slug, pk=asked.pk)
    context: dict[str, Any] = {
        "form": form,
        "about_label": about[2] if about else "",
        "rows": requests_seen_by(request.merchant, request.actor)[:SHOWN_REQUESTS],
        "support_email": settings.SUPPORT_EMAIL,
        "per_hour": PER_PERSON_AND_HOUR,
    }
    return render(request, "support/contact.html", context, status=status)


def _about(request: MerchantRequest) -> tuple[str, int, str] | None:
    """Type, id and name of what the address names. Raises Http404 for what this person may not open."""
    label, pk = request.GET.get("about", ""), parse_id(request.GET.get("id"))
    if not label or not pk:
        return None
    return label, pk, case_kind(label, request.actor).name(request.merchant, pk)


def _attachment(request: MerchantRequest, about: tuple[str, int, str] | None) -> Attachment | None:
    if about is None:
        return None
    label, pk, name = about
    return Attachment(
        label, pk, name, case_kind(label, request.actor).text(request.merchant, request.actor, pk)
    )


@require_GET
@merchant_view(Right.HOME_VIEW)
def detail(request: MerchantRequest, pk: int) -> HttpResponse:
    found = get_request(request.merchant, request.actor, pk)
    return render(request, "support/detail.html", {"asked": found, "support_email": settings.SUPPORT_EMAIL})
