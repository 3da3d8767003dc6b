"""Refusals and readiness gaps by cause, and one cause with its SKUs: mend, send again, clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.actions.errors import clear_errors
from catalog.actions.resubmit import resend_errors
from catalog.actions.sending import way_for
from catalog.forms.bulk_edit import SETTABLE
from catalog.mending import Page, page_for, table_column
from catalog.models import SkuError
from catalog.pages import page_url, product_list_url
from catalog.queries.errors import (
    ErrorGroup,
    GapGroup,
    changed_errors,
    changed_since_refusal,
    error_groups,
    errors_of_group,
    gap_groups,
    gap_label,
    get_error_group,
    open_errors,
    state_of,
    variant_ids,
    variants_with_gap,
)
from catalog.queries.reach import Unmapped, unmapped_in_use
from catalog.views.links import shown_error
from jetsync.actions.saved_view import freeze_selection
from jetsync.exceptions import NotFound
from jetsync.ids import parse_id
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.filters import PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction
from jetsync.panel.messages import say
from jetsync.queries.saved_view import get_selection
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

PAGE_KEY = "sku-errors"
NO_CATEGORY = "blocks:category:required"


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def errors(request: MerchantRequest) -> HttpResponse:
    """Jet's refusals by cause."""
    return render(request, "catalog/errors/refused.html", {"groups": error_groups(request.merchant)})


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def gaps(request: MerchantRequest) -> HttpResponse:
    """What keeps products from Jet, by cause; each opens the grid with its SKUs."""
    merchant = request.merchant
    found = gap_groups(merchant)
    unmapped = unmapped_in_use(merchant) if any(group.key == NO_CATEGORY for group in found) else None
    rows = [_shown_group(request, group, unmapped) for group in found]
    table = page_url(merchant, "errors-table")
    return render(request, "catalog/errors/gaps.html", {"groups": rows, "table": table})


@dataclass(frozen=True)
class ShownGroup:
    """`words` is a sentence with the counts behind `page`; `in_table` says that the table can mend it, `has_one` that one
    value can be set for all.
    """

    group: GapGroup
    url: str
    in_table: bool
    has_one: bool
    page: Page | None
    page_url: str
    words: str


def _shown_group(request: MerchantRequest, group: GapGroup, unmapped: Unmapped | None) -> ShownGroup:
    merchant = request.merchant
    page = page_for(group.field, group.rule)
    words, in_table = "", page is None or bool(table_column(group.field))
    if group.key == NO_CATEGORY and unmapped is not None:
        if unmapped.categories:
            words = _unmapped_words(unmapped)
        # What has no store category at all gets one in the table.
        in_table = group.skus > unmapped.skus
        page = page if unmapped.categories else None
    if page is not None and not request.actor.may(page.right):
        page = None
    return ShownGroup(
        group,
        product_list_url(merchant, f"gap={group.key}"),
        in_table,
        table_column(group.field) in SETTABLE,
        page,
        page_url(merchant, page.url_name) + page.query if page else "",
        words,
    )


def _unmapped_words(unmapped: Unmapped) -> str:
    one = unmapped.categories == 1
    return (
        f"{unmapped.categories:,} store categor{'y' if one else 'ies'} unmapped "
        f"block{'s' if one else ''} {counted(unmapped.skus, 'SKU')}: map them"
    )


class ErrorFilter(PanelFilterSet):
    q = SearchFilter(
        lookups=("listing__variant__sku__icontains", "message__icontains"), placeholder="SKU or Jet's words"
    )
    bar: ClassVar[tuple[str, ...]] = ("q",)


class ErrorGroupPage(ListPage):
    """The SKUs of one cause."""

    right = Right.PRODUCTS_VIEW
    page_key = PAGE_KEY
    noun = ("error", "errors")
    filter_class = ErrorFilter
    default_sort = "sku"
    template_name = "catalog/errors/group.html"
    columns = (
        Column("sku", "SKU", lambda row: cells.code(row.shown.sku), sort=("listing__variant__sku",), is_primary=True),
        Column("title", "Product", lambda row: cells.text(row.shown.title, url=row.shown.product_url)),
        Column("value", "Value now", lambda row: cells.text(row.shown.value or "empty")),
        Column("state", "State", lambda row: cells.text(state_of(row))),
        Column("message", "Jet's words", lambda row: cells.text(row.message)),
        Column("place", "Said", "catalog/errors/place.html"),
        Column("created_at", "When", lambda row: cells.ago(row.created_at), sort=("created_at",)),
    )  # fmt: skip
    empty = EmptyState("No open error", "Jet has taken these products meanwhile.", "circle-check")

    @cached_property
    def group(self) -> ErrorGroup:
        return get_error_group(self.request.merchant, str(self.kwargs["key"]))

    def get_title(self) -> str:
        return self.group.label

    def get_subtitle(self) -> str:
        return " ".join(
            part for part in (f"{self.group.words}.", self.group.changed_words, self.group.fix) if part
        )

    def extra_context(self) -> dict[str, Any]:
        return {**super().extra_context(), "cause": self.group.cause}

    def get_queryset(self) -> QuerySet[SkuError]:
        return errors_of_group(self.request.merchant, self.group.key)

    def get_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.shown = shown_error(self.request.merchant, row)
        return rows

    def row_url(self, row: Any) -> str:
        return str(row.shown.fix_url)

    def row_label(self, row: Any) -> str:
        return str(row.shown.sku)

    def get_bulk_actions(self) -> Sequence[BulkAction]:
        found = [
            BulkAction("resend", "Send again", "catalog:errors-resend", Right.PRODUCTS_PUBLISH, "primary", "refresh"),
            BulkAction("table", "Fix in a table", "catalog:errors-table", Right.PRODUCTS_EDIT, "", "table"),
            BulkAction("clear", "Clear", "catalog:errors-clear", Right.PRODUCTS_PUBLISH, "", "x"),
        ]  # fmt: skip
        return found if self.is_in_table else [row for row in found if row.key != "table"]

    @property
    def is_in_table(self) -> bool:
        return page_for(self.group.field) is None or bool(table_column(self.group.field))

    def get_page_actions(self) -> Sequence[PageAction]:
        merchant, key = self.request.merchant, self.group.key
        page = page_for(self.group.field)
        table = page_url(merchant, "error-table", key=key)
        return [
            *(
                [PageAction(page.label, page_url(merchant, page.url_name), right=page.right, icon="wand")]
                if page
                else []
            ),
            *(
                [PageAction("Fix all in a table", table, right=Right.PRODUCTS_EDIT, icon="table")]
                if self.is_in_table
                else []
            ),
            *(
                [
                    PageAction(
                        "Set one value for all", f"{table}?one=1", right=Right.PRODUCTS_EDIT, icon="edit"
                    )
                ]
                if table_column(self.group.field) in SETTABLE
                else []
            ),
            PageAction(
                "Send all again",
                page_url(merchant, "error-resend", key=key),
                right=Right.PRODUCTS_PUBLISH,
                primary=True,
                icon="refresh",
            ),
        ]


class _ErrorsPage(ConfirmPage):
    """Acts on ticked errors, or with `key` in the address on all of a cause."""

    right = write_right = Right.PRODUCTS_PUBLISH
    page_key, noun = PAGE_KEY, ("product", "products")

    def get_target(self, **kwargs: Any) -> list[int]:
        if "key" in kwargs:
            group = get_error_group(self.request.merchant, str(kwargs["key"]))
            return list(errors_of_group(self.request.merchant, group.key).values_list("pk", flat=True))
        selection: Selection = super().get_target(**kwargs)
        return list(selection.ids)

    def rows(self, target: list[int]) -> QuerySet[SkuError]:
        return open_errors(self.request.merchant).filter(pk__in=target)

    def get_count(self, target: list[int]) -> int:
        return self.rows(target).values("listing").distinct().count()

    def get_names(self, target: list[int]) -> Sequence[str]:
        skus = (
            self.rows(target)
            .order_by("listing__variant__sku")
            .values_list("listing__variant__sku", flat=True)
        )
        return list(skus.distinct()[:SHOWN_NAMES])

    def get_blockers(self, target: list[int]) -> Sequence[str]:
        return [] if self.rows(target).exists() else ["None of these errors is open any more."]

    def get_cancel_url(self, target: list[int]) -> str:
        first = self.rows(target).values_list("group_key", flat=True).first()
        merchant = self.request.merchant
        return page_url(merchant, "error-group", key=first) if first else page_url(merchant, "errors")


class ResendForm(forms.Form):
    """Which of them: offered only where some were changed and some were not."""

    ALL, CHANGED = "all", "changed"
    which = forms.ChoiceField(label="Which products", widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, count: int, changed: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not 0 < changed < count:
            del self.fields["which"]
            return
        choices = [(self.CHANGED, f"Only the changed ones ({changed:,})"), (self.ALL, f"All ({count:,})")]
        field = self.fields["which"]
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        field.initial = self.CHANGED

    @property
    def only_changed(self) -> bool:
        return self.cleaned_data.get("which") == self.CHANGED


class ErrorsResend(_ErrorsPage):
    confirm_label = "Send again"
    form_class = ResendForm

    def get_form_kwargs(self, target: list[int]) -> dict[str, Any]:
        return {"count": self.get_count(target), "changed": changed_since_refusal(self.rows(target))}

    def get_title(self, target: list[int]) -> str:
        return f"Send {self.count_words(target)} again"

    def get_consequences(self, target: list[int]) -> Sequence[str]:
        count, changed = self.get_count(target), changed_since_refusal(self.rows(target))
        way = way_for(self.request.merchant, count)
        lines = [
            "Only these SKUs are sent, and of each only what Jet refused; after product data also price and quantity.",
            f"They go {'one by one by direct calls' if way == 'direct' else 'as bulk files'}.",
            f"{changed:,} of {count:,} were changed since Jet refused them.",
        ]
        if count and not changed:
            lines.insert(0, "Nothing has changed, so Jet will most likely refuse them again.")
        return lines

    def perform(self, target: list[int], form: Any) -> str:
        ids = target
        if form.only_changed:
            ids = list(changed_errors(self.rows(target)).values_list("pk", flat=True))
        operation = resend_errors(self.request.merchant, ids, actor=self.request.actor)
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


class ErrorsClear(_ErrorsPage):
    confirm_label = "Clear the errors"

    def get_title(self, target: list[int]) -> str:
        return f"Clear the errors of {self.count_words(target)}"

    def get_consequences(self, target: list[int]) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "Nothing is sent and nothing changes at Jet; the errors leave the lists. The log keeps who cleared them.",
            "Changed prices and quantities of these SKUs are sent by themselves again.",
        ]

    def perform(self, target: list[int], form: Any) -> str:  # noqa: ARG002 -- no form
        count = clear_errors(self.request.merchant, target, actor=self.request.actor)
        say(self.request, "success", f"{counted(count, 'error')} cleared.")
        return page_url(self.request.merchant, "errors")


@require_GET
@merchant_view(Right.PRODUCTS_EDIT)
def errors_table(request: MerchantRequest, key: str = "") -> HttpResponse:
    """Goes on to the editor in a table with the SKUs of a cause, of ticked errors (`?selection=`) or of a gap (`?gap=`).

    With `?one=1` to the change of one value for all of them.
    """
    merchant, user = request.merchant, request.actor.user
    if user is None:
        raise NotFound("Products cannot be edited in a table here.")
    if gap := request.GET.get("gap", ""):
        ids, words = variants_with_gap(merchant, gap[:80]), gap_label(gap)
        field = "store_category" if gap == NO_CATEGORY else gap.partition(":")[2].partition(":")[0]
    elif key:
        ids = variant_ids(errors_of_group(merchant, key))
        group = get_error_group(merchant, key)
        words, field = group.label, group.field
    else:
        chosen = get_selection(merchant, PAGE_KEY, parse_id(request.GET.get("selection")), user)
        ticked = open_errors(merchant).filter(pk__in=chosen.ids)
        ids, words = variant_ids(ticked), chosen.description
        fields = set(ticked.values_list("field", flat=True))
        field = fields.pop() if len(fields) == 1 else ""
    if not ids:
        raise NotFound("No product has this any more.", hint="Look at the list of causes again.")
    frozen = freeze_selection(merchant, "products", user=user, ids=ids, description=words)
    column = table_column(field)
    if request.GET.get("one"):
        what = f"&what={column}:set" if column in SETTABLE else ""
        return HttpResponseRedirect(f"{page_url(merchant, 'bulk-edit')}?selection={frozen.pk}{what}")
    first = f"&first={column}" if column else ""
    return HttpResponseRedirect(f"{page_url(merchant, 'sheet-edit')}?selection={frozen.pk}{first}")
