"""Versions of Jet's taxonomy: which is in use, what changed in it, and importing another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.actions.taxonomy import affected_products, choose_version, delete_version
from catalog.actions.taxonomy_import import start_import
from catalog.enums import FreeText
from catalog.forms.mapping import TaxonomyForm
from catalog.models import JetAttribute, JetCategory, TaxonomyVersion
from catalog.pages import page_url
from catalog.queries.category import VanishedNode, vanished_in_use
from catalog.queries.taxonomy import current_version, get_version, versions_for
from catalog.queries.taxonomy_diff import (
    ATTRIBUTE_CHANGES,
    NODE_CHANGES,
    attribute_changes,
    node_changes,
)
from jetsync.enums import RowState
from jetsync.exceptions import DomainError, NotFound
from jetsync.models import Merchant, OperationRow
from jetsync.panel import cells
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.exports import csv_download
from jetsync.panel.forms import put_on_form
from jetsync.panel.lists import Column, EmptyState, ListPage, PageAction, Tab
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.wording import counted

BATCH = 2000
# Categories that the question before a version is put to use names.
NAMED = 10


class TaxonomyList(ListPage):
    """Every version the merchant may use."""

    right = Right.MAPPING_VIEW
    page_key = "taxonomies"
    title = "Jet taxonomy"
    subtitle = (
        "The tree of categories and attributes that you map to. Shared versions come from the operator of this "
        "installation; a version of your own is for you alone."
    )
    noun = ("version", "versions")
    default_sort = "-imported"
    empty = EmptyState("No taxonomy yet", "Import Jet's four CSV files, and mapping can begin.", "versions")

    @cached_property
    def in_use(self) -> TaxonomyVersion | None:
        """Asked for with every look at the columns, so it is read once."""
        return current_version(self.request.merchant)

    def get_columns(self) -> Sequence[Column]:
        def state(row: TaxonomyVersion) -> Any:
            if self.in_use is not None and row.pk == self.in_use.pk:
                return cells.status("taxonomy.in_use")
            return cells.status("taxonomy.kept")

        return [
            Column("name", "Version", sort=("name",), is_primary=True),
            Column("state", "State", cell=state),
            Column("owner", "From", cell=lambda row: "You" if row.owner_id else "Shared"),
            Column("categories", "Categories", cell=lambda row: cells.number(row.categories), align="end"),
            Column("attributes", "Attributes", cell=lambda row: cells.number(row.attributes), align="end"),
            Column("values", "Values", cell=lambda row: cells.number(row.attribute_values), align="end"),
            Column("links", "Links", cell=lambda row: cells.number(row.links), align="end", default_on=False),
            Column("changes", "Changed categories", cell=_changed, align="end"),
            Column(
                "imported", "Imported", cell=lambda row: cells.when(row.imported_at), sort=("imported_at",)
            ),
        ]

    def get_queryset(self) -> QuerySet[TaxonomyVersion]:
        return versions_for(self.request.merchant)

    def get_page_actions(self) -> Sequence[PageAction]:
        return (
            PageAction(
                "Import a version",
                url_name="catalog:taxonomy-import",
                right=Right.MAPPING_EDIT,
                primary=True,
                icon="upload",
            ),
        )

    def row_url(self, row: TaxonomyVersion) -> str:
        return page_url(self.request.merchant, "taxonomy-detail", pk=row.pk)


def _changed(row: TaxonomyVersion) -> Any:
    nodes = row.diff.get("nodes", {})
    if not nodes:
        return cells.text("–")  # noqa: RUF001 -- a dash, as typeset
    parts = [f"{nodes.get(change, 0):,} {label.lower()}" for change, label in NODE_CHANGES.items()]
    return cells.number(sum(nodes.values()), sub=", ".join(parts))


@merchant_view(Right.MAPPING_VIEW, write=Right.MAPPING_EDIT)
def taxonomy_import(request: MerchantRequest) -> HttpResponse:
    """Takes the four files; the page of the operation shows how far it is."""
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = TaxonomyForm(data, files)
    if form.is_valid():
        values = form.cleaned_data
        try:
            operation = start_import(
                request.merchant,
                values["taxonomy_files"],
                name=values["name"],
                make_current=values["make_current"],
                actor=request.actor,
            )
        except DomainError as error:
            put_on_form(form, error, {"files": "taxonomy_files"})
        else:
            say(request, "success", f"The import of “{operation.data['name']}” has begun.")
            return HttpResponseRedirect(operation_url(operation))
    context = {"form": form, "may_edit": request.actor.may(Right.MAPPING_EDIT)}
    return render(request, "catalog/taxonomy/import.html", context, status=400 if form.errors else 200)


@require_GET
@merchant_view(Right.MAPPING_VIEW)
def taxonomy_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    """Counts, what was left out, and what is other than in the version that was in use before."""
    merchant = request.merchant
    version = get_version(merchant, pk)
    now = current_version(merchant)
    is_current = now is not None and now.pk == version.pk
    against = versions_for(merchant).filter(pk=version.diff.get("against", 0)).first()
    context = {
        "version": version,
        "is_current": is_current,
        "is_own": version.owner_id is not None,
        "against": against,
        "node_changes": _tiles(version, "nodes", NODE_CHANGES),
        "attribute_changes": _tiles(version, "attributes", ATTRIBUTE_CHANGES),
        "left_out": sorted(version.dropped.items()),
        "has_rows": _left_out_rows(merchant, version).exists(),
        "left_out_total": sum(version.dropped.values()),
        "gone": vanished_in_use(merchant) if is_current else [],
    }
    return render(request, "catalog/taxonomy/detail.html", context)


def _tiles(version: TaxonomyVersion, part: str, labels: dict[str, str]) -> list[tuple[str, str, int]]:
    """(change, label, count); empty where there was nothing to compare with."""
    counts = version.diff.get(part, {})
    return [(change, label, counts.get(change, 0)) for change, label in labels.items()] if counts else []


def _left_out_rows(merchant: Merchant, version: TaxonomyVersion) -> QuerySet[OperationRow]:
    """None for an old import, whose operation is not kept any more."""
    return OperationRow.objects.filter(
        merchant=merchant,
        operation=version.diff.get("operation") or 0,
        state__in=(RowState.FAILED, RowState.SKIPPED),
    ).order_by("pk")


@require_GET
@merchant_view(Right.MAPPING_VIEW)
def taxonomy_dropped(request: MerchantRequest, pk: int) -> HttpResponseBase:
    """The rows that an import left out, with file, line and reason."""
    rows = _left_out_rows(request.merchant, get_version(request.merchant, pk))

    def lines() -> Iterator[list[Any]]:
        for row in rows.iterator(chunk_size=BATCH):
            data = row.data
            yield [data.get("file", ""), row.line, data.get("reason", ""), data.get("value", "")]

    header = ["file", "line", "reason", "value"]
    return csv_download(request.merchant, f"left-out-{pk}.csv", header, lines())


class _Changes(ListPage):
    """Base of the two lists of changes of a version."""

    right = Right.MAPPING_VIEW
    template_name = "catalog/taxonomy/changes.html"
    labels: dict[str, str]
    part: str

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.pk = int(kwargs.pop("pk"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def versions(self) -> tuple[TaxonomyVersion, TaxonomyVersion]:
        """(old, new). Raises NotFound when the old one was deleted since."""
        merchant = self.request.merchant
        new = get_version(merchant, self.pk)
        old = versions_for(merchant).filter(pk=new.diff.get("against", 0)).first()
        if old is None:
            raise NotFound("The version it was compared with does not exist any more.")
        return old, new

    @property
    def change(self) -> str:
        wanted = self.query.get("what", "")
        return wanted if wanted in self.labels else next(iter(self.labels))

    def get_title(self) -> str:
        old, new = self.versions
        return f"{new.name} against {old.name}"

    def get_tabs(self) -> Sequence[Tab]:
        counts = self.versions[1].diff.get(self.part, {})
        first = next(iter(self.labels))
        return [
            Tab(label, "" if change == first else f"what={change}", count=counts.get(change, 0))
            for change, label in self.labels.items()
        ]

    def extra_context(self) -> dict[str, Any]:
        return {"version": self.versions[1]}


class NodeChanges(_Changes):
    page_key = "taxonomy-nodes"
    noun = ("category", "categories")
    default_sort = "path"
    labels = NODE_CHANGES
    part = "nodes"
    empty = EmptyState("None", "No category changed in this way.", "circle-check")
    columns = (
        Column("node_id", "Jet Category ID", cell=lambda row: cells.code(row.node_id), sort=("node_id",)),
        Column("path", "Category path", sort=("path",), is_primary=True),
        Column("before", "Before", cell=lambda row: row.before or "–"),  # noqa: RUF001 -- a dash, as typeset
        Column("level", "Level", sort=("level",), align="end"),
    )

    def get_queryset(self) -> QuerySet[JetCategory]:
        return node_changes(*self.versions, self.change)


def _before(row: Any) -> str:
    if isinstance(row.before, int):
        return str(FreeText(row.before).label)
    return row.before or "–"  # noqa: RUF001 -- a dash, as typeset


class AttributeChanges(_Changes):
    page_key = "taxonomy-attributes"
    noun = ("attribute", "attributes")
    default_sort = "name"
    labels = ATTRIBUTE_CHANGES
    part = "attributes"
    empty = EmptyState("None", "No attribute changed in this way.", "circle-check")
    columns = (
        Column("attribute_id", "Attribute id", cell=lambda row: cells.code(row.attribute_id)),
        Column("name", "Name", sort=("name",), is_primary=True),
        Column("before", "Before", cell=_before),
        Column("free_text", "Type", cell=lambda row: row.get_free_text_display()),
    )

    def get_queryset(self) -> QuerySet[JetAttribute]:
        return attribute_changes(*self.versions, self.change)


class _VersionPage(ConfirmPage):
    """Confirm pages about one version."""

    right = write_right = Right.MAPPING_EDIT
    noun = ("version", "versions")

    def get_target(self, **kwargs: Any) -> TaxonomyVersion:
        return get_version(self.request.merchant, kwargs["pk"])

    def get_cancel_url(self, target: TaxonomyVersion) -> str:
        return page_url(self.request.merchant, "taxonomy-detail", pk=target.pk)


def _lost_words(gone: Sequence[VanishedNode]) -> list[str]:
    """What cannot be sent any more once the version is in use."""
    if not gone:
        return []
    names = ", ".join(row.path for row in gone[:NAMED])
    more = f" and {len(gone) - NAMED:,} more" if len(gone) > NAMED else ""
    lacks = "It lacks one Jet category" if len(gone) == 1 else f"It lacks {len(gone):,} Jet categories"
    lost = sum(row.products for row in gone)
    have = "it has" if lost == 1 else "they have"
    return [
        f"{lacks} that you use: {names}{more}.",
        f"{counted(lost, 'product')} cannot be sent until {have} another one.",
    ]


class UseVersion(_VersionPage):
    confirm_label = "Put it to use"

    def get_title(self, target: TaxonomyVersion) -> str:
        return f"Use “{target.name}” from now on"

    def get_consequences(self, target: TaxonomyVersion) -> Sequence[str]:
        products = affected_products(self.request.merchant)
        lines = [
            "Pickers, checks and mappings follow it at once; mappings to categories it lacks are marked.",
            *_lost_words(vanished_in_use(self.request.merchant, target)),
            f"{counted(products, 'product')} will be checked against it in the background.",
            "It counts for your products only.",
        ]
        if target.owner_id is None and not target.is_current:
            lines.append("It is an older shared version: a copy of your own is kept, so that it stays.")
        return lines

    def get_blockers(self, target: TaxonomyVersion) -> Sequence[str]:
        now = current_version(self.request.merchant)
        return [f"“{target.name}” is in use already."] if now is not None and now.pk == target.pk else []

    def perform(self, target: TaxonomyVersion, form: Any) -> str:  # noqa: ARG002 -- no form
        merchant = self.request.merchant
        chosen = choose_version(merchant, target, actor=self.request.actor)
        words = counted(affected_products(merchant), "product")
        say(self.request, "success", f"“{chosen.name}” is in use now. It applies to {words}.")
        return page_url(merchant, "taxonomy-detail", pk=chosen.pk)


class DeleteVersion(_VersionPage):
    danger = True
    confirm_label = "Delete the version"

    def get_title(self, target: TaxonomyVersion) -> str:
        return f"Delete “{target.name}”"

    def get_consequences(self, target: TaxonomyVersion) -> Sequence[str]:
        return [
            f"Its {target.categories:,} categories and {target.attribute_values:,} values are deleted for good.",
            "Mappings stay; they are checked against the version in use.",
        ]

    def get_blockers(self, target: TaxonomyVersion) -> Sequence[str]:
        if target.owner_id is None:
            return ["It is shared by all; only the operator of this installation deletes it."]
        return ["It is in use. Put another version to use first."] if target.is_current else []

    def perform(self, target: TaxonomyVersion, form: Any) -> str:  # noqa: ARG002 -- no form
        delete_version(self.request.merchant, target, actor=self.request.actor)
        say(self.request, "success", f"“{target.name}” is deleted.")
        return page_url(self.request.merchant, "taxonomy-list")
