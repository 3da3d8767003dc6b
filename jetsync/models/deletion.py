"""The deletion of a whole store: asked for, waiting, kept or done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jetsync.enums import Role


class StoreDeletion(models.Model):
    """Outlives its store, so it holds no name and no person: `store_number` is the id that the store has or had.

    It waits until `due_at`; an owner may keep the store until `begun_at`. While it waits, `Merchant.deletion_due_at`
    says so too.
    """

    store_number = models.BigIntegerField()
    asked_by_role = models.CharField(max_length=12, choices=Role.choices)
    asked_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    row_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_number"],
                condition=Q(kept_at=None, finished_at=None),
                name="store_deletion_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(kept_at=None, finished_at=None), name="store_deletion_due"
            )
        ]

    def __str__(self) -> str:
        return f"Deletion of store {self.store_number}"
