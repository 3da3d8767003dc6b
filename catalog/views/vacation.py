"""Vacation: what it would archive, its plan, and the way back."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from catalog.actions.vacation import cancel_vacation, end_vacation, plan_vacation
from catalog.enums import VacationState
from catalog.forms.vacation import VacationForm
from catalog.models import Vacation
from catalog.pages import page_url, product_list_url
from catalog.queries.vacation import open_vacation, past_vacations, preview, uploaded_since
from catalog.slots import vacation_notes
from jetsync.exceptions import DomainError, StateConflict
from jetsync.panel.forms import add_words
from jetsync.panel.messages import say, say_error
from jetsync.panel.rendering import when_text
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted


@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_PUBLISH)
def vacation(request: MerchantRequest) -> HttpResponse:
    may_edit = request.actor.may(Right.PRODUCTS_PUBLISH)
    form = VacationForm(request.POST if request.method == "POST" else None, read_only=not may_edit)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = plan_vacation(request.merchant, **form.times(), actor=request.actor)
            except DomainError as error:
                add_words(form, None, f"{error.message} {error.hint}".strip(), error.code)
                status = error.status
            else:
                say(request, "success", _planned_words(made))
                return HttpResponseRedirect(page_url(request.merchant, "vacation"))
    found = open_vacation(request.merchant)
    context = {
        "form": form,
        "vacation": found,
        "is_on": found is not None and found.state == VacationState.ON,
        "still_open": uploaded_since(found) if found else 0,
        "preview": preview(request.merchant),
        "products_url": product_list_url(request.merchant),
        "notes": vacation_notes(request.merchant, request.actor),
        "past": past_vacations(request.merchant),
    }
    return render(request, "catalog/vacation.html", context, status=status)


def _planned_words(made: Vacation) -> str:
    found = open_vacation(made.merchant)
    if found is None or found.state == VacationState.PLANNED:
        until = f" to {when_text(made.ends_at)}" if made.ends_at else ""
        return f"A vacation from {when_text(made.starts_at)}{until} is planned."
    count = found.leaving.total if found.leaving else 0
    if not count:
        return "The vacation began. No SKU was open at Jet, so nothing is archived."
    return f"The vacation began. {counted(count, 'SKU')} {'is' if count == 1 else 'are'} being archived."


@require_POST
@merchant_view(Right.PRODUCTS_VIEW, write=Right.PRODUCTS_PUBLISH)
def vacation_end(request: MerchantRequest) -> HttpResponse:
    """Ends a vacation that is on, or takes back a plan."""
    found = open_vacation(request.merchant)
    try:
        if found is None:
            raise StateConflict("No vacation is planned or on.", hint="Somebody may have ended it just now.")
        if found.state == VacationState.PLANNED:
            cancel_vacation(found, actor=request.actor)
            say(request, "success", "The plan was taken back; nothing was archived.")
        else:
            operation = end_vacation(found, actor=request.actor)
            more = f" {operation.title} has started." if operation else " Nothing was left to open."
            say(request, "success", f"The vacation is over.{more}")
    except DomainError as error:
        say_error(request, error)
    return HttpResponseRedirect(page_url(request.merchant, "vacation"))
