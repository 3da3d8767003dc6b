"""Every page of staff admin opens for staff with a second factor, shows rows of all merchants and no secret."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import Job, LogEntry, Mail, Schedule
from jetsync.tenancy.context import merchant_scope
from tests.factories import add_second_factor, make_account, make_merchant, make_user


@pytest.fixture
def staff(client, db):
    user = make_user(is_staff=True, is_superuser=True)
    add_second_factor(user)
    assert Authenticator.objects.filter(user=user).exists()
    client.force_login(user)
    return client


def make_job(merchant, **extra):
    with merchant_scope(merchant):
        return Job.objects.create(merchant=merchant, kind="orders.fetch", key="x", queue="urgent", **extra)


def test_every_list_opens_and_shows_no_secret(staff):
    make_account(make_merchant(), api_secret="hush-hush-secret")
    for model in admin.site._registry:
        response = staff.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        assert response.status_code == 200, model
        assert b"hush-hush" not in response.content


def test_account_page_shows_no_secret(staff):
    account = make_account(make_merchant(), api_secret="hush-hush-secret")
    response = staff.get(reverse("admin:jetsync_jetaccount_change", args=[account.pk]))
    assert response.status_code == 200
    assert b"hush-hush" not in response.content


def test_jobs_of_any_merchant_can_be_retried_and_cancelled(staff):
    failed = make_job(make_merchant(), state=JobState.FAILED)
    waiting = make_job(make_merchant())
    url = reverse("admin:jetsync_job_changelist")
    staff.post(url, {"action": "retry", "_selected_action": [failed.pk]})
    staff.post(url, {"action": "cancel", "_selected_action": [waiting.pk]})
    with merchant_scope(failed.merchant):
        assert Job.objects.filter(state=JobState.QUEUED).count() == 1
    with merchant_scope(waiting.merchant):
        assert Job.objects.get().state == JobState.CANCELLED


def test_staff_cannot_take_an_account_over_by_its_addresses_or_second_factor(staff):
    """Whoever confirms an address of his own for somebody, or takes his second factor away, has that account."""
    victim = make_user()
    add_second_factor(victim)
    secret = Authenticator.objects.get(user=victim).data["secret"]
    for model, label in ((EmailAddress, "account_emailaddress"), (Authenticator, "mfa_authenticator")):
        row = model.objects.filter(user=victim).first() or model.objects.create(
            user=victim, email=victim.email
        )
        assert staff.get(reverse(f"admin:{label}_add")).status_code == 403
        change = staff.get(reverse(f"admin:{label}_change", args=[row.pk]))
        assert change.status_code == 200
        assert secret not in change.content.decode()
        assert staff.post(reverse(f"admin:{label}_change", args=[row.pk]), {}).status_code == 403
        assert staff.post(reverse(f"admin:{label}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()


def test_nothing_is_added_or_deleted_here(staff):
    assert staff.get(reverse("admin:jetsync_merchant_add")).status_code == 403
    merchant = make_merchant()
    assert staff.post(reverse("admin:jetsync_merchant_delete", args=[merchant.pk])).status_code == 403


def test_suspending_locks_out_and_is_logged(staff):
    merchant = make_merchant()
    url = reverse("admin:jetsync_merchant_changelist")
    staff.post(url, {"action": "suspend", "_selected_action": [merchant.pk]})
    merchant.refresh_from_db()
    assert merchant.suspended_at is not None
    with merchant_scope(merchant):
        assert LogEntry.objects.get().action == "jetsync.merchant.suspended"
    with merchant_scope(merchant):
        long_ago = timezone.now() - timedelta(days=3)
        row = Schedule.objects.create(merchant=merchant, kind="x", interval_seconds=600, next_due_at=long_ago)
    staff.post(url, {"action": "resume", "_selected_action": [merchant.pk]})
    merchant.refresh_from_db()
    assert merchant.suspended_at is None
    with merchant_scope(merchant):
        row.refresh_from_db()
    assert not row.is_late(timezone.now())


def test_mails_are_listed_without_their_letters(staff):
    merchant = make_merchant()
    with merchant_scope(merchant):
        mail = Mail.objects.create(
            merchant=merchant,
            kind="orders.new",
            to="a@example.com",
            subject="1 new order",
            text="SECRET",
            html="SECRET",
            message_id="<1@test>",
        )
    page = staff.get(reverse("admin:jetsync_mail_change", args=[mail.pk])).content
    assert b"a@example.com" in page
    assert b"SECRET" not in page
