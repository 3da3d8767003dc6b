"""Running the panel over the API: log search, schedules, webhooks, support sessions; as the pages, with their rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.merchant import start_support
from jetsync.actions.webhook import MOST_WEBHOOKS, create_webhook
from jetsync.enums import JobState
from jetsync.models import Job, LogEntry, Merchant, Schedule, Webhook, WebhookDelivery
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_account, make_merchant, make_user
from tests.orders.rows import make_order
from tests.panel.conftest import make_call, make_job

ClientFor = Callable[..., Client]
JSON = {"content_type": "application/json"}


@pytest.fixture
def url(merchant: Merchant) -> Callable[..., str]:
    def address(name: str, **kwargs: Any) -> str:
        return reverse(f"api:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})

    return address


# The log


def titles(client: Client, address: str) -> list[str]:
    return [row["title"] for row in client.get(address).json()["results"]]


@pytest.mark.feature("LOG-01")
def test_log_is_searched_as_on_the_page(scoped: Merchant, client: Client, url: Any, actor: Actor) -> None:
    LogEntry.objects.all().delete()
    record(scoped, "x", "Settings were changed", actor=actor, old={"a": 1}, new={"a": 2})
    job = make_job(scoped, "HF-2")
    make_call(scoped, job, path="/merchant-skus/HF-2/price", status=400, error="Too low")

    call, change = client.get(url("log-list")).json()["results"]
    assert (call["kind"], call["result"], call["job"]) == ("call", "400 Too low", job.pk)
    assert (change["kind"], change["actor"], change["changes"] != "") == ("change", actor.label, True)
    for query, expected in (
        ("?q=HF-2", [call["title"]]),
        ("?kind=change", ["Settings were changed"]),
        ("?result=bad", [call["title"]]),
        (f"?job={job.pk}", [call["title"]]),
        ("?until=2001-01-01", []),
    ):
        assert titles(client, url("log-list") + query) == expected, query


def test_log_goes_on_behind_each_page(scoped: Merchant, client: Client, url: Any) -> None:
    LogEntry.objects.all().delete()
    for number in range(5):
        record(scoped, "x", f"Change {number}", actor=SYSTEM)

    seen, address = [], url("log-list") + "?page_size=2"
    while address:
        answer = client.get(address).json()
        seen += [row["title"] for row in answer["results"]]
        address = answer["next"]

    assert seen == [f"Change {number}" for number in (4, 3, 2, 1, 0)]


def test_bad_filters_of_the_log_are_named(scoped: Merchant, client: Client, url: Any) -> None:
    answer = client.get(url("log-list") + "?since=never&kind=nonsense")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"since", "kind"})


@pytest.mark.parametrize("role", ["owner", "analyst"])
def test_log_hides_shoppers_and_does_not_find_them(
    merchant: Merchant, client_for: ClientFor, url: Any, role: str
) -> None:
    sees = role == "owner"
    account = make_account(merchant)
    with merchant_scope(merchant):
        order = make_order(merchant, account)
        record(merchant, "orders.order.noted", f"Called {order.buyer_name}", actor=SYSTEM, about=order)

    text = client_for(role).get(url("log-list")).content.decode()
    assert "Called" in text
    assert (order.buyer_name in text) is sees
    found = titles(client_for(role), f"{url('log-list')}?q={order.buyer_name}")
    assert (f"Called {order.buyer_name}" in found) is sees


# Schedules


@pytest.fixture
def schedule(scoped: Merchant) -> Schedule:
    ensure_schedules(scoped)
    row = Schedule.objects.filter(kind="orders.pull_ready").first() or Schedule.objects.order_by("pk").first()
    assert row is not None
    return row


def test_schedules_are_listed_run_paused_and_resumed(schedule: Schedule, client: Client, url: Any) -> None:
    rows = client.get(url("schedule-list")).json()["results"]
    assert {row["id"] for row in rows} == set(Schedule.objects.values_list("pk", flat=True))
    assert {row["status"] for row in rows} <= {"ok", "late", "failed", "paused", "off", "never"}

    started = client.post(url("schedule-run", pk=schedule.pk))
    assert started.status_code == 202
    assert Job.objects.get(pk=started.json()["job"]).state == JobState.QUEUED
    assert client.post(url("schedule-pause", pk=schedule.pk)).json()["status"] == "paused"
    assert client.get(url("schedule-detail", pk=schedule.pk)).json()["is_paused"] is True
    assert client.post(url("schedule-resume", pk=schedule.pk)).json()["is_paused"] is False


@pytest.mark.parametrize("minutes", [0, -5, 10**7, 10**15, -(10**15), 10**40])
def test_an_interval_beyond_all_limits_is_refused_like_any_other(
    schedule: Schedule, client: Client, url: Any, minutes: int
) -> None:
    answer = client.patch(url("schedule-detail", pk=schedule.pk), {"minutes": minutes}, **JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "schedule_interval")
    schedule.refresh_from_db()
    assert schedule.chosen_seconds is None


def test_interval_of_a_schedule_keeps_to_its_limits(schedule: Schedule, client: Client, url: Any) -> None:
    address = url("schedule-detail", pk=schedule.pk)
    refused = client.patch(address, {"minutes": 100_000}, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (400, "schedule_interval")
    usual = client.get(address).json()["interval_seconds"]
    assert client.patch(address, {"minutes": usual // 60}, **JSON).json()["interval_seconds"] == usual


# Webhooks


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address that counts as one outside."""
    monkeypatch.setattr("jetsync.actions.webhook.check_outside_url", lambda _url, **_more: None)
    return "https://example.com/jetsync"


def test_webhook_is_made_changed_tested_and_removed(
    scoped: Merchant, client: Client, url: Any, address: str
) -> None:
    made = client.post(url("webhook-list"), {"url": address, "topics": ["orders"]}, **JSON)
    row = Webhook.objects.get()
    assert (made.status_code, made.json()["secret"]) == (201, row.secret)
    assert row.secret not in client.get(url("webhook-list")).content.decode()
    one = url("webhook-detail", pk=row.pk)

    changed = client.patch(one, {"topics": ["returns", "orders"], "is_active": False}, **JSON).json()
    assert (changed["topics"], changed["is_active"]) == (["orders", "returns"], False)
    assert client.patch(one, {"is_active": True}, **JSON).json()["topics"] == ["orders", "returns"]

    sent = client.post(url("webhook-test", pk=row.pk))
    assert (sent.status_code, sent.json()["type"]) == (202, "jetsync.webhook.test")
    (told,) = client.get(url("webhook-events", pk=row.pk)).json()["results"]
    assert (told["id"], told["state"]) == (WebhookDelivery.objects.get().pk, "waiting")

    old = row.secret
    renewed = client.post(url("webhook-secret", pk=row.pk)).json()["secret"]
    row.refresh_from_db()
    assert renewed == row.secret != old
    assert client.delete(one).status_code == 204
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"url": "http://10.0.0.1/", "topics": ["orders"]}, "url"),
        ({"url": "https://example.com/", "topics": []}, "topics"),
        ({"url": "https://example.com/", "topics": ["nonsense"]}, "topics"),
        ({"topics": ["orders"]}, "url"),
    ],
)
def test_webhook_that_breaks_a_rule_is_refused(
    scoped: Merchant, client: Client, url: Any, given: dict[str, Any], field: str
) -> None:
    answer = client.post(url("webhook-list"), given, **JSON)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert Webhook.objects.count() == 0


def test_number_of_webhooks_is_limited(
    scoped: Merchant, client: Client, url: Any, address: str, actor: Actor
) -> None:
    for number in range(MOST_WEBHOOKS):
        create_webhook(scoped, f"{address}/{number}", ["orders"], actor=actor)
    answer = client.post(url("webhook-list"), {"url": address, "topics": ["orders"]}, **JSON)
    assert (answer.status_code, Webhook.objects.count()) == (409, MOST_WEBHOOKS)


def test_webhooks_of_another_store_do_not_exist(client: Client, url: Any, address: str) -> None:
    other = make_merchant()
    with merchant_scope(other):
        foreign, _secret = create_webhook(other, address, ["orders"], actor=SYSTEM)
    assert client.get(url("webhook-list")).json()["results"] == []
    for name in ("webhook-detail", "webhook-events"):
        assert client.get(url(name, pk=foreign.pk)).status_code == 404
    for name in ("webhook-test", "webhook-secret"):
        assert client.post(url(name, pk=foreign.pk)).status_code == 404
    assert client.delete(url("webhook-detail", pk=foreign.pk)).status_code == 404
    with merchant_scope(other):
        assert list(Webhook.objects.all()) == [foreign]


# Support sessions


def test_support_sessions_are_listed_and_ended_by_the_merchants_people(
    merchant: Merchant, client_for: ClientFor, url: Any
) -> None:
    staff = make_user(is_staff=True)
    session = start_support(merchant, staff=staff, reason="Order 12 looks odd")
    start_support(make_merchant(), staff=staff, reason="Elsewhere")
    looker = Client()
    looker.force_login(staff)
    home = reverse("panel:home", kwargs={"merchant_slug": merchant.slug})
    assert looker.get(home).status_code == 200

    (row,) = client_for("manager").get(url("support-session-list")).json()["results"]
    assert (row["id"], row["reason"], row["is_open"]) == (session.pk, "Order 12 looks odd", True)
    end = url("support-session-end", pk=session.pk)
    assert client_for("manager").post(end).status_code == 403
    ended = client_for("owner").post(end)
    assert (ended.status_code, ended.json()["is_open"]) == (200, False)
    assert looker.get(home).status_code == 404
    assert client_for("owner").post(end).status_code == 200
    with merchant_scope(merchant):
        (entry,) = LogEntry.objects.filter(action="jetsync.support.ended")
        assert entry.message == f"The support session of {staff} was ended: Order 12 looks odd"
        assert entry.actor != staff


def test_support_session_that_is_over_by_time_is_not_open(
    merchant: Merchant, client_for: ClientFor, url: Any
) -> None:
    session = start_support(merchant, staff=make_user(is_staff=True), reason="Look")
    type(session).objects.filter(pk=session.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    (row,) = client_for("owner").get(url("support-session-list")).json()["results"]
    assert row["is_open"] is False
