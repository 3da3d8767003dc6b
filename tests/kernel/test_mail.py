"""Mails: what happened waits in the database, is written once per address, and is handed to the server at most once."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from jetsync.actions.mail import LEFT_BEHIND, mark_lost, post_mail, send_again, write_due
from jetsync.actions.retention import MAILS_FOR, trim_histories
from jetsync.enums import FailureEnd, JobState, MailPace, MailState
from jetsync.exceptions import StateConflict
from jetsync.mail import kinds as mail_kinds
from jetsync.mail.kinds import SHOWN, Event, MailItem, MailKind, register_mail
from jetsync.models import Job, LogEntry, Mail, MailEvent, Merchant, Notice, Options, User
from jetsync.queries.mail import GATHER, due_up_to, next_summary_at, reaches_nobody
from jetsync.sync.requests import gather_requests
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from tests.factories import make_member, make_merchant


def as_items(_merchant: Merchant, events: list[Event]) -> list[MailItem]:
    return [
        MailItem(
            event.facts["label"],
            notes=("It fell <b>hard</b>.",),
            about=("jetsync.user", event.object_id) if event.object_id else None,
        )
        for event in events
        if not event.facts.get("gone")
    ]


def kind(name: str, **more: Any) -> MailKind:
    values: dict[str, Any] = {
        "label": name.title(),
        "explanation": "For tests.",
        "position": 10,
        "right": Right.ORDERS_VIEW,
        "template": "mail/orders/new",
        "headline": lambda _items, total: f"{total} {name}",
        "items": as_items,
        "sample": lambda _merchant: [MailItem("Sample")],
        **more,
    }
    return MailKind(name, **values)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_kinds, "_kinds", {})
    register_mail(
        kind("apples", switch="mail_new_orders", recipients="order_notice_emails"),
        kind("pears", position=20),
        kind("fires", may_wait=False, useful_for=timedelta(minutes=5)),
    )


@pytest.fixture
def options(scoped: Merchant, owner: User) -> Options:
    return Options.objects.get(merchant=scoped)


def tell(merchant: Merchant, name: str, *labels: str) -> None:
    for label in labels:
        post_mail(merchant, name, {"label": label})


def set_options(row: Options, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def letters() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("to", "subject"))


def due_now() -> None:
    Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())


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


def one_mail(merchant: Merchant) -> tuple[Mail, Job]:
    tell(merchant, "apples", "Apple")
    write_due(merchant, kinds=["apples"])
    return Mail.objects.get(), Job.objects.get(kind="mail.send")


def test_sent_mail_carries_its_own_headers_and_tells_the_objects_time_line(
    scoped: Merchant, options: Options, owner: User, drain: Callable[[], int]
) -> None:
    post_mail(scoped, "apples", {"label": "Apple"}, about=owner)
    due_now()
    drain()
    row, message = Mail.objects.get(), outbox.outbox[0]
    assert row.state == MailState.SENT
    assert message.extra_headers["Message-ID"] == row.message_id
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.alternatives[0][1] == "text/html"
    entry = LogEntry.objects.get(action="jetsync.mail.sent")
    assert (entry.object_type, entry.object_id) == ("jetsync.user", owner.pk)
    assert entry.message == f"Mail to {owner.email} sent: [Harrow & Finch] 1 apples"
    assert entry.new == {"mail": row.pk}


def test_job_that_runs_twice_sends_once(scoped: Merchant, options: Options) -> None:
    _row, job = one_mail(scoped)
    assert run_job(job.pk)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    assert run_job(job.pk)
    assert len(outbox.outbox) == 1


def test_worker_that_died_while_sending_leaves_a_mail_that_nobody_repeats(
    scoped: Merchant, options: Options
) -> None:
    row, job = one_mail(scoped)
    Mail.objects.update(state=MailState.SENDING)  # what the dead worker had committed
    assert run_job(job.pk)
    row.refresh_from_db()
    job.refresh_from_db()
    assert (row.state, row.code) == (MailState.UNSURE, "unsure")
    assert job.state == JobState.FAILED
    assert outbox.outbox == []
    assert Notice.objects.get().title == f"Mail to {row.to} may not have arrived"

    send_again(row, actor=SYSTEM)
    assert run_job(Job.objects.get(kind="mail.send", state=JobState.QUEUED).pk)
    assert outbox.outbox[0].extra_headers["Message-ID"] == row.message_id
    row.refresh_from_db()
    assert row.state == MailState.SENT
    with pytest.raises(StateConflict, match="is sent"):
        send_again(row, actor=SYSTEM)


class Server(EmailBackend):
    """A mail server that does what the test says."""

    on_open: Exception | None = None
    on_send: Exception | None = None

    def open(self) -> None:
        if self.on_open:
            raise self.on_open

    def send_messages(self, messages: Any) -> int:
        if self.on_send:
            raise self.on_send
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    settings.EMAIL_BACKEND = "tests.kernel.test_mail.Server"
    monkeypatch.setattr(Server, "on_open", None)
    monkeypatch.setattr(Server, "on_send", None)
    return Server


WAITS, FAILS, UNSURE = MailState.QUEUED, MailState.FAILED, MailState.UNSURE
NOBODY = {"x@example.com": (550, b"5.1.1 No such mailbox")}
BUSY = {"x@example.com": (451, b"4.7.1 Greylisted, come back")}


@dataclass(frozen=True)
class Trouble:
    where: str
    error: Exception
    state: str
    end: str
    words: str


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(
            "open", ConnectionRefusedError(111, "Connection refused"), WAITS, "retry", "cannot be reached"
        ),
        Trouble("open", TimeoutError("timed out"), WAITS, "retry", "timed out"),
        Trouble("open", smtplib.SMTPAuthenticationError(535, b"Bad login"), WAITS, "retry", "535 Bad login"),
        Trouble("send", smtplib.SMTPRecipientsRefused(BUSY), WAITS, "retry", "451 4.7.1 Greylisted"),
        Trouble("send", smtplib.SMTPDataError(452, b"Mailbox full"), WAITS, "retry", "452 Mailbox full"),
        Trouble("send", smtplib.SMTPRecipientsRefused(NOBODY), FAILS, "permanent", r"refuses .* \(550 5.1.1"),
        Trouble("send", smtplib.SMTPSenderRefused(553, b"Not you", "x"), FAILS, "permanent", "553 Not you"),
        Trouble("send", smtplib.SMTPDataError(554, b"Spam"), FAILS, "permanent", "554 Spam"),
        Trouble("send", smtplib.SMTPServerDisconnected("gone"), UNSURE, "permanent", "hung up in the middle"),
        Trouble("send", TimeoutError("timed out"), UNSURE, "permanent", "connection .* broke"),
        Trouble("send", ValueError("odd"), UNSURE, "ours", "failed unexpectedly"),
    ],
    ids=lambda trouble: f"{trouble.where}-{trouble.words}",
)
def test_trouble_with_the_server_ends_as_its_answer_says(
    scoped: Merchant,
    options: Options,
    server: type[Server],
    monkeypatch: pytest.MonkeyPatch,
    trouble: Trouble,
) -> None:
    row, job = one_mail(scoped)
    monkeypatch.setattr(server, f"on_{trouble.where}", trouble.error)
    assert run_job(job.pk)
    row.refresh_from_db()
    job.refresh_from_db()
    assert (row.state, job.failure_end) == (trouble.state, trouble.end)
    assert re.search(trouble.words, row.message), row.message
    assert row.hint
    assert outbox.outbox == []


def test_mail_put_off_by_the_server_is_sent_once_it_takes_it(
    scoped: Merchant, options: Options, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, job = one_mail(scoped)
    monkeypatch.setattr(server, "on_send", smtplib.SMTPRecipientsRefused(BUSY))
    assert run_job(job.pk)
    monkeypatch.setattr(server, "on_send", None)
    due_now()
    assert run_job(job.pk)
    row.refresh_from_db()
    assert (row.state, row.message, row.attempts) == (MailState.SENT, "", 2)
    assert len(outbox.outbox) == 1


def test_mail_server_that_stays_away_ends_the_mail_with_a_hint(
    scoped: Merchant, options: Options, server: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    row, job = one_mail(scoped)
    monkeypatch.setattr(server, "on_open", ConnectionRefusedError("refused"))
    Job.objects.filter(pk=job.pk).update(attempts=149)
    assert run_job(job.pk)
    row.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, job.failure_end) == (JobState.FAILED, FailureEnd.RETRY)
    assert (row.state, row.code) == (MailState.FAILED, "unreachable")
    assert "EMAIL_URL" in row.hint


def test_lost_mails_to_one_address_are_one_notice(scoped: Merchant, options: Options) -> None:
    for label in ("Apple 1", "Apple 2"):
        tell(scoped, "apples", label)
        write_due(scoped, kinds=["apples"])
    for row in Mail.objects.all():
        mark_lost(row, MailState.FAILED, code="refused", message="No.", hint="Look.")
    notice = Notice.objects.get()
    assert (notice.count, notice.body) == (2, "No. Look.")


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


def test_old_mails_are_trimmed(scoped: Merchant, options: Options) -> None:
    tell(scoped, "fires", "Shed 1")
    tell(scoped, "fires", "Shed 2")
    old = Mail.objects.order_by("pk").first()
    assert old is not None
    Mail.objects.filter(pk=old.pk).update(created_at=timezone.now() - MAILS_FOR - timedelta(hours=1))
    trim_histories()
    assert [row.text.count("Shed 2") for row in Mail.objects.all()] == [1]


def test_job_of_a_trimmed_mail_ends_quietly(scoped: Merchant, options: Options) -> None:
    row, job = one_mail(scoped)
    row.delete()
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.DONE, "The mail was trimmed by age before it could be sent.")


def test_mails_written_to_a_folder_count_as_sent(
    scoped: Merchant, options: Options, settings: Any, tmp_path: Path
) -> None:
    """The demo and local installations: every letter can be read, and nobody is reached."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    row, job = one_mail(scoped)
    assert run_job(job.pk)
    row.refresh_from_db()
    assert row.state == MailState.SENT
    (file,) = tmp_path.iterdir()
    assert f"Message-ID: {row.message_id}" in file.read_text()
    assert reaches_nobody()


def test_events_that_need_no_telling_make_room_for_those_that_do(scoped: Merchant, options: Options) -> None:
    for number in range(SHOWN):
        post_mail(scoped, "apples", {"label": f"Gone {number}", "gone": True})
    tell(scoped, "apples", "Apple")
    write_due(scoped, kinds=["apples"])
    row = Mail.objects.get()
    assert row.subject == "[Harrow & Finch] 1 apples"
    assert "* Apple" in row.text
    assert "more, not listed" not in row.text
