"""Where a person is signed in: the list, ending one and all others, and what an owner sees and may end of a member."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jetsync.models import LogEntry, Membership, Merchant, User
from jetsync.panel.browsers import browser_words
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.sessions import NOTED_AT, STEP_SECONDS
from tests.factories import add_second_factor, make_member, make_user

At = Callable[..., str]
PASSWORD = "pass-word-12"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1"
LIST = "/accounts/sessions/"


@pytest.fixture(autouse=True)
def _noted(settings: Any) -> None:
    settings.USERSESSIONS_TRACK_ACTIVITY = True


def log_in(user: User, browser: str = FIREFOX, address: str = "203.0.113.7") -> Client:
    EmailAddress.objects.get_or_create(user=user, email=user.email, primary=True, verified=True)
    client = Client(headers={"User-Agent": browser}, REMOTE_ADDR=address)
    assert (
        client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}).status_code == 302
    )
    return client


def is_in(client: Client) -> bool:
    return client.get(LIST).status_code == 200


@pytest.fixture
def kim(merchant: Merchant) -> User:
    return make_member(merchant, "fulfilment", first_name="Kim", last_name="Packer")


def test_person_sees_every_browser_and_ends_the_one_he_does_not_know(kim: User) -> None:
    desk, phone = log_in(kim), log_in(kim, PHONE, "198.51.100.9")
    other = log_in(make_user())
    page = desk.get(LIST).content.decode()
    shown = ("Firefox on Windows", "203.0.113.7", "Safari on iPhone", "198.51.100.9")
    assert [word for word in shown if word not in page] == []
    assert page.count("This one") == 1
    assert re.search(r"End\s*<span class=\"visually-hidden\"> Safari on iPhone</span>", page)
    assert "2 sessions" in page

    theirs = UserSession.objects.get(user=kim, user_agent=PHONE)
    assert other.post(reverse("session-end", args=[theirs.pk])).status_code == 404
    assert is_in(phone)
    ended = desk.post(reverse("session-end", args=[theirs.pk]), follow=True).content.decode()
    assert "Safari on iPhone is logged out." in ended
    assert "You are signed in nowhere else." in ended
    assert (is_in(desk), is_in(phone), is_in(other)) == (True, False, True)


def test_own_session_is_not_ended_by_mistake(kim: User) -> None:
    desk = log_in(kim)
    answer = desk.post(reverse("session-end", args=[UserSession.objects.get(user=kim).pk]), follow=True)
    assert "This is the session you are using." in answer.content.decode()
    assert is_in(desk)


def test_all_others_are_ended_at_once(kim: User) -> None:
    desk, phone, tablet = log_in(kim), log_in(kim, PHONE), log_in(kim, "Opera")
    page = desk.post(LIST, follow=True).content.decode()
    assert "You are logged out everywhere else." in page
    assert "1 session" in page
    assert (is_in(desk), is_in(phone), is_in(tablet)) == (True, False, False)


def test_changed_password_ends_the_others(kim: User) -> None:
    desk, phone = log_in(kim), log_in(kim, PHONE)
    form = {"oldpassword": PASSWORD, "password1": "quite-other-9", "password2": "quite-other-9"}
    assert desk.post(reverse("account_change_password"), form).status_code == 302
    assert (is_in(desk), is_in(phone)) == (True, False)
    page = desk.get(LIST).content.decode()
    assert "Safari on iPhone" not in page
    assert page.count("This one") == 1


@pytest.mark.django_db(transaction=True)
def test_a_new_second_factor_ends_the_log_ins_that_a_password_alone_has_opened(merchant: Merchant) -> None:
    """The store that asks for a factor would else open to whoever has stolen the password before it was set up."""
    kim, other = make_member(merchant, "fulfilment"), make_member(merchant, "fulfilment")
    Merchant.objects.update(requires_second_factor=True)
    desk, stolen, others = log_in(kim), log_in(kim, PHONE), log_in(other)
    home = f"/m/{merchant.slug}/"
    assert stolen.get(home).status_code == 302

    page = reverse("mfa_activate_totp")
    desk.post(desk.get(page, follow=True).redirect_chain[-1][0], {"password": PASSWORD})
    secret = desk.get(page).context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert desk.post(page, {"code": code}).status_code == 302

    assert (is_in(desk), is_in(stolen), is_in(others)) == (True, False, True)
    assert desk.get(home).status_code == 200
    assert reverse("account_login") in stolen.get(home).headers["Location"]


def writes(client: Client, url: str, **extra: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url, **extra).status_code == 200
    said = [query["sql"] for query in queries]
    return [sql for sql in said if "usersessions" in sql or sql.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_page_costs_nothing_until_five_minutes_have_passed(kim: User, at: At) -> None:
    desk, page = log_in(kim), at("orders:order-list")
    assert writes(desk, page) != []
    assert writes(desk, page) == []

    session = desk.session
    session[NOTED_AT] -= STEP_SECONDS
    session.save()
    long_ago = timezone.now() - timedelta(hours=3)
    UserSession.objects.filter(user=kim).update(last_seen_at=long_ago)
    assert writes(desk, at("panel:badges"), headers={"HX-Request": "true"}) == []  # nobody need be there
    assert writes(desk, page) != []
    assert UserSession.objects.get(user=kim).last_seen_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}])
def test_another_address_is_noted_at_once_whatever_is_asked_for(
    kim: User, at: At, headers: dict[str, str]
) -> None:
    desk, part = log_in(kim), at("panel:badges")
    assert desk.get(part, headers=headers).status_code == 200

    desk.get(part, headers=headers, REMOTE_ADDR="192.0.2.66")

    assert UserSession.objects.get(user=kim).ip == "192.0.2.66"
    assert writes(desk, part, headers=headers, REMOTE_ADDR="192.0.2.66") == []  # once


def test_owner_sees_when_not_where_and_logs_a_member_out(
    merchant: Merchant, kim: User, client: Client, at: At
) -> None:
    desk, phone = log_in(kim), log_in(kim, PHONE, "198.51.100.9")
    seat = Membership.objects.get(user=kim)
    for page in (at("panel:members"), at("panel:member", pk=seat.pk)):
        html = client.get(page).content.decode()
        assert "Last seen" in html
        assert "198.51.100.9" not in html
    end = at("panel:member-sessions", pk=seat.pk)
    assert end in client.get(at("panel:member", pk=seat.pk)).content.decode()
    assert "Log Kim Packer out everywhere" in client.get(end).content.decode()
    done = client.post(end, follow=True).content.decode()
    assert "Kim Packer is logged out everywhere: 2 sessions ended." in done
    assert (is_in(desk), is_in(phone)) == (False, False)
    with merchant_scope(merchant):
        row = LogEntry.objects.get(action="jetsync.member.logged_out")
    assert (row.message, row.old, row.new) == (
        "Kim Packer was logged out everywhere.",
        {"sessions": 2},
        {"sessions": 0},
    )


def test_owner_does_not_log_himself_out_by_mistake(merchant: Merchant, owner: User, at: At) -> None:
    desk = log_in(owner)
    seat = Membership.objects.get(user=owner)
    assert desk.post(at("panel:member-sessions", pk=seat.pk)).status_code == 409
    assert is_in(desk)


def test_managers_are_told_nothing_of_it(client_for: Callable[..., Client], kim: User, at: At) -> None:
    manager, seat = client_for("manager"), Membership.objects.get(user=kim)
    for page in (at("panel:members"), at("panel:member", pk=seat.pk)):
        assert "Last seen" not in manager.get(page).content.decode()


def test_log_ins_from_before_the_list_existed_are_known(kim: User) -> None:
    desk = Client()
    desk.force_login(kim)
    assert not UserSession.objects.exists()
    migration = import_module("jetsync.migrations.0014_known_sessions")
    migration.note_sessions(apps, None)
    migration.note_sessions(apps, None)
    known = UserSession.objects.get()
    assert (known.user, known.session_key) == (kim, desk.session.session_key)
    known.end()
    assert not is_in(desk)


def test_staff_look_at_sessions_and_see_no_key(kim: User) -> None:
    desk = log_in(kim)
    staff = Client()
    staff.force_login(add_second_factor(make_user(is_staff=True, is_superuser=True)))
    row = UserSession.objects.get(user=kim)
    listing = reverse("admin:usersessions_usersession_changelist")
    assert kim.email in staff.get(f"{listing}?q={kim.email}").content.decode()
    page = staff.get(reverse("admin:usersessions_usersession_change", args=[row.pk])).content.decode()
    assert desk.session.session_key not in page
    assert staff.post(reverse("admin:usersessions_usersession_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
            "Safari on Mac",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_in_plain_words(sent: str, said: str) -> None:
    assert browser_words(sent) == said


def test_taken_session_does_not_take_the_account(merchant: Merchant) -> None:
    """Another address, made the first one, would get the letter that sets a new password."""
    user = make_member(merchant, "owner")
    client = log_in(user)
    session = client.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()

    answer = client.post("/accounts/email/", {"action_add": "", "email": "thief@example.com"})
    assert answer.url.startswith("/accounts/reauthenticate/")  # type: ignore[attr-defined]  # a redirect
    assert not EmailAddress.objects.filter(email="thief@example.com").exists()

    client.post(answer.url, {"password": PASSWORD})  # type: ignore[attr-defined]
    client.post("/accounts/email/", {"action_add": "", "email": "mine@example.com"})
    assert EmailAddress.objects.filter(email="mine@example.com").exists()
