"""Mails are written: what happened waits in the database and becomes one mail per address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import transaction
from django.utils import timezone

from jetsync.actions.mail import LEFT_BEHIND, post_mail, write_due
from jetsync.enums import MailPace, MailState
from jetsync.mail.kinds import SHOWN
from jetsync.models import Job, Mail, MailEvent, Merchant, Options, User
from jetsync.queries.mail import GATHER, due_up_to, next_summary_at
from jetsync.sync.requests import gather_requests
from jetsync.sync.runner import run_job
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_member, make_merchant
from tests.kernel.letters import due_now, kinds_of_tests, letters, options, set_options, tell

__all__ = ["kinds_of_tests", "options"]


def test_what_happens_together_is_one_mail_per_address(
    scoped: Merchant, options: Options, drain: Callable[[], int]
) -> None:
    set_options(options, order_notice_emails="a@example.com\nb@example.com")
    tell(scoped, "apples", "Apple 1", "Apple 2", "Apple 3")
    assert Mail.objects.count() == 0
    job = Job.objects.get(kind="mail.compose")
    assert GATHER - timedelta(seconds=5) < job.not_before - timezone.now() <= GATHER

    due_now()
    drain()

    subject = "[Harrow & Finch] 3 apples"
    assert letters() == [("a@example.com", subject), ("b@example.com", subject)]
    assert sorted(message.to[0] for message in outbox.outbox) == ["a@example.com", "b@example.com"]
    text = outbox.outbox[0].body
    assert text.index("Apple 1") < text.index("Apple 2") < text.index("Apple 3")
    assert MailEvent.objects.count() == 0


def test_nobody_named_means_the_owners_and_nobody_else(
    scoped: Merchant, options: Options, owner: User, drain: Callable[[], int]
) -> None:
    make_member(scoped, "manager")
    tell(scoped, "apples", "Apple")
    due_now()
    drain()
    assert [message.to for message in outbox.outbox] == [[owner.email]]


def test_event_of_a_transaction_that_fails_is_never_told(scoped: Merchant, options: Options) -> None:
    with transaction.atomic():
        tell(scoped, "apples", "Apple")
        transaction.set_rollback(True)
    assert not MailEvent.objects.exists()
    assert not Job.objects.exists()


def test_kind_that_is_off_stores_nothing_and_one_turned_off_later_is_dropped(
    scoped: Merchant, options: Options
) -> None:
    tell(scoped, "apples", "Apple 1")
    set_options(options, mail_new_orders=False)
    tell(scoped, "apples", "Apple 2")
    assert MailEvent.objects.count() == 1
    assert write_due(scoped, kinds=["apples"]) == 0
    assert not MailEvent.objects.exists()
    assert letters() == []


def test_alarm_is_written_at_once_and_leaves_by_the_urgent_queue(
    scoped: Merchant, options: Options, owner: User
) -> None:
    set_options(options, mail_pace=MailPace.DAILY)
    tell(scoped, "fires", "Shed")
    assert letters() == [(owner.email, "[Harrow & Finch] 1 fires")]
    job = Job.objects.get()
    assert (job.kind, job.queue, job.priority) == ("mail.send_now", "urgent", 10)


def test_alarm_that_could_not_leave_in_time_is_not_sent(
    scoped: Merchant, options: Options, drain: Callable[[], int]
) -> None:
    tell(scoped, "fires", "Shed")
    Mail.objects.update(not_after=timezone.now() - timedelta(seconds=1))
    drain()
    row = Mail.objects.get()
    assert (row.state, row.code) == (MailState.FAILED, "too_late")
    assert outbox.outbox == []


def test_flood_lists_fifty_and_counts_the_rest(scoped: Merchant, options: Options) -> None:
    tell(scoped, "apples", *(f"Apple {number}." for number in range(SHOWN + 7)))
    write_due(scoped, kinds=["apples"])
    row = Mail.objects.get()
    assert row.subject == f"[Harrow & Finch] {SHOWN + 7} apples"
    assert f"Apple {SHOWN - 1}." in row.text
    assert f"Apple {SHOWN}." not in row.text
    assert "and 7 more, not listed here" in row.text
    assert "and 7 more, not listed here" in row.html


def test_what_is_not_worth_telling_any_more_makes_no_mail(scoped: Merchant, options: Options) -> None:
    post_mail(scoped, "apples", {"label": "Apple", "gone": True})
    assert write_due(scoped, kinds=["apples"]) == 0
    assert not MailEvent.objects.exists()


def test_html_escapes_what_the_text_shows_plainly(scoped: Merchant, options: Options) -> None:
    tell(scoped, "apples", "Apple & <script>")
    write_due(scoped, kinds=["apples"])
    row = Mail.objects.get()
    assert "Apple &amp; &lt;script&gt;" in row.html
    assert "It fell &lt;b&gt;hard&lt;/b&gt;." in row.html
    assert "* Apple & <script>" in row.text
    assert "It fell <b>hard</b>." in row.text


def test_line_break_in_a_name_cannot_add_a_header(
    scoped: Merchant, options: Options, drain: Callable[[], int]
) -> None:
    scoped.name = "Harrow\r\nBcc: x@example.com"
    scoped.save()
    tell(scoped, "apples", "Apple")
    due_now()
    drain()
    message = outbox.outbox[0]
    assert message.subject == "[Harrow Bcc: x@example.com] 1 apples"
    assert message.recipients() == message.to


def test_hourly_and_daily_boundaries_follow_the_stores_clock(scoped: Merchant, options: Options) -> None:
    now = datetime(2026, 3, 9, 14, 25, tzinfo=UTC)  # 10:25 in New York, the day after the clocks went forward
    assert due_up_to(scoped, options, now) == now
    options.mail_pace = MailPace.HOURLY
    assert due_up_to(scoped, options, now) == datetime(2026, 3, 9, 14, 0, tzinfo=UTC)
    assert next_summary_at(scoped, options, now) == datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
    options.mail_pace, options.mail_daily_hour = MailPace.DAILY, 8
    assert due_up_to(scoped, options, now) == datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
    options.mail_daily_hour = 11  # not yet today: yesterday's
    assert due_up_to(scoped, options, now) == datetime(2026, 3, 8, 15, 0, tzinfo=UTC)
    assert next_summary_at(scoped, options, now) == datetime(2026, 3, 9, 15, 0, tzinfo=UTC)


def test_daily_summary_tells_all_kinds_in_one_mail_and_to_each_what_concerns_him(
    scoped: Merchant, options: Options
) -> None:
    set_options(
        options,
        mail_pace=MailPace.DAILY,
        mail_daily_hour=8,
        order_notice_emails="orders@example.com\nboth@example.com",
        notification_emails="both@example.com",
    )
    tell(scoped, "apples", "Apple 1", "Apple 2")
    tell(scoped, "pears", "Pear")
    assert not Job.objects.exists()
    told_at = datetime(2026, 3, 9, 11, 59, tzinfo=UTC)
    MailEvent.objects.update(created_at=told_at)
    assert write_due(scoped, now=datetime(2026, 3, 9, 11, 59, 30, tzinfo=UTC)) == 0

    assert write_due(scoped, now=datetime(2026, 3, 9, 12, 1, tzinfo=UTC)) == 2

    assert sorted(letters()) == [
        ("both@example.com", "[Harrow & Finch] Summary: 2 apples, 1 pears"),
        ("orders@example.com", "[Harrow & Finch] 2 apples"),
    ]
    assert write_due(scoped, now=datetime(2026, 3, 9, 12, 16, tzinfo=UTC)) == 0


def test_event_whose_job_was_lost_is_written_by_the_schedule(scoped: Merchant, options: Options) -> None:
    tell(scoped, "apples", "Apple")
    Job.objects.all().delete()
    assert write_due(scoped) == 0
    MailEvent.objects.update(created_at=timezone.now() - LEFT_BEHIND - timedelta(seconds=1))
    assert write_due(scoped) == 1


def test_rival_writer_does_not_double(scoped: Merchant, options: Options, monkeypatch: Any) -> None:
    """The second writer comes while the first one is at work."""
    from jetsync.actions import mail as actions

    tell(scoped, "apples", "Apple")
    write = actions.write_letter

    def with_rival(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(actions, "write_letter", write)
        assert write_due(scoped, kinds=["apples"]) == 0
        return write(*args, **kwargs)

    monkeypatch.setattr(actions, "write_letter", with_rival)
    assert write_due(scoped, kinds=["apples"]) == 1
    assert Mail.objects.count() == 1


def test_mail_of_one_store_never_names_anothers(scoped: Merchant, options: Options) -> None:
    other = make_merchant("Other Goods")
    other_owner = make_member(other)
    with merchant_scope(other):
        tell(other, "apples", "Secret apple")
    tell(scoped, "apples", "Apple")
    assert write_due(scoped, kinds=["apples"]) == 1
    row = Mail.objects.get()
    assert row.to != other_owner.email
    assert "Secret" not in row.text + row.html
    with merchant_scope(other):
        assert Mail.objects.count() == 0
        assert MailEvent.objects.count() == 1


def test_events_after_the_first_leave_its_job_alone(
    scoped: Merchant, options: Options, django_assert_num_queries: Any
) -> None:
    """Every order of a fetch passes here: no lock, and one job however many."""
    tell(scoped, "apples", "Apple 1")
    job = Job.objects.get()
    with transaction.atomic(), django_assert_num_queries(3):
        tell(scoped, "apples", "Apple 2")
    assert Job.objects.get().not_before == job.not_before


def test_event_that_comes_while_the_letters_are_written_gets_its_own_run(
    scoped: Merchant, options: Options, monkeypatch: pytest.MonkeyPatch, drain: Callable[[], int]
) -> None:
    from jetsync.sync import mail_writing

    tell(scoped, "apples", "Apple 1")
    due_now()
    write = mail_writing.write_due

    def with_late_event(*args: Any, **kwargs: Any) -> int:
        count = write(*args, **kwargs)
        monkeypatch.setattr(mail_writing, "write_due", write)
        tell(scoped, "apples", "Apple 2")
        return count

    monkeypatch.setattr(mail_writing, "write_due", with_late_event)
    assert run_job(Job.objects.get(kind="mail.compose").pk)
    assert MailEvent.objects.count() == 1
    gather_requests(scoped)  # what happens once the event's transaction stands
    due_now()
    drain()
    assert MailEvent.objects.count() == 0
    assert Mail.objects.count() == 2


def test_events_that_need_no_telling_make_room_for_those_that_do(scoped: Merchant, options: Options) -> None:
    for number in range(SHOWN):
        post_mail(scoped, "apples", {"label": f"Gone {number}", "gone": True})
    tell(scoped, "apples", "Apple")
    write_due(scoped, kinds=["apples"])
    row = Mail.objects.get()
    assert row.subject == "[Harrow & Finch] 1 apples"
    assert "* Apple" in row.text
    assert "more, not listed" not in row.text
