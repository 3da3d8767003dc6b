"""Addresses of the merchant's own programs that are told what happened, and each telling."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from jetsync.enums import DeliveryState
from jetsync.fields import EncryptedTextField
from jetsync.tenancy.managers import TenantModel


class Webhook(TenantModel):
    """`topics`: keys of `jetsync.webhooks.TOPICS`. `seen_log_id`, `seen_at`: up to where the log was looked through."""

    url = models.CharField(max_length=300)
    topics = models.JSONField(default=list)
    secret = EncryptedTextField(default="")
    is_active = models.BooleanField(default=True)
    seen_log_id = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "url"], name="webhook_address_once")]
        indexes = [
            models.Index(fields=["merchant"], condition=models.Q(is_active=True), name="webhook_active")
        ]

    def __str__(self) -> str:
        """For the log, calls and notices, which more people read than the page of webhooks: many services put what lets
        a program write to them into the path.
        """
        parts = urlsplit(self.url)
        is_bare = parts.path in {"", "/"} and not parts.query
        return self.url if is_bare else f"{parts.scheme}://{parts.netloc}/… (webhook {self.pk})"


class WebhookDelivery(TenantModel):
    """One event for one address. `source` ("log:12", "operation:5") tells it from all others of the address."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    source = models.CharField(max_length=60)
    event = models.JSONField(encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    status = models.PositiveSmallIntegerField(null=True)
    message = models.CharField(max_length=500, blank=True, default="")
    job = models.ForeignKey("jetsync.Job", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "webhook", "source"], name="webhook_event_once")
        ]
        indexes = [
            models.Index(fields=["merchant", "webhook", "-id"], name="webhook_recent"),
            models.Index(fields=["created_at"], name="webhook_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event.get('type', '')} to {self.webhook_id}"
