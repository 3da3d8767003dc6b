"""Due schedules start once, idle when switched off, and are late after twice their interval."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from jetsync.actions.schedule import set_paused
from jetsync.mail.kinds import Event
from jetsync.mail.schedules import late_schedules
from jetsync.models import Job, LogEntry, MailEvent, Notice, Schedule
from jetsync.sync import registry
from jetsync.sync.registry import ScheduleKind
from jetsync.sync.runner import run_next
from jetsync.sync.schedules import ensure_schedules, offset_of, start_due
from jetsync.tenancy.actor import SYSTEM

wanted = [True]


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    mails = {name: kind for name, kind in registry._kinds.items() if name.startswith("mail.")}
    monkeypatch.setattr(registry, "_kinds", mails)
    monkeypatch.setattr(registry, "_schedules", {})
    wanted[:] = [True]

    @registry.handler("test.fetch", label="Fetch", right=None)
    def fetch(context):
        context.note("nothing new")

    registry.add_schedule(
        ScheduleKind(
            "test.fetch",
            "Fetch",
            timedelta(minutes=10),
            "test.fetch",
            is_wanted=lambda _m: wanted[0],
            idle="No file is open.",
        )
    )


def due_schedule(merchant, ago=timedelta(seconds=1)) -> Schedule:
    ensure_schedules(merchant)
    Schedule.objects.update(next_due_at=timezone.now() - ago)
    return Schedule.objects.get(kind="test.fetch")


def test_due_schedule_starts_one_job_and_moves_on(scoped):
    due = due_schedule(scoped)
    assert start_due() == 1
    assert start_due() == 0

    row = Schedule.objects.get(kind="test.fetch")
    assert row.next_due_at == due.next_due_at + timedelta(minutes=10)
    assert Job.objects.get().schedule_id == row.pk


def test_missed_turns_are_not_made_up_for(scoped):
    due = due_schedule(scoped, ago=timedelta(minutes=35))
    start_due()
    assert Schedule.objects.get().next_due_at == due.next_due_at + timedelta(minutes=40)
    assert Job.objects.filter(kind="test.fetch").count() == 1


def test_end_of_the_job_is_written_on_the_schedule(scoped):
    due_schedule(scoped)
    start_due()
    run_next("default")
    row = Schedule.objects.get()
    assert (row.last_ok, row.last_message) == (True, "nothing new")
    assert row.last_finished_at is not None


def test_unwanted_schedule_idles_without_being_late(scoped):
    due_schedule(scoped)
    wanted[:] = [False]
    assert start_due() == 0
    row = Schedule.objects.get()
    assert (Job.objects.count(), row.last_message) == (0, "No file is open.")
    assert not row.is_late(timezone.now())


@pytest.mark.feature("SCH-12")
def test_late_is_more_than_twice_the_interval_since_the_last_run(scoped):
    row = due_schedule(scoped, ago=timedelta(minutes=9))
    assert not row.is_late(timezone.now())
    assert row.is_late(timezone.now() + timedelta(minutes=2))


def test_one_broken_schedule_stops_no_other(scoped):
    """The broken one is the most overdue and would come first at every tick."""

    def broken(_merchant):
        raise RuntimeError("bug")

    registry.add_schedule(
        ScheduleKind("test.broken", "Broken", timedelta(minutes=10), "test.fetch", is_wanted=broken)
    )
    due_schedule(scoped)
    Schedule.objects.filter(kind="test.broken").update(next_due_at=timezone.now() - timedelta(hours=1))

    assert start_due() == 1
    assert Job.objects.get().schedule.kind == "test.fetch"


def test_pausing_is_logged_once(scoped):
    """Two members press the button; the second changes nothing."""
    shown = due_schedule(scoped)
    set_paused(shown, paused=True, actor=SYSTEM)
    set_paused(Schedule.objects.get(), paused=True, actor=SYSTEM)
    assert start_due() == 0
    assert [entry.new for entry in LogEntry.objects.all()] == [{"is_paused": True}]
    set_paused(shown, paused=False, actor=SYSTEM)
    assert start_due() == 1


def test_merchants_are_spread_over_the_interval(db):
    offsets = {offset_of(number, "test.fetch", timedelta(minutes=10)) for number in range(200)}
    assert len(offsets) > 150
    assert max(offsets) < timedelta(minutes=10)


def told() -> list[tuple[str, dict]]:
    return list(MailEvent.objects.order_by("pk").values_list("kind", "facts"))


def test_late_schedule_is_told_once_per_delay(scoped):
    due = due_schedule(scoped, ago=timedelta(minutes=35))
    assert start_due() == 1
    since = {"since": due.next_due_at.isoformat()}
    assert told() == [("schedules.late", since)]
    assert Notice.objects.get(key="schedules.late").body == "Fetch did not run in time."

    Schedule.objects.update(next_due_at=timezone.now() - timedelta(minutes=25))  # still behind
    start_due()
    assert told() == [("schedules.late", since)]

    Schedule.objects.update(next_due_at=timezone.now() - timedelta(seconds=1))  # in time again
    start_due()
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(minutes=25))
    start_due()
    assert len(told()) == 2


def test_run_that_never_ends_is_told_as_late(scoped):
    due_schedule(scoped)
    now = timezone.now()
    Schedule.objects.update(
        last_finished_at=now - timedelta(minutes=40), last_started_at=now - timedelta(minutes=10)
    )
    start_due()
    assert [kind for kind, _facts in told()] == ["schedules.late"]


def test_schedule_in_time_tells_nothing(scoped):
    due_schedule(scoped)
    now = timezone.now()
    Schedule.objects.update(
        last_started_at=now - timedelta(minutes=10), last_finished_at=now - timedelta(minutes=9)
    )
    start_due()
    assert told() == []
    assert not Notice.objects.exists()


def test_resumed_schedule_is_not_late(scoped):
    row = due_schedule(scoped, ago=timedelta(hours=5))
    set_paused(row, paused=True, actor=SYSTEM)
    set_paused(row, paused=False, actor=SYSTEM)
    assert start_due() == 1
    assert told() == []


def test_trouble_with_telling_does_not_keep_the_work_from_starting(scoped, monkeypatch):
    from jetsync.sync import schedules

    def broken(*_args, **_more):
        raise ValueError

    monkeypatch.setattr(schedules, "post_mail", broken)
    due_schedule(scoped, ago=timedelta(minutes=35))
    start_due()
    assert Job.objects.filter(kind="test.fetch").count() == 1


def test_mail_about_a_late_schedule_says_whether_it_runs_again(scoped, owner):
    due_schedule(scoped, ago=timedelta(minutes=35))
    start_due()
    row = Schedule.objects.get(kind="test.fetch")
    event = Event(row.pk, MailEvent.objects.get().facts, timezone.now())
    (item,) = late_schedules(scoped, [event])
    assert (item.label, item.notes) == ("Fetch", ("It has never finished.",))
    assert item.lines[0].startswith("Should have run by ")

    assert run_next("default")
    (item,) = late_schedules(scoped, [event])
    assert item.notes[0].startswith("It runs again: last finished ")
