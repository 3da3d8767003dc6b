"""Gathers events for webhooks within seconds, and brings each to its address until it is taken or given up."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

import requests
import urllib3
from django.db.models import Exists, OuterRef
from django.utils import timezone

from jetsync.actions.webhook import DELIVER, gather_events, mark_delivered, mark_undelivered, note_try
from jetsync.enums import DeliveryState
from jetsync.exceptions import InvalidInput, OutsideUnreachable
from jetsync.jet.deadline import Deadline
from jetsync.jet.session import TokenAuth, shared_session
from jetsync.models import Attempt, LogEntry, Operation, Webhook, WebhookDelivery
from jetsync.net import check_outside_url, outside_addresses
from jetsync.queries.settings import keeps_payloads
from jetsync.sync.failures import RetryLater
from jetsync.sync.registry import Watch, add_watch, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.webhooks import DELIVERY, SIGNATURE, body_of, sign

GATHER = "webhooks.gather"
CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 10, 20
# With the usual growing waits about a day.
TRIES = 150
_KEPT_OF_ANSWER = 2000
_OK, _REDIRECT = 200, 300


def merchants_with_news(_now: datetime) -> Iterable[int]:
    """Those with something in their log, or an operation ended, that an address of theirs was not told. One query."""
    entries = LogEntry.objects.filter(merchant=OuterRef("merchant"), pk__gt=OuterRef("seen_log_id"))
    ended = Operation.objects.filter(merchant=OuterRef("merchant"), finished_at__gt=OuterRef("seen_at"))
    rows = Webhook.objects.filter(Exists(entries) | Exists(ended), is_active=True)
    return rows.values_list("merchant_id", flat=True).distinct()


@handler(GATHER, label="Gather events for webhooks", right=None)
def gather(ctx: JobContext) -> None:
    """Twice makes each delivery once. What one run does not take the look-out finds again within seconds."""
    told = 0
    for webhook in Webhook.objects.filter(merchant=ctx.merchant, is_active=True).order_by("pk"):
        told += gather_events(webhook)
    ctx.note(f"{told:,} event{'' if told == 1 else 's'} to tell.")


add_watch(Watch("webhooks", GATHER, merchants_with_news))


@handler(
    DELIVER,
    label="Call a webhook",
    right=Right.TOKENS_MANAGE,
    max_attempts=TRIES,
    on_failure=mark_undelivered,
    on_cancel=mark_undelivered,
)
def deliver(ctx: JobContext) -> None:
    """At least once: an answer that is lost is asked for again, with the same id and the same bytes."""
    found = WebhookDelivery.objects.filter(merchant=ctx.merchant, pk=int(ctx.job.key))
    delivery = found.select_related("webhook").first()
    if delivery is None or delivery.state != DeliveryState.WAITING:
        ctx.note("Nothing is left to tell.")
        return
    body = body_of(delivery.event, delivery.pk, ctx.merchant.slug)
    status, answer, error = _post(ctx, delivery, body)
    if status is not None and _OK <= status < _REDIRECT:
        mark_delivered(delivery, status)
        ctx.note(f"{delivery.webhook} took it ({status}).")
        return
    told = error or f"{delivery.webhook} answered {status}: {' '.join(answer.split())[:200]}"
    note_try(delivery, status=status, message=told)
    raise RetryLater(
        told, hint="It is tried again with growing waits for about a day.", code="webhook_not_taken"
    )


def _post(ctx: JobContext, delivery: WebhookDelivery, body: bytes) -> tuple[int | None, str, str]:
    """Status, the beginning of the answer, and why there is none. Recorded as a call of the job."""
    webhook, begun = delivery.webhook, time.monotonic()
    status, answer, error = None, "", ""
    try:
        check_outside_url(webhook.url)
        with Deadline(WHOLE_SECONDS):
            status, answer = _exchange(webhook, delivery, body)
    except (InvalidInput, OutsideUnreachable) as exc:
        error = exc.message
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as exc:
        error = f"{webhook} cannot be reached ({type(exc).__name__})."
    keeps = keeps_payloads(ctx.merchant)
    Attempt.objects.create(
        merchant=ctx.merchant,
        job=ctx.job,
        try_number=ctx.job.attempts,
        started_at=timezone.now(),
        duration_ms=int((time.monotonic() - begun) * 1000),
        method="POST",
        path=str(webhook)[:300],
        status=status,
        error=error[:300],
        request_cut=body.decode()[:_KEPT_OF_ANSWER] if keeps else "",
        answer_cut=answer.replace("\x00", "") if keeps else "",
    )
    return status, answer, error


def _exchange(webhook: Webhook, delivery: WebhookDelivery, body: bytes) -> tuple[int, str]:
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "jetsync-webhooks",
        SIGNATURE: sign(webhook.secret, body, timezone.now()),
        DELIVERY: f"evt_{delivery.pk}",
    }
    with shared_session(outside_addresses).post(
        webhook.url,
        data=body,
        headers=headers,
        auth=TokenAuth(None),
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_redirects=False,
        stream=True,
    ) as response:
        answer: bytes = response.raw.read(_KEPT_OF_ANSWER, decode_content=True) or b""
        return response.status_code, answer.decode("utf-8", "replace")
