"""Addresses of variations."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import family, variation

urlpatterns: list[URLPattern] = [
    path("variations/", variation.GroupList.as_view(), name="group-list"),
    path("variations/make/", variation.MakeGroup.as_view(), name="group-make"),
    path("variations/<int:pk>/", variation.group_detail, name="group-detail"),
    path("variations/<int:pk>/dissolve/", variation.DissolveGroup.as_view(), name="group-dissolve"),
    path("variations/<int:pk>/send/", variation.group_resend, name="group-resend"),
    path("products/<int:pk>/group/", variation.group_form, name="group-form"),
    path("products/<int:pk>/combinations/", family.product_combinations, name="product-combinations"),
    path("products/variants/<int:pk>/variations/", family.variant_family, name="variant-family"),
    path("products/variants/<int:pk>/delete/", family.DeleteChild.as_view(), name="variant-delete"),
]
