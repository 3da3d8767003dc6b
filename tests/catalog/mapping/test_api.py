"""Taxonomy, category and attribute mapping by API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from catalog.models import AttributeMapping, CategoryMapping, StoreCategory, StoreField, TaxonomyVersion
from catalog.queries.taxonomy import current_version
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str) -> str:
    return f"/api/v1/m/{shop.slug}/catalog/{path}"


def send(client: Client, method: str, address: str, body: Any = None) -> Any:
    return getattr(client, method)(address, body, content_type="application/json")


@pytest.mark.feature("CAT-18")
def test_versions_are_listed_and_one_is_put_to_use(shop: Merchant, client_for: ClientFor) -> None:
    other = factories.make_merchant("Rival")
    theirs = TaxonomyVersion.objects.create(owner=other, name="theirs", is_current=True)
    own = TaxonomyVersion.objects.create(owner=shop, name="mine")
    client = client_for("owner")

    listed = client.get(url(shop, "taxonomies/")).json()["results"]
    used = send(client, "post", url(shop, f"taxonomies/{own.pk}/use/"))

    assert {(row["name"], row["is_own"], row["in_use"]) for row in listed} == {
        ("mine", True, False),
        ("2017-02", False, True),
    }
    assert (used.status_code, used.json()["in_use"]) == (200, True)
    assert current_version(shop) == own
    assert client.get(url(shop, f"taxonomies/{theirs.pk}/")).status_code == 404
    assert send(client, "post", url(shop, f"taxonomies/{theirs.pk}/use/")).status_code == 404


@pytest.mark.feature("CAT-03", "CAT-04")
def test_nodes_are_searched_and_show_what_they_ask_for(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("analyst")

    found = client.get(url(shop, "jet-categories/?path=kitchen+kett")).json()["results"]
    leaves = client.get(url(shop, "jet-categories/?level=2")).json()["results"]
    one = client.get(url(shop, f"jet-categories/{rows.LEAF}/")).json()

    assert [(row["node_id"], row["takes_products"]) for row in found] == [(rows.LEAF, True)]
    assert len(leaves) == 2
    assert one["path"] == "Kitchen > Tea > Kettles"
    assert [(row["name"], row["free_text"], row["values"], row["units"]) for row in one["attributes"]] == [
        ("Color", 0, ["Copper", "Black"], []),
        ("Size", 1, [], []),
        ("Item Weight", 2, [], ["Pounds", "OUNCE"]),
    ]
    assert client.get(url(shop, "jet-categories/999/")).status_code == 404


@pytest.mark.feature("CAT-06")
def test_store_categories_are_mapped_and_unmapped(shop: Merchant, client_for: ClientFor) -> None:
    kettles = StoreCategory.objects.create(merchant=shop, path="Kettles")
    rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))
    client = client_for("owner")
    address = url(shop, "category-mappings/")

    made = send(client, "post", address, {"store_categories": ["Kettles", "New"], "jet_node_id": rows.LEAF})
    top = send(client, "post", address, {"store_categories": ["Kettles"], "jet_node_id": rows.ROOT})
    listed = client.get(address).json()["results"]

    assert (made.status_code, made.json()) == (201, {"mapped": 2, "products": 1})
    assert (top.status_code, set(top.json()["fields"])) == (400, {"jet_node_id"})
    assert {(row["store_category"], row["products"]) for row in listed} == {("Kettles", 1), ("New", 0)}
    gone = client.delete(f"{address}{listed[0]['id']}/")
    assert (gone.status_code, CategoryMapping.objects.count()) == (204, 1)


@pytest.mark.parametrize(
    ("paths", "node", "field"),
    [
        (["New", "Also new"], rows.ROOT, "jet_node_id"),
        (["New", "x" * 2000], rows.LEAF, "store_categories"),
    ],
)
def test_categories_are_mapped_all_or_none(
    shop: Merchant, client_for: ClientFor, paths: list[str], node: int, field: str
) -> None:
    answer = send(
        client_for("owner"),
        "post",
        url(shop, "category-mappings/"),
        {"store_categories": paths, "jet_node_id": node},
    )

    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert not StoreCategory.objects.exists()
    assert not LogEntry.objects.filter(action__startswith="catalog.category").exists()


def test_many_categories_are_mapped_by_few_queries_and_one_entry_each(
    shop: Merchant, client_for: ClientFor, django_assert_max_num_queries: Any
) -> None:
    paths = [f"Kitchen > Number {number}" for number in range(300)]

    with django_assert_max_num_queries(60):
        answer = send(
            client_for("owner"),
            "post",
            url(shop, "category-mappings/"),
            {"store_categories": paths, "jet_node_id": rows.LEAF},
        )

    assert answer.json() == {"mapped": 300, "products": 0}
    told = LogEntry.objects.filter(action__startswith="catalog.category").values_list("action", flat=True)
    assert sorted(told) == ["catalog.category.created", "catalog.category.mapped"]


def test_suggestions_carry_their_score(shop: Merchant, client_for: ClientFor) -> None:
    StoreCategory.objects.create(merchant=shop, path="Kitchen > Tea > Kettles")

    found = client_for("analyst").get(url(shop, "category-mappings/suggestions/")).json()

    assert found[0]["store_category"] == "Kitchen > Tea > Kettles"
    assert found[0]["matches"][0] == {
        "node_id": rows.LEAF,
        "path": "Kitchen > Tea > Kettles",
        "percent": 100,
    }


@pytest.mark.feature("ATT-01", "ATT-02", "ATT-04")
def test_attributes_and_values_are_mapped(shop: Merchant, client_for: ClientFor) -> None:
    StoreField.objects.create(merchant=shop, kind="field", name="colour")
    rows.make_variant(shop, rows.make_product(shop, data={"colour": "eBook"}), attributes=[])
    client = client_for("owner")
    address = url(shop, "attribute-mappings/")

    made = send(client, "post", address, {"source": "field:colour", "attribute_id": rows.COLOR})
    pk = made.json()["id"]
    before = client.get(f"{address}{pk}/values/").json()
    wrong = send(
        client, "put", f"{address}{pk}/values/", {"values": [{"store_value": "eBook", "jet_value": "Mauve"}]}
    )
    right = send(
        client, "put", f"{address}{pk}/values/", {"values": [{"store_value": "eBook", "jet_value": "black"}]}
    )
    after = client.get(f"{address}{pk}/values/").json()

    assert (made.status_code, made.json()["products"]) == (201, 1)
    assert [(row["store_value"], row["state"]) for row in before] == [("ebook", "open")]
    assert (wrong.status_code, set(wrong.json()["fields"])) == (400, {"ebook"})
    assert right.json() == {"changed": 1}
    assert [(row["jet_value"], row["state"]) for row in after] == [("Black", "mapped")]
    assert client.delete(f"{address}{pk}/").status_code == 204
    unknown = send(client, "post", address, {"source": "field:nothing", "attribute_id": rows.COLOR})
    assert (unknown.status_code, set(unknown.json()["fields"])) == (400, {"source"})


def test_an_analyst_reads_and_does_not_write(shop: Merchant, client_for: ClientFor) -> None:
    mapping = AttributeMapping.objects.create(
        merchant=shop, source="field:colour", attribute_id=rows.COLOR, attribute_name="Color"
    )
    client = client_for("analyst")
    address = url(shop, f"attribute-mappings/{mapping.pk}/values/")

    assert client.get(address).status_code == 200
    assert send(client, "put", address, {"values": []}).status_code == 403
    assert client.delete(url(shop, f"attribute-mappings/{mapping.pk}/")).status_code == 403


def test_mappings_of_others_are_not_there(shop: Merchant, client_for: ClientFor) -> None:
    other = factories.make_merchant("Rival")
    with merchant_scope(other):
        category = StoreCategory.objects.create(merchant=other, path="Theirs")
        rows.map_categories(other, [category.pk], rows.LEAF)
        theirs = CategoryMapping.objects.get()
        attribute = AttributeMapping.objects.create(
            merchant=other, source="field:x", attribute_id=rows.COLOR, attribute_name="Color"
        )
    client = client_for("owner")

    assert client.get(url(shop, "category-mappings/")).json()["results"] == []
    assert client.get(url(shop, "attribute-mappings/")).json()["results"] == []
    assert client.get(url(shop, f"jet-categories/{rows.LEAF}/")).json()["mapped_store_categories"] == 0
    assert client.delete(url(shop, f"category-mappings/{theirs.pk}/")).status_code == 404
    assert client.delete(url(shop, f"attribute-mappings/{attribute.pk}/")).status_code == 404
    assert client.get(url(shop, f"attribute-mappings/{attribute.pk}/values/")).status_code == 404
