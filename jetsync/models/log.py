"""What happened, by whom, with old and new values. Written by actions, never changed."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


class LogEntry(TenantModel):
    """`action` is `app.thing.verb` ("orders.order.acknowledged"); `message` is the sentence a merchant reads."""

    action = models.CharField(max_length=80)
    message = models.CharField(max_length=500)
    actor = models.ForeignKey("jetsync.User", on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=150, default="jetsync")
    object_type = models.CharField(max_length=60, blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    object_label = models.CharField(max_length=200, blank=True, default="")
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    job = models.ForeignKey("jetsync.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    operation = models.ForeignKey("jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="+")
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "-id"], name="log_recent"),
            models.Index(fields=["merchant", "object_type", "object_id", "-id"], name="log_object"),
            models.Index(fields=["merchant", "action", "-id"], name="log_action"),
        ]

    def __str__(self) -> str:
        return self.message
