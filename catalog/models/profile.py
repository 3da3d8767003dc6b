"""What many products share on their way to Jet: profiles, and where a Jet field takes its value from in the store."""

from __future__ import annotations

from django.db import models

from catalog.enums import StoreFieldKind
from jetsync.tenancy.managers import TenantModel


class Profile(TenantModel):
    """`code_type`/`code_source`: which store field holds the product code; `sku_as_code` uses the SKU itself instead.

    `attributes`: list of {"id", "value", "unit", "source"}; `specifics`: {field of catalog.sources.SPECIFICS: {"value",
    "source"}}. A fixed value wins over a source (features PRO-08). Sources are keys of `catalog.sources`.
    """

    name = models.CharField(max_length=120)
    sku_as_part_number = models.BooleanField(default=False)
    sku_as_code = models.CharField(max_length=10, blank=True, default="")
    code_type = models.CharField(max_length=10, blank=True, default="")
    code_source = models.CharField(max_length=120, blank=True, default="")
    jet_node_id = models.BigIntegerField(null=True, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    specifics = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("name",)
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="profile_name_once")]

    def __str__(self) -> str:
        return self.name


class FieldMapping(TenantModel):
    """One Jet field, filled with a fixed text or from a store field; the fixed text wins when both are set.

    `overrides`: used even for products that have a value of their own.
    """

    jet_field = models.CharField(max_length=60)
    source = models.CharField(max_length=120, blank=True, default="")
    fixed = models.CharField(max_length=500, blank=True, default="")
    overrides = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "jet_field"], name="field_mapping_once")]

    def __str__(self) -> str:
        return f"{self.jet_field} ← {self.source or self.fixed}"


class StoreField(TenantModel):
    """A field or option name that some product of the store carries, kept so that pickers need not read all products."""

    kind = models.CharField(max_length=8, choices=StoreFieldKind.choices)
    name = models.CharField(max_length=100)
    sample = models.CharField(max_length=200, blank=True, default="")
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("kind", "name")
        constraints = [models.UniqueConstraint(fields=["merchant", "kind", "name"], name="store_field_once")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


class AttributeMapping(TenantModel):
    """A store field or option that fills a Jet attribute. `unit` is sent where the attribute wants one."""

    source = models.CharField(max_length=120)
    attribute_id = models.BigIntegerField()
    attribute_name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60, blank=True, default="")
    mapped_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("attribute_name", "source")
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "source", "attribute_id"], name="attribute_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.attribute_name}"


class ValueMapping(TenantModel):
    """What Jet is told for one value of the store (eBook → Blue). `store_value` is kept in lower case."""

    mapping = models.ForeignKey(AttributeMapping, on_delete=models.CASCADE, related_name="values")
    store_value = models.CharField(max_length=200)
    jet_value = models.CharField(max_length=300)
    jet_unit = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        ordering = ("store_value",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "mapping", "store_value"], name="value_mapping_once")
        ]

    def __str__(self) -> str:
        return f"{self.store_value} → {self.jet_value}"
