"""Addresses of profiles, field mapping and store fields."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import assigning, field_mapping, profile, store_field

urlpatterns: list[URLPattern] = [
    path("profiles/", profile.ProfileList.as_view(), name="profile-list"),
    path("profiles/new/", profile.profile_new, name="profile-new"),
    path("profiles/names/", profile.profile_name_options, name="profile-names"),
    path("profiles/pick/", profile.profile_pick, name="profile-pick"),
    path("profiles/assign/", assigning.AssignProfile.as_view(), name="profile-assign"),
    path("profiles/<int:pk>/", profile.profile_detail, name="profile-detail"),
    path("profiles/<int:pk>/edit/", profile.profile_edit, name="profile-edit"),
    path("profiles/<int:pk>/copy/", profile.profile_copy, name="profile-copy"),
    path("profiles/<int:pk>/delete/", profile.ProfileDelete.as_view(), name="profile-delete"),
    path("profiles/<int:pk>/assign/", assigning.AssignTo.as_view(), name="profile-assign-to"),
    path("products/variants/<int:pk>/profile/", assigning.product_profile, name="product-profile"),
    path("products/variants/<int:pk>/fields/", store_field.variant_fields, name="variant-fields"),
    path("fields/", field_mapping.field_mapping, name="field-mapping"),
    path("fields/read/", field_mapping.read_store_fields, name="store-fields-read"),
    path("fields/reset/", field_mapping.ResetMapping.as_view(), name="field-mapping-reset"),
]
