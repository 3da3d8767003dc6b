"""Mails leave: handed to the server at most once, with what its answer means."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from jetsync.actions.mail import mark_lost, post_mail, send_again, write_due
from jetsync.actions.retention import MAILS_FOR, trim_histories
from jetsync.enums import FailureEnd, JobState, MailState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, LogEntry, Mail, Merchant, Notice, Options, User
from jetsync.queries.mail import reaches_nobody
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM
from tests.kernel.letters import due_now, kinds_of_tests, options, tell

__all__ = ["kinds_of_tests", "options"]


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
    settings.EMAIL_BACKEND = "tests.kernel.test_mail_sending.Server"
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
