"""Reads about webhooks and what they were told."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from jetsync.models import Merchant, Webhook, WebhookDelivery


def webhooks_of(merchant: Merchant) -> QuerySet[Webhook]:
    return Webhook.objects.filter(merchant=merchant)


def get_webhook(merchant: Merchant, pk: int) -> Webhook:
    """With its merchant. Raises Http404."""
    row = webhooks_of(merchant).filter(pk=pk).select_related("merchant").first()
    if row is None:
        raise Http404("There is no such webhook; it may have been removed.")
    return row


def deliveries_of(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(merchant=webhook.merchant_id, webhook=webhook)
