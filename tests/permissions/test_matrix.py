"""Every address x role, also with rights granted and taken away, x own/other merchant, by walking the URLconf: a page
without a declared right fails here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jetsync.actions.merchant import create_token
from jetsync.enums import Role
from jetsync.models import ApiToken, Merchant, User
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import ROLE_RIGHTS, Right, rights_of
from jetsync.tenancy.tokens import hash_secret
from tests.factories import make_member, make_merchant

# Values that fit any converter and belong to nobody: an address with them is 404 for those who may look.
NOBODYS = {
    "slug": "start",
    "pk": 987654321,
    "call": 987654321,
    "mode": "test",
    "line": 987654321,
    "token": "nothing",
    "node_id": 987654321,
    "key": "x",
    "section": "details",
    "kind": "products",
}


@dataclass(frozen=True)
class Seat:
    """A role with what was granted besides it and taken from it, and what that must come to."""

    role: str
    granted: Iterable[Right]
    withheld: Iterable[Right]
    rights: frozenset[Right]


EVERYTHING = frozenset(Right)
OWNERS = {Right.MEMBERS_MANAGE, Right.TOKENS_MANAGE, Right.DATA_EXPORT}
SEEING = frozenset(right for right in Right if right.value.endswith(".view"))
SEATS = {
    **{role: Seat(role, (), (), ROLE_RIGHTS[role]) for role in Role.values},
    "analyst granted all": Seat(Role.ANALYST, EVERYTHING, (), EVERYTHING - OWNERS),
    "manager deprived of all": Seat(Role.MANAGER, (), EVERYTHING, frozenset({Right.HOME_VIEW})),
    "manager who only sees": Seat(Role.MANAGER, (), EVERYTHING - SEEING, SEEING),
    "owner deprived of all": Seat(Role.OWNER, (), EVERYTHING, EVERYTHING),
    "fulfilment, some of both": Seat(
        Role.FULFILMENT,
        (Right.REFUNDS_CREATE, Right.SETTINGS_VIEW, Right.MEMBERS_MANAGE),
        (Right.BUYERS_VIEW, Right.ORDERS_SHIP),
        (ROLE_RIGHTS[Role.FULFILMENT] | {Right.REFUNDS_CREATE, Right.SETTINGS_VIEW})
        - {Right.BUYERS_VIEW, Right.ORDERS_SHIP},
    ),
}
every_seat = pytest.mark.parametrize("seat", SEATS.values(), ids=SEATS.keys())


def sit(merchant: Merchant, seat: Seat) -> User:
    user = make_member(merchant, seat.role)
    user.memberships.update(granted=sorted(seat.granted), withheld=sorted(seat.withheld))
    return user


def walk(
    patterns: Any = None, namespaces: tuple[str, ...] = (), names: frozenset[str] = frozenset()
) -> list[tuple[str, Any, frozenset[str]]]:
    """(full url name, view callback, kwarg names) of every address."""
    found: list[tuple[str, Any, frozenset[str]]] = []
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        args = names | frozenset(entry.pattern.converters) | frozenset(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            found += walk(entry.url_patterns, inner, args)
        elif isinstance(entry, URLPattern) and entry.name:
            found.append((":".join([*namespaces, entry.name]), entry.callback, args))
    return found


MERCHANT_PAGES = [entry for entry in walk() if "merchant_slug" in entry[2]]
PANEL_PAGES = [entry for entry in MERCHANT_PAGES if not entry[0].startswith("api:")]
API_PAGES = [entry for entry in MERCHANT_PAGES if entry[0].startswith("api:")]


def right_of(callback: Any) -> Right | None:
    for candidate in (
        callback,
        getattr(callback, "view_class", None),
        getattr(callback, "cls", None),
        getattr(callback, "__wrapped__", None),
    ):
        right = getattr(candidate, "right", None)
        if right is not None:
            return Right(right)
    return None


def address(name: str, args: frozenset[str], slug: str) -> str:
    values = {key: NOBODYS[key] for key in args if key in NOBODYS}
    return reverse(name, kwargs={**values, "merchant_slug": slug})


def test_every_merchant_page_declares_a_right():
    assert [name for name, callback, _args in MERCHANT_PAGES if right_of(callback) is None] == []


def test_walk_knows_every_argument():
    assert {key for _n, _c, args in MERCHANT_PAGES for key in args} - set(NOBODYS) - {
        "merchant_slug"
    } == set()


@every_seat
def test_pages_follow_the_rights(db, seat):
    merchant = make_merchant()
    client = Client(raise_request_exception=False)
    client.force_login(sit(merchant, seat))
    wrong: list[str] = []
    for name, callback, args in PANEL_PAGES:
        right = right_of(callback)
        status = client.get(address(name, args, merchant.slug)).status_code
        allowed = right in seat.rights
        fine = status in {200, 302, 400, 404, 405} if allowed else status in {403, 405}
        if not fine:
            wrong.append(f"{name} ({right}): {status}")
    assert wrong == []


def test_pages_of_another_merchant_do_not_exist(db):
    mine, other = make_merchant(), make_merchant()
    client = Client()
    client.force_login(make_member(mine, Role.OWNER))
    make_member(other, Role.OWNER)
    leaks = []
    for name, _callback, args in PANEL_PAGES:
        for method in (client.get, client.post):
            status = method(address(name, args, other.slug)).status_code
            if status != 404:
                leaks.append(f"{name}: {status}")
    assert leaks == []


def test_pages_ask_strangers_to_log_in(db):
    merchant = make_merchant()
    wrong = []
    for name, _callback, args in PANEL_PAGES:
        response = Client().get(address(name, args, merchant.slug))
        if response.status_code != 302 or "/accounts/login/" not in response.url:
            wrong.append(f"{name}: {response.status_code}")
    assert wrong == []


def test_api_of_another_merchant_does_not_exist(db):
    mine, other = make_merchant(), make_merchant()
    client = Client()
    client.force_login(make_member(mine, Role.OWNER))
    leaks = []
    for name, _callback, args in API_PAGES:
        status = client.get(address(name, args, other.slug)).status_code
        if status not in {404, 405}:
            leaks.append(f"{name}: {status}")
    assert leaks == []


@pytest.fixture
def without_factor(db):
    """A browser and a token of a member whose store asks for a second factor that he does not have."""
    merchant = make_merchant(requires_second_factor=True)
    user = make_member(merchant, Role.OWNER)
    client = Client()
    client.force_login(user)
    with merchant_scope(merchant):
        _row, secret = create_token(
            merchant, "script", Right, actor=member_actor(user, rights_of(Role.OWNER))
        )
    return merchant, client, {"Authorization": f"Bearer {secret}"}


def test_no_page_opens_without_the_second_factor_that_the_store_asks_for(without_factor):
    merchant, client, _token = without_factor
    wrong = []
    for name, _callback, args in PANEL_PAGES:
        for method in (client.get, client.post):
            response = method(address(name, args, merchant.slug))
            if response.status_code != 302 or not response.url.startswith(f"/second-factor/{merchant.slug}/"):
                wrong.append(f"{name}: {response.status_code}")
    assert wrong == []


def test_api_waits_for_the_second_factor_in_a_browser_and_not_for_a_token(without_factor):
    merchant, client, token = without_factor
    wrong = []
    for name, callback, args in API_PAGES:
        url = address(name, args, merchant.slug)
        refused = client.get(url)
        if refused.status_code != 405 and (
            refused.status_code != 403 or refused.json()["code"] != "second_factor_required"
        ):
            wrong.append(f"{name}: {refused.status_code}")
        answer = Client().get(url, headers=token)
        if api_right(callback, "get") and answer.status_code not in {200, 404}:
            wrong.append(f"{name} by token: {answer.status_code}")
    assert wrong == []


def test_api_answers_strangers_with_401(db):
    merchant = make_merchant()
    wrong = []
    for name, _callback, args in API_PAGES:
        response = Client().get(address(name, args, merchant.slug))
        if response.status_code not in {401, 405} or (
            response.status_code == 401
            and set(response.json()) != {"code", "message", "hint", "help", "fields"}
        ):
            wrong.append(f"{name}: {response.status_code}")
    assert wrong == []


def api_right(callback: Any, method: str) -> Right | None:
    """The right that this method of an API address asks for; None where it has no such method."""
    action = callback.actions.get(method)
    if action is None:
        return None
    view = callback.cls
    usual = view.right if method == "get" else getattr(view, "write_right", view.right)
    return Right(getattr(view, "action_rights", {}).get(action, usual))


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@every_seat
def test_api_follows_the_rights(db, seat, method):
    """Without the right nothing but 403; with it, reading works (what belongs to nobody is 404)."""
    merchant = make_merchant()
    client = Client(raise_request_exception=False)
    client.force_login(sit(merchant, seat))
    wrong, refused = [], 0
    for name, callback, args in API_PAGES:
        right = api_right(callback, method)
        if right is None or (right in seat.rights and method != "get"):
            continue
        status = getattr(client, method)(address(name, args, merchant.slug)).status_code
        refused += status == 403
        if status not in ({200, 404} if right in seat.rights else {403}):
            wrong.append(f"{name} ({right}): {status}")
    assert wrong == []
    if (seat, method) == (SEATS[Role.ANALYST], "post"):
        assert refused > 0


@every_seat
def test_tokens_follow_the_rights_of_their_person(db, seat):
    """A token that names every right does what its owner may, and no more."""
    merchant = make_merchant()
    secret = "jts_of-this-test"
    ApiToken.objects.create(
        merchant=merchant, user=sit(merchant, seat), token_hash=hash_secret(secret), rights=sorted(EVERYTHING)
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    wrong = []
    for name, callback, args in API_PAGES:
        right = api_right(callback, "get")
        if right is None:
            continue
        status = client.get(address(name, args, merchant.slug)).status_code
        if status not in ({200, 404} if right in seat.rights else {403}):
            wrong.append(f"{name} ({right}): {status}")
    assert wrong == []


@every_seat
def test_unsafe_methods_follow_the_rights(db, seat):
    """A POST without the right is refused before anything else is looked at."""
    merchant = make_merchant()
    client = Client(raise_request_exception=False)
    client.force_login(sit(merchant, seat))
    wrong = []
    for name, callback, args in PANEL_PAGES:
        view = getattr(callback, "view_class", callback)
        write = getattr(view, "write_right", None) or right_of(callback)
        if write in seat.rights:
            continue
        status = client.post(address(name, args, merchant.slug)).status_code
        if status not in {403, 405}:
            wrong.append(f"{name} ({write}): {status}")
    assert wrong == []
