"""Addresses of the catalogue's pages."""

from __future__ import annotations

from django.urls import path

from catalog import publish_urls
from catalog.paths import exceptions, images, mapping, pricing, profiles, sheets, vacation, variations
from catalog.views import category, csv, csv_columns, grid, product

app_name = "catalog"
urlpatterns = [
    path("products/", grid.ProductList.as_view(), name="product-list"),
    path("products/new/", product.product_create, name="product-create"),
    path("products/assign-category/", category.AssignCategory.as_view(), name="category-assign"),
    path("products/<int:pk>/", product.product_detail, name="product-detail"),
    path("products/<int:pk>/variants/new/", product.variant_create, name="variant-create"),
    path("products/variants/<int:pk>/<slug:section>/", product.variant_edit, name="variant-edit"),
    path("csv/", csv.CsvUploadList.as_view(), name="csv-list"),
    path("csv/upload/", csv.csv_upload, name="csv-upload"),
    path("csv/template/<slug:kind>/", csv.csv_template, name="csv-template"),
    path("csv/<int:pk>/", csv.csv_detail, name="csv-detail"),
    path("csv/<int:pk>/columns/", csv_columns.csv_columns, name="csv-columns"),
    path("csv/<int:pk>/failed/", csv.csv_failed, name="csv-failed"),
    path("categories/", category.category_mapping, name="category-mapping"),
    path("categories/picker/", category.category_picker, name="category-picker"),
    path("categories/map-all/", category.MapAll.as_view(), name="category-map-all"),
    path("categories/<int:pk>/edit/", category.mapping_edit, name="mapping-edit"),
]
# Before the sections: "publish" below a variant is no section of the editor.
urlpatterns = [
    *publish_urls.urlpatterns,
    *exceptions.urlpatterns,
    *images.urlpatterns,
    *mapping.urlpatterns,
    *pricing.urlpatterns,
    *profiles.urlpatterns,
    *sheets.urlpatterns,
    *vacation.urlpatterns,
    *variations.urlpatterns,
    *urlpatterns,
]
