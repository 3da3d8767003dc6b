"""What a merchant's people asked support."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


class SupportRequest(TenantModel):
    """One message with its reference ("JS-7K2M9QXA"), which both sides name.

    `attachment` is the case file of what it is about as it was when the message was sent: plain text without shoppers
    and secrets. It stays in the database; the mail to support names it and leads to it.
    """

    reference = models.CharField(max_length=16)
    user = models.ForeignKey("jetsync.User", on_delete=models.SET_NULL, null=True, related_name="+")
    sender = models.CharField(max_length=150)
    email = models.EmailField()
    subject = models.CharField(max_length=150)
    message = models.TextField()
    object_type = models.CharField(max_length=60, blank=True, default="")
    object_id = models.BigIntegerField(null=True, blank=True)
    object_label = models.CharField(max_length=200, blank=True, default="")
    attachment = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "reference"], name="support_reference_once")
        ]
        indexes = [models.Index(fields=["merchant", "-created_at"], name="support_recent")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.subject}"
