"""SKUs that Jet shows on one page: a parent, its children and the attributes they differ in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Value, When

from catalog.enums import GroupOrigin, GroupState, Relationship
from catalog.models.fields import DirtyField
from jetsync.tenancy.managers import TenantModel

# Computed by PostgreSQL from the group's own columns, so that lists and tabs read it from an index.
_STATE = Case(
    When(child_count=0, then=Value(GroupState.DISSOLVING.value)),
    When(target="", then=Value(GroupState.INCOMPLETE.value)),
    When(error_at__isnull=False, then=Value(GroupState.REFUSED.value)),
    When(target=F("sent"), then=Value(GroupState.SENT.value)),
    When(unsent_count__gt=0, then=Value(GroupState.WAITING.value)),
    default=Value(GroupState.QUEUED.value),
)


class VariationGroup(TenantModel):
    """Kept in step like every other value: `target` and `sent` are hashes of the message, empty = no group.

    `child_count`: its members. `unsent_count`: of parent and children, the SKUs that Jet has not accepted yet. Both are
    written by `catalog.actions.variation_targets` whenever members come or go or Jet takes a SKU for the first time.
    """

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
    child_count = models.PositiveSmallIntegerField(default=0)
    unsent_count = models.PositiveSmallIntegerField(default=0)
    state = models.GeneratedField(
        expression=_STATE, output_field=models.CharField(max_length=10), db_persist=True
    )
    error_message = models.CharField(max_length=1000, blank=True, default="")
    error_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "id"], condition=models.Q(dirty=True), name="variation_dirty"),
            models.Index(fields=["merchant", "-updated_at", "-id"], name="variation_recent"),
            models.Index(fields=["merchant", "state", "-updated_at", "-id"], name="variation_state"),
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
