"""Bulk files: the list, one file with its content and errors, resubmit, clear, fetch results now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from catalog.actions.files import ask_results, delete_files
from catalog.actions.resubmit import RESUBMITTABLE, Touched, resubmit_file, touched_by
from catalog.enums import FileState, FileType
from catalog.error_groups import explanation
from catalog.file_content import read_pieces
from catalog.models import BulkFile, Listing
from catalog.pages import page_url
from catalog.queries.files import (
    OPEN,
    SHOWN_ERRORS,
    entries_of_sku,
    errors_of,
    files_of,
    first_entries,
    get_file,
    last_check,
    rejected,
    rejected_count,
)
from catalog.views.links import shown_errors
from jetsync.exceptions import DomainError, NotFound
from jetsync.models import Selection
from jetsync.panel import cells
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.details import timeline_for
from jetsync.panel.filters import DateRangeFilter, PanelFilterSet, SearchFilter
from jetsync.panel.lists import BulkAction, Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say, say_error
from jetsync.panel.rendering import when_text
from jetsync.tenancy.rights import Right, lack
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

PAGE_KEY = "bulk-files"


class FileFilter(PanelFilterSet):
    q = SearchFilter(
        lookups=("name__icontains", "jet_file_id__istartswith"), placeholder="File name or Jet file id"
    )
    file_type = django_filters.ChoiceFilter(choices=FileType.choices, label="Type", empty_label="Any type")
    state = django_filters.ChoiceFilter(choices=FileState.choices, label="Status", empty_label="Any status")
    created = DateRangeFilter(field_name="created_at", label="Made")
    bar: ClassVar[tuple[str, ...]] = ("q", "file_type")


def _name(row: BulkFile) -> cells.Cell:
    return cells.text(row.name, sub=row.message or f"Jet file id {row.jet_file_id or 'none yet'}")


class FileList(ListPage):
    """One panel for what older extensions called Upload Error File, Rejected Files, Uploaded Files Error."""

    right = Right.PRODUCTS_VIEW
    page_key = PAGE_KEY
    title = "Bulk files"
    noun = ("file", "files")
    empty_by_tab = True
    default_sort = "-created_at"
    filter_class = FileFilter
    columns = (
        Column("pk", "ID", cell=lambda row: row.pk, sort=("pk",), align="end"),
        Column("name", "Jet file name", _name, is_primary=True),
        Column("jet_file_id", "Jet file id", lambda row: cells.code(row.jet_file_id), default_on=False),
        Column("type", "File type", lambda row: row.get_file_type_display(), sort=("file_type",)),
        Column("status", "Status", "catalog/cells/file_state.html", sort=("state",)),
        Column("sku_count", "Products", sort=("sku_count",), align="end"),
        Column("error_count", "Errors", sort=("error_count",), align="end"),
        Column("created_at", "Age", lambda row: cells.ago(row.created_at), sort=("created_at",)),
        Column("action", "Action", "catalog/files/action.html"),
    )
    bulk_actions = (
        BulkAction("resubmit", "Resubmit", "catalog:files-resubmit", Right.PRODUCTS_PUBLISH, "", "refresh"),
        BulkAction("delete", "Clear", "catalog:files-delete", Right.PRODUCTS_PUBLISH, "", "trash"),
    )

    def get_queryset(self) -> QuerySet[BulkFile]:
        rows = files_of(self.request.merchant)
        only = self.request.GET.get("only")
        if only == "rejected":
            return rejected(self.request.merchant)
        return rows.filter(state__in=OPEN) if only == "open" else rows

    def get_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.page_url = self.row_url(row)
            row.may_resubmit = row.state in RESUBMITTABLE
        return rows

    def get_tabs(self) -> Sequence[Tab]:
        return (
            Tab("All", ""),
            Tab("Rejected", "only=rejected", count=rejected_count(self.request.merchant)),
            Tab("At Jet", "only=open"),
        )

    def get_subtitle(self) -> str:
        return f"Files sent to Jet and what it said about them. {self._checked()}"

    def _checked(self) -> str:
        at = last_check(self.request.merchant)
        if at is None:
            return "Jet was not asked for results yet."
        return f"Results last asked for: {when_text(at)}."

    def get_page_actions(self) -> Sequence[PageAction]:
        merchant = self.request.merchant
        publish = Right.PRODUCTS_PUBLISH
        return (
            PageAction("Clear all", page_url(merchant, "files-clear"), right=publish, icon="trash"),
            PageAction("Errors by cause", page_url(merchant, "errors"), icon="alert-triangle"),
            PageAction(
                "Fetch results now",
                page_url(merchant, "files-fetch"),
                right=publish,
                method="post",
                primary=True,
                icon="download",
            ),
        )

    def row_url(self, row: BulkFile) -> str:
        return page_url(self.request.merchant, "file-detail", pk=row.pk)

    def row_label(self, row: BulkFile) -> str:
        return row.name

    def get_empty(self) -> EmptyState:
        if self.request.GET.get("only") == "rejected":
            return EmptyState(
                "No rejected file",
                f"That means success: Jet took every file as a whole. {self._checked()}",
                "circle-check",
            )
        return EmptyState(
            "No bulk file yet",
            "Large uploads and syncs travel as files. No file with errors means that Jet took everything.",
            "file-zip",
        )


@require_POST
@merchant_view(Right.PRODUCTS_PUBLISH)
def files_fetch(request: MerchantRequest) -> HttpResponse:
    """Asks Jet for the results of all open files now (features REJ-04)."""
    back = HttpResponseRedirect(page_url(request.merchant, "file-list"))
    try:
        ask_results(request.merchant)
    except DomainError as error:
        say_error(request, error)
        return back
    say(request, "success", "Jet is being asked for the results of all open files.")
    return back


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def file_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """What it carried, Jet's words, ours, and each error at its SKU. `?q=` looks for a SKU in the content."""
    row = get_file(request.merchant, pk)
    words = request.GET.get("q", "").strip()[:100]
    errors = list(errors_of(row)[:SHOWN_ERRORS])
    context = {
        "file": row,
        "explanation": explanation(FileState(row.state), row.error_count, bool(errors)),
        "errors": shown_errors(request.merchant, errors),
        "open_errors": sum(error.resolved_at is None for error in errors),
        "content": entries_of_sku(row, words) if words else first_entries(row),
        "words": words,
        "successors": row.successors.filter(merchant=request.merchant).only("pk", "name", "state")[:10],
        "resubmit_reason": _resubmit_reason(request, row),
        "delete_reason": lack(request.actor, Right.PRODUCTS_PUBLISH) or ("It was cleared already." if row.deleted_at else "")
        or ("It is still at work." if row.state in OPEN else ""),
        "timeline": timeline_for(request.merchant, "catalog.bulkfile", row.pk, 20),
    }  # fmt: skip
    return render(request, "catalog/file_detail.html", context)


def _resubmit_reason(request: MerchantRequest, row: BulkFile) -> str:
    fits = row.state in RESUBMITTABLE
    return lack(request.actor, Right.PRODUCTS_PUBLISH) or (
        "" if fits else "Only a file with errors, or one never sent, is resubmitted."
    )


@require_GET
@merchant_view(Right.PRODUCTS_VIEW)
def file_content(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """The JSON as it was sent, unpacked while it is being sent."""
    row = get_file(request.merchant, pk)
    if not row.content:
        raise Http404("The content of this file is not kept.")
    if not row.content.storage.exists(str(row.content.name)):
        raise Http404("The content of this file is gone from the disk.")

    def pieces() -> Iterator[bytes]:
        # Opened with the first byte: an answer that nobody reads would leave it open.
        with row.content.open("rb") as stream:
            yield from read_pieces(stream)

    headers = {"Content-Disposition": f'attachment; filename="{row.name}"'}
    return StreamingHttpResponse(pieces(), content_type="application/json", headers=headers)


class AnywayForm(forms.Form):
    """Asked only when nothing has changed (features REJ-06)."""

    anyway = forms.BooleanField(
        required=False,
        label="Send it all the same",
        help_text="Jet will most likely refuse it again. Useful when Jet itself was at fault.",
    )

    def __init__(self, *args: Any, is_needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_needed:
            del self.fields["anyway"]


class _FilesPage(ConfirmPage):
    right = write_right = Right.PRODUCTS_PUBLISH
    page_key, noun = PAGE_KEY, ("file", "files")

    def rows(self, target: Selection) -> QuerySet[BulkFile]:
        return files_of(self.request.merchant).filter(pk__in=target.ids)

    def get_names(self, target: Selection) -> Sequence[str]:
        return list(self.rows(target).order_by("pk").values_list("name", flat=True)[:SHOWN_NAMES])


class FileResubmit(ConfirmPage):
    """One file, from current data, for the SKUs that Jet refused."""

    right = write_right = Right.PRODUCTS_PUBLISH
    noun = ("product", "products")
    confirm_label = "Resubmit to Jet"
    form_class = AnywayForm

    def get_target(self, **kwargs: Any) -> tuple[BulkFile, Touched]:
        row = get_file(self.request.merchant, int(kwargs["pk"]))
        return row, touched_by(row)

    def get_title(self, target: tuple[BulkFile, Touched]) -> str:
        return f"Resubmit {target[0].name}"

    def get_count(self, target: tuple[BulkFile, Touched]) -> int:
        return len(target[1].listing_ids)

    def get_names(self, target: tuple[BulkFile, Touched]) -> Sequence[str]:
        ids = target[1].listing_ids[:SHOWN_NAMES]
        rows = Listing.objects.filter(merchant=self.request.merchant, pk__in=ids)
        return list(rows.order_by("pk").values_list("variant__sku", flat=True))

    def get_consequences(self, target: tuple[BulkFile, Touched]) -> Sequence[str]:
        row, touched = target
        lines = [
            "A new file is built from current data. Products that Jet took are not sent again.",
            f"{len(touched.changed):,} of {len(touched.listing_ids):,} differ from what the file held.",
            f"{row.name} is then Resubmitted, and N/A once Jet took the new one without error.",
        ]
        if touched.listing_ids and not touched.changed:
            lines.insert(0, "Nothing has changed since: correct the products first.")
        return lines

    def get_blockers(self, target: tuple[BulkFile, Touched]) -> Sequence[str]:
        row, touched = target
        if row.state not in RESUBMITTABLE:
            return [f"{row.name} is “{row.get_state_display()}”: there is nothing to resubmit."]
        return [] if touched.listing_ids else ["No SKU of this file has an open error."]

    def get_form_kwargs(self, target: tuple[BulkFile, Touched]) -> dict[str, Any]:
        return {"is_needed": not target[1].changed}

    def get_cancel_url(self, target: tuple[BulkFile, Touched]) -> str:
        return page_url(self.request.merchant, "file-detail", pk=target[0].pk)

    def perform(self, target: tuple[BulkFile, Touched], form: Any) -> str:
        anyway = bool(form.cleaned_data.get("anyway"))
        operation = resubmit_file(target[0], actor=self.request.actor, anyway=anyway)
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


class FilesResubmit(_FilesPage):
    """Several files, each as an operation of its own; those with nothing to send are named."""

    confirm_label = "Resubmit to Jet"
    form_class = AnywayForm

    def get_title(self, target: Selection) -> str:
        return f"Resubmit {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:
        fitting = self.rows(target).filter(state__in=RESUBMITTABLE).count()
        return [
            f"{fitting:,} of them came back with errors or were never sent; the others are left out.",
            "Each is built anew from current data, for the SKUs that Jet refused.",
        ]

    def get_form_kwargs(self, target: Selection) -> dict[str, Any]:  # noqa: ARG002 -- hook
        return {"is_needed": True}

    def perform(self, target: Selection, form: Any) -> str:
        started, left = 0, []
        for row in self.rows(target).filter(state__in=RESUBMITTABLE).order_by("pk"):
            try:
                resubmit_file(
                    get_file(self.request.merchant, row.pk),
                    actor=self.request.actor,
                    anyway=bool(form.cleaned_data.get("anyway")),
                )
                started += 1
            except DomainError as error:
                left.append(f"{row.name}: {error.message}")
        say(
            self.request,
            "success" if started else "warning",
            f"{counted(started, 'file')} resubmitted.",
        )
        if left:
            say(self.request, "warning", f"Left out: {' '.join(left[:3])}")
        return page_url(self.request.merchant, "file-list")


class FilesDelete(_FilesPage):
    """Ticked files, or with `pk` in the address one."""

    confirm_label, danger = "Clear from the list", True

    def get_target(self, **kwargs: Any) -> Selection:
        if "pk" not in kwargs:
            selection: Selection = super().get_target(**kwargs)
            return selection
        row = get_file(self.request.merchant, int(kwargs["pk"]))
        return Selection(merchant=self.request.merchant, page=PAGE_KEY, ids=[row.pk])

    def get_title(self, target: Selection) -> str:
        return f"Clear {self.count_words(target)}"

    def get_consequences(self, target: Selection) -> Sequence[str]:
        open_errors = rejected(self.request.merchant).filter(pk__in=self.rows(target).values("pk")).count()
        lines = ["They leave the list. What they did at Jet, their errors and the log stay."]
        if open_errors:
            lines.append(f"{open_errors:,} came back with errors that nobody has resubmitted.")
        lines.append("Files that Jet is still at work on are left.")
        return lines

    def get_cancel_url(self, target: Selection) -> str:  # noqa: ARG002 -- hook
        return page_url(self.request.merchant, "file-list")

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        count = delete_files(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"{counted(count, 'file')} cleared from the list.")
        return page_url(self.request.merchant, "file-list")


class FilesClear(FilesDelete):
    """All files that are not at work (older extensions: Clear All Logs, Clear Errors)."""

    def get_target(self, **kwargs: Any) -> Selection:  # noqa: ARG002 -- hook
        rows = files_of(self.request.merchant).exclude(state__in=OPEN)
        ids = list(rows.order_by("-pk").values_list("pk", flat=True))
        if not ids and self.request.method == "POST":
            raise NotFound("There is no file to clear.")
        return Selection(merchant=self.request.merchant, page=PAGE_KEY, ids=ids)

    def get_blockers(self, target: Selection) -> Sequence[str]:
        return [] if target.ids else ["There is no file to clear."]
