"""Jet's category tree and attributes, one set of rows per imported version. Ids are 64-bit."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from catalog.enums import FreeText


class TaxonomyVersion(models.Model):
    """`owner` null: shared by all, imported by staff. A merchant's own version, when current, wins for him alone.

    `diff`: what changed against the version that was in use when it was imported, see `catalog.queries.taxonomy_diff`.
    """

    owner = models.ForeignKey("jetsync.Merchant", on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=80)
    diff = models.JSONField(default=dict)
    source = models.CharField(max_length=200, blank=True, default="")
    is_current = models.BooleanField(default=False)
    categories = models.PositiveIntegerField(default=0)
    attributes = models.PositiveIntegerField(default=0)
    attribute_values = models.PositiveIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)
    dropped = models.JSONField(default=dict)
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "is_current"],
                condition=models.Q(is_current=True),
                nulls_distinct=False,
                name="taxonomy_one_current",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"], nulls_distinct=False, name="taxonomy_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class JetCategory(models.Model):
    """Only nodes of level 2 (and the rare level 3) take products."""

    version = models.ForeignKey(TaxonomyVersion, on_delete=models.CASCADE, related_name="+")
    node_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500)
    parent_id = models.BigIntegerField(default=0)
    level = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    tax_code = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        verbose_name_plural = "Jet categories"
        constraints = [models.UniqueConstraint(fields=["version", "node_id"], name="jet_category_once")]
        indexes = [
            models.Index(fields=["version", "parent_id"], name="jet_category_parent"),
            GinIndex(OpClass(Upper("path"), name="gin_trgm_ops"), name="jet_category_path_trgm"),
        ]

    def __str__(self) -> str:
        return self.path


class JetAttribute(models.Model):
    version = models.ForeignKey(TaxonomyVersion, on_delete=models.CASCADE, related_name="+")
    attribute_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    free_text = models.PositiveSmallIntegerField(choices=FreeText.choices, default=FreeText.LISTED)
    is_variant = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "attribute_id"], name="jet_attribute_once")]

    def __str__(self) -> str:
        return self.name


class JetAttributeValue(models.Model):
    """A legal value; for free text with unit the row's `unit` is one of the legal units."""

    version = models.ForeignKey(TaxonomyVersion, on_delete=models.CASCADE, related_name="+")
    attribute_id = models.BigIntegerField()
    value = models.CharField(max_length=300, blank=True, default="")
    unit = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["version", "attribute_id"], name="jet_value_attribute")]

    def __str__(self) -> str:
        return self.value


class JetCategoryAttribute(models.Model):
    version = models.ForeignKey(TaxonomyVersion, on_delete=models.CASCADE, related_name="+")
    node_id = models.BigIntegerField()
    attribute_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "node_id", "attribute_id"], name="jet_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.node_id}: {self.attribute_id}"
