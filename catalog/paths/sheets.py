"""Addresses of spreadsheets: exports, previews of files, the editor in a table, changes of many."""

from __future__ import annotations

from django.urls import path

from catalog.views import bulk_edit, csv, deleting, export, sheet

urlpatterns = [
    path("csv/<int:pk>/<slug:key>/now/", csv.csv_decide, name="csv-decide"),
    path("products/export/<slug:kind>/", export.export, name="product-export"),
    path("products/export-selected/", export.export_selected, name="export-selected"),
    path("products/table/", sheet.sheet_edit, name="sheet-edit"),
    path("products/table/check/", sheet.sheet_check, name="sheet-check"),
    path("products/change-value/", bulk_edit.ChangeValue.as_view(), name="bulk-edit"),
    path("products/delete/", deleting.DeleteSelected.as_view(), name="products-delete"),
    path("products/<int:pk>/delete/", deleting.DeleteProduct.as_view(), name="product-delete"),
    path("csv/<int:pk>/delete-added/", deleting.DeleteAdded.as_view(), name="csv-delete-added"),
]
