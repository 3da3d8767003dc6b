"""The repricer's page: switch, limits, state, runs with their changes, and the way on after the breaker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel import cells
from jetsync.panel.confirm import operation_url
from jetsync.panel.filters import DateRangeFilter, IdFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import Column, EmptyState, ListPage
from jetsync.panel.messages import Level, say, say_error
from jetsync.queries.settings import has_keys
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from repricer.actions.setting import resume as resume_repricer
from repricer.actions.setting import save_setting
from repricer.enums import ChangeState, RunKind, Why
from repricer.forms import ResumeForm, SettingForm
from repricer.models import RepriceChange
from repricer.pages import page_url
from repricer.queries.offers import for_sale
from repricer.queries.rules import BY_PROFILE, COMPLETE, variants_with_rules
from repricer.queries.runs import changes_of, due_variants, get_run, get_setting, runs_of, troubles

RUNS_SHOWN = 20


@merchant_view(Right.PRODUCTS_VIEW, write=Right.SETTINGS_EDIT)
def repricer(request: MerchantRequest) -> HttpResponse:
    merchant = request.merchant
    setting = get_setting(merchant)
    data = request.POST if request.method == "POST" else None
    form = SettingForm(data, setting=setting, read_only=not request.actor.may(Right.SETTINGS_EDIT))
    if data is not None and form.is_valid():
        was_on = setting.is_on
        saved = save_setting(merchant, form.cleaned_data, actor=request.actor)
        say(request, *_saved_words(merchant, was_on=was_on, is_on=saved.is_on))
        return HttpResponseRedirect(page_url(merchant, "repricer"))
    context = {
        "form": form,
        "setting": setting,
        "resume_form": ResumeForm(),
        "troubles": troubles(merchant) if has_keys(merchant) else [],
        "runs": list(runs_of(merchant)[:RUNS_SHOWN]),
        "with_bounds": variants_with_rules(merchant).filter(COMPLETE | BY_PROFILE).count(),
        "due": due_variants(merchant, RunKind.REPRICE).count(),
    }
    return render(request, "repricer/repricer.html", context, status=400 if form.errors else 200)


def _saved_words(merchant: Merchant, *, was_on: bool, is_on: bool) -> tuple[Level, str]:
    if is_on and not was_on:
        return _on_words(merchant)
    if was_on and not is_on:
        return "success", "The repricer is off. Repriced products go back to their store prices."
    return "success", "The limits of the repricer are saved."


def _on_words(merchant: Merchant) -> tuple[Level, str]:
    """What follows now, and what keeps it from going on by itself."""
    trouble = next(iter(troubles(merchant)), "")
    if not has_keys(merchant):
        return "warning", f"The repricer is on. {trouble} Enter them under Settings, Jet account."
    if not for_sale(merchant).exists():
        return "warning", "The repricer is on. No SKU is for sale at Jet, so there is nothing to reprice yet."
    if trouble:
        return "warning", f"The repricer is on. Sales data is fetched now and a run follows, but: {trouble}"
    return "success", "The repricer is on. Fresh sales data is fetched, and the first run follows."


@require_POST
@merchant_view(Right.PRODUCTS_VIEW, write=Right.SETTINGS_EDIT)
def resume(request: MerchantRequest) -> HttpResponse:
    form = ResumeForm(request.POST)
    passes_once = form.is_valid() and form.cleaned_data["passes_once"]
    try:
        resume_repricer(request.merchant, passes_once=passes_once, actor=request.actor)
        once = " The next run may change as many prices as it wants." if passes_once else ""
        say(request, "success", f"The repricer goes on.{once}")
    except DomainError as error:
        say_error(request, error)
    return HttpResponseRedirect(page_url(request.merchant, "repricer"))


@merchant_view(Right.PRODUCTS_VIEW)
def run(request: MerchantRequest, pk: int) -> HttpResponse:
    """To the changes of the run, or to its operation where it has one and wants undoing."""
    found = get_run(request.merchant, pk)
    return HttpResponseRedirect(f"{page_url(request.merchant, 'changes')}?run={found.pk}")


class ChangeFilter(PanelFilterSet):
    q = SearchFilter(lookups=("sku__istartswith",), placeholder="SKU")
    why = django_filters.ChoiceFilter(choices=Why.choices, label="Reason", empty_label="Any reason")
    state = django_filters.ChoiceFilter(choices=ChangeState.choices, label="State", empty_label="Any")
    run = IdFilter(field_name="run_id", label="Run")
    at = DateRangeFilter(field_name="at", label="Changed")
    bar: ClassVar[tuple[str, ...]] = ("q", "why")


def _moved(row: RepriceChange) -> cells.Cell:
    percent = (row.new_price - row.old_price) / row.old_price * 100 if row.old_price else None
    return cells.money(row.new_price, sub="" if percent is None else f"{percent:+.1f}%")


class ChangeList(ListPage):
    right = Right.PRODUCTS_VIEW
    page_key = "repricer-changes"
    title = "Repriced prices"
    subtitle = (
        "Every price that the repricer has set, with the reason. A whole run is undone from its operation."
    )
    noun = ("change", "changes")
    columns: Sequence[Column] = (
        Column("sku", "SKU", cell=lambda row: cells.code(row.sku), sort=("sku",), is_primary=True),
        Column("old_price", "Before", cell=lambda row: cells.money(row.old_price), align="end"),
        Column("new_price", "After", cell=_moved, align="end"),
        Column("why", "Why", cell=lambda row: cells.text(row.get_why_display(), sub=row.words)),
        Column("state", "State", cell=lambda row: row.get_state_display()),
        Column("run", "Run", cell=lambda row: cells.number(row.run_id, url=_operation(row)), sort=("run",)),
        Column("at", "Changed", cell=lambda row: cells.when(row.at), sort=("pk",)),
    )
    filter_class = ChangeFilter
    default_sort = "-at"

    def get_queryset(self) -> QuerySet[RepriceChange]:
        return changes_of(self.request.merchant).select_related("run__operation")

    def get_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.run.merchant = self.request.merchant
            if row.run.operation is not None:
                row.run.operation.merchant = self.request.merchant
        return rows

    def row_url(self, row: RepriceChange) -> str:
        return page_url(self.request.merchant, "sku", pk=row.variant_id)

    def row_label(self, row: RepriceChange) -> str:
        return row.sku

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No price was repriced yet",
            "Give products their bounds, switch the repricer on, and its changes appear here after the next sales data.",
            "tag",
        )


def _operation(row: RepriceChange) -> str:
    return operation_url(row.run.operation) if row.run.operation else ""
