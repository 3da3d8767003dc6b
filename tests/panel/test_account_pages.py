"""Log-in pages: reachable, in the panel's look, and their mails say what happens."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

PASSWORD = "pass-word-12"


@pytest.fixture(autouse=True)
def _told_of_changes(settings):
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True


@pytest.fixture
def person(db):
    user = make_user("mara@example.com")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def signed_in(person) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    question = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Is it you?" in question.content.decode()  # changing how one logs in asks for the password again
    client.post(question.redirect_chain[-1][0], {"password": PASSWORD})
    return client


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("account_login", "Log in"),
        ("account_signup", "Create an account"),
        ("account_reset_password", "Reset your password"),
        ("account_reset_password_done", "Look into your mail"),
        ("account_reset_password_from_key_done", "Your password is set"),
        ("account_email_verification_sent", "Confirm your address"),
        ("account_inactive", "This account is switched off"),
    ],
)
def test_pages_for_strangers(db, name, title):
    page = Client().get(reverse(name)).content.decode()
    assert f'<h1 class="auth-title">{title}</h1>' in page
    assert "Jet.com closed in 2020" in page


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("account_email", "E-mail addresses"),
        ("account_change_password", "Password"),
        ("mfa_index", "Two-factor log-in"),
        ("mfa_activate_totp", "Turn on two-factor log-in"),
        ("account_logout", "Log out?"),
    ],
)
def test_pages_of_the_account(signed_in, name, title):
    page = signed_in.get(reverse(name)).content.decode()
    assert re.search(r"<h1[^>]*>([^<]+)</h1>", page)[1] == title


def test_wrong_password_is_told_once_and_without_a_hint_which_part_was_wrong(person):
    page = Client().post(reverse("account_login"), {"login": person.email, "password": "no"}).content.decode()
    assert "not correct" in page
    assert page.count('role="alert"') == 1


def test_reset_mail_has_the_link_and_the_link_works(person, mailoutbox):
    client = Client()
    client.post(reverse("account_reset_password"), {"email": person.email})
    assert [mail.subject for mail in mailoutbox] == ["[jetsync] Set a new password"]
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]
    page = client.get(link, follow=True)
    assert "Set a new password" in page.content.decode()
    done = client.post(
        page.redirect_chain[-1][0], {"password1": "quite-other-9", "password2": "quite-other-9"}
    )
    assert done.url == reverse("account_reset_password_from_key_done")
    assert client.login(email=person.email, password="quite-other-9")
    assert [mail.subject for mail in mailoutbox[1:]] == ["[jetsync] Your password was reset"]


def test_dead_reset_link_says_so(db):
    page = Client().get(reverse("account_reset_password_from_key", args=["1", "abc-def"])).content.decode()
    assert "This link no longer works" in page


def test_sign_up_sends_a_mail_to_confirm(db, mailoutbox, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    client = Client()
    form = {"email": "new@example.com", "password1": "quite-other-9", "password2": "quite-other-9"}
    response = client.post(reverse("account_signup"), form)
    assert response.url == reverse("account_email_verification_sent")
    assert mailoutbox[0].subject == "[jetsync] Confirm your e-mail address"
    assert mailoutbox[0].body.startswith("Somebody, probably you, entered this address")
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)[1]
    assert "Confirm this address" in client.get(link).content.decode()
    client.post(link)
    assert EmailAddress.objects.get(email="new@example.com").verified


def test_sign_up_with_a_known_address_does_not_tell_strangers(person, mailoutbox, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    form = {"email": person.email, "password1": "quite-other-9", "password2": "quite-other-9"}
    response = Client().post(reverse("account_signup"), form)
    assert response.url == reverse("account_email_verification_sent")
    assert [mail.subject for mail in mailoutbox] == ["[jetsync] You already have an account"]


@pytest.mark.django_db(transaction=True)  # the mail goes out on commit
def test_second_factor_is_turned_on_used_and_turned_off(signed_in, person, mailoutbox):
    page = signed_in.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    code = _code(secret)
    signed_in.post(reverse("mfa_activate_totp"), {"code": code})
    assert mailoutbox[0].subject == "[jetsync] Two-factor log-in is on"
    assert "10 unused codes left" in signed_in.get(reverse("mfa_index")).content.decode()
    codes = signed_in.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert len(re.findall(r"<li>[0-9a-z-]+</li>", codes)) == 10
    assert (
        "Make new recovery codes?" in signed_in.get(reverse("mfa_generate_recovery_codes")).content.decode()
    )

    fresh = Client()
    response = fresh.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert response.url == reverse("mfa_authenticate")
    assert "Enter your code" in fresh.get(response.url).content.decode()

    off = signed_in.get(reverse("mfa_deactivate_totp"))
    assert "Turn off two-factor log-in?" in off.content.decode()
    signed_in.post(reverse("mfa_deactivate_totp"))
    assert "Any app for one-time codes works." in signed_in.get(reverse("mfa_index")).content.decode()


def _code(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_addresses_are_added_and_removed(signed_in, person, mailoutbox):
    signed_in.post(reverse("account_email"), {"email": "second@example.com", "action_add": "1"})
    page = signed_in.get(reverse("account_email")).content.decode()
    assert page.count("Not confirmed") == 1
    signed_in.post(reverse("account_email"), {"email": "second@example.com", "action_remove": "1"})
    assert EmailAddress.objects.filter(user=person).count() == 1


def test_logging_out_takes_a_post(signed_in):
    assert "_auth_user_id" in signed_in.session
    signed_in.get(reverse("account_logout"))
    assert "_auth_user_id" in signed_in.session
    signed_in.post(reverse("account_logout"))
    assert "_auth_user_id" not in signed_in.session


def test_forms_refuse_a_request_from_another_site_with_a_page_that_explains(db):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post(reverse("account_login"), {"login": "x", "password": "y"})
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()
