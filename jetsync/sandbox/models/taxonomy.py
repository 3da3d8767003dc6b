"""The marketplace's category tree and attributes, loaded from CSV files."""

from __future__ import annotations

from django.db import models

from jetsync.sandbox.models.base import Row

LISTED_VALUE, FREE_TEXT, FREE_TEXT_WITH_UNIT = 0, 1, 2


class TaxonomyVersion(Row):
    """One row per import; the newest tells caches when to read again."""

    loaded_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=300)
    categories = models.PositiveIntegerField(default=0)
    attributes = models.PositiveIntegerField(default=0)
    values = models.PositiveIntegerField(default=0)
    links = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.source


class Category(Row):
    node_id = models.BigIntegerField(unique=True)
    name = models.CharField(max_length=200)
    # 0 at the root, as the API shows it; no foreign key, the files are damaged in places.
    parent_id = models.BigIntegerField(default=0, db_index=True)
    level = models.PositiveSmallIntegerField()
    tax_code = models.CharField(max_length=100, default="", blank=True)
    path = models.TextField(default="", blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(Row.Meta):
        ordering = ["node_id"]

    def __str__(self) -> str:
        return self.path or self.name


class Attribute(Row):
    attribute_id = models.BigIntegerField(unique=True)
    description = models.CharField(max_length=200)
    display_name = models.CharField(max_length=200, default="", blank=True)
    # 0 = value from the list, 1 = free text, 2 = free text with a unit.
    free_text = models.PositiveSmallIntegerField(default=FREE_TEXT)
    is_variant = models.BooleanField(default=False)

    class Meta(Row.Meta):
        ordering = ["attribute_id"]

    def __str__(self) -> str:
        return self.description


class AttributeValue(Row):
    """A legal value, a legal unit, or both; ids of Jet's attributes, no foreign key for speed of loading."""

    attribute_id = models.BigIntegerField(db_index=True)
    value = models.CharField(max_length=500, default="", blank=True)
    unit = models.CharField(max_length=100, default="", blank=True)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.value} {self.unit}".strip()


class CategoryAttribute(Row):
    node_id = models.BigIntegerField(db_index=True)
    attribute_id = models.BigIntegerField()

    class Meta(Row.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["node_id", "attribute_id"], name="sandbox_category_attribute")
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.attribute_id}"
