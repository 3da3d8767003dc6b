"""SKUs that Jet shows on one page: a parent, its children and the attributes they differ in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.enums import GroupOrigin, Relationship
from catalog.models.fields import DirtyField
from jetsync.tenancy.managers import TenantModel


class VariationGroup(TenantModel):
    """Kept in step like every other value: `target` and `sent` are hashes of the message, empty = no group."""

    parent = models.OneToOneField("catalog.Variant", on_delete=models.CASCADE, related_name="variation_group")
    relationship = models.CharField(
        max_length=10, choices=Relationship.choices, default=Relationship.VARIATION
    )
    group_title = models.CharField(max_length=500, blank=True, default="")
    refinements = ArrayField(models.BigIntegerField(), default=list)
    origin = models.CharField(max_length=8, choices=GroupOrigin.choices, default=GroupOrigin.PANEL)
    gaps = models.JSONField(default=list)

    target = models.CharField(max_length=64, blank=True, default="")
    sent = models.CharField(max_length=64, blank=True, default="")
    sent_at = models.DateTimeField(null=True)
    sent_body = models.JSONField(null=True)
    dirty = DirtyField("target", "sent")
    error_message = models.CharField(max_length=1000, blank=True, default="")
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "id"], condition=models.Q(dirty=True), name="variation_dirty")
        ]

    def __str__(self) -> str:
        return f"group of variant {self.parent_id}"


class VariationMember(TenantModel):
    """A child of a group. A SKU belongs to one group only."""

    group = models.ForeignKey(VariationGroup, on_delete=models.CASCADE, related_name="members")
    variant = models.OneToOneField(
        "catalog.Variant", on_delete=models.CASCADE, related_name="variation_member"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"variant {self.variant_id} in group {self.group_id}"
