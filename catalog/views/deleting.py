"""The pages before SKUs are deleted: one product, ticked SKUs, or what a file added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.actions.deleting import delete_all, delete_many
from catalog.models import CsvUpload, Product, Variant
from catalog.pages import page_url
from catalog.queries.deleting import Deletion, added_by, deletion_of
from catalog.queries.product import get_product
from catalog.views.csv import get_upload
from jetsync.models import Operation
from jetsync.panel.confirm import SHOWN_NAMES, ConfirmPage, operation_url
from jetsync.panel.messages import say
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

NOTHING = "None of them can be deleted."


class DeleteSelected(ConfirmPage):
    """What is ticked in the list, or its whole view; the other pages say only what else is meant."""

    right = write_right = Right.PRODUCTS_EDIT
    page_key = "products"
    noun = ("SKU", "SKUs")
    danger = True
    confirm_label = "Delete"
    _ids: Sequence[int] | None = None
    _found: Deletion | None = None

    def get_ids(self, target: Any) -> Sequence[int]:
        """The variants that are meant."""
        ids: Sequence[int] = target.ids
        return ids

    def ids_of(self, target: Any) -> Sequence[int]:
        """Read once for a page."""
        if self._ids is None:
            self._ids = self.get_ids(target)
        return self._ids

    def found_of(self, target: Any) -> Deletion:
        """Counted once for a page."""
        if self._found is None:
            self._found = deletion_of(self.request.merchant, self.ids_of(target))
        return self._found

    def get_title(self, target: Any) -> str:
        return f"Delete {self.count_words(target)}"

    def get_count(self, target: Any) -> int:
        return len(self.ids_of(target))

    def get_names(self, target: Any) -> Sequence[str]:
        rows = Variant.objects.filter(
            merchant=self.request.merchant, pk__in=self.ids_of(target)[:SHOWN_NAMES]
        )
        return list(rows.order_by("sku").values_list("sku", flat=True))

    def get_consequences(self, target: Any) -> Sequence[str]:
        found = self.found_of(target)
        if not found.skus:
            return found.reasons
        goes = "goes" if found.skus == 1 else "go"
        lines = [f"{counted(found.skus, 'SKU')} {goes}, with prices, stock, codes, images and exceptions."]
        if found.products:
            has = "it has its last SKU" if found.products == 1 else "they have their last SKUs"
            lines.append(f"{counted(found.products, 'product')} with them: {has} among these.")
        if found.archived:
            lines.append(
                f"Jet keeps {found.archived:,} of them archived. From here they cannot be opened again; a new product "
                "with the same SKU is sent like any other."
            )
        lines += found.reasons
        lines.append(
            "Orders, returns and refunds keep their lines with SKU and title, and the log keeps its entries."
        )
        lines.append("This cannot be undone. Export them first if you may need their values.")
        return lines

    def get_blockers(self, target: Any) -> Sequence[str]:
        return [] if self.found_of(target).skus else [NOTHING]

    def perform(self, target: Any, form: Any) -> str:  # noqa: ARG002 -- no form
        operation = delete_many(self.request.merchant, self.ids_of(target), actor=self.request.actor)
        self.tell(operation)
        return operation_url(operation)

    def tell(self, operation: Operation) -> None:
        if operation.is_open:
            say(self.request, "success", f"“{operation.title}” has begun.")
            return
        stays = f", {counted(operation.skipped, 'SKU')} left: see why below" if operation.skipped else ""
        say(self.request, "success", f"{counted(operation.done, 'SKU')} deleted{stays}.")


class DeleteAdded(DeleteSelected):
    """What a file added and no later file has changed: the part of an import that its undo leaves."""

    def get_target(self, **kwargs: Any) -> CsvUpload:
        return get_upload(self.request.merchant, kwargs["pk"])

    def get_ids(self, target: CsvUpload) -> Sequence[int]:
        return list(added_by(target).order_by("pk").values_list("pk", flat=True))

    def get_title(self, target: CsvUpload) -> str:
        return f"{super().get_title(target)} that {target.original_name} added"

    def get_cancel_url(self, target: CsvUpload) -> str:
        return page_url(self.request.merchant, "csv-detail", pk=target.pk)


class DeleteProduct(DeleteSelected):
    """One product with all its SKUs, or none of them."""

    def get_target(self, **kwargs: Any) -> Product:
        return get_product(self.request.merchant, kwargs["pk"])

    def get_ids(self, target: Product) -> Sequence[int]:
        rows = Variant.objects.filter(merchant=self.request.merchant, product=target)
        return list(rows.order_by("pk").values_list("pk", flat=True))

    def get_title(self, target: Product) -> str:
        return f"Delete “{target.title}”"

    def get_blockers(self, target: Product) -> Sequence[str]:
        return self.found_of(target).reasons

    def get_cancel_url(self, target: Product) -> str:
        return page_url(self.request.merchant, "product-detail", pk=target.pk)

    def perform(self, target: Product, form: Any) -> str:  # noqa: ARG002 -- no form
        ids = self.ids_of(target)
        delete_all(self.request.merchant, ids, actor=self.request.actor)
        say(self.request, "success", f"“{target.title}” is deleted with {counted(len(ids), 'SKU')}.")
        return page_url(self.request.merchant, "product-list")
