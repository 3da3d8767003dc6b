"""A real worker is killed while the mail server holds its message: nobody sends it a second time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from jetsync.actions.mail import post_mail, send_again, write_due
from jetsync.enums import JobState, MailState
from jetsync.models import Job, Mail, Merchant, Schedule
from jetsync.sync.claims import free_lost_jobs
from jetsync.sync.queue import wake
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests.factories import make_member
from tests.kill.workers import wait_for, worker
from tests.smtp_server import mail_server

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]


def test_mail_once(merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_member(merchant)
    with merchant_scope(merchant), mail_server() as server:
        monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{server.port}")
        row = Schedule.objects.create(
            merchant=merchant, kind="mail.summaries", interval_seconds=900, next_due_at=timezone.now()
        )
        post_mail(merchant, "schedules.late", about=row)
        write_due(merchant, kinds=["schedules.late"])
        job = Job.objects.get(kind="mail.send")
        server.release.clear()

        with worker(tmp_path) as first:
            wake(job.queue)
            wait_for(lambda: len(server.taken) == 1, "the server holds the mail")
            first.kill()

        mail = Mail.objects.get()
        assert mail.state == MailState.SENDING  # nobody could write anything down
        server.release.set()
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert free_lost_jobs() == 1
        with worker(tmp_path):
            wake(job.queue)
            wait_for(lambda: Job.objects.get(pk=job.pk).state == JobState.FAILED, "the job came to its end")
            mail.refresh_from_db()
            assert mail.state == MailState.UNSURE
            assert len(server.taken) == 1

            send_again(mail, actor=SYSTEM)
            wake(job.queue)
            wait_for(lambda: Mail.objects.get().state == MailState.SENT, "the mail was sent again on demand")
        assert [message["Message-ID"] for message in server.taken] == [mail.message_id] * 2
