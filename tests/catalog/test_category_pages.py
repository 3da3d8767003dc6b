"""Mapping store categories on one screen, and giving products a category."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from catalog.models import CategoryMapping, Listing, Product, StoreCategory
from catalog.pages import page_url
from catalog.queries.category import unmapped_categories
from jetsync.actions.operation import undo_operation
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def category(shop: Merchant, path: str) -> StoreCategory:
    return StoreCategory.objects.create(merchant=shop, path=path)


@pytest.mark.feature("CAT-06", "CAT-08", "CAT-10")
def test_several_store_categories_are_mapped_at_once(shop: Merchant, client_for: ClientFor) -> None:
    kettles, pots = category(shop, "Kitchen > Kettles"), category(shop, "Kitchen > Pots")
    kettle = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))
    assert Listing.objects.get(variant=kettle).readiness == "not_ready"
    client = client_for("owner")

    answer = client.post(
        url(shop, "categories/"), {"do": "map", "ids": [kettles.pk, pots.pk], "node": rows.LEAF}, follow=True
    )

    text = answer.content.decode()
    assert (
        "Categories mapped: 2 store categories to Kitchen &gt; Tea &gt; Kettles. It applies to 1 product."
        in text
    )
    assert set(CategoryMapping.objects.values_list("store_category__path", "jet_node_id")) == {
        ("Kitchen > Kettles", rows.LEAF),
        ("Kitchen > Pots", rows.LEAF),
    }
    assert Listing.objects.get(variant=kettle).readiness == "ready"


@pytest.mark.feature("CAT-06", "CAT-09")
def test_mappings_are_listed_edited_and_deleted(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "Kitchen > Kettles")
    rows.map_categories(shop, [kettles.pk], rows.LEAF)
    client = client_for("owner")

    text = client.get(url(shop, "categories/")).content.decode()
    edit = client.get(url(shop, f"categories/{kettles.pk}/edit/"), follow=True).content.decode()
    removal = {"do": "unmap", "ids": [kettles.pk]}
    asked = client.post(url(shop, "categories/"), removal).content.decode()
    assert "Remove the mapping of 1 store category" in asked
    assert CategoryMapping.objects.exists()
    client.post(url(shop, "categories/"), {**removal, "sure": "1"})

    assert f"(Category Id on Jet: {rows.LEAF})" in text
    assert f'<option value="{rows.LEAF}" selected>' in edit
    assert f'id="store-{kettles.pk}" checked' in edit
    assert CategoryMapping.objects.count() == 0
    assert StoreCategory.objects.count() == 1


@pytest.mark.feature("CAT-07")
def test_mapping_all_to_one_asks_with_the_number_of_products(shop: Merchant, client_for: ClientFor) -> None:
    for path in ("A", "B"):
        rows.make_variant(
            shop, rows.make_product(shop, jet_node_id=None, store_category=category(shop, path))
        )
    client = client_for("owner")

    asked = client.post(url(shop, "categories/"), {"do": "map_all", "node": rows.LEAF})
    page = client.get(asked.headers["Location"])
    assert CategoryMapping.objects.count() == 0
    client.post(asked.headers["Location"])

    assert "It applies to 2 products." in page.content.decode()
    assert set(CategoryMapping.objects.values_list("jet_node_id", flat=True)) == {rows.LEAF}
    assert set(Listing.objects.values_list("readiness", flat=True)) == {"ready"}


@pytest.mark.feature("CAT-08", "CAT-17")
def test_the_picker_opens_step_by_step_and_by_words(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")

    first = client.get(url(shop, "categories/picker/")).content.decode()
    second = client.get(url(shop, f"categories/picker/?root={rows.ROOT}")).content.decode()
    third = client.get(url(shop, f"categories/picker/?root={rows.ROOT}&child={rows.MIDDLE}")).content.decode()
    words = client.get(url(shop, "categories/picker/?jet=kettl")).content.decode()

    assert ("Child category" in first, "Child category" in second, "Sub category" in second) == (
        False,
        True,
        False,
    )
    assert f'<option value="{rows.LEAF}">Kettles ({rows.LEAF})</option>' in third
    assert f'name="node" value="{rows.LEAF}"' in words
    assert f'name="node" value="{rows.ROOT}"' not in words + third


@pytest.mark.feature("CAT-17")
@pytest.mark.parametrize("node", [rows.ROOT, rows.MIDDLE, 999, 0])
def test_top_levels_and_unknown_nodes_are_refused(shop: Merchant, client_for: ClientFor, node: int) -> None:
    kettles = category(shop, "Kettles")

    client_for("owner").post(url(shop, "categories/"), {"do": "map", "ids": [kettles.pk], "node": node})

    assert CategoryMapping.objects.count() == 0


@pytest.mark.feature("CAT-11", "CAT-12")
def test_the_product_page_offers_mapped_categories_only_and_keeps_one(
    shop: Merchant, client_for: ClientFor
) -> None:
    rows.map_categories(shop, [category(shop, "Kettles").pk], rows.LEAF)
    kettle = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None))
    client = client_for("owner")
    address = url(shop, f"products/variants/{kettle.pk}/category/")

    text = client.get(address).content.decode()
    refused = client.post(address, {"store_category": "", "category": str(rows.LEAF + 1)})
    taken = client.post(address, {"store_category": "", "category": str(rows.LEAF)})

    assert (f'value="{rows.LEAF}"' in text, f'value="{rows.LEAF + 1}"' in text) == (True, False)
    assert (refused.status_code, taken.status_code) == (400, 302)
    kettle.product.refresh_from_db()
    assert kettle.product.jet_node_id == rows.LEAF


@pytest.mark.feature("CAT-13", "CAT-14")
def test_mass_assign_reaches_the_whole_filtered_set(shop: Merchant, client_for: ClientFor) -> None:
    rows.map_categories(shop, [category(shop, "Kettles").pk], rows.LEAF)
    brown = [
        rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, brand="Brown")) for _ in range(3)
    ]
    other = rows.make_variant(shop, rows.make_product(shop, jet_node_id=None))
    client = client_for("owner")

    asked = client.post(url(shop, "products/?brand=Brown"), {"bulk": "category", "scope": "all"})
    client.post(asked.headers["Location"], {"category": str(rows.LEAF)})

    assert {Product.objects.get(pk=row.product_id).jet_node_id for row in brown} == {rows.LEAF}
    assert Product.objects.get(pk=other.product_id).jet_node_id is None
    assert Listing.objects.get(variant=brown[0]).readiness == "ready"


@pytest.mark.feature("CAT-09")
def test_a_removed_mapping_is_brought_back_by_its_undo(shop: Merchant, client_for: ClientFor) -> None:
    kettles = category(shop, "Kitchen > Kettles")
    rows.map_categories(shop, [kettles.pk], rows.LEAF)
    client = client_for("owner")

    answer = client.post(
        url(shop, "categories/"), {"do": "unmap", "ids": [kettles.pk], "sure": "1"}, follow=True
    )
    assert "1 mapping removed" in answer.content.decode()
    assert not CategoryMapping.objects.exists()

    undo_operation(Operation.objects.get(), actor=SYSTEM)
    assert CategoryMapping.objects.get().jet_node_id == rows.LEAF


@pytest.mark.feature("CAT-09")
def test_mappings_come_in_pages(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    made = [category(shop, f"Kitchen > Kettles {number:03}") for number in range(51)]
    rows.map_categories(shop, [row.pk for row in made], rows.LEAF)
    client = client_for("owner")

    first = client.get(url(shop, "categories/"))
    second = client.get(url(shop, "categories/?page=2"))

    assert [len(page.context["mappings"].object_list) for page in (first, second)] == [50, 1]
    assert "Page 1 of 2." in first.content.decode()
    assert count_queries(client, url(shop, "categories/")) == count_queries(
        client, url(shop, "categories/?page=2")
    )


@pytest.mark.feature("CAT-05")
def test_a_bare_parent_of_mapped_categories_is_not_left_to_map(shop: Merchant, client_for: ClientFor) -> None:
    """“Clothing” holds nothing itself; “Kitchen” has a product of its own, “Garden” has no mapped child."""
    parents = [category(shop, path) for path in ("Clothing", "Kitchen", "Garden")]
    children = [category(shop, path) for path in ("Clothing > Shirts", "Kitchen > Kettles", "Garden > Hoses")]
    rows.make_product(shop, jet_node_id=None, store_category=parents[1])
    rows.map_categories(shop, [row.pk for row in children[:2]], rows.LEAF)
    client = client_for("owner")

    assert [row.path for row in unmapped_categories(shop)] == ["Garden", "Garden > Hoses", "Kitchen"]
    page = client.get(url(shop, "categories/?only=open")).context
    assert [row.path for row in page["categories"]] == ["Garden", "Garden > Hoses", "Kitchen"]
    suggested = client.get(url(shop, "categories/suggestions/")).context
    assert sorted(row.category.path for row in suggested["suggestions"]) == [
        "Garden",
        "Garden > Hoses",
        "Kitchen",
    ]


@pytest.mark.feature("CAT-06")
def test_an_error_keeps_what_was_ticked(shop: Merchant, client_for: Callable[..., Client]) -> None:
    kettles, pans = category(shop, "Kettles"), category(shop, "Pans")
    client = client_for("owner")

    refused = client.post(
        page_url(shop, "category-mapping"),
        {"do": "map", "ids": [kettles.pk, pans.pk], "node": rows.ROOT},
    )
    again = client.get(refused["Location"])

    assert again.context["ticked"] == {kettles.pk, pans.pk}
    assert not CategoryMapping.objects.exists()
