"""Everyone needs a second factor: who may ask for it, who waits for it, and the way from the closed door back in."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from jetsync.actions.merchant import create_token
from jetsync.models import LogEntry, Merchant, User
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from tests.factories import add_second_factor, make_member, make_merchant

At = Callable[..., str]


def person(merchant: Merchant, role: str, name: str) -> User:
    return make_member(merchant, role, first_name=name, last_name="Harrow")


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def robin(merchant: Merchant) -> User:
    return add_second_factor(person(merchant, "owner", "Robin"))


@pytest.fixture
def kim(merchant: Merchant) -> User:
    return person(merchant, "fulfilment", "Kim")


@pytest.fixture
def asked(merchant: Merchant) -> Merchant:
    Merchant.objects.filter(pk=merchant.pk).update(requires_second_factor=True)
    return merchant


def is_asked(merchant: Merchant) -> bool:
    return Merchant.objects.get(pk=merchant.pk).requires_second_factor


def test_owner_asks_for_it_after_reading_who_has_none(
    merchant: Merchant, robin: User, kim: User, at: At
) -> None:
    token_owner = person(merchant, "owner", "Sam")
    with merchant_scope(merchant):
        owner = member_actor(token_owner, rights_of("owner"))
        create_token(merchant, "stock script", [Right.PRODUCTS_VIEW], actor=owner)
    client = browser(robin)

    listing = client.get(at("panel:members")).content.decode()
    assert "Without one: Kim Harrow, Sam Harrow." in listing
    assert at("panel:factor-require") in listing
    question = unescape(client.get(at("panel:factor-require")).content.decode())
    assert "2 members have no second factor" in question
    assert "<li>Kim Harrow (Fulfilment)</li><li>Sam Harrow (Owner)</li>" in question
    assert "API tokens go on working, no password opens them: “stock script” of Sam Harrow." in question

    done = client.post(at("panel:factor-require"), follow=True).content.decode()
    assert "Everyone in Harrow &amp; Finch needs a second factor from now on." in done
    assert is_asked(merchant)
    with merchant_scope(merchant):
        row = LogEntry.objects.get(action="jetsync.merchant.second_factor_required")
    assert (row.actor, row.old, row.new) == (
        robin,
        {"requires_second_factor": False},
        {"requires_second_factor": True},
    )


def test_owner_without_one_cannot_ask_for_it(merchant: Merchant, client: Client, at: At) -> None:
    assert "You have none yourself. Turn yours on first." in client.get(at("panel:members")).content.decode()
    refused = client.post(at("panel:factor-require"))
    assert refused.status_code == 409
    assert "You have no second factor yourself." in refused.content.decode()
    assert not is_asked(merchant)
    with merchant_scope(merchant):
        assert not LogEntry.objects.exists()


def test_switching_it_twice_is_refused_and_logged_once(merchant: Merchant, robin: User, at: At) -> None:
    client = browser(robin)
    assert client.post(at("panel:factor-drop")).status_code == 409
    assert client.post(at("panel:factor-require")).status_code == 302
    assert client.post(at("panel:factor-require")).status_code == 409
    assert client.post(at("panel:factor-drop")).status_code == 302
    assert not is_asked(merchant)
    with merchant_scope(merchant):
        assert list(LogEntry.objects.order_by("pk").values_list("action", flat=True)) == [
            "jetsync.merchant.second_factor_required",
            "jetsync.merchant.second_factor_optional",
        ]


def test_other_stores_and_the_account_stay_open(asked: Merchant, kim: User, at: At) -> None:
    other = make_merchant()
    other.memberships.create(user=kim, role="owner")
    client = browser(kim)
    closed = client.get(at("panel:general"))
    assert closed.url == f"/second-factor/{asked.slug}/?next=%2Fm%2F{asked.slug}%2Fsettings%2F"
    page = client.get(closed.url).content.decode()
    assert "Harrow &amp; Finch asks for a second factor" in page
    assert reverse("merchants") in page
    assert client.get(f"/m/{other.slug}/").status_code == 200
    for name in ("merchants", "account_email", "account_change_password", "mfa_index"):
        assert client.get(reverse(name)).status_code == 200, name


def test_person_sets_it_up_and_comes_to_the_page_he_wanted(asked: Merchant, kim: User, at: At) -> None:
    EmailAddress.objects.create(user=kim, email=kim.email, primary=True, verified=True)
    client = Client()
    client.post(reverse("account_login"), {"login": kim.email, "password": "pass-word-12"})
    wanted = at("orders:order-list", "?state=ready")
    landing = client.get(wanted).url
    assert reverse("mfa_activate_totp") in client.get(landing).content.decode()

    asks_again = client.get(reverse("mfa_activate_totp"), follow=True)
    client.post(asks_again.redirect_chain[-1][0], {"password": "pass-word-12"})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    codes = client.post(reverse("mfa_activate_totp"), {"code": code}, follow=True).content.decode()
    go_on = unescape(re.search(r'href="([^"]+)"[^>]*>\s*Go on to the store', codes)[1])  # type: ignore[index]  # it is there

    assert client.get(go_on).url == wanted
    assert client.get(wanted).status_code == 200
    assert "Go on to the store" not in client.get(reverse("mfa_index")).content.decode()


def test_part_of_an_open_page_leads_the_whole_page_there(asked: Merchant, kim: User, at: At) -> None:
    answer = browser(kim).get(at("panel:badges"), headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/second-factor/{asked.slug}/?next=%2Fm%2F{asked.slug}%2F"


def test_door_leads_only_to_addresses_of_the_panel_and_only_members(
    asked: Merchant, robin: User, kim: User
) -> None:
    door = reverse("second-factor", args=[asked.slug])
    assert browser(robin).get(f"{door}?next=https://elsewhere.example/").url == f"/m/{asked.slug}/"
    stranger = make_member(make_merchant())
    assert browser(stranger).get(door).status_code == 404
    assert Client().get(door).url.startswith(reverse("account_login"))


def test_turning_it_off_says_which_stores_close(asked: Merchant, robin: User, at: At) -> None:
    EmailAddress.objects.create(user=robin, email=robin.email, primary=True, verified=True)
    client = browser(robin)
    question = client.get(reverse("mfa_deactivate_totp"), follow=True)
    client.post(question.redirect_chain[-1][0], {"password": "pass-word-12"})
    page = client.get(reverse("mfa_deactivate_totp")).content.decode()
    assert "Everyone in Harrow &amp; Finch needs a second factor." in page
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=robin).exists()
    assert client.get(at("panel:home")).status_code == 302


def test_the_rule_costs_no_query(
    asked: Merchant, robin: User, at: At, count_queries: Callable[[Client, str], int]
) -> None:
    client = browser(robin)
    count_queries(client, at("panel:general"))
    before = count_queries(client, at("panel:general"))
    Merchant.objects.filter(pk=asked.pk).update(requires_second_factor=False)
    assert count_queries(client, at("panel:general")) == before
