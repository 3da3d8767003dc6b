"""Inviting somebody with and without mail, and what the invited person is asked."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from jetsync.actions.merchant import change_role, remove_member
from jetsync.models import Invitation, Membership, Merchant, User
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from tests.factories import make_member, make_user

# The link itself; the settings have pages about invitations, too.
LINK = re.compile(r"https?://[^/]+(/invitations/[\w-]+/)")
SILENT = "django.core.mail.backends.dummy.EmailBackend"
KIM = "kim@example.com"


def invite(client: Client, at: Any) -> str:
    answer = client.post(at("panel:members"), {"email": KIM, "role": "fulfilment"}, follow=True)
    return unescape(answer.content.decode())


@pytest.fixture
def link(client: Client, at: Any, settings: Any) -> str:
    """Of an invitation of an installation that sends no mail."""
    settings.EMAIL_BACKEND = SILENT
    return str(LINK.search(invite(client, at))[1])  # type: ignore[index]  # it is there


def test_without_mail_the_link_is_shown_once_to_hand_over(client: Client, at: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = SILENT
    page = invite(client, at)
    assert f"{KIM} was invited. No mail is sent from here: hand over the link below." in page
    assert LINK.search(page)
    assert not LINK.search(client.get(at("panel:members")).content.decode())


def test_with_mail_the_link_is_in_the_mail_alone(client: Client, at: Any, mailoutbox: Any) -> None:
    page = invite(client, at)
    assert f"{KIM} was invited; the link is in the mail." in page
    assert not LINK.search(page)
    assert LINK.search(mailoutbox[0].body)


def test_invited_person_chooses_a_password_and_a_name(link: str, merchant: Merchant, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    visitor = Client()
    asked = visitor.get(link, follow=True)
    assert "You are invited." in asked.content.decode()
    assert f'value="{KIM}"' in asked.content.decode()
    password = {"password1": "quite-other-9", "password2": "quite-other-9"}
    page = visitor.post("/accounts/signup/", {"email": KIM, "next": link, **password}, follow=True)
    assert "Your name" in page.content.decode()

    assert "This field is required." in visitor.post(link, {"name": ""}).content.decode()
    visitor.post(link, {"name": " Kim van  Duren "})
    seat = Membership.objects.get(merchant=merchant, user__email=KIM)
    assert (str(seat.user), seat.user.last_name, seat.role) == ("Kim van Duren", "Duren", "fulfilment")
    assert Invitation.objects.get(email=KIM).accepted_at is not None


def test_invited_person_with_an_account_logs_in_and_keeps_the_name(link: str, merchant: Merchant) -> None:
    user = make_user(KIM)
    User.objects.filter(pk=user.pk).update(first_name="Kim", last_name="Duren")
    visitor = Client()
    assert visitor.get(link).url.startswith("/accounts/login/?next=")  # type: ignore[attr-defined]  # a redirect
    visitor.force_login(user)
    assert 'value="Kim Duren"' in visitor.get(link).content.decode()
    visitor.post(link, {"name": "Kim Duren"})
    assert Membership.objects.filter(merchant=merchant, user=user).exists()


@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_who_is_no_owner_any_more_invites_nobody(link: str, merchant: Merchant, end: str) -> None:
    """A second account of a removed owner would be let in as owner again."""
    assert Client().get(link, follow=True).status_code == 200
    other = member_actor(make_member(merchant, "owner"), rights_of("owner"))
    seat = Membership.objects.get(merchant=merchant, user=Invitation.objects.get().invited_by)
    with merchant_scope(merchant):
        if end == "removed":
            remove_member(seat, actor=other)
        else:
            change_role(seat, "manager", actor=other)
    assert Client().get(link).status_code == 404
    assert Invitation.objects.filter(revoked_at=None).exists() is (end == "demoted")


def test_dead_invitation_is_told_before_anybody_logs_in(db: None) -> None:
    answer = Client().get("/invitations/none/")
    assert answer.status_code == 404
    assert "This invitation was used, withdrawn or has expired." in answer.content.decode()
