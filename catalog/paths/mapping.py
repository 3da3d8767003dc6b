"""Addresses of mapping."""

from __future__ import annotations

from django.urls import URLPattern, path

from catalog.views import attribute_mapping, jet_category, suggestions, taxonomy

urlpatterns: list[URLPattern] = [
    path("jet-categories/", jet_category.JetCategoryList.as_view(), name="jet-category-list"),
    path("jet-categories/create/", jet_category.CreateCategories.as_view(), name="jet-category-create"),
    path("jet-categories/<int:node_id>/", jet_category.jet_category_detail, name="jet-category-detail"),
    path(
        "jet-categories/<int:node_id>/create/",
        jet_category.jet_category_create_one,
        name="jet-category-create-one",
    ),
    path("categories/suggestions/", suggestions.category_suggestions_page, name="category-suggestions"),
    path("categories/replace/", suggestions.category_remap, name="category-remap"),
    path("attributes/", attribute_mapping.attribute_mapping, name="attribute-mapping"),
    path("attributes/<int:pk>/", attribute_mapping.attribute_values, name="attribute-values"),
    path("taxonomy/", taxonomy.TaxonomyList.as_view(), name="taxonomy-list"),
    path("taxonomy/import/", taxonomy.taxonomy_import, name="taxonomy-import"),
    path("taxonomy/<int:pk>/", taxonomy.taxonomy_detail, name="taxonomy-detail"),
    path("taxonomy/<int:pk>/categories/", taxonomy.NodeChanges.as_view(), name="taxonomy-nodes"),
    path("taxonomy/<int:pk>/attributes/", taxonomy.AttributeChanges.as_view(), name="taxonomy-attributes"),
    path("taxonomy/<int:pk>/left-out/", taxonomy.taxonomy_dropped, name="taxonomy-dropped"),
    path("taxonomy/<int:pk>/use/", taxonomy.UseVersion.as_view(), name="taxonomy-use"),
    path("taxonomy/<int:pk>/delete/", taxonomy.DeleteVersion.as_view(), name="taxonomy-delete"),
]
