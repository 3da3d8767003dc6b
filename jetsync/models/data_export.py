"""The export of all data of a store, as long as its file is kept."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


def export_path(instance: DataExport, filename: str = "") -> str:  # noqa: ARG001 -- our own name, never a given one
    return f"exports/{instance.merchant_id}/{instance.token}.zip"


class DataExport(TenantModel):
    """`finished_at` is empty while the file is made: one at a time. The row goes with its file at `expires_at`."""

    operation = models.OneToOneField(
        "jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="data_export"
    )
    token = models.CharField(max_length=32)
    file = models.FileField(upload_to=export_path, max_length=300, blank=True, default="")
    actor_label = models.CharField(max_length=150, default="jetsync")
    byte_count = models.PositiveBigIntegerField(default=0)
    row_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant"], condition=models.Q(finished_at=None), name="data_export_one_open"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="data_export_age")]

    def __str__(self) -> str:
        return f"Data export {self.pk}"

    @property
    def is_ready(self) -> bool:
        return self.finished_at is not None

    @property
    def filename(self) -> str:
        """What a browser calls it: "harrow-finch-2026-11-29.zip"."""
        return f"{self.merchant.slug}-{self.finished_at or self.created_at:%Y-%m-%d}.zip"
