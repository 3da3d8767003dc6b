"""Webhooks: made, changed, tested and removed by people; events gathered and their ends noted by jobs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Max, QuerySet
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.actions.retention import History, keep_history
from jetsync.enums import DeliveryState, NoticeLevel
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Job, LogEntry, Merchant, Operation, Webhook, WebhookDelivery
from jetsync.net import check_outside_url
from jetsync.sync.queue import enqueue_about
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.managers import bulk_create
from jetsync.webhooks import TEST, TOPICS, event_of, event_of_operation, wanted_entries

DELIVER = "webhooks.deliver"
MOST_WEBHOOKS = 10
# A transaction may commit its entries after a later one's were read; none takes longer than this.
LATE_COMMITS = timedelta(minutes=15)
DELIVERIES_FOR = timedelta(days=30)
# One run of the gathering job; it runs again at once while there is more.
EVENTS_AT_ONCE = 500


def check_webhook(url: str, topics: list[str]) -> None:
    """Raises InvalidInput for an address that is no public https one, and for topics that are none."""
    if not topics or not set(topics) <= set(TOPICS):
        raise InvalidInput(
            f"{url or 'The address'}: choose what it is told.", fields={"topics": ["Tick at least one."]}
        )
    try:
        check_outside_url(url, only_https=True)
    except InvalidInput as error:
        fields = {"url": [f"{error.message} {error.hint}".strip()]}
        raise InvalidInput(error.message, hint=error.hint, fields=fields, code=error.code) from None


@transaction.atomic
def create_webhook(merchant: Merchant, url: str, topics: list[str], *, actor: Actor) -> tuple[Webhook, str]:
    """The webhook and its secret, which is shown this once. Call `check_webhook` before: it looks names up."""
    known = Webhook.objects.filter(merchant=merchant)
    if known.filter(url=url).exists():
        raise InvalidInput(f"{url} is told already.", fields={"url": ["This address is in the list."]})
    if known.count() >= MOST_WEBHOOKS:
        raise StateConflict(
            f"{merchant} has {MOST_WEBHOOKS} webhooks, which is the most.", hint="Remove one first."
        )
    secret = _new_secret()
    webhook = Webhook.objects.create(
        merchant=merchant,
        url=url,
        topics=sorted(topics),
        secret=secret,
        seen_log_id=_newest_entry(merchant.pk),
        seen_at=timezone.now(),
    )
    _log(webhook, "created", f"{webhook} is told of {_words(topics)}.", actor, new={"topics": sorted(topics)})
    return webhook, secret


def _new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def _newest_entry(merchant_id: int) -> int:
    newest: int | None = LogEntry.objects.filter(merchant=merchant_id).aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _words(topics: list[str]) -> str:
    return ", ".join(TOPICS[key].label.lower() for key in topics if key in TOPICS)


def _log(webhook: Webhook, verb: str, message: str, actor: Actor, **values: Any) -> None:
    record(webhook.merchant, f"jetsync.webhook.{verb}", message, actor=actor, about=webhook, **values)


@transaction.atomic
def change_webhook(webhook: Webhook, topics: list[str], *, is_active: bool, actor: Actor) -> None:
    """While it is off nothing is kept for it; switched on again, it is told from then on."""
    old = {"topics": webhook.topics, "is_active": webhook.is_active}
    new = {"topics": sorted(topics), "is_active": is_active}
    if old == new:
        return
    if is_active and not webhook.is_active:
        webhook.seen_log_id, webhook.seen_at = _newest_entry(webhook.merchant_id), timezone.now()
    webhook.topics, webhook.is_active = sorted(topics), is_active
    webhook.save(update_fields=["topics", "is_active", "seen_log_id", "seen_at"])
    _log(webhook, "changed", f"The webhook {webhook} was changed.", actor, old=old, new=new)


@transaction.atomic
def renew_secret(webhook: Webhook, *, actor: Actor) -> str:
    """The old secret signs nothing any more, also of what waits."""
    secret = _new_secret()
    webhook.secret = secret
    webhook.save(update_fields=["secret"])
    _log(webhook, "secret_renewed", f"The webhook {webhook} got a new secret.", actor)
    return secret


@transaction.atomic
def remove_webhook(webhook: Webhook, *, actor: Actor) -> None:
    _log(webhook, "removed", f"{webhook} is told nothing any more.", actor)
    Webhook.objects.filter(merchant=webhook.merchant_id, pk=webhook.pk).delete()


@transaction.atomic
def send_test(webhook: Webhook, *, actor: Actor) -> WebhookDelivery:
    """An event of a type of its own, sent as any other; also to an address that is off."""
    event = {
        "type": TEST,
        "created_at": timezone.now().isoformat(),
        "object": {"type": "jetsync.webhook", "id": webhook.pk, "label": webhook.url},
    }
    delivery = WebhookDelivery.objects.create(
        merchant=webhook.merchant, webhook=webhook, source=f"test:{uuid4().hex}", event=event
    )
    _send(webhook.merchant, [delivery])
    _log(webhook, "tested", f"A test event was sent to {webhook}.", actor)
    return delivery


def _send(merchant: Merchant, deliveries: list[WebhookDelivery]) -> None:
    jobs = enqueue_about(merchant, DELIVER, dict.fromkeys(deliveries))
    for delivery, job in zip(deliveries, jobs, strict=True):
        delivery.job = job
    WebhookDelivery.objects.bulk_update(deliveries, ["job"], batch_size=EVENTS_AT_ONCE)


@transaction.atomic
def gather_events(webhook: Webhook, now: datetime | None = None) -> int:
    """Makes deliveries of what happened since the last look, each once; returns how many.

    The log is looked through from a while before that look on: entries of a long transaction stand behind younger ones
    until it commits. What has a delivery already is left out by its source.
    """
    now = now or timezone.now()
    locked = Webhook.objects.select_for_update(of=("self",)).get(merchant=webhook.merchant_id, pk=webhook.pk)
    since = max(locked.seen_at - LATE_COMMITS, _told_from(locked))
    entries = _new_entries(locked, since)
    events = {f"log:{entry.pk}": event_of(entry) for entry in entries}
    if "operations" in locked.topics:
        events |= {f"operation:{row.pk}": event_of_operation(row) for row in _ended(locked, since)}
    known = set(
        WebhookDelivery.objects.filter(
            merchant=locked.merchant_id, webhook=locked, source__in=list(events)
        ).values_list("source", flat=True)
    )
    rows = [
        WebhookDelivery(merchant=locked.merchant, webhook=locked, source=source, event=event)
        for source, event in events.items()
        if source not in known
    ]
    bulk_create(WebhookDelivery, rows)
    _send(locked.merchant, rows)
    if len(entries) < EVENTS_AT_ONCE:
        locked.seen_log_id, locked.seen_at = _newest_entry(locked.merchant_id), now
        locked.save(update_fields=["seen_log_id", "seen_at"])
    return len(rows)


def _told_from(webhook: Webhook) -> datetime:
    """When it was made or, as the log knows, last switched on: what happened before stays untold."""
    switched_on = LogEntry.objects.filter(
        merchant=webhook.merchant_id,
        action="jetsync.webhook.changed",
        object_type=webhook._meta.label_lower,
        object_id=webhook.pk,
        old__is_active=False,
        new__is_active=True,
    )
    at: datetime | None = switched_on.aggregate(at=Max("created_at"))["at"]
    return at or webhook.created_at


def _new_entries(webhook: Webhook, since: datetime) -> list[LogEntry]:
    told = WebhookDelivery.objects.filter(
        merchant=webhook.merchant_id, webhook=webhook, source__startswith="log:", created_at__gte=since
    ).values_list("source", flat=True)
    ids = [int(source.removeprefix("log:")) for source in told]
    log = LogEntry.objects.filter(merchant=webhook.merchant_id)
    before = log.filter(created_at__lt=since).order_by("-pk").values_list("pk", flat=True).first()
    rows = log.filter(wanted_entries(webhook.topics), pk__gt=before or 0).exclude(pk__in=ids)
    return list(rows.order_by("pk")[:EVENTS_AT_ONCE])


def _ended(webhook: Webhook, since: datetime) -> QuerySet[Operation]:
    return Operation.objects.filter(merchant=webhook.merchant_id, finished_at__gte=since).order_by("pk")


def _end(delivery: WebhookDelivery, state: DeliveryState, *, status: int | None, message: str) -> bool:
    open_ones = WebhookDelivery.objects.filter(
        merchant=delivery.merchant_id, pk=delivery.pk, state=DeliveryState.WAITING
    )
    return bool(
        open_ones.update(state=state, status=status, message=message[:500], finished_at=timezone.now())
    )


def mark_delivered(delivery: WebhookDelivery, status: int) -> None:
    _end(delivery, DeliveryState.DONE, status=status, message="")


def note_try(delivery: WebhookDelivery, *, status: int | None, message: str) -> None:
    """It goes on waiting; why it was not taken is shown."""
    WebhookDelivery.objects.filter(
        merchant=delivery.merchant_id, pk=delivery.pk, state=DeliveryState.WAITING
    ).update(status=status, message=message[:500])


@transaction.atomic
def mark_undelivered(job: Job) -> None:
    """The job gave up: the bell says so once per address."""
    found = WebhookDelivery.objects.filter(merchant=job.merchant_id, pk=int(job.key)).select_related(
        "webhook"
    )
    delivery = found.first()
    if delivery is None or not _end(
        delivery, DeliveryState.FAILED, status=delivery.status, message=delivery.message or job.message
    ):
        return
    merchant = job.merchant
    notify(
        merchant,
        f"webhook.lost.{delivery.webhook_id}",
        f"The webhook {delivery.webhook} does not answer"[:160],
        level=NoticeLevel.WARNING,
        body=delivery.message or job.message,
        url=reverse("panel:webhook", kwargs={"merchant_slug": merchant.slug, "pk": delivery.webhook_id}),
    )


def _old_deliveries(now: Any) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(created_at__lt=now - DELIVERIES_FOR)


keep_history(History("webhook_deliveries", _old_deliveries))
