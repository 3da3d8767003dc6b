"""The menu's entries for spreadsheets, and the actions over ticked SKUs."""

from __future__ import annotations

from typing import Any

from catalog.models import CsvUpload, Variant
from catalog.slots import ProductCard, register_bulk_action, register_card
from jetsync.models import Merchant
from jetsync.panel.items import MenuItem, register
from jetsync.panel.lists import BulkAction
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Products",
        "Edit in a table",
        "catalog:sheet-edit",
        Right.PRODUCTS_EDIT,
        32,
        ("spreadsheet", "bulk edit", "mass edit", "excel", "grid editor", "paste"),
    )
)
register_bulk_action(
    10, BulkAction("table", "Edit in a table", "catalog:sheet-edit", Right.PRODUCTS_EDIT, "", "table")
)
register_bulk_action(
    20, BulkAction("change", "Change a value", "catalog:bulk-edit", Right.PRODUCTS_EDIT, "", "edit")
)
register_bulk_action(
    30, BulkAction("export", "Export", "catalog:export-selected", Right.PRODUCTS_VIEW, "", "download")
)
register_bulk_action(
    90, BulkAction("delete", "Delete", "catalog:products-delete", Right.PRODUCTS_EDIT, "danger", "trash")
)


def _last_import(merchant: Merchant, variant: Variant, _actor: Actor) -> dict[str, Any] | None:
    """The file that made or changed this SKU last: an import of 100,000 rows writes no line per SKU into the log."""
    if variant.last_upload_id is None:
        return None
    upload = CsvUpload.objects.filter(merchant=merchant, pk=variant.last_upload_id).first()
    if upload is None:
        return None
    return {"upload": upload, "was_made": variant.created_at >= upload.created_at}


register_card(ProductCard("last-import", 80, "catalog/sheet/last_import.html", _last_import))
