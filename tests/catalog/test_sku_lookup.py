"""A SKU that somebody names is found whatever its capitals, by every route of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product, Profile, Variant
from catalog.queries.stock import get_variants, variant_by_sku, variants_by_sku
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant, Operation
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
OWN = "HF-KET-25"


def address(merchant: Merchant, rest: str) -> str:
    return f"/api/v1/m/{merchant.slug}/catalog/{rest}"


def post(client: Client, url: str, data: Any) -> Any:
    return client.post(url, data, content_type="application/json")


def test_a_sku_is_found_by_its_exact_name_first(shop: Merchant) -> None:
    """Those that were made before capitals made no other SKU."""
    upper, lower = rows.make_variant(shop, sku="AB-1"), rows.make_variant(shop, sku="ab-1")
    kettle = rows.make_variant(shop, sku=OWN)

    found = variants_by_sku(shop, ["AB-1", "ab-1", "Ab-1", OWN.lower(), "NOBODY"])

    assert found == {"AB-1": upper, "ab-1": lower, OWN.lower(): kettle}
    assert (variant_by_sku(shop, "hf-KET-25"), variant_by_sku(shop, "Ab-1")) == (kettle, None)


def test_skus_named_twice_are_one_and_all_unknown_ones_are_named(shop: Merchant) -> None:
    kettle, cup = rows.make_variant(shop, sku=OWN), rows.make_variant(shop, sku="CUP-1")

    assert get_variants(shop, ["cup-1", OWN, OWN.lower(), "CUP-1"]) == [cup, kettle]
    with pytest.raises(InvalidInput) as refused:
        get_variants(shop, ["A", OWN, "B"], field="children")
    assert refused.value.message == "SKU A and 1 more are not known here."
    assert refused.value.fields == {"children": ["Unknown: A", "Unknown: B"]}


def test_an_unknown_product_is_named_with_where_ids_come_from(shop: Merchant, client_for: ClientFor) -> None:
    profile = Profile.objects.create(merchant=shop, name="P")
    answer = post(
        client_for("owner"), address(shop, f"profiles/{profile.pk}/assign/"), {"products": [7007, 7008]}
    )
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Product 7007 and 1 more are not known here.",
    )
    assert answer.json()["hint"].startswith("Nothing was started. The list of products says their ids")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("bulk/", {"do": "archive", "skus": [OWN.lower()]}),
        ("bulk/", {"do": "archive", "excluded_skus": ["hf-2"]}),
        ("variants/publish/", {"do": "archive", "skus": [OWN.lower(), OWN]}),
        ("profiles/{profile}/assign/", {"skus": [OWN.lower()]}),
    ],
)
def test_operations_reach_the_sku_that_is_meant(
    shop: Merchant, client_for: ClientFor, *, path: str, body: dict[str, Any]
) -> None:
    for sku in (OWN, "HF-2"):
        rows.mark_listed(rows.make_variant(shop, sku=sku))
    profile = Profile.objects.create(merchant=shop, name="Kettles")

    answer = post(client_for("owner"), address(shop, path.format(profile=profile.pk)), body)

    assert (answer.status_code, answer.json().get("total")) == (202, 1), answer.json()
    operation = Operation.objects.get(pk=answer.json()["id"])
    reached = set(operation.rows.values_list("object_id", flat=True))
    meant = Variant.objects.get(sku=OWN)
    assert reached <= {meant.pk, meant.product_id, meant.listing.pk}


def test_a_profile_is_assigned_to_the_product_that_is_meant(shop: Merchant, client_for: ClientFor) -> None:
    variant = rows.make_variant(shop, sku=OWN)
    profile = Profile.objects.create(merchant=shop, name="Kettles")

    post(client_for("owner"), address(shop, f"profiles/{profile.pk}/assign/"), {"skus": [OWN.lower()]})

    assert Product.objects.get(pk=variant.product_id).profile == profile


def test_a_group_takes_the_skus_that_are_meant(shop: Merchant, client_for: ClientFor) -> None:
    for sku in (OWN, "HF-2"):
        rows.make_variant(shop, sku=sku)
    client, groups = client_for("owner"), address(shop, "variation-groups/")

    made = post(client, groups, {"parent": OWN.lower(), "children": ["hf-2"]}).json()
    own_child = post(client, groups, {"parent": OWN, "children": [OWN.lower()]})

    assert (made["parent"], made["children"]) == (OWN, ["HF-2"])
    assert own_child.json()["fields"] == {"children": ["The parent cannot be its own child."]}
    found = client.get(groups, {"parent": OWN.lower()}).json()["results"]
    assert [row["id"] for row in found] == [made["id"]]


def test_the_list_of_skus_is_filtered_by_the_one_that_is_meant(shop: Merchant, client_for: ClientFor) -> None:
    """Whatever else narrows the list, and none where two fit."""
    for sku in (OWN, "AB-1"):
        rows.make_variant(shop, sku=sku)
    status = rows.mark_listed(rows.make_variant(shop, sku="ab-1")).status
    client = client_for("owner")

    def listed(sku: str, **more: str) -> list[str]:
        answer = client.get(address(shop, "variants/"), {"sku": sku, **more}).json()
        return sorted(row["sku"] for row in answer["results"])

    assert (listed(OWN.lower()), listed("ab-1")) == ([OWN], ["ab-1"])
    assert (listed("Ab-1"), listed("NOBODY")) == ([], [])
    assert (listed("AB-1", status=status), listed("ab-1", status=status)) == ([], ["ab-1"])
