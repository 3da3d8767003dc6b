"""The merchant's own categories and the Jet node each is mapped to."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


class StoreCategory(TenantModel):
    path = models.CharField(max_length=300, help_text="Names joined by “ > ”, e.g. Kitchen > Kettles")
    external_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "store categories"
        ordering = ("path",)
        constraints = [models.UniqueConstraint(fields=["merchant", "path"], name="store_category_once")]

    def __str__(self) -> str:
        return self.path


class CategoryMapping(TenantModel):
    """`jet_path` is kept as it was shown when mapped, so a vanished node can still be named."""

    store_category = models.OneToOneField(StoreCategory, on_delete=models.CASCADE, related_name="mapping")
    jet_node_id = models.BigIntegerField()
    jet_path = models.CharField(max_length=500)
    mapped_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "jet_node_id"], name="mapping_node")]

    def __str__(self) -> str:
        return f"{self.store_category} → {self.jet_path}"
