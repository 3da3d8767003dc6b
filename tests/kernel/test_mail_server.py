"""From an event to a mail server that speaks SMTP over a real connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from jetsync.actions.mail import post_mail
from jetsync.enums import JobState, MailState
from jetsync.models import Job, Mail, Merchant, Options, Schedule, User
from tests.smtp_server import MailServer, mail_server


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_TIMEOUT = 5
        yield running


def late_schedule(merchant: Merchant) -> Schedule:
    return Schedule.objects.create(
        merchant=merchant, kind="mail.summaries", interval_seconds=900, next_due_at=timezone.now()
    )


def run_all(drain: Callable[[], int]) -> None:
    Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
    drain()


@pytest.fixture
def told(scoped: Merchant, owner: User) -> Schedule:
    Options.objects.update(notification_emails="ops@example.com\nshift@example.com")
    row = late_schedule(scoped)
    post_mail(scoped, "schedules.late", {"since": timezone.now().isoformat()}, about=row)
    return row


def test_mail_reaches_the_server_as_text_and_html(
    told: Schedule, server: MailServer, drain: Callable[[], int]
) -> None:
    run_all(drain)
    assert sorted(message["To"] for message in server.taken) == ["ops@example.com", "shift@example.com"]
    rows = {row.to: row for row in Mail.objects.all()}
    for message in server.taken:
        row = rows[message["To"]]
        assert message["Message-ID"] == row.message_id
        assert message["Subject"] == "[Harrow & Finch] Late: Mail summaries"
        assert message["Auto-Submitted"] == "auto-generated"
        assert f"/m/{told.merchant.slug}/settings/mail/>" in message["List-Unsubscribe"]
        text, html = message.iter_parts()
        assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        assert "Mail summaries" in text.get_content()
        assert "Mail summaries" in html.get_content()
        assert (row.state, row.message) == (MailState.SENT, "")


def test_address_that_the_server_refuses_fails_with_its_words(
    told: Schedule, server: MailServer, drain: Callable[[], int]
) -> None:
    server.refuses = "550 5.1.1 No such mailbox"
    run_all(drain)
    assert server.taken == []
    row = Mail.objects.get(to="ops@example.com")
    assert (row.state, row.code) == (MailState.FAILED, "refused")
    assert row.message == "The mail server refuses ops@example.com (550 5.1.1 No such mailbox)."
    assert "Settings > Mail" in row.hint


def test_server_that_never_confirms_is_not_told_twice(
    told: Schedule, server: MailServer, settings: Any, drain: Callable[[], int]
) -> None:
    settings.EMAIL_TIMEOUT = 1
    server.release.clear()
    run_all(drain)
    run_all(drain)
    assert len(server.taken) == 2  # one per address
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.UNSURE}


def test_server_that_is_away_is_tried_again(
    told: Schedule, server: MailServer, settings: Any, drain: Callable[[], int]
) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    run_all(drain)
    assert set(Mail.objects.values_list("state", "code")) == {(MailState.QUEUED, "unreachable")}
    settings.EMAIL_PORT = port
    run_all(drain)
    assert set(Mail.objects.values_list("state", flat=True)) == {MailState.SENT}
    assert len(server.taken) == 2
