"""docs/api.md names every address of the API with its methods, and none that does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, resolve

from jetsync.actions.merchant import create_token
from jetsync.api.urls import app_api_urls
from jetsync.devstack.parts import PROJECT
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

DOCUMENT = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
METHODS = r"(?:GET|POST|PUT|PATCH|DELETE)"
# `GET, PATCH catalog/products/<id>/`
NAMED = re.compile(rf"`({METHODS}(?:, {METHODS})*) ([^`\s?]+(?: [^`\s?]+)*/)(?:\?[^`]*)?`")
Call = tuple[str, str]


def routed(patterns: Any = None, start: str = "") -> Iterator[Call]:
    """(method, path) of every address below /api/v1/m/<merchant>/; arguments as `<>`."""
    for entry in app_api_urls() if patterns is None else patterns:
        path = start + re.sub(r"\(\?P<\w+>[^)]*\)", "<>", str(entry.pattern)).strip("^$")
        if isinstance(entry, URLResolver):
            yield from routed(entry.url_patterns, path)
        else:
            view_set: Any = entry.callback
            yield from ((method.upper(), path) for method in view_set.actions if method != "head")


def named(text: str) -> set[Call]:
    return {
        (method, re.sub(r"<[^>]*>", "<>", path))
        for methods, path in NAMED.findall(text)
        for method in methods.split(", ")
        if not path.startswith("/")
    }


def rows() -> list[str]:
    """First cells of all table rows that name an address."""
    cells = (line.split(" | ")[0] for line in DOCUMENT.splitlines() if line.startswith("| `"))
    return [cell for cell in cells if "/" in cell]


def test_tables_name_every_address_with_its_methods_once() -> None:
    in_tables = [call for cell in rows() for call in named(cell)]

    assert sorted(in_tables) == sorted(set(routed()))


def test_every_address_in_a_table_is_written_out() -> None:
    """A short form would escape the comparison."""
    spans = [span for cell in rows() for span in re.findall(r"`[^`]*`", cell)]

    assert [span for span in spans if not NAMED.fullmatch(span)] == []


def test_prose_names_only_what_exists() -> None:
    paths = {path for _method, path in routed()}
    bare = {re.sub(r"<[^>]*>", "<>", path) for path in re.findall(r"`([a-z][a-z<> /-]*/)`", DOCUMENT)}

    assert named(DOCUMENT) - set(routed()) == set()
    assert bare - paths == set()


def test_addresses_outside_a_merchant_exist() -> None:
    outside = set(re.findall(r"`(?:GET )?(/[^`\s…?]+/)`", DOCUMENT))

    assert outside >= {"/api/docs/", "/api/schema/", "/shipstation/<merchant>/"}
    for path in outside:
        resolve(path.replace("<merchant>", "harrow-finch"))


@pytest.mark.parametrize("address", ["/api/schema/", "/api/schema/?format=json"])
def test_schema_says_to_a_token_that_it_wants_a_browser(scoped: Merchant, actor: Actor, address: str) -> None:
    _row, secret = create_token(scoped, "script", frozenset({Right.HOME_VIEW}), actor=actor)

    answer = Client().get(address, headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 403
    assert "wants a browser that is logged in; an API token does not open it" in " ".join(
        answer.content.decode().split()
    )


def test_schema_opens_in_a_browser_that_is_logged_in(client_for: Callable[..., Client]) -> None:
    answer = client_for("analyst").get("/api/schema/?format=json")

    assert "/api/v1/m/{merchant_slug}/operations/" in answer.json()["paths"]


def test_the_schema_tells_the_shape_of_errors_with_every_call(client_for: Callable[[str], Client]) -> None:
    schema = client_for("analyst").get("/api/schema/?format=json").json()

    calls = [call for methods in schema["paths"].values() for call in methods.values()]
    ref = {"$ref": "#/components/schemas/Error"}
    assert len(calls) > 50
    assert all(call["responses"]["default"]["content"]["application/json"]["schema"] == ref for call in calls)
    assert list(schema["components"]["schemas"]["Error"]["properties"]) == [
        *("code", "message", "hint", "help", "fields")
    ]
