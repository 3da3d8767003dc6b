"""Every right at every door, by walking the URLconf: who holds all rights but the one asked for is refused, at pages, files
and the API alike, and who holds that one alone is let in. No role of today holds such a set; tokens do.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jetsync.actions.merchant import create_token
from jetsync.enums import Role
from jetsync.models import Merchant
from jetsync.panel.lists import ListPage
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import ROLE_RIGHTS, Right
from tests.factories import make_member, make_merchant
from tests.permissions.test_matrix import API_PAGES, PANEL_PAGES, address, api_right, right_of

METHODS = ("get", "post", "put", "patch", "delete")
OPENED = {200, 302, 400, 404, 405}
# These look at the role as well: no right makes an owner.
OWNERS_ALONE = {"panel:store-delete", "panel:store-keep"}


def write_right(callback: Any) -> Right | None:
    view = getattr(callback, "view_class", callback)
    return getattr(view, "write_right", None) or right_of(callback)


def has_files(callback: Any) -> bool:
    view = getattr(callback, "view_class", None)
    return isinstance(view, type) and issubclass(view, ListPage) and view.sheet is not None


@pytest.fixture(params=list(Right), ids=str)
def right(request: pytest.FixtureRequest) -> Right:
    found: Right = request.param
    return found


@pytest.fixture
def person(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`person(rights)` -> (browser of a member with exactly these rights, merchant)."""

    def make(rights: frozenset[Right]) -> tuple[Client, Merchant]:
        monkeypatch.setitem(ROLE_RIGHTS, Role.ANALYST, rights)
        merchant, client = make_merchant(), Client(raise_request_exception=False)
        client.force_login(make_member(merchant, Role.ANALYST))
        return client, merchant

    return make


def test_pages_and_files_refuse_whoever_lacks_the_right_alone(person: Any, right: Right) -> None:
    client, merchant = person(frozenset(Right) - {right})
    wrong = []
    for name, callback, args in PANEL_PAGES:
        url = address(name, args, merchant.slug)
        reads, writes = right_of(callback) == right, write_right(callback) == right
        tries = [("get", url)] if reads else []
        tries += [("post", url)] if reads or writes else []
        tries += [
            ("get", f"{url}?download={kind}") for kind in ("csv", "xlsx") if reads and has_files(callback)
        ]
        for method, tried in tries:
            status = getattr(client, method)(tried).status_code
            if status not in {403, 405}:
                wrong.append(f"{method} {name}: {status}")
    assert wrong == []


def test_pages_and_files_open_to_whoever_has_the_right_alone(person: Any, right: Right) -> None:
    client, merchant = person(frozenset({right}))
    wrong = []
    for name, callback, args in PANEL_PAGES:
        if right_of(callback) != right:
            continue
        url = address(name, args, merchant.slug)
        if (status := client.get(url).status_code) not in ({403, 405} if name in OWNERS_ALONE else OPENED):
            wrong.append(f"{name}: {status}")
        for kind in ("csv", "xlsx") if has_files(callback) else ():
            answer = client.get(f"{url}?download={kind}")
            if not (answer.status_code == 200 and b"".join(answer.streaming_content)):
                wrong.append(f"{name} as {kind}: {answer.status_code}")
    assert wrong == []


def ask(secret: str, merchant: Merchant, right: Right, methods: tuple[str, ...]) -> list[tuple[str, int]]:
    """What a token is answered at every address and method that asks for this right."""
    client = Client(raise_request_exception=False, headers={"Authorization": f"Bearer {secret}"})
    return [
        (f"{method} {name}", getattr(client, method)(address(name, args, merchant.slug)).status_code)
        for name, callback, args in API_PAGES
        for method in methods
        if api_right(callback, method) == right
    ]


def test_api_refuses_a_token_that_lacks_the_right_alone(scoped: Merchant, actor: Actor, right: Right) -> None:
    _row, secret = create_token(scoped, "script", frozenset(Right) - {right}, actor=actor)

    answers = ask(secret, scoped, right, METHODS)

    assert [answer for answer in answers if answer[1] != 403] == []


def test_api_opens_to_a_token_that_has_the_right_alone(scoped: Merchant, actor: Actor, right: Right) -> None:
    """Reading; what belongs to nobody is 404."""
    _row, secret = create_token(scoped, "script", frozenset({right}), actor=actor)

    answers = ask(secret, scoped, right, ("get",))

    assert [answer for answer in answers if answer[1] not in {200, 404}] == []


def test_every_right_that_is_a_door_is_asked_for_somewhere() -> None:
    """A right that nothing asks for would pass all of the above."""
    asked = {right_of(callback) for _n, callback, _a in PANEL_PAGES}
    asked |= {write_right(callback) for _n, callback, _a in PANEL_PAGES}
    asked |= {api_right(callback, method) for _n, callback, _a in API_PAGES for method in METHODS}
    assert set(Right) - asked == set()
