"""Operations: the list, one with live progress, cancel, retry, undo, download of failed rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from jetsync.actions.operation import can_retry, can_undo, cancel_operation, retry_failed, undo_operation
from jetsync.enums import OperationState, RowState
from jetsync.models import Operation, OperationRow
from jetsync.panel import cells
from jetsync.panel.about import about_urls
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.exports import csv_download
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.guide import cause_address
from jetsync.panel.lists import Column, EmptyState, ListPage, Tab
from jetsync.panel.messages import say
from jetsync.panel.shoppers import ReadableSearch, masks_for, shown_words
from jetsync.queries.activity import get_operation, operations_of, rows_of
from jetsync.sync.control import check_control
from jetsync.sync.registry import no_undo_words, undo_choice, undo_foretold, undo_words
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# Rows read at once for a download.
CHUNK = 2000


class OperationFilter(PanelFilterSet):
    q = SearchFilter(lookups=("title__icontains", "actor_label__icontains"), placeholder="Title or person")
    state = django_filters.ChoiceFilter(choices=OperationState.choices, label="State", empty_label="Any")
    created = DateRangeFilter(field_name="created_at", label="Started")
    bar: ClassVar[tuple[str, ...]] = ("q",)


def _result(row: Operation) -> cells.Cell:
    parts = [f"{row.done:,} done"]
    parts += [f"{row.failed:,} failed"] if row.failed else []
    parts += [f"{row.skipped:,} skipped"] if row.skipped else []
    parts += [f"{row.left:,} left"] if row.is_open and row.left else []
    return cells.text(", ".join(parts), sub=row.message)


class OperationList(ListPage):
    live_seconds = 10
    right = Right.ACTIVITY_VIEW
    page_key = "operations"
    title = "Operations"
    subtitle = "Work on many objects: what was started, how far it is, what failed and why."
    noun = ("operation", "operations")
    columns = (
        Column("title", "Operation", sort=("title",), is_primary=True),
        Column("state", "State", cell=lambda row: cells.status(f"operation.{row.state}"), sort=("state",)),
        Column("result", "Result", cell=_result),
        Column("total", "Objects", sort=("total",), align="end"),
        Column("actor_label", "Started by", sort=("actor_label",)),
        Column("created_at", "Started", sort=("created_at",)),
        Column("finished_at", "Ended", sort=("finished_at",)),
    )
    filter_class = OperationFilter
    default_sort = "-created_at"
    empty = EmptyState(
        "No operations yet",
        "Uploads, imports and bulk changes appear here with their progress.",
        icon="list-check",
    )

    def get_queryset(self) -> QuerySet[Operation]:
        return operations_of(self.request.merchant)

    def row_url(self, row: Any) -> str:
        kwargs = {"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        return reverse("panel:operation-detail", kwargs=kwargs)

    def get_tabs(self) -> list[Tab]:
        return [
            Tab("All"),
            Tab("Running", "state=running"),
            Tab("With failures", "state=partly"),
            Tab("Failed", "state=failed"),
        ]


class RowFilter(PanelFilterSet):
    q = ReadableSearch(
        lookups=("label__istartswith", "message__icontains", "code__istartswith"),
        open_lookups=("label__istartswith", "code__istartswith"),
        placeholder="Name or error",
    )
    state = django_filters.ChoiceFilter(choices=RowState.choices, label="State", empty_label="Any")


def _row_message(row: Any) -> cells.Cell:
    return cells.text(row.shown(row.message), sub=row.shown(row.hint), url=row.cause_url)


class OperationDetail(ListPage):
    """The rows of one operation under its progress. Polled every two seconds while it is open."""

    right = Right.ACTIVITY_VIEW
    page_key = "operation-rows"
    noun = ("object", "objects")
    columns = (
        Column("label", "Object", sort=("label",), is_primary=True),
        Column("line", "Line", sort=("line", "pk"), align="end", default_on=False),
        Column("state", "State", cell=lambda row: cells.status(f"row.{row.state}"), sort=("state", "pk")),
        Column("message", "Message", cell=_row_message),
        Column("code", "Code", cell=lambda row: cells.code(row.code), default_on=False),
        Column("updated_at", "Changed", sort=("updated_at", "pk")),
    )
    filter_class = RowFilter
    empty = EmptyState("No objects", "This operation works on the whole, not on single objects.", icon="list")
    template_name = "activity/operation_detail.html"
    # Whether the rows shown are lines of a file; known once they are read.
    has_lines = False

    @cached_property
    def operation(self) -> Operation:
        return get_operation(self.request.merchant, int(self.kwargs["pk"]))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "htmx", False) and request.htmx.target == "operation-live":  # type: ignore[attr-defined]
            return render(
                request, "activity/operation_poll.html", {"list": self.state(), **self.extra_context()}
            )
        return super().get(request, *args, **kwargs)

    def get_columns(self) -> Sequence[Column]:
        """The line of a file is shown without being asked for where there is one."""
        return [
            replace(column, default_on=self.has_lines) if column.key == "line" else column
            for column in self.columns
        ]

    def get_queryset(self) -> QuerySet[OperationRow]:
        return rows_of(self.operation)

    def get_title(self) -> str:
        return self.operation.title

    def get_rows(self, rows: list[Any]) -> list[Any]:
        merchant, actor = self.request.merchant, self.request.actor
        urls, masks = about_urls(merchant, actor, rows), masks_for(merchant, actor, rows)
        self.has_lines = any(row.line for row in rows)
        for row in rows:
            row.shown = shown_words(masks, row)
            row.cause_url = (
                cause_address(merchant, row.code, "work", "value") if row.state == RowState.FAILED else ""
            )
            row.about_url = urls.get((row.object_type, row.object_id), "")
        return rows

    def row_url(self, row: Any) -> str:
        """The page of the object itself."""
        return str(row.about_url)

    def get_tabs(self) -> list[Tab]:
        operation = self.operation
        return [
            Tab("All", "", operation.total),
            Tab("Failed", "state=failed", operation.failed),
            Tab("Done", "state=done", operation.done),
        ]

    def extra_context(self) -> dict[str, Any]:
        operation = self.operation
        return {
            "operation": operation,
            "page_title": operation.title,
            "can_retry": can_retry(operation),
            "can_undo": can_undo(operation),
            "no_undo": "" if operation.is_open else no_undo_words(operation.kind),
        }


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def cancel(request: MerchantRequest, pk: int) -> HttpResponse:
    operation = cancel_operation(get_operation(request.merchant, pk), actor=request.actor)
    text = (
        f"“{operation.title}” is cancelled. {operation.done:,} of {operation.total:,} had been done already."
    )
    say(request, "success", text)
    return redirect(operation_url(operation))


@require_POST
@merchant_view(Right.ACTIVITY_VIEW, write=Right.ACTIVITY_CONTROL)
def retry(request: MerchantRequest, pk: int) -> HttpResponse:
    old = get_operation(request.merchant, pk)
    operation = retry_failed(old, actor=request.actor)
    rows = "The failed row" if old.failed == 1 else f"The {old.failed:,} failed rows"
    say(request, "success", f"{rows} of “{old.title}” {'is' if old.failed == 1 else 'are'} tried again.")
    return redirect(operation_url(operation))


class Undo(ConfirmPage):
    right, write_right = Right.ACTIVITY_VIEW, Right.ACTIVITY_CONTROL
    confirm_label = "Undo"
    danger = True
    noun = ("object", "objects")
    template_name = "activity/undo.html"

    def get_target(self, **kwargs: Any) -> Operation:
        operation = get_operation(self.request.merchant, int(kwargs["pk"]))
        check_control(self.request.actor, operation)
        return operation

    def get_title(self, target: Operation) -> str:
        return f"Undo “{target.title}”"

    def get_count(self, target: Operation) -> int:
        return target.done

    def get_names(self, target: Operation) -> list[str]:
        done = rows_of(target).filter(state=RowState.DONE).order_by("pk")
        return list(done.values_list("label", flat=True)[:SHOWN_NAMES])

    def get_consequences(self, target: Operation) -> list[str]:
        return [
            undo_words(target.kind),
            *undo_foretold(target),
            "What was changed since is left as it is, and named in the rows of the undo.",
            "The undo is an operation of its own and is sent to Jet like any change.",
        ]

    def get_blockers(self, target: Operation) -> list[str]:
        if can_undo(target):
            return []
        if words := no_undo_words(target.kind):
            return [f"There is no undo. {words}"]
        return ["This operation is still running, was undone before, or is of a kind that has no way back."]

    def get_cancel_url(self, target: Operation) -> str:
        return operation_url(target)

    def extra_context(self, target: Operation) -> dict[str, Any]:
        """The tick is set until somebody takes it away."""
        is_given = self.request.method != "POST" or bool(self.request.POST.get("spares"))
        return {"choice": "" if self.get_blockers(target) else undo_choice(target), "spares": is_given}

    def perform(self, target: Operation, form: Any) -> str:  # noqa: ARG002 -- hook
        spares = bool(self.request.POST.get("spares")) or "asked_spares" not in self.request.POST
        undoing = undo_operation(target, actor=self.request.actor, spares=spares)
        say(self.request, "success", f"Undoing “{target.title}” has begun.")
        return operation_url(undoing)


@require_GET
@merchant_view(Right.ACTIVITY_VIEW)
def failed_rows(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """The failed rows as CSV: line, object, code, what happened, what to do.

    Rows of a list that somebody gave (`data["given"]`: its cells by heading) begin with these cells, so that the file
    can be mended and given again.
    """
    operation = get_operation(request.merchant, pk)
    rows = rows_of(operation).filter(state=RowState.FAILED).order_by("pk")
    first = rows.values_list("data__given", flat=True).first() or [{}]
    given = tuple(first[0])
    names = ("line", "label", "code", "message", "hint", "object_type", "object_id", "data__given")
    source = iter(rows.values_list(*names, named=True).iterator(chunk_size=CHUNK))
    header = (*given, "line", "object", "code", "message", "what_to_do")

    def lines() -> Iterator[tuple[Any, ...]]:
        while some := list(islice(source, CHUNK)):
            masks = masks_for(request.merchant, request.actor, some)
            for row in some:
                words = shown_words(masks, row)
                facts = (row.line, row.label, row.code, words(row.message), words(row.hint))
                for cells_given in row.data__given or [{}]:
                    yield (*(words(str(cells_given.get(name, ""))) for name in given), *facts)

    return csv_download(request.merchant, f"failed-rows-{operation.pk}.csv", header, lines())
