"""Products over the API: the same rules as the pages, JSON in and out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.enums import ProductKind
from catalog.models import Listing, NodeStock, Product, StoreCategory, Variant
from jetsync.models import Job, LogEntry, Merchant, Operation
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows
from tests.catalog.rows import make_node, make_product, make_variant, mark_listed

pytestmark = pytest.mark.django_db


def address(merchant: Merchant, rest: str) -> str:
    return f"/api/v1/m/{merchant.slug}/catalog/{rest}"


def send(client: Client, method: str, url: str, data: dict[str, Any], **headers: str) -> Any:
    return getattr(client, method)(url, data, content_type="application/json", headers=headers)


NEW = {
    "title": "Copper Whistling Kettle",
    "brand": "Harrow & Finch",
    "description": "Whistles.",
    "bullets": ["Rolled copper body"],
    "jet_node_id": rows.LEAF,
    "variants": [
        {
            "sku": "HF-API-1",
            "price": "38.50",
            "quantity": 12,
            "codes": [{"type": "UPC", "code": "036000291452"}],
            "shipping_weight_pounds": "3.25",
            "main_image_url": "https://img.example.com/kettle/1.jpg",
            "attributes": [{"id": rows.COLOR, "value": "Copper"}],
        }
    ],
}


def test_create_makes_a_ready_product_with_its_log(shop: Merchant, client_for) -> None:
    response = send(client_for("owner"), "post", address(shop, "products/"), NEW)

    assert response.status_code == 201, response.json()
    shown = response.json()
    assert (shown["title"], shown["kind"], shown["jet_node_id"]) == (NEW["title"], "simple", rows.LEAF)
    (sku,) = shown["variants"]
    assert (sku["sku"], sku["price"], sku["quantity"]) == ("HF-API-1", "38.50", 12)
    assert (sku["listing"]["readiness"], sku["listing"]["status"]) == ("ready", "not_uploaded")
    assert sku["listing"]["price_target"] == "38.50"
    stored = Variant.objects.get(merchant=shop, sku="HF-API-1")
    assert stored.product_id == shown["id"]
    assert list(rows.offered(stored).values()) == [12]
    logged = LogEntry.objects.filter(merchant=shop, action="catalog.product.created", object_id=shown["id"])
    assert logged.count() == 1


def test_create_variable_product_with_node_offers(shop: Merchant, client_for) -> None:
    reno = make_node(shop)
    second = {
        "sku": "HF-API-2",
        "options": [{"name": "Size", "value": "Large"}],
        "nodes": [{"node_id": reno.node_id, "quantity": 4, "price": "40.00"}],
    }
    body = {**NEW, "kind": "variable", "variants": [*NEW["variants"], second]}

    response = send(client_for("owner"), "post", address(shop, "products/"), body)

    assert response.status_code == 201, response.json()
    assert [row["sku"] for row in response.json()["variants"]] == ["HF-API-1", "HF-API-2"]
    stock = NodeStock.objects.get(merchant=shop, variant__sku="HF-API-2", node=reno)
    assert (stock.quantity, stock.price, stock.quantity_target) == (4, Decimal("40.00"), 4)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"title": "Cup"}, 400, "title"),
        ({"title": "x" * 501}, 400, "title"),
        ({"jet_node_id": rows.ROOT}, 400, "jet_node_id"),
        ({"jet_node_id": 2**70}, 400, "jet_node_id"),
        ({"store_category": "Nowhere"}, 400, "store_category"),
        ({"variants": []}, 400, "variants"),
        ({"variants": [{"sku": "A/B"}]}, 400, "sku"),
        ({"variants": [{"sku": "A-1", "price": "0"}]}, 400, "price"),
        ({"variants": [{"sku": "A-1", "price": "1e400"}]}, 400, "price"),
        ({"variants": [{"sku": "A-1", "quantity": 9_000_000_000}]}, 400, "quantity"),
        ({"variants": [{"sku": "A-1", "codes": [{"type": "UPC", "code": "036000291453"}]}]}, 400, "codes"),
        ({"variants": [{"sku": "A-1"}, {"sku": "A-2"}]}, 400, "variants"),
        ({"variants": [{"sku": "A-1", "nodes": [{"node_id": "none", "quantity": 1}]}]}, 400, "nodes"),
    ],
)
def test_refusals_name_the_field_and_store_nothing(shop: Merchant, client_for, change, status, field) -> None:
    response = send(client_for("owner"), "post", address(shop, "products/"), {**NEW, **change})

    body = response.json()
    assert response.status_code == status, body
    assert set(body) == {"code", "message", "hint", "help", "fields"}
    assert body["code"] == "invalid"
    assert field in body["fields"] or any(field in row for row in _inner(body["fields"])), body
    assert not Product.objects.filter(merchant=shop).exists()
    assert not Variant.objects.filter(merchant=shop).exists()


def _inner(fields: dict[str, Any]) -> list[Any]:
    """The messages of nested rows."""
    return [row for value in fields.values() if isinstance(value, list | dict) for row in value]


def test_sku_in_use_is_refused(shop: Merchant, client_for) -> None:
    make_variant(shop, sku="HF-API-1")
    body = send(client_for("owner"), "post", address(shop, "products/"), NEW).json()

    assert body["fields"] == {"sku": ["SKU HF-API-1 is in use by another product."]}
    assert Variant.objects.filter(merchant=shop).count() == 1


def test_patch_of_a_listed_sku_is_pushed_to_jet(shop: Merchant, client_for) -> None:
    variant = make_variant(shop)
    mark_listed(variant)

    url = address(shop, f"variants/{variant.pk}/")
    response = send(client_for("manager"), "patch", url, {"price": "41.00", "quantity": 7})

    assert response.status_code == 200, response.json()
    shown = response.json()
    assert (shown["price"], shown["quantity"]) == ("41.00", 7)
    assert (shown["listing"]["price_target"], shown["listing"]["price_sent"]) == ("41.00", "38.50")
    assert [(row["quantity_target"], row["quantity_sent"]) for row in shown["nodes"]] == [(7, 12)]
    assert shown["payload"]["product_title"] == variant.product.title
    jobs = Job.objects.filter(merchant=shop, kind__in=["catalog.push_prices", "catalog.push_inventory"])
    assert sorted(jobs.values_list("kind", flat=True)) == ["catalog.push_inventory", "catalog.push_prices"]
    entry = LogEntry.objects.get(merchant=shop, action="catalog.variant.changed", object_id=variant.pk)
    assert (entry.old, entry.new) == (
        {"price": "38.50", "quantity": 12},
        {"price": "41.00", "quantity": 7},
    )


def test_empty_patch_changes_nothing(shop: Merchant, client_for) -> None:
    variant = make_variant(shop)
    response = send(client_for("owner"), "patch", address(shop, f"variants/{variant.pk}/"), {})

    assert response.status_code == 200
    assert not LogEntry.objects.filter(merchant=shop, object_id=variant.pk).exists()


def test_listed_sku_keeps_its_name(shop: Merchant, client_for) -> None:
    variant = make_variant(shop)
    mark_listed(variant)
    response = send(client_for("owner"), "patch", address(shop, f"variants/{variant.pk}/"), {"sku": "NEW-1"})

    assert (response.status_code, response.json()["code"]) == (409, "state_conflict")
    variant.refresh_from_db()
    assert variant.sku != "NEW-1"


def test_patch_of_a_product_reaches_all_its_skus(shop: Merchant, client_for) -> None:
    product = make_product(shop, kind=ProductKind.VARIABLE)
    skus = [make_variant(shop, product), make_variant(shop, product)]
    before = dict(Listing.objects.filter(merchant=shop).values_list("variant_id", "content_target"))
    StoreCategory.objects.create(merchant=shop, path="Kitchen > Kettles")

    response = send(
        client_for("owner"),
        "patch",
        address(shop, f"products/{product.pk}/"),
        {"brand": "Finch", "store_category": "Kitchen > Kettles"},
    )

    assert response.status_code == 200, response.json()
    assert (response.json()["brand"], response.json()["store_category"]) == ("Finch", "Kitchen > Kettles")
    after = dict(Listing.objects.filter(merchant=shop).values_list("variant_id", "content_target"))
    assert all(after[sku.pk] != before[sku.pk] for sku in skus)


def test_add_a_sku_makes_the_product_variable(shop: Merchant, client_for) -> None:
    variant = make_variant(shop)
    body = {"product": variant.product_id, "sku": "HF-API-9", "price": "9.99", "quantity": 1}
    response = send(client_for("owner"), "post", address(shop, "variants/"), body)

    assert response.status_code == 201, response.json()
    assert Product.objects.get(merchant=shop, pk=variant.product_id).kind == ProductKind.VARIABLE


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=available", ["live"]),
        ("readiness=not_ready", ["gap"]),
        ("has_error=true", ["bad"]),
        ("q=036000291452", ["live", "bad"]),
        ("sku=GAP-1", ["gap"]),
        ("status=available&status=not_uploaded", ["live", "gap", "bad"]),
    ],
)
def test_variant_filters(shop: Merchant, client_for, query, found) -> None:
    made = {
        "live": make_variant(shop),
        "gap": make_variant(shop, sku="GAP-1", codes=[], main_image_url=""),
        "bad": make_variant(shop),
    }
    Listing.objects.filter(merchant=shop, variant=made["live"]).update(status="available")
    Listing.objects.filter(merchant=shop, variant=made["bad"]).update(error_code="content_refused")

    listed = client_for("analyst").get(address(shop, f"variants/?{query}")).json()["results"]

    ids = {variant.pk: name for name, variant in made.items()}
    assert sorted(ids[row["id"]] for row in listed) == sorted(found)


@pytest.mark.parametrize("name", ["products/", "variants/"])
def test_lists_cost_the_same_with_one_and_three_rows(shop: Merchant, client_for, count_queries, name) -> None:
    client = client_for("analyst")
    make_variant(shop)
    one = count_queries(client, address(shop, name))
    make_variant(shop)
    make_variant(shop)

    assert count_queries(client, address(shop, name)) == one
    assert one <= 12


def test_publish_starts_one_operation_for_all_named(shop: Merchant, client_for) -> None:
    skus = [make_variant(shop), make_variant(shop)]
    body = {"do": "upload", "skus": [sku.sku for sku in skus]}

    response = send(client_for("manager"), "post", address(shop, "variants/publish/"), body)

    assert response.status_code == 202, response.json()
    operation = Operation.objects.get(merchant=shop)
    shown = response.json()
    assert (shown["id"], shown["kind"], shown["total"]) == (operation.pk, "catalog.upload", 2)
    assert set(Listing.objects.filter(merchant=shop).values_list("is_wanted", flat=True)) == {True}


def test_publish_one_sku_and_one_product(shop: Merchant, client_for) -> None:
    variant = make_variant(shop)
    client = client_for("owner")
    for rest in (f"variants/{variant.pk}/publish/", f"products/{variant.product_id}/publish/"):
        response = send(client, "post", address(shop, rest), {"do": "status"})
        assert (response.status_code, response.json()["total"]) == (202, 1)


def test_unknown_sku_starts_nothing(shop: Merchant, client_for) -> None:
    body = {"do": "upload", "skus": [make_variant(shop).sku, "NOBODY"]}
    response = send(client_for("owner"), "post", address(shop, "variants/publish/"), body)

    assert (response.status_code, response.json()["fields"]) == (400, {"skus": ["Unknown: NOBODY"]})
    assert not Operation.objects.filter(merchant=shop).exists()


def test_repeated_create_is_answered_from_memory(shop: Merchant, client_for) -> None:
    client, url = client_for("owner"), address(shop, "products/")
    headers = {"Idempotency-Key": "k-1"}
    first = send(client, "post", url, NEW, **headers)
    again = send(client, "post", url, NEW, **headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Product.objects.filter(merchant=shop).count() == 1


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        ("analyst get products/{product}/", {}, 200),
        ("analyst get variants/{variant}/", {}, 200),
        ("analyst post products/", NEW, 403),
        ("fulfilment patch variants/{variant}/", {"price": "40.00"}, 403),
        ("fulfilment patch products/{product}/", {"brand": "X"}, 403),
        ("analyst post variants/{variant}/publish/", {"do": "upload"}, 403),
        ("analyst post variants/publish/", {"do": "upload", "skus": ["A"]}, 403),
        ("manager patch variants/{variant}/", {"price": "40.00"}, 200),
    ],
)
def test_roles(shop: Merchant, client_for, call, body, status) -> None:
    role, method, rest = call.split()
    variant = make_variant(shop)
    before = Variant.objects.values().get(merchant=shop, pk=variant.pk)
    url = address(shop, rest.format(product=variant.product_id, variant=variant.pk))
    client = client_for(role)

    response = client.get(url) if method == "get" else send(client, method, url, body)

    assert response.status_code == status, response.json()
    if status == 403:
        assert response.json()["code"] == "not_allowed"
        assert Variant.objects.values().get(merchant=shop, pk=variant.pk) == before
        assert not Operation.objects.filter(merchant=shop).exists()


def test_another_merchants_rows_are_not_there(shop: Merchant, client_for) -> None:
    other = factories.make_merchant("Rival")
    with merchant_scope(other):
        foreign = make_variant(other)
        assert Variant.objects.filter(merchant=other).exists()
    client = client_for("owner")

    for rest in (f"variants/{foreign.pk}/", f"products/{foreign.product_id}/"):
        assert client.get(address(shop, rest)).status_code == 404
        assert send(client, "patch", address(shop, rest), {"title": "Stolen kettle"}).status_code == 404
    publish = address(shop, f"variants/{foreign.pk}/publish/")
    assert send(client, "post", publish, {"do": "upload"}).status_code == 404
    assert client.get(address(shop, "variants/")).json()["results"] == []
    with merchant_scope(other):
        assert Variant.objects.get(merchant=other, pk=foreign.pk).title == ""


def test_create_takes_at_most_a_hundred_skus_at_once(shop: Merchant, client_for) -> None:
    """More in one transaction would hold everybody's rows; larger families come by file."""
    many = [{"sku": f"HF-MANY-{number}"} for number in range(101)]

    response = send(
        client_for("owner"), "post", address(shop, "products/"), {**NEW, "kind": "variable", "variants": many}
    )

    assert response.status_code == 400
    told = "Ensure this field has no more than 100 elements."
    assert response.json()["fields"] == {"variants": {"non_field_errors": [told]}}
    assert not Product.objects.filter(merchant=shop, title=NEW["title"]).exists()
