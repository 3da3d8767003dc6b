"""Bulk files sent to Jet and what became of them."""

from __future__ import annotations

from django.db import models

from catalog.enums import FileState, FileType
from jetsync.tenancy.managers import TenantModel


def content_path(instance: BulkFile, filename: str) -> str:  # noqa: ARG001 -- our own name, never a given one
    return f"files/{instance.merchant_id}/{instance.name}.gz"


class BulkFile(TenantModel):
    """`manifest` holds what the file carries per SKU in compact form (`[[listing id, sku, value], …]`), so that an
    accepted file becomes `sent` values with one statement and a lost one is built again from current data. `content` is
    what was uploaded, gzip. `deleted_at`: a person has cleared it from the list; the row and its log entries stay.
    """

    account = models.ForeignKey("jetsync.JetAccount", on_delete=models.CASCADE, related_name="+")
    operation = models.ForeignKey(
        "jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="files"
    )
    file_type = models.CharField(max_length=20, choices=FileType.choices)
    name = models.CharField(max_length=120)
    jet_file_id = models.CharField(max_length=64, blank=True, default="")
    upload_url = models.TextField(blank=True, default="")
    state = models.CharField(max_length=12, choices=FileState.choices, default=FileState.BUILDING)
    jet_status = models.CharField(max_length=40, blank=True, default="")
    sku_count = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveIntegerField(default=0)
    manifest = models.JSONField(default=list)
    error_count = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    message = models.CharField(max_length=500, blank=True, default="")
    content = models.FileField(upload_to=content_path, null=True, max_length=300)
    resubmit_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="successors"
    )
    deleted_at = models.DateTimeField(null=True)
    polls = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="bulk_file_recent"),
            models.Index(fields=["merchant", "state"], name="bulk_file_state"),
            models.Index(fields=["merchant", "jet_file_id"], name="bulk_file_jet_id"),
        ]

    def __str__(self) -> str:
        return self.name
