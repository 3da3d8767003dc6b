"""Operations, schedules, jobs, calls and the log: what is shown, who may act, what an action leaves behind."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_rows, mark_running, refresh_progress, start_operation
from jetsync.enums import JobState, OperationState, Priority, RowState
from jetsync.models import Job, LogEntry, Merchant, Operation, OperationRow, Schedule
from jetsync.panel.details import timeline_for
from jetsync.queries.schedules import started_by
from jetsync.sync import registry
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_merchant
from tests.panel.conftest import make_call, make_job


def make_operation(
    merchant: Merchant, rows: int = 3, failed: int = 0, *, kind: str = "test.upload"
) -> Operation:
    """Rows named HF-0…; `failed` of them failed, the others done; `failed=-1` leaves all waiting."""
    with merchant_scope(merchant):
        specs = [RowSpec("test.thing", number, f"HF-{number}", line=number + 2) for number in range(rows)]
        operation = start_operation(merchant, kind, "Upload things", actor=SYSTEM, rows=specs)
        if failed < 0:
            mark_running(operation)
            return operation
        ids = list(
            OperationRow.objects.filter(operation=operation).order_by("pk").values_list("pk", flat=True)
        )
        finish_rows(operation, ids[:failed], RowState.FAILED, code="upc", message="=BAD()", hint="Fix it.")
        finish_rows(operation, ids[failed:], RowState.DONE)
        return refresh_progress(operation)


@pytest.fixture
def ways_back(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Registers undo and retry for `test.upload`; the list tells which operation each was called for."""
    called: list[tuple[str, int]] = []

    def follow(word: str) -> Any:
        def run(operation: Operation, actor: Actor) -> Operation:
            called.append((word, operation.pk))
            return start_operation(operation.merchant, "test.upload", f"{word} things", actor=actor)

        return run

    monkeypatch.setitem(registry._undo, "test.upload", follow("Undo"))
    monkeypatch.setitem(registry._retry, "test.upload", follow("Retry"))
    return called


@pytest.mark.feature("BUL-04")
def test_operation_shows_progress_and_a_result_per_row(client, merchant, at):
    operation = make_operation(merchant, rows=4, failed=1)
    page = client.get(at("panel:operation-detail", pk=operation.pk)).content.decode()
    assert "Done with failures" in page
    assert '<progress class="meter-bar meter-warning" value="100" max="100"' in page
    assert re.findall(r"<dd[^>]*><span class=\"num\">(\d+)</span></dd>", page) == ["3", "1", "0", "0", "4"]
    assert page.count("=BAD()") == 1
    only_failed = client.get(at("panel:operation-detail", "?state=failed", pk=operation.pk)).content.decode()
    assert re.findall(r'data-label="Object"><div class="cell">(HF-\d)', only_failed) == ["HF-0"]


@pytest.mark.feature("BUL-03")
def test_open_operation_polls_with_and_without_scripts_and_a_finished_one_stops(client, merchant, at):
    operation = make_operation(merchant, failed=-1)
    url = at("panel:operation-detail", pk=operation.pk)
    page = client.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in page
    assert "You may leave this page" in page

    with merchant_scope(merchant):
        ids = list(OperationRow.objects.filter(operation=operation).values_list("pk", flat=True))
        finish_rows(operation, ids, RowState.DONE)
        refresh_progress(operation)
    headers = {"HX-Request": "true", "HX-Target": "operation-live"}
    part = client.get(url, headers=headers).content.decode()
    assert "<html" not in part
    assert 'id="operation-live"' in part
    assert 'id="list" hx-swap-oob="true"' in part
    assert "every 2s" not in part


def test_cancel_stops_what_was_not_sent(client, merchant, at, scoped):
    operation = make_operation(merchant, failed=-1)
    job = make_job(merchant, operation=operation)
    response = client.post(at("panel:operation-cancel", pk=operation.pk), follow=True)
    assert "“Upload things” is cancelled. 0 of 3 had been done already." in response.content.decode()
    operation.refresh_from_db()
    job.refresh_from_db()
    assert (operation.state, job.state) == (OperationState.CANCELLED, JobState.CANCELLED)
    assert client.post(at("panel:operation-cancel", pk=operation.pk)).status_code == 409


def test_retry_starts_a_new_operation_and_leads_to_it(client, merchant, at, scoped, ways_back):
    operation = make_operation(merchant, failed=2)
    response = client.post(at("panel:operation-retry", pk=operation.pk))
    fresh = Operation.objects.get(merchant=merchant, title="Retry things")
    assert response.url == at("panel:operation-detail", pk=fresh.pk)
    assert ways_back == [("Retry", operation.pk)]


def test_undo_asks_first_and_happens_once(client, merchant, at, scoped, ways_back):
    operation = make_operation(merchant)
    url = at("panel:operation-undo", pk=operation.pk)
    page = client.get(url).content.decode()
    assert "Undo “Upload things”" in page
    assert "3 objects" in page
    assert ways_back == []

    assert client.post(url).status_code == 302
    assert ways_back == [("Undo", operation.pk)]
    again = client.post(url)
    assert again.status_code == 409
    assert "was undone before" in again.content.decode()
    assert ways_back == [("Undo", operation.pk)]


def test_operation_without_a_way_back_offers_none(client, merchant, at):
    operation = make_operation(merchant, failed=1)
    page = client.get(at("panel:operation-detail", pk=operation.pk)).content.decode()
    assert "Undo…" not in page
    assert "Retry failed" not in page
    assert client.post(at("panel:operation-retry", pk=operation.pk)).status_code == 409


def test_failed_rows_download_is_complete_and_harmless(client, merchant, at):
    operation = make_operation(merchant, rows=60, failed=55)
    response = client.get(at("panel:operation-failed-rows", pk=operation.pk))
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["line", "object", "code", "message", "what_to_do"]
    assert len(rows) == 56
    assert rows[1] == ["2", "HF-0", "upc", "'=BAD()", "Fix it."]
    assert response.headers["Content-Disposition"] == f'attachment; filename="failed-rows-{operation.pk}.csv"'


@pytest.mark.parametrize("name", ["operation-cancel", "operation-retry", "operation-undo"])
def test_analyst_sees_operations_but_does_nothing(  # noqa: PLR0917 -- fixtures
    client_for, merchant, at, scoped, ways_back, name
):
    operation = make_operation(merchant, failed=1)
    analyst = client_for("analyst")
    assert analyst.get(at("panel:operation-detail", pk=operation.pk)).status_code == 200
    assert analyst.post(at(f"panel:{name}", pk=operation.pk)).status_code == 403
    assert ways_back == []
    operation.refresh_from_db()
    assert operation.cancel_requested_at is None


# --- schedules ----------------------------------------------------------------------------------------------------


def make_schedule(merchant: Merchant, **extra: Any) -> Schedule:
    with merchant_scope(merchant):
        values = {"interval_seconds": 600, "next_due_at": timezone.now() + timedelta(minutes=3), **extra}
        return Schedule.objects.create(merchant=merchant, kind=registry.all_schedules()[0].name, **values)


@pytest.mark.feature("SCH-01")
def test_schedules_show_activity_interval_run_result_duration_and_next(client, merchant, at):
    now = timezone.now()
    make_schedule(
        merchant,
        last_started_at=now - timedelta(minutes=7),
        last_finished_at=now - timedelta(minutes=7),
        last_duration_ms=2400,
        last_ok=True,
        last_message="14 orders fetched",
    )
    page = client.get(at("panel:schedule-list")).content.decode()
    for words in (
        registry.all_schedules()[0].label,
        "10\N{NO-BREAK SPACE}minutes",
        "On time",
        "7 minutes ago",
        "14 orders fetched",
        "2.4\N{NO-BREAK SPACE}s",
        "in 2 minutes",
        "Run now",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ({"is_paused": True}, "Paused"),
        ({"next_due_at": timezone.now() - timedelta(days=1)}, "Late"),
        ({}, "Not run yet"),
        ({"last_finished_at": timezone.now(), "last_ok": False}, "Last run failed"),
    ],
)
def test_schedule_states(client, merchant, at, values, label):
    make_schedule(merchant, **values)
    assert f"</span>{label}</span>" in client.get(at("panel:schedule-list")).content.decode()


@pytest.mark.feature("SCH-01")
def last_run(html: str) -> str:
    """The cell of the last run, from the schedules' page or from Home."""
    found = re.search(
        r"<td[^>]*>(?:<div class=\"cell\">)?(<time[^>]*>just now</time>.*?)(?:</div>)?</td>", html
    )
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found.group(1)).strip()


def test_home_and_schedules_tell_the_same_last_run_and_who_started_it(client, merchant, at, scoped):
    Schedule.objects.all().delete()
    schedule = make_schedule(merchant, last_started_at=timezone.now() - timedelta(hours=3))
    job = make_job(merchant, state="done", schedule=schedule, finished_at=timezone.now())
    Schedule.objects.update(last_finished_at=job.finished_at, last_ok=True)

    for name in ("panel:schedule-list", "panel:home"):
        assert " ".join(last_run(client.get(at(name)).content.decode()).split()) == "just now by schedule"

    owner = Actor(label="Robin Harrow", user=merchant.memberships.get(role="owner").user)
    record(merchant, "jetsync.schedule.run", "Started by hand", actor=owner, about=schedule, job=job)
    for name in ("panel:schedule-list", "panel:home"):
        told = " ".join(last_run(client.get(at(name)).content.decode()).split())
        assert told == "just now by hand: Robin Harrow"

    Job.objects.update(finished_at=timezone.now() - timedelta(minutes=10))  # since then a turn was skipped
    assert started_by(merchant, [schedule]) == {schedule.pk: "by schedule"}


def test_run_now_starts_the_job_and_pause_stops_the_schedule(client, merchant, at, scoped):
    schedule = make_schedule(merchant)
    due = schedule.next_due_at
    client.post(at("panel:schedule-run", pk=schedule.pk))
    job = Job.objects.get(merchant=merchant, schedule=schedule, state=JobState.QUEUED)
    assert job.priority == Priority.NOW, "a person waits for it"
    client.post(at("panel:schedule-pause", pk=schedule.pk), {"paused": "1"})
    schedule.refresh_from_db()
    assert (schedule.is_paused, schedule.next_due_at) == (True, due)
    client.post(at("panel:schedule-pause", pk=schedule.pk), {"paused": "0"})
    schedule.refresh_from_db()
    assert schedule.is_paused is False


def test_buttons_in_cells_carry_the_token_against_forgery(merchant, at, owner):
    """Cells are rendered apart from the page; without the token every button in them would be refused."""
    from django.test import Client

    schedule = make_schedule(merchant)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    page = strict.get(at("panel:schedule-list")).content.decode()
    form = page[page.index(at("panel:schedule-run", pk=schedule.pk)) :]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token is not None
    url = at("panel:schedule-run", pk=schedule.pk)
    assert strict.post(url, {"csrfmiddlewaretoken": token[1]}).status_code == 302
    assert strict.post(url).status_code == 403


# --- jobs, calls, log -----------------------------------------------------------------------------------------------


def test_job_page_shows_calls_with_bodies_and_the_reason(client, merchant, at):
    job = make_job(
        merchant, state="failed", failure_end="permanent", message="Jet refused the price", hint="Set one."
    )
    make_call(
        merchant,
        job,
        status=400,
        request_cut='{"price": 0}',
        answer_cut='{"errors": ["<b>bad</b>"]}',
        request_id="r-1",
    )
    page = client.get(at("panel:job-detail", pk=job.pk)).content.decode()
    for words in (
        "Jet refused the price",
        "Set one.",
        "Refused for good",
        "PUT /merchant-skus/HF-1/price",
        "400",
        "r-1",
        "&quot;price&quot;: 0",
        "&lt;b&gt;bad",
    ):
        assert words in page, words


def test_failed_job_is_retried_and_waiting_one_cancelled(client, merchant, at, scoped):
    failed, waiting = make_job(merchant, "HF-1", state="failed"), make_job(merchant, "HF-2")
    client.post(at("panel:job-retry", pk=failed.pk))
    assert Job.objects.filter(merchant=merchant, key="HF-1", state=JobState.QUEUED).count() == 1
    client.post(at("panel:job-cancel", pk=waiting.pk))
    waiting.refresh_from_db()
    assert waiting.state == JobState.CANCELLED
    assert client.post(at("panel:job-cancel", pk=waiting.pk)).status_code == 409


def test_job_that_may_have_arrived_says_so(client, merchant, at):
    job = make_job(merchant, maybe_arrived=True)
    assert "May have arrived, checking" in client.get(at("panel:job-detail", pk=job.pk)).content.decode()


@pytest.mark.feature("LOG-01")
def test_calls_are_filtered_by_result_job_time_and_path(client, merchant, at):
    job = make_job(merchant)
    make_call(merchant, job, path="/ok")
    make_call(merchant, job, path="/refused", status=400)
    make_call(merchant, path="/lost", status=None, error="read timeout")
    make_call(merchant, path="/old", started_at=timezone.now() - timedelta(days=9))

    def paths(query: str) -> set[str]:
        page = client.get(at("panel:call-list", query)).content.decode()
        return set(re.findall(r'<span class="code">PUT (/\w+)</span>', page))

    today = (timezone.now() - timedelta(days=1)).date().isoformat()
    assert paths("") == {"/ok", "/refused", "/lost", "/old"}
    assert paths("?result=refused") == {"/refused"}
    assert paths("?result=lost") == {"/lost"}
    assert paths("?kind=catalog.push_prices") == {"/ok", "/refused"}
    assert paths(f"?at_after={today}") == {"/ok", "/refused", "/lost"}
    assert paths("?q=old") == {"/old"}


@pytest.mark.feature("LOG-02")
def test_clearing_the_log_hides_it_for_one_person_and_keeps_the_audit(
    client, client_for, merchant, at, scoped
):
    record(
        merchant,
        "catalog.product.changed",
        "Price changed",
        actor=SYSTEM,
        old={"price": "1"},
        new={"price": "2"},
    )
    page = client.get(at("panel:log-list")).content.decode()
    assert "Price changed" in page
    assert "price: 1 → 2" in page

    client.post(at("panel:log-clear"))
    record(merchant, "catalog.product.changed", "Newer change", actor=SYSTEM)

    page = client.get(at("panel:log-list")).content.decode()
    assert "Price changed" not in page
    assert "Newer change" in page
    assert "Price changed" in client_for("analyst").get(at("panel:log-list")).content.decode()
    assert LogEntry.objects.filter(merchant=merchant, message="Price changed").count() == 1
    client.post(at("panel:log-restore"))
    assert "Price changed" in client.get(at("panel:log-list")).content.decode()


def test_log_filters_by_area_maker_and_object(client, merchant, at, scoped, actor):
    job = make_job(merchant)
    record(merchant, "orders.order.shipped", "Shipped", actor=actor, about=job)
    record(merchant, "catalog.product.changed", "Changed", actor=SYSTEM)

    def found(query: str) -> list[str]:
        page = client.get(at("panel:log-list", query)).content.decode()
        return re.findall(r'data-label="What happened"><div class="cell">(\w+)<', page)

    assert found("") == ["Changed", "Shipped"]
    assert found("?area=orders.") == ["Shipped"]
    assert found("?maker=jetsync") == ["Changed"]
    assert found(f"?object_type=jetsync.job&object_id={job.pk}") == ["Shipped"]


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("job-list", 7),
        ("call-list", 7),
        ("log-list", 7),
        ("operation-list", 7),
        ("notice-list", 8),
        ("schedule-list", 10),
    ],
)
def test_activity_lists_need_the_same_queries_for_one_row_and_three(  # noqa: PLR0917 -- fixtures
    client, merchant, at, count_queries, scoped, name, queries
):
    from jetsync.actions.log import notify

    kinds = [kind.name for kind in registry.all_schedules()]
    counts = []
    for number in range(3):
        job = make_job(merchant, f"HF-{number}")
        make_call(merchant, job)
        start_operation(merchant, "test.upload", f"Operation {number}", actor=SYSTEM)
        notify(merchant, f"k{number}", "Look")
        Schedule.objects.create(
            merchant=merchant, kind=kinds[number], interval_seconds=600, next_due_at=timezone.now()
        )
        if number != 1:
            counts.append(count_queries(client, at(f"panel:{name}")))
    assert counts == [queries, queries]


def test_operation_page_needs_constant_queries(client, merchant, at, count_queries):
    small, large = make_operation(merchant, rows=1), make_operation(merchant, rows=60)
    pages = [at("panel:operation-detail", pk=operation.pk) for operation in (small, large)]
    assert [count_queries(client, page) for page in pages] == [8, 8]


def test_timeline_joins_log_jobs_and_calls_in_three_queries(merchant, scoped, django_assert_num_queries):
    operation = make_operation(merchant)
    LogEntry.objects.all().delete()
    about = {"object_type": "jetsync.operation", "object_id": operation.pk}
    record(
        merchant, "x.y", "Started", actor=SYSTEM, about=operation, old={"a": 1, "b": 2}, new={"a": 1, "b": 3}
    )
    job = make_job(merchant, state="failed", message="Refused.", hint="Fix it.", **about)
    make_call(merchant, job, status=400)
    other = make_merchant()
    make_job(other, **about)
    with django_assert_num_queries(3):
        entries = timeline_for(merchant, "jetsync.operation", operation.pk)
    assert [(entry.title, entry.body, entry.level) for entry in entries] == [
        ("Send changed prices", "Refused. Fix it.", "danger"),
        ("Started", "", "info"),
    ]
    assert entries[1].changes == [("b", "2", "3")]
    assert [call.status for call in entries[0].calls] == [400]
