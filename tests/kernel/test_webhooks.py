"""Webhooks: what is told to whom, signed, once, and again until it is taken; inner addresses are refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions import webhook as actions
from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, refresh_progress, start_operation
from jetsync.actions.retention import trim_histories
from jetsync.enums import DeliveryState, JobState, RowState
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Attempt, Job, LogEntry, Merchant, Notice, Webhook, WebhookDelivery
from jetsync.sync.watches import look_out
from jetsync.sync.webhooks import TRIES, merchants_with_news
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import across_merchants, merchant_scope
from tests.factories import make_account, make_merchant
from tests.orders.rows import make_order


class Receiver:
    """A merchant's program: `answers` in turn, then 200. `got` holds (headers, body)."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.send_header("Content-Length", "4")
                self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()
                self.wfile.write(b"told")

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.got]


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    made = Receiver()
    settings.PRIVATE_HOSTS = [f"127.0.0.1:{made.server.server_port}"]
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def webhook(scoped: Merchant, receiver: Receiver, actor: Actor) -> Webhook:
    made, _secret = actions.create_webhook(scoped, receiver.url, ["orders", "operations"], actor=actor)
    return made


def types(receiver: Receiver) -> list[str]:
    return [event["type"] for event in receiver.events]


def test_what_happened_is_told_once_signed_and_without_the_shopper(
    webhook: Webhook, receiver: Receiver, drain: Callable[..., int]
) -> None:
    order = make_order(webhook.merchant, make_account(webhook.merchant))
    record(webhook.merchant, "jetsync.options.saved", "Not told", actor=SYSTEM)

    for _twice in range(2):
        actions.gather_events(webhook)
        drain()

    told = [event for event in receiver.events if event["object"]["id"] == order.pk]
    assert [event["type"] for event in told] == [
        entry.action
        for entry in LogEntry.objects.filter(object_type="orders.order", object_id=order.pk).order_by("pk")
    ]
    assert told
    assert all(event["type"].startswith("orders.") for event in receiver.events)
    assert len({event["id"] for event in receiver.events}) == len(receiver.events)
    assert order.buyer_name not in str(receiver.got)
    headers, body = receiver.got[0]
    seconds, signature = (part.split("=")[1] for part in headers["Jetsync-Signature"].split(","))
    expected = hmac.new(webhook.secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == expected
    assert abs(timezone.now().timestamp() - int(seconds)) < 300
    assert set(WebhookDelivery.objects.values_list("state", "status")) == {(DeliveryState.DONE, 200)}


def test_operations_are_told_at_their_start_and_end(
    webhook: Webhook, receiver: Receiver, drain: Callable[..., int]
) -> None:
    rows = [RowSpec("x", number, f"HF-{number}") for number in (1, 2)]
    operation = start_operation(webhook.merchant, "test.work", "Work", actor=SYSTEM, rows=rows)
    actions.gather_events(webhook)
    finish_rows(operation, list(operation.rows.values_list("pk", flat=True)), RowState.DONE)
    refresh_progress(operation)
    actions.gather_events(webhook)
    drain()

    assert types(receiver) == ["test.work.started", "jetsync.operation.ended"]
    assert receiver.events[1]["operation"] == {
        "kind": "test.work",
        "state": "done",
        "total": 2,
        "done": 2,
        "failed": 0,
        "skipped": 0,
    }


def test_entry_that_commits_late_is_told_as_well(webhook: Webhook) -> None:
    """Its id lies before that of an entry which was told already."""
    record(webhook.merchant, "orders.order.noted", "late", actor=SYSTEM)
    late = LogEntry.objects.latest("pk")
    record(webhook.merchant, "orders.order.noted", "early", actor=SYSTEM)
    LogEntry.objects.filter(pk=late.pk).update(action="hidden.as.yet")
    assert actions.gather_events(webhook) == 1
    LogEntry.objects.filter(pk=late.pk).update(action="orders.order.noted")

    webhook.refresh_from_db()
    assert actions.gather_events(webhook) == 1
    assert actions.gather_events(webhook) == 0


def test_refused_event_is_tried_again_with_the_same_body_and_every_attempt_is_kept(
    webhook: Webhook, receiver: Receiver, actor: Actor, drain: Callable[..., int]
) -> None:
    receiver.answers = [500, 302]
    delivery = actions.send_test(webhook, actor=actor)
    for _try in range(3):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        drain()

    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.DONE
    assert [call.status for call in Attempt.objects.filter(job=delivery.job_id).order_by("pk")] == [
        500,
        302,
        200,
    ]
    assert len({body for _headers, body in receiver.got}) == 1
    assert types(receiver) == ["jetsync.webhook.test"] * 3


@pytest.fixture
def given_up(
    webhook: Webhook, receiver: Receiver, actor: Actor, drain: Callable[..., int]
) -> WebhookDelivery:
    """A delivery whose last try has failed."""
    receiver.answers = [500]
    delivery = actions.send_test(webhook, actor=actor)
    Job.objects.filter(pk=delivery.job_id or 0).update(attempts=TRIES - 1)
    drain()
    return WebhookDelivery.objects.select_related("webhook").get(pk=delivery.pk)


def test_address_that_never_answers_is_given_up_and_the_bell_says_so(
    given_up: WebhookDelivery,
) -> None:
    delivery, webhook = given_up, given_up.webhook
    assert (delivery.state, delivery.status) == (DeliveryState.FAILED, 500)
    assert "answered 500" in delivery.message
    assert [notice.title for notice in Notice.objects.all()] == [f"The webhook {webhook} does not answer"]


def test_path_of_an_address_stands_in_no_log_call_or_notice(given_up: WebhookDelivery, actor: Actor) -> None:
    """Many services put there what lets a program write to them; the log is read by more people than the page."""
    webhook = given_up.webhook
    actions.change_webhook(webhook, ["returns"], is_active=True, actor=actor)
    actions.remove_webhook(webhook, actor=actor)

    told = [
        *LogEntry.objects.values_list("message", "object_label"),
        *Attempt.objects.values_list("path", "error"),
        *Notice.objects.values_list("title", "body"),
        *Job.objects.values_list("message", "hint"),
    ]
    assert len(told) >= 5
    assert [words for words in told if "/hook" in " ".join(words)] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "https://169.254.169.254/latest",
        "ftp://example.com",
        "https://me:pw@example.com/",
        "nonsense",
        "http://1.1.1.1/in-plain-text",
    ],
)
def test_inner_and_odd_addresses_are_refused(scoped: Merchant, url: str) -> None:
    with pytest.raises(InvalidInput):
        actions.check_webhook(url, ["orders"])


def test_address_that_turns_inwards_later_is_not_called(
    webhook: Webhook, receiver: Receiver, actor: Actor, settings: LazySettings, drain: Callable[..., int]
) -> None:
    settings.PRIVATE_HOSTS = []
    delivery = actions.send_test(webhook, actor=actor)
    drain()

    delivery.refresh_from_db()
    assert (receiver.got, delivery.state) == ([], DeliveryState.WAITING)
    assert "private network" in delivery.message


def test_webhook_that_is_off_is_told_nothing_not_even_later(webhook: Webhook, actor: Actor) -> None:
    actions.change_webhook(webhook, ["orders"], is_active=False, actor=actor)
    record(webhook.merchant, "orders.order.noted", "x", actor=SYSTEM)
    with across_merchants():
        assert list(merchants_with_news(timezone.now())) == []
    actions.change_webhook(webhook, ["orders"], is_active=True, actor=actor)
    assert actions.gather_events(webhook) == 0
    record(webhook.merchant, "orders.order.noted", "y", actor=SYSTEM)
    assert actions.gather_events(webhook) == 1


def test_look_out_makes_the_gathering_job_for_whom_there_is_news(webhook: Webhook) -> None:
    Job.objects.all().delete()
    record(webhook.merchant, "orders.order.noted", "x", actor=SYSTEM)
    look_out()
    assert Job.objects.filter(kind="webhooks.gather").count() == 1


def test_limits_and_doubles_are_named(
    webhook: Webhook, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match="told already"):
        actions.create_webhook(webhook.merchant, webhook.url, ["orders"], actor=actor)
    monkeypatch.setattr(actions, "MOST_WEBHOOKS", 1)
    with pytest.raises(StateConflict):
        actions.create_webhook(webhook.merchant, "https://example.com/", ["orders"], actor=actor)


def test_old_deliveries_are_trimmed(webhook: Webhook, actor: Actor) -> None:
    actions.send_test(webhook, actor=actor)
    WebhookDelivery.objects.update(created_at=timezone.now() - timedelta(days=31))
    trim_histories()
    assert WebhookDelivery.objects.count() == 0


# --- pages ------------------------------------------------------------------------------------------------------------


def page(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"panel:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def test_owner_adds_tests_renews_and_removes_and_sees_each_secret_once(
    scoped: Merchant, receiver: Receiver, client_for: Callable[..., Client], drain: Callable[..., int]
) -> None:
    client = client_for("owner")
    made = client.post(page(scoped, "webhooks"), {"url": receiver.url, "topics": ["orders"]})
    row = Webhook.objects.get()
    assert row.secret in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    assert row.secret not in client.get(page(scoped, "webhooks")).content.decode()

    client.post(page(scoped, "webhook-test", pk=row.pk))
    drain()
    shown = client.get(page(scoped, "webhook", pk=row.pk)).content.decode()
    assert "jetsync.webhook.test" in shown
    assert "Taken" in shown
    renewed = client.post(page(scoped, "webhook-secret", pk=row.pk)).content.decode()
    old, new = row.secret, Webhook.objects.get().secret
    assert new != old
    assert new in renewed
    client.post(page(scoped, "webhook-remove", pk=row.pk))
    assert Webhook.objects.count() == 0
    assert old not in str(list(LogEntry.objects.values()))


def test_bad_address_is_told_at_the_field_and_nothing_is_stored(
    scoped: Merchant, client_for: Callable[..., Client]
) -> None:
    answer = client_for("owner").post(
        page(scoped, "webhooks"), {"url": "http://10.0.0.1/", "topics": ["orders"]}
    )
    assert "points into a private network" in str(answer.context["form"].errors["url"])
    assert Webhook.objects.count() == 0


def test_webhooks_are_the_owners_and_of_one_store(
    webhook: Webhook, client_for: Callable[..., Client]
) -> None:
    merchant = webhook.merchant
    assert client_for("manager").get(page(merchant, "webhooks")).status_code == 403
    other = make_merchant()
    with merchant_scope(other):
        assert list(Webhook.objects.all()) == []
    foreign = page(other, "webhook", pk=webhook.pk)
    assert client_for("owner", of=other).get(foreign).status_code == 404
