"""What one person may do, and the support sessions of staff: opened for a reason, ended before their time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.merchant import start_support
from jetsync.enums import Role
from jetsync.models import ApiToken, LogEntry, Membership, Merchant, SupportSession, User
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import RIGHT_LABELS, Right, rights_of
from tests.factories import add_second_factor, make_member, make_merchant, make_user

At = Callable[..., str]


def answers(html: str) -> dict[str, str]:
    """Right -> "Yes" or "No" as the page says."""
    text = re.sub(r"\s+", " ", re.sub(r"<(?!td)[^>]+>", "", html)).replace("&#x27;", "'")
    return dict(re.findall(r'data-label="Right">([^<]+)<td data-label="May">\s*(Yes|No)', text))


@pytest.mark.parametrize("role", Role.values)
def test_page_tells_every_right_of_the_role(merchant: Merchant, client: Client, at: At, role: str) -> None:
    seat = Membership.objects.get(user=make_member(merchant, role))
    html = client.get(at("panel:member", pk=seat.pk)).content.decode()
    held = rights_of(role)
    assert answers(html) == {RIGHT_LABELS[right]: "Yes" if right in held else "No" for right in Right}
    assert f"{len(held)} of {len(Right)} rights" in html


def test_tokens_are_told_by_what_they_may_really_do(merchant: Merchant, client: Client, at: At) -> None:
    user = make_member(merchant, "analyst")
    for name, extra in (("live", {}), ("old", {"expires_at": timezone.now() - timedelta(days=1)})):
        ApiToken.objects.create(
            merchant=merchant,
            user=user,
            name=f"{name} token",
            prefix="abc",
            token_hash=name,
            rights=["orders.view", "orders.ship"],
            **extra,
        )
    html = client.get(at("panel:member", pk=Membership.objects.get(user=user).pk)).content.decode()
    assert "live token" in html
    assert "old token" not in html
    assert re.search(r'data-label="May">See orders<', html)


def test_member_of_another_store_is_not_found(merchant: Merchant, client: Client, at: At) -> None:
    other = Membership.objects.get(user=make_member(make_merchant()))
    answer = client.get(at("panel:member", pk=other.pk))
    assert answer.status_code == 404
    assert other.user.email not in answer.content.decode()
    theirs = Client()
    theirs.force_login(other.user)
    own = reverse("panel:member", kwargs={"merchant_slug": other.merchant.slug, "pk": other.pk})
    assert other.user.email in theirs.get(own).content.decode()


@pytest.fixture
def staff(db: None) -> User:
    user = make_user(is_staff=True, is_superuser=True)
    add_second_factor(user)
    return user


def test_support_session_needs_a_reason_and_staff_end_it(merchant: Merchant, staff: User, at: At) -> None:
    browser = Client()
    browser.force_login(staff)
    listing = reverse("admin:jetsync_merchant_changelist")
    data = {"action": "open_support_session", "_selected_action": [merchant.pk]}
    refused = browser.post(listing, data, follow=True).content.decode()
    assert "Give the reason for the support session." in refused
    assert SupportSession.objects.count() == 0

    browser.post(listing, {**data, "reason": "Order 12 looks odd"})
    page = browser.get(at("panel:home")).content.decode()
    assert "Order 12 looks odd" in page
    assert at("panel:support-end") in page

    assert browser.post(at("panel:support-end")).status_code == 302
    assert browser.get(at("panel:home")).status_code == 404
    with merchant_scope(merchant):
        actions = LogEntry.objects.filter(action__startswith="jetsync.support.").order_by("pk")
        assert [(row.action, row.message) for row in actions] == [
            ("jetsync.support.started", "Support looked in: Order 12 looks odd"),
            ("jetsync.support.opened", f"Support opened {at('panel:home')}"),
            ("jetsync.support.ended", "Support left: Order 12 looks odd"),
        ]


def test_members_have_no_support_session_to_end(merchant: Merchant, client: Client, at: At) -> None:
    answer = client.post(at("panel:support-end"))
    assert answer.status_code == 403
    assert "You are not here by a support session." in answer.content.decode()
    with merchant_scope(merchant):
        assert not LogEntry.objects.filter(action="jetsync.support.ended").exists()


@pytest.mark.parametrize(("role", "may_end"), [("owner", True), ("manager", False)])
def test_owners_see_support_sessions_and_shut_one_out(
    merchant: Merchant, client_for: Callable[..., Client], at: At, role: str, may_end: object
) -> None:
    staff = make_user(is_staff=True)
    session = start_support(merchant, staff=staff, reason="Order 12 looks odd")
    looker, client = Client(), client_for(role)
    looker.force_login(staff)
    end = at("panel:support-session-end", pk=session.pk)

    page = client.get(at("panel:members")).content.decode()
    assert "Order 12 looks odd" in page
    assert (end in page) is may_end

    assert client.post(end).status_code == (302 if may_end else 403)
    assert looker.get(at("panel:home")).status_code == (404 if may_end else 200)


def test_support_session_of_another_store_cannot_be_ended(merchant: Merchant, client: Client, at: At) -> None:
    session = start_support(make_merchant(), staff=make_user(is_staff=True), reason="Elsewhere")
    assert "Elsewhere" not in client.get(at("panel:members")).content.decode()
    assert client.post(at("panel:support-session-end", pk=session.pk)).status_code == 404
    session.refresh_from_db()
    assert session.is_open
