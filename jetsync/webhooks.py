"""What webhooks tell and how it is signed. An event names an object and never says anything about a shopper."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from jetsync.models import LogEntry, Operation


@dataclass(frozen=True)
class Topic:
    """`prefixes`: beginnings of log actions. Operations are told at their start, their cancellation and their end."""

    key: str
    label: str
    prefixes: tuple[str, ...]


TOPICS = {
    topic.key: topic
    for topic in (
        Topic("orders", "Orders and shipments", ("orders.order.", "orders.shipment.", "orders.store_order.")),
        Topic("returns", "Returns", ("returns.return.",)),
        Topic("refunds", "Refunds", ("refunds.refund.",)),
        Topic("listings", "Listings and files", ("catalog.listing.", "catalog.file.", "catalog.variant.")),
        Topic("operations", "Operations", ()),
    )
}
SIGNATURE, DELIVERY = "Jetsync-Signature", "Jetsync-Delivery"
TEST = "jetsync.webhook.test"


def wanted_entries(topics: list[str]) -> Q:
    """The log entries that an address with these topics is told."""
    found = Q(pk__in=[])
    for key in topics:
        for prefix in TOPICS[key].prefixes if key in TOPICS else ():
            found |= Q(action__startswith=prefix)
    return found | Q(object_type="jetsync.operation") if "operations" in topics else found


def event_of(entry: LogEntry) -> dict[str, Any]:
    """The sentence of an entry stays here: it may name a shopper."""
    return {
        "type": entry.action,
        "created_at": entry.created_at.isoformat(),
        "object": {"type": entry.object_type, "id": entry.object_id, "label": entry.object_label},
    }


def event_of_operation(operation: Operation) -> dict[str, Any]:
    counts = {name: getattr(operation, name) for name in ("total", "done", "failed", "skipped")}
    return {
        "type": "jetsync.operation.ended",
        "created_at": operation.finished_at.isoformat() if operation.finished_at else None,
        "object": {"type": "jetsync.operation", "id": operation.pk, "label": operation.title},
        "operation": {"kind": operation.kind, "state": operation.state, **counts},
    }


def body_of(event: dict[str, Any], delivery_id: int, merchant_slug: str) -> bytes:
    """The same bytes at every try, so that a receiver knows a repetition by its `id`."""
    return json.dumps({"id": f"evt_{delivery_id}", "store": merchant_slug, **event}).encode()


def sign(secret: str, body: bytes, at: datetime) -> str:
    """`t=<seconds>,v1=<hex>`: HMAC-SHA256 of "<seconds>.<body>". A receiver refuses old ones, against replays."""
    seconds = int(at.timestamp())
    made = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"
