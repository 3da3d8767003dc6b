"""Profiles, assignments, mappings and store fields over the API: the same rules as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.actions.store_field import note_fields
from catalog.jet_fields import JET_FIELDS
from catalog.models import FieldMapping, Product, Profile, StoreCategory, Variant
from catalog.queries.listing import listings_of
from jetsync.models import Merchant, Operation
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def address(merchant: Merchant, rest: str) -> str:
    return f"/api/v1/m/{merchant.slug}/catalog/{rest}"


def send(client: Client, method: str, url: str, data: Any = None) -> Any:
    return getattr(client, method)(url, data, content_type="application/json")


def profile_of(variant: Variant) -> str:
    product = Product.objects.select_related("profile").get(pk=variant.product_id)
    return product.profile.name if product.profile else ""


def bare(shop: Merchant, **extra: Any) -> Variant:
    product = {"brand": "", **extra.pop("product", {})}
    return rows.make_variant(shop, rows.make_product(shop, **product), **extra)


WHOLE = {
    "name": "Kettles",
    "sku_as_part_number": True,
    "code_type": "ASIN",
    "code_source": "field:jet_asin",
    "jet_node_id": rows.LEAF,
    "attributes": [{"id": rows.COLOR, "value": "Copper"}, {"id": rows.SIZE, "source": "option:Size"}],
    "specifics": {"brand": {"value": "Harrow"}, "msrp": {"source": "field:_price"}},
}


@pytest.mark.feature("PRO-01")
def test_profiles_are_made_read_changed_copied_and_deleted(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")

    made = send(client, "post", address(shop, "profiles/"), WHOLE)
    assert made.status_code == 201, made.json()
    pk = made.json()["id"]
    listed = client.get(address(shop, "profiles/?name=kett")).json()["results"]
    changed = send(client, "patch", address(shop, f"profiles/{pk}/"), {"name": "Tea", "specifics": {}})
    copied = send(client, "post", address(shop, f"profiles/{pk}/copy/"))
    deleted = client.delete(address(shop, f"profiles/{pk}/"))

    shown = made.json()
    assert shown["specifics"] == {
        "brand": {"value": "Harrow", "source": ""},
        "msrp": {"value": "", "source": "field:_price"},
    }
    assert shown["products"] == 0
    assert [row["id"] for row in listed] == [pk]
    assert (changed.json()["name"], changed.json()["specifics"]) == ("Tea", {})
    assert changed.json()["attributes"] == shown["attributes"]
    assert (copied.status_code, copied.json()["name"]) == (201, "Tea (copy)")
    assert deleted.status_code == 204
    assert list(Profile.objects.values_list("name", flat=True)) == ["Tea (copy)"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"sku_as_code": "x"}, "sku_as_code"),
        ({"code_source": ""}, "code_source"),
        ({"jet_node_id": 2**70}, "jet_node_id"),
        ({"attributes": [{"id": rows.COLOR, "value": "Pink"}]}, f"attributes.{rows.COLOR}"),
        ({"attributes": [{"id": "x"}]}, "attributes"),
        ({"specifics": {"msrp": {"value": "12;5"}}}, "specifics.msrp"),
        ({"specifics": {"other": {"value": "1"}}}, "specifics.other"),
        ({"specifics": []}, "specifics"),
    ],
)
def test_refusals_name_the_field_and_store_nothing(
    shop: Merchant, client_for: ClientFor, change: dict[str, Any], field: str
) -> None:
    answer = send(client_for("owner"), "post", address(shop, "profiles/"), {**WHOLE, **change})

    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "message", "hint", "help", "fields"}
    assert field in answer.json()["fields"]
    assert Profile.objects.count() == 0


@pytest.mark.feature("PRO-10", "PRO-11", "PRO-12")
def test_products_are_assigned_and_a_second_profile_needs_replace(
    shop: Merchant, client_for: ClientFor
) -> None:
    kettles = StoreCategory.objects.create(merchant=shop, path="Kettles")
    one, two = bare(shop, sku="HF-1"), bare(shop, sku="HF-2", product={"store_category": kettles})
    client = client_for("owner")
    first = send(client, "post", address(shop, "profiles/"), {"name": "First"}).json()["id"]
    second = send(client, "post", address(shop, "profiles/"), {"name": "Second"}).json()["id"]
    to_first, to_second = (address(shop, f"profiles/{pk}/assign/") for pk in (first, second))

    done = send(client, "post", to_first, {"skus": ["HF-1"]})
    warned = send(client, "post", to_second, {"products": [one.product_id, two.product_id]})
    assert [profile_of(row) for row in (one, two)] == ["First", ""]
    replaced = send(client, "post", to_second, {"products": [one.product_id], "replace": True})
    by_category = send(client, "post", to_second, {"store_category": "Kettles"})

    assert (done.status_code, done.json()["state"], done.json()["done"]) == (202, "done", 1)
    assert (warned.status_code, warned.json()["code"]) == (409, "has_profile")
    assert warned.json()["message"] == "1 of the products has another profile already."
    assert (replaced.status_code, by_category.status_code) == (202, 202)
    assert [profile_of(row) for row in (one, two)] == ["Second", "Second"]
    taken = send(client, "post", address(shop, "profiles/unassign/"), {"skus": ["HF-1"]})
    assert (taken.status_code, profile_of(one)) == (202, "")
    rest = send(client, "post", to_first, {"without_profile": True})
    assert (rest.json()["total"], profile_of(one)) == (1, "First")
    moved = client.delete(f"{address(shop, f'profiles/{first}/')}?move_to={second}")
    assert (moved.status_code, profile_of(one)) == (204, "Second")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"products": [1], "skus": ["x"]},
        {"products": [987654321]},
        {"skus": ["nobody's"]},
        {"store_category": "Nowhere"},
        {"without_profile": False},
        {"products": []},
        {"products": ["x"]},
    ],
)
def test_assignments_that_name_nothing_known_start_nothing(
    shop: Merchant, client_for: ClientFor, body: dict[str, Any]
) -> None:
    client = client_for("owner")
    pk = send(client, "post", address(shop, "profiles/"), {"name": "First"}).json()["id"]

    answer = send(client, "post", address(shop, f"profiles/{pk}/assign/"), body)

    assert answer.status_code == 400, answer.json()
    assert Operation.objects.count() == 0


def test_another_merchants_products_and_profiles_do_not_exist(shop: Merchant, client_for: ClientFor) -> None:
    other = factories.make_merchant()
    client = client_for("owner")
    mine = send(client, "post", address(shop, "profiles/"), {"name": "Mine"}).json()["id"]
    with merchant_scope(other):
        foreign = rows.make_product(other)
        theirs = Profile.objects.create(merchant=other, name="Theirs")

    answers = [
        send(client, "post", address(shop, f"profiles/{mine}/assign/"), {"products": [foreign.pk]}),
        send(client, "patch", address(shop, f"profiles/{theirs.pk}/"), {"name": "Taken"}),
        client.delete(f"{address(shop, f'profiles/{mine}/')}?move_to={theirs.pk}"),
        client.delete(f"{address(shop, f'profiles/{mine}/')}?move_to=x"),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 404, 404]
    with merchant_scope(other):
        assert Profile.objects.get(pk=theirs.pk).name == "Theirs"
        assert Product.objects.get(pk=foreign.pk).profile_id is None


@pytest.mark.feature("FLD-01", "FLD-03", "FLD-04")
def test_mappings_are_listed_set_and_reset(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop, data={"maker": "Finch"})
    client = client_for("owner")
    brand = address(shop, "field-mappings/brand/")

    listed = client.get(address(shop, "field-mappings/")).json()
    saved = send(client, "put", brand, {"source": "field:maker", "overrides": True})
    wrong = send(client, "put", address(shop, "field-mappings/ISBN-10/"), {"fixed": "123"})
    result = listings_of(shop, [kettle.pk])[kettle.pk]

    assert [row["jet_field"] for row in listed] == list(JET_FIELDS)
    assert {row["is_mapped"] for row in listed} == {False}
    assert saved.json() | {"label": "", "hint": ""} == {
        "jet_field": "brand",
        "label": "",
        "hint": "",
        "default": "product.brand",
        "source": "field:maker",
        "fixed": "",
        "overrides": True,
        "is_mapped": True,
    }
    assert result.payload["brand"] == "Finch"
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["ISBN-10"])
    assert client.delete(brand).status_code == 204
    assert client.get(brand).json()["is_mapped"] is False
    assert FieldMapping.objects.count() == 0
    assert client.get(address(shop, "field-mappings/colour/")).status_code == 404


def test_store_fields_are_listed(shop: Merchant, client_for: ClientFor) -> None:
    note_fields(shop, {"field:material": "Copper", "option:Size": "L"})

    found = client_for("analyst").get(address(shop, "store-fields/?kind=field")).json()["results"]

    assert [(row["key"], row["kind"], row["name"], row["sample"]) for row in found] == [
        ("field:material", "field", "material", "Copper")
    ]


def test_fields_written_over_the_api_stand_in_the_pickers(shop: Merchant, client_for: ClientFor) -> None:
    kettle = bare(shop)
    client = client_for("owner")
    variant, product = f"variants/{kettle.pk}/", f"products/{kettle.product_id}/"

    size = [{"name": "Size", "value": "Large"}]
    send(client, "patch", address(shop, variant), {"data": {"material": "Copper"}, "options": size})
    send(client, "patch", address(shop, product), {"data": {"season": "Winter"}})

    found = client.get(address(shop, "store-fields/")).json()["results"]
    assert {row["key"]: row["sample"] for row in found} == {
        "field:material": "Copper",
        "field:season": "Winter",
        "option:Size": "Large",
    }
