"""How often schedules run, as the merchant chooses, and how an outside cron starts them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.utils import timezone

from jetsync.actions.schedule import set_interval
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, LogEntry, Merchant, Schedule
from jetsync.queries.schedules import started_by
from jetsync.sync import registry
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedules(scoped: Merchant) -> dict[str, Schedule]:
    ensure_schedules(scoped)
    return {row.kind: row for row in Schedule.objects.filter(merchant=scoped).select_related("merchant")}


def interval_of(kind: str) -> timedelta:
    found = registry.schedule_of(kind)
    assert found is not None
    return found.interval


@pytest.mark.feature("SCH-10")
def test_every_kind_of_regular_work_is_a_named_schedule_of_every_merchant(schedules, client, at) -> None:
    page = client.get(at("panel:schedule-list")).content.decode()
    for kind in (
        "catalog.status_all",
        "catalog.sweep_inventory",
        "orders.fetch",
        "orders.status",
        "orders.sweep",
        "returns.fetch",
        "refunds.status",
    ):
        assert kind in schedules
        assert registry.schedule_of(kind).label in page


@pytest.mark.feature("CFG-25")
def test_interval_is_chosen_within_limits_and_kept(schedules, client: Client, at: Any) -> None:
    row = schedules["returns.fetch"]
    page = client.get(at("panel:schedule-detail", pk=row.pk)).content.decode()
    assert "30 minutes (usual)" in page
    answer = client.post(at("panel:schedule-detail", pk=row.pk), {"minutes": "60"}, follow=True)
    assert "runs every 1 hour" in answer.content.decode()
    ensure_schedules(row.merchant)  # as at the next start
    row.refresh_from_db()
    assert (row.interval_seconds, row.chosen_seconds) == (3600, 3600)
    client.post(at("panel:schedule-detail", pk=row.pk), {"minutes": ""})
    row.refresh_from_db()
    assert (row.interval_seconds, row.chosen_seconds) == (1800, None)
    assert LogEntry.objects.filter(action="jetsync.schedule.interval").count() == 2


@pytest.mark.feature("CFG-25", "SCH-02")
def test_order_fetch_is_never_slower_than_10_minutes(schedules, client: Client, at: Any) -> None:
    row = schedules["orders.fetch"]
    answer = client.post(at("panel:schedule-detail", pk=row.pk), {"minutes": "15"})
    assert answer.status_code == 400
    with pytest.raises(InvalidInput, match="Fetch orders can run every 5 minutes to every 10 minutes"):
        set_interval(row, 15, actor=SYSTEM)
    Schedule.objects.filter(pk=row.pk).update(chosen_seconds=3600, interval_seconds=3600)
    ensure_schedules(row.merchant)
    row.refresh_from_db()
    assert row.interval_seconds == 600


def test_shorter_interval_is_due_within_it(schedules) -> None:
    row = schedules["catalog.status_all"]
    Schedule.objects.filter(pk=row.pk).update(next_due_at=timezone.now() + timedelta(hours=5))
    set_interval(row, 30, actor=SYSTEM)
    row.refresh_from_db()
    assert row.next_due_at <= timezone.now() + timedelta(minutes=30)


@pytest.mark.feature("CFG-24")
def test_copied_address_starts_the_job_until_a_new_one_is_made(schedules, client: Client, at: Any) -> None:
    row = schedules["orders.fetch"]
    page = at("panel:schedule-detail", pk=row.pk)
    assert "No address was made yet" in client.get(page).content.decode()
    client.post(at("panel:schedule-address", pk=row.pk))
    first, outside = address_on(client, page), Client()

    answer = outside.get(first)
    assert (answer.status_code, answer.content.decode()) == (202, "Started: Fetch orders.\n")
    assert Job.objects.filter(schedule=row).count() == 1
    ended = timezone.now()
    Job.objects.filter(schedule=row).update(finished_at=ended)
    Schedule.objects.filter(pk=row.pk).update(last_finished_at=ended)
    row.refresh_from_db()
    assert started_by(row.merchant, [row]) == {row.pk: "from outside"}
    again = outside.post(first)
    assert (again.status_code, again["Retry-After"]) == (429, "60")
    assert Job.objects.filter(schedule=row).count() == 1

    client.post(at("panel:schedule-address", pk=row.pk))
    assert outside.get(first).status_code == 404
    assert address_on(client, page) != first
    assert outside.get(f"{first.rstrip('/')}x/").status_code == 404
    assert outside.head(address_on(client, page)).status_code == 405


def address_on(client: Client, page: str) -> str:
    html = client.get(page).content.decode()
    found = html.partition("/run/")[2].partition("<")[0]
    return f"/run/{found}"


def test_address_of_a_paused_schedule_or_suspended_merchant_starts_nothing(
    schedules, client: Client, at: Any, merchant: Merchant
) -> None:
    row = schedules["orders.fetch"]
    client.post(at("panel:schedule-address", pk=row.pk))
    address = address_on(client, at("panel:schedule-detail", pk=row.pk))
    Schedule.objects.filter(pk=row.pk).update(is_paused=True)
    assert Client().get(address).status_code == 409
    Schedule.objects.filter(pk=row.pk).update(is_paused=False)
    Merchant.objects.filter(pk=merchant.pk).update(suspended_at=timezone.now())
    assert Client().get(address).status_code == 409
    assert not Job.objects.exists()


def test_who_may_only_look_sees_no_address(schedules, client: Client, client_for: Any, at: Any) -> None:
    row = schedules["orders.fetch"]
    client.post(at("panel:schedule-address", pk=row.pk))
    html = client_for("analyst").get(at("panel:schedule-detail", pk=row.pk)).content.decode()
    assert "/run/" not in html


@pytest.mark.feature("CFG-24")
def test_copied_command_starts_the_job(
    schedules, client: Client, at: Any, merchant: Merchant, capsys
) -> None:
    row = schedules["orders.fetch"]
    with override_settings(MANAGE_COMMAND="docker compose exec -T web python manage.py"):
        html = client.get(at("panel:schedule-detail", pk=row.pk)).content.decode()
    assert (
        f"<code>docker compose exec -T web python manage.py run_schedule {merchant.slug} orders.fetch</code>"
        in html
    )
    call_command("run_schedule", merchant.slug, "orders.fetch")
    assert capsys.readouterr().out == "Started: Fetch orders.\n"
    with merchant_scope(merchant):
        assert Job.objects.filter(schedule=row).count() == 1
    with pytest.raises(CommandError, match="less than a minute ago"):
        call_command("run_schedule", merchant.slug, "orders.fetch")
    with pytest.raises(CommandError, match=r"no schedule .orders\.all.*Known are"):
        call_command("run_schedule", merchant.slug, "orders.all")
    with pytest.raises(CommandError, match="no merchant"):
        call_command("run_schedule", "nobody", "orders.fetch")
