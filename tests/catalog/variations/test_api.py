"""Variation groups over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import VariationGroup
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.rows import SIZE
from tests.catalog.variations.families import children, group_of, make_family, sized

pytestmark = pytest.mark.django_db


def address(merchant: Merchant, rest: str = "") -> str:
    return f"/api/v1/m/{merchant.slug}/catalog/variation-groups/{rest}"


def send(client: Client, method: str, url: str, data: Any = None) -> Any:
    return getattr(client, method)(url, data or {}, content_type="application/json")


@pytest.fixture
def kettles(shop: Merchant) -> Merchant:
    for name in ("A", "B", "C"):
        rows.make_variant(shop, sku=name, attributes=sized(name))
    return shop


@pytest.mark.feature("VAR-08")
def test_a_group_is_made_read_changed_and_dissolved(kettles: Merchant, client_for: Any) -> None:
    client = client_for("manager")
    given = {"parent": "A", "children": ["B"], "refinements": [SIZE], "group_title": "Kettles"}

    made = send(client, "post", address(kettles), given)
    pk = made.json()["id"]
    changed = send(client, "patch", address(kettles, f"{pk}/"), {"children": ["C", "B"]})
    listed = client.get(address(kettles)).json()
    gone = send(client, "delete", address(kettles, f"{pk}/"))

    assert made.status_code == 201, made.json()
    assert {name: made.json()[name] for name in given} == given
    assert (made.json()["state"], made.json()["gaps"], made.json()["origin"]) == ("waiting", [], "panel")
    assert changed.json()["children"] == ["C", "B"]
    assert changed.json()["group_title"] == "Kettles"
    assert [row["parent"] for row in listed["results"]] == ["A"]
    assert (gone.status_code, gone.json()) == (200, {"jet_is_told": False})
    assert client.get(address(kettles, f"{pk}/")).status_code == 404


@pytest.mark.feature("CAT-16")
def test_gaps_are_named(kettles: Merchant, client_for: Any) -> None:
    made = send(client_for("manager"), "post", address(kettles), {"parent": "A", "children": ["B"]})

    assert made.json()["state"] == "incomplete"
    assert [gap["rule"] for gap in made.json()["gaps"]] == ["required"]
    assert made.json()["gaps"][0]["message"].startswith("Nothing says in which attributes the SKUs differ.")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"parent": "NOPE", "children": ["B"]}, "parent"),
        ({"parent": "A", "children": ["NOPE"]}, "children"),
        ({"parent": "A", "children": ["A"]}, "children"),
        ({"parent": "A", "children": []}, "children"),
        ({"parent": "A"}, "children"),
        ({"parent": "A", "children": ["B"], "refinements": [0]}, "refinements"),
        ({"parent": "A", "children": ["B"], "refinements": ["Size"]}, "refinements"),
        ({"parent": "A", "children": ["B"], "refinements": [1, 2, 3, 4, 5, 6]}, "refinements"),
        ({"parent": "A", "children": ["B"], "group_title": "x" * 501}, "group_title"),
    ],
)
def test_bad_groups_are_refused_at_their_field(
    kettles: Merchant, client_for: Any, given: dict[str, Any], field: str
) -> None:
    answer = send(client_for("manager"), "post", address(kettles), given)

    assert answer.status_code == 400
    assert field in str(answer.json()["fields"])
    assert not VariationGroup.objects.exists()


def test_a_group_with_gaps_is_not_sent(kettles: Merchant, client_for: Any) -> None:
    client = client_for("owner")
    pk = send(client, "post", address(kettles), {"parent": "A", "children": ["B"]}).json()["id"]

    answer = send(client, "post", address(kettles, f"{pk}/send/"))

    assert (answer.status_code, answer.json()["code"]) == (409, "state_conflict")


def test_the_list_is_filtered_by_state(shop: Merchant, client_for: Any) -> None:
    make_family(shop, "S", "M")
    group = group_of(shop, "HF-S")
    client = client_for("analyst")

    assert [row["id"] for row in client.get(address(shop, "?state=waiting")).json()["results"]] == [group.pk]
    assert client.get(address(shop, "?state=sent")).json()["results"] == []
    assert children(group) == ["HF-M"]


def test_the_list_costs_the_same_for_one_and_for_three(
    shop: Merchant, client_for: Any, count_queries: Any
) -> None:
    make_family(shop, "S", "M")
    client = client_for("analyst")
    client.get(address(shop))
    one = count_queries(client, address(shop))
    make_family(shop, "1", "2", stem="Y")
    make_family(shop, "1", "2", "3", stem="Z")

    assert count_queries(client, address(shop)) == one
