"""Staff look at taxonomy versions and choose the one in use."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.actions.taxonomy import use_shared
from catalog.models import JetAttribute, JetCategory, TaxonomyVersion
from jetsync.admin import ReadOnlyAdmin
from jetsync.exceptions import StateConflict


@admin.register(TaxonomyVersion)
class TaxonomyVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "owner",
        "is_current",
        "categories",
        "attributes",
        "attribute_values",
        "links",
        "imported_at",
    )
    list_filter = ("is_current",)
    list_select_related = ("owner",)
    actions = ("use",)

    @admin.action(description="Use this version for pickers, checks and mappings")
    def use(self, request: HttpRequest, versions: QuerySet[TaxonomyVersion]) -> None:
        chosen = list(versions[:2])
        if len(chosen) != 1:
            self.message_user(request, "Choose exactly one version.", messages.ERROR)
            return
        try:
            use_shared(chosen[0])
        except StateConflict as error:
            self.message_user(request, f"{error.message} {error.hint}", messages.ERROR)
            return
        self.message_user(request, f"{chosen[0]} is in use by all who have no version of their own.")


@admin.register(JetCategory)
class JetCategoryAdmin(ReadOnlyAdmin):
    list_display = ("node_id", "path", "level", "is_active", "version")
    list_filter = ("version", "level", "is_active")
    list_select_related = ("version",)
    search_fields = ("path", "node_id")


@admin.register(JetAttribute)
class JetAttributeAdmin(ReadOnlyAdmin):
    list_display = ("attribute_id", "name", "free_text", "is_variant", "version")
    list_filter = ("version", "free_text", "is_variant")
    list_select_related = ("version",)
    search_fields = ("name", "attribute_id")
