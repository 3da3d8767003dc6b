"""Messages to support: stored, mailed, limited, with the case file of what they are about, answered by staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.support import PER_PERSON_AND_HOUR, PER_STORE_AND_DAY
from jetsync.models import LogEntry, Mail, Merchant, Notice, SupportRequest
from jetsync.sync.mail import message_of
from jetsync.tenancy.context import merchant_scope
from tests.factories import add_second_factor, make_account, make_member, make_merchant, make_user
from tests.orders.rows import jet_order, store
from tests.panel.conftest import make_call, make_job

At = Callable[..., str]
ClientFor = Callable[..., Client]
WORDS = {"subject": "Price is refused", "message": "I sent 24.90.\nJet says no."}


@pytest.fixture(autouse=True)
def _address(settings: LazySettings) -> None:
    settings.SUPPORT_EMAIL = "help@panel.example"


def asked(merchant: Merchant) -> list[SupportRequest]:
    with merchant_scope(merchant):
        return list(SupportRequest.objects.order_by("pk"))


@pytest.mark.feature("HLP-02")
def test_message_is_stored_and_mailed_to_support_and_to_who_asks(
    merchant: Merchant, at: At, scoped: Merchant
) -> None:
    user = make_member(merchant, "fulfilment")
    client = Client()
    client.force_login(user)

    response = client.post(at("panel:support"), WORDS, follow=True)

    (row,) = asked(merchant)
    assert (row.subject, row.message, row.email) == (WORDS["subject"], WORDS["message"], user.email)
    assert response.redirect_chain[-1][0] == at("panel:support-detail", pk=row.pk)
    assert (
        f"Message {row.reference} “Price is refused” was stored and sent to support"
        in response.content.decode()
    )
    mails = {mail.to: mail for mail in Mail.objects.all()}
    assert set(mails) == {"help@panel.example", user.email}
    assert all(row.reference in mail.subject and "I sent 24.90." in mail.text for mail in mails.values())
    assert message_of(mails["help@panel.example"]).reply_to == [user.email]
    assert message_of(mails[user.email]).reply_to == ["help@panel.example"]
    assert LogEntry.objects.filter(action="jetsync.support.asked", object_id=row.pk).count() == 1


def test_message_is_kept_where_no_support_address_is_set(
    merchant: Merchant, client: Client, at: At, settings: LazySettings, scoped: Merchant
) -> None:
    settings.SUPPORT_EMAIL = ""

    page = client.post(at("panel:support"), WORDS, follow=True).content.decode()

    assert "kept for the staff of this installation" in page
    assert len(asked(merchant)) == 1
    assert Mail.objects.count() == 1  # the copy


@pytest.mark.parametrize(("field", "value"), [("subject", ""), ("message", "  "), ("message", "x" * 5001)])
def test_what_is_missing_or_too_long_is_said_at_the_field_and_nothing_is_sent(
    scoped: Merchant, client: Client, at: At, field: str, value: str
) -> None:
    response = client.post(at("panel:support"), {**WORDS, field: value})

    assert response.status_code == 400
    assert response.context["form"].errors.keys() == {field}
    assert (asked(scoped), Mail.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("others", "mine", "wait"), [(0, PER_PERSON_AND_HOUR, "an hour"), (PER_STORE_AND_DAY, 0, "a day")]
)
def test_more_than_the_limit_is_refused_and_what_was_typed_stays(
    merchant: Merchant, at: At, others: int, mine: int, wait: str
) -> None:
    user, other = make_member(merchant), make_member(merchant)
    client = Client()
    client.force_login(user)
    with merchant_scope(merchant):
        for number in range(others + mine):
            SupportRequest.objects.create(
                merchant=merchant, reference=f"JS-{number}", user=other if others else user, subject="x"
            )

    response = client.post(at("panel:support"), WORDS)

    assert response.status_code == 409
    assert "this one was not sent" in response.content.decode()
    assert f"or wait {wait}." in response.content.decode()
    assert "Jet says no." in response.content.decode()
    assert len(asked(merchant)) == others + mine
    with merchant_scope(merchant):
        SupportRequest.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert client.post(at("panel:support"), WORDS).status_code == 302


@pytest.mark.feature("HLP-02")
def test_case_file_of_an_order_comes_along_without_the_shopper(
    merchant: Merchant, client: Client, at: At
) -> None:
    account = make_account(merchant)
    with merchant_scope(merchant):
        order = store(merchant, account, jet_order())
        name = order.buyer_name
    case = reverse("orders:order-case", kwargs={"merchant_slug": merchant.slug, "pk": order.pk})
    address = at("panel:support", f"?about=orders.order&id={order.pk}")
    assert address in unescape(client.get(case).content.decode())
    assert f"About order {order}" in client.get(address).content.decode()

    client.post(address, {**WORDS, "with_case": "on"})
    client.post(address, WORDS)

    with_case, without = asked(merchant)
    assert (with_case.object_type, with_case.object_id) == ("orders.order", order.pk)
    assert order.merchant_order_id in with_case.attachment
    assert name not in with_case.attachment
    assert (without.object_type, without.attachment) == ("", "")


@pytest.mark.feature("HLP-02")
def test_case_file_of_a_job_comes_along_without_the_shopper(
    merchant: Merchant, client: Client, at: At
) -> None:
    job = make_job(merchant, state="failed", message="Jet refused the price")
    make_call(merchant, job, status=400, answer_cut='{"buyer": {"name": "Ida Marsh"}, "note": "Ida Marsh"}')
    address = at("panel:support", f"?about=jetsync.job&id={job.pk}")
    assert address in unescape(client.get(at("panel:job-detail", pk=job.pk)).content.decode())

    client.post(address, {**WORDS, "with_case": "on"})

    (row,) = asked(merchant)
    assert "Jet refused the price" in row.attachment
    assert "PUT /merchant-skus/HF-1/price  400" in row.attachment
    assert "Ida" not in row.attachment


def test_about_something_of_another_store_or_unknown_is_not_found(
    merchant: Merchant, client: Client, at: At
) -> None:
    foreign = make_job(make_merchant())
    for query in (f"?about=jetsync.job&id={foreign.pk}", "?about=jetsync.options&id=1"):
        assert client.get(at("panel:support", query)).status_code == 404
        assert client.post(at("panel:support", query), {**WORDS, "with_case": "on"}).status_code == 404
    assert asked(merchant) == []


def test_people_see_their_own_messages_and_owners_all(merchant: Merchant, client: Client, at: At) -> None:
    mine, other = make_member(merchant, "analyst"), make_member(merchant, "manager")
    with merchant_scope(merchant):
        row = SupportRequest.objects.create(
            merchant=merchant, reference="JS-A", user=mine, subject="Mine alone"
        )
    page = at("panel:support-detail", pk=row.pk)

    def sees(user: Any) -> tuple[int, bool]:
        browser = Client()
        browser.force_login(user)
        listed = "Mine alone" in browser.get(at("panel:support")).content.decode()
        return browser.get(page).status_code, listed

    assert sees(mine) == (200, True)
    assert sees(other) == (404, False)
    assert sees(make_member(merchant, "owner")) == (200, True)
    stranger = make_merchant()
    browser = Client()
    browser.force_login(make_member(stranger))
    foreign = reverse("panel:support-detail", kwargs={"merchant_slug": stranger.slug, "pk": row.pk})
    assert browser.get(foreign).status_code == 404


def test_staff_mark_it_as_answered_and_the_store_hears_of_it(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        row = SupportRequest.objects.create(merchant=merchant, reference="JS-A", subject="Why", sender="Ann")
    staff = make_user(is_staff=True, is_superuser=True)
    add_second_factor(staff)
    browser = Client()
    browser.force_login(staff)
    listing = reverse("admin:jetsync_supportrequest_changelist")
    assert "JS-A" in browser.get(listing).content.decode()

    for _twice in range(2):
        browser.post(listing, {"action": "mark_answered", "_selected_action": [row.pk]})

    with merchant_scope(merchant):
        row.refresh_from_db()
        assert row.answered_at is not None
        assert [notice.title for notice in Notice.objects.all()] == ["Support answered JS-A"]
        assert LogEntry.objects.filter(action="jetsync.support.answered").count() == 1
