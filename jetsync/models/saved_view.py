"""Named filters of a list page, and frozen selections made on one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from jetsync.tenancy.managers import TenantModel


class SavedView(TenantModel):
    """`query` is the page's query string; `is_shared` shows it to all members."""

    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, default="")
    user = models.ForeignKey("jetsync.User", on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(fields=["merchant", "page", "user", "name"], name="saved_view_once")
        ]

    def __str__(self) -> str:
        return self.name


class Selection(TenantModel):
    """The objects a person picked on a list page, frozen at that moment so that confirming acts on just these."""

    page = models.CharField(max_length=60)
    user = models.ForeignKey("jetsync.User", on_delete=models.CASCADE, related_name="+")
    ids = ArrayField(models.BigIntegerField(), default=list)
    description = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="selection_age")]

    def __str__(self) -> str:
        return f"{len(self.ids)} from {self.page}"
