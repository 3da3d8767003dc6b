"""Confirm pages of what is sent to Jet, the one-product buttons, and the bulk files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.actions import publish
from catalog.enums import FileState, FileType, Readiness, Step
from catalog.models import BulkFile, Listing, Variant
from catalog.queries.stock import get_variant
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Operation, Selection
from jetsync.panel.confirm import ConfirmPage, operation_url
from jetsync.panel.lists import Column, EmptyState, ListPage, Tab
from jetsync.panel.messages import say, say_error
from jetsync.queries.settings import get_options
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

Act = Callable[..., Operation]
SHOWN = 12


class _PublishPage(ConfirmPage):
    """Acts on the frozen selection of the product grid, whose ids are variants."""

    right = write_right = Right.PRODUCTS_PUBLISH
    page_key = "products"
    noun = ("product", "products")
    verb = ""
    act: Act

    def get_title(self, target: Selection) -> str:
        return f"{self.verb} {self.count_words(target)}"

    def get_names(self, target: Selection) -> Sequence[str]:
        rows = Variant.objects.filter(merchant=self.request.merchant, pk__in=target.ids[:SHOWN])
        return list(rows.order_by("sku").values_list("sku", flat=True))

    def listings(self, target: Selection) -> QuerySet[Listing]:
        return Listing.objects.filter(merchant=self.request.merchant, variant__in=target.ids)

    def way(self, target: Selection) -> str:
        limit = get_options(self.request.merchant).direct_upload_limit
        if len(target.ids) > limit:
            return f"They are sent as bulk files, because they are more than {limit}. Each error is brought to its SKU."
        return "They are sent one by one by direct calls, so every answer is exact."

    def perform(self, target: Selection, form: Any) -> str:  # noqa: ARG002 -- no form
        operation = type(self).act(self.request.merchant, target.ids, actor=self.request.actor)
        say(self.request, "success", f"Started: {operation.title}.")
        return operation_url(operation)


class UploadPage(_PublishPage):
    verb, confirm_label, act = "Upload", "Upload to Jet", staticmethod(publish.upload)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        rows = self.listings(target)
        unready = rows.filter(readiness=Readiness.NOT_READY).count()
        never = rows.filter(readiness=Readiness.NEVER_LIVE).count()
        texts = ["Product data, price and quantity are sent, in this order.", self.way(target)]
        if unready:
            texts.append(f"{unready:,} are not ready. They are left out with the reason; the others go on.")
        if never:
            texts.append(
                f"{never:,} have no UPC, EAN, ISBN, GTIN or ASIN. Jet takes them, but they will never go live."
            )
        return texts


class ArchivePage(_PublishPage):
    verb, confirm_label, danger, act = "Archive", "Archive at Jet", True, staticmethod(publish.archive)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return [
            "Shoppers can no longer buy them and their quantity at Jet becomes 0.",
            self.way(target),
            "You can undo this from the operation's page.",
        ]


class UnarchivePage(_PublishPage):
    verb, confirm_label, act = "Un-archive", "Un-archive at Jet", staticmethod(publish.unarchive)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return ["They are opened at Jet and listed again once Jet has their quantities.", self.way(target)]


class SyncPage(_PublishPage):
    verb, confirm_label, act = "Send price and quantity of", "Send now", staticmethod(publish.sync)

    def get_consequences(self, target: Selection) -> Sequence[str]:
        return ["Only price and quantity are sent. Other changes need an upload.", self.way(target)]


class StatusPage(_PublishPage):
    verb, confirm_label, act = "Read the status of", "Read from Jet", staticmethod(publish.read_status)

    def get_consequences(self, target: Selection) -> Sequence[str]:  # noqa: ARG002 -- hook
        return ["Nothing is changed at Jet. Status, price and quantity are read and shown beside yours."]


_ONE: dict[str, tuple[Act, str]] = {
    "upload": (publish.upload, "is being sent to Jet"),
    "sync": (publish.sync, "price and quantity are being sent"),
    "archive": (publish.archive, "is being archived at Jet"),
    "unarchive": (publish.unarchive, "is being opened at Jet again"),
    "status": (publish.read_status, "status is being read"),
}


@require_POST
@merchant_view(Right.PRODUCTS_PUBLISH)
def publish_one(request: MerchantRequest, pk: int) -> HttpResponse:
    """The buttons of the product page; `do` names the act."""
    variant = get_variant(request.merchant, pk)
    chosen = _ONE.get(request.POST.get("do", ""))
    back = HttpResponseRedirect(_product_url(request, variant))
    if chosen is None:
        say(request, "error", "Choose what to do with the product.")
        return back
    act, words = chosen
    try:
        operation = act(request.merchant, [variant.pk], actor=request.actor)
    except DomainError as error:
        say_error(request, error)
        return back
    say(request, "success", f"{variant.sku} {words}.")
    return HttpResponseRedirect(operation_url(operation))


def _product_url(request: MerchantRequest, variant: Variant) -> str:
    return reverse(
        "catalog:product-detail", kwargs={"merchant_slug": request.merchant.slug, "pk": variant.product_id}
    )


def get_file(merchant: Merchant, pk: int) -> BulkFile:
    return get_object_or_404(BulkFile.objects.select_related("operation"), merchant=merchant, pk=pk)


class FileList(ListPage):
    """One panel for what older extensions called Upload Error File, Rejected Files, Uploaded Files Error."""

    right = Right.PRODUCTS_VIEW
    page_key = "bulk-files"
    title = "Bulk files"
    subtitle = "Files sent to Jet and what it said about them."
    noun = ("file", "files")
    default_sort = "-created_at"
    columns = (
        Column("name", "File", is_primary=True),
        Column("type", "Type", lambda row: row.get_file_type_display(), sort=("file_type",)),
        Column("status", "Status", "catalog/cells/file_state.html"),
        Column("sku_count", "Products", sort=("sku_count",), align="end"),
        Column("error_count", "Errors", sort=("error_count",), align="end"),
        Column("jet_file_id", "Jet file id", default_on=False),
        Column("created_at", "Sent", sort=("created_at",)),
    )

    def get_queryset(self) -> QuerySet[BulkFile]:
        rows = BulkFile.objects.filter(merchant=self.request.merchant).defer(
            "manifest", "errors", "upload_url"
        )
        if self.request.GET.get("only") == "rejected":
            rows = rows.filter(state__in=(FileState.WITH_ERRORS, FileState.FAILED))
        return rows

    def get_tabs(self) -> Sequence[Tab]:
        return (Tab("All", ""), Tab("With errors", "only=rejected"))

    def row_url(self, row: BulkFile) -> str:
        return reverse(
            "catalog:file-detail", kwargs={"merchant_slug": self.request.merchant.slug, "pk": row.pk}
        )

    def get_empty(self) -> EmptyState:
        return EmptyState(
            "No bulk file yet",
            "Large uploads and syncs travel as files. No file with errors means that Jet took everything.",
            "file-zip",
        )


@merchant_view(Right.PRODUCTS_VIEW)
def file_detail(request: MerchantRequest, pk: int) -> HttpResponse:
    row = get_file(request.merchant, pk)
    refused = Listing.objects.filter(
        merchant=request.merchant,
        pk__in=[entry[0] for entry in row.manifest],
        error_code__in=[f"{step}_refused" for step in Step] + ["file_refused"],
    ).select_related("variant")
    context = {
        "file": row,
        "refused": refused.order_by("pk")[:200],
        "sample": row.manifest[:50],
        "file_types": FileType,
    }
    return render(request, "catalog/file_detail.html", context)
