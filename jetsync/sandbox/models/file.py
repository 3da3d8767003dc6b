"""Bulk files and reports."""

from __future__ import annotations

from django.db import models

from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.base import Row, hex_id


class FileStatus(models.TextChoices):
    ACKNOWLEDGED = "Acknowledged"
    PROCESSING = "Processing"
    WITH_ERRORS = "Processed with errors"
    SUCCESSFUL = "Processed successfully"


class BulkFile(Row):
    """One upload token, the blob written with it, and the file announced for it."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="files")
    jet_file_id = models.CharField(max_length=32, default=hex_id, unique=True)
    expires_at = models.DateTimeField()
    blob = models.BinaryField(null=True)
    url = models.TextField(default="", blank=True)
    file_type = models.CharField(max_length=30, default="", blank=True)
    file_name = models.CharField(max_length=300, default="", blank=True)
    # Empty until announced.
    status = models.CharField(max_length=30, choices=FileStatus.choices, default="", blank=True)
    received = models.DateTimeField(null=True)
    processing_start = models.DateTimeField(null=True)
    processing_end = models.DateTimeField(null=True)
    # The moment of the next step; None when final.
    due_at = models.DateTimeField(null=True, db_index=True)
    # Entries applied so far: a server that dies goes on from here.
    done = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    error_url = models.TextField(default="", blank=True)

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.file_type} {self.file_name}"


class Report(Row):
    """A report ordered with `POST /reports/{type}`."""

    merchant = models.ForeignKey(MerchantAccount, on_delete=models.CASCADE, related_name="reports")
    report_id = models.CharField(max_length=32, default=hex_id, unique=True)
    kind = models.CharField(max_length=30)
    requested_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta(Row.Meta):
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.report_id}"
