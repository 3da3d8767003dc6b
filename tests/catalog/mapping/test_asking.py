"""What is said before a mapping is stored: how many products it applies to, how many listed SKUs are sent again."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions.deltas import dirty_content
from catalog.models import AttributeMapping, CategoryMapping, Listing, Product, StoreCategory, StoreField
from catalog.queries.mapping_preview import PlannedMapping
from catalog.queries.reach import Reach, reach_of_categories, reach_of_sources
from jetsync.actions.operation import undo_operation
from jetsync.models import Merchant, Operation, Options
from jetsync.queries.settings import get_options
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
COLOR = 119


@pytest.fixture
def kettles(shop: Merchant) -> StoreCategory:
    """Three products with a colour, two of them at Jet; a fourth at Jet without one; one at Jet with its own category."""
    category = StoreCategory.objects.create(merchant=shop, path="Kettles")
    rows.map_categories(shop, [category.pk], rows.LEAF)
    StoreField.objects.create(merchant=shop, kind="field", name="colour", sample="copper")
    for at_jet, data in (
        (True, {"colour": "copper"}),
        (True, {"colour": "red"}),
        (False, {"colour": "red"}),
        (True, {}),
    ):
        product = rows.make_product(shop, data=data, store_category=category, jet_node_id=None)
        variant = rows.make_variant(shop, product, attributes=[])
        values = {"content_sent_at": timezone.now(), "content_sent": "x", "is_wanted": True} if at_jet else {}
        Listing.objects.update_or_create(merchant=shop, variant=variant, defaults=values)
    return category


def url(shop: Merchant, path: str) -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def test_only_listed_skus_that_the_mapping_touches_are_counted(
    shop: Merchant, kettles: StoreCategory
) -> None:
    assert reach_of_sources(shop, [("field:colour", COLOR)]) == Reach(3, 2)
    assert reach_of_sources(shop, [("field:colour", COLOR)], values=["red"]) == Reach(2, 1)
    assert reach_of_sources(shop, [("field:colour", 999999)]) == Reach(3, 0)
    assert reach_of_categories(shop, [kettles.pk]) == Reach(4, 3)
    Listing.objects.update(archived_sent=True)
    assert reach_of_categories(shop, [kettles.pk]) == Reach(4, 0)


def test_skus_whose_gaps_keep_their_data_back_are_counted_apart(
    shop: Merchant, kettles: StoreCategory
) -> None:
    """As `dirty_content` leaves them out: what Jet would refuse, and what would end a sale (ADR 16)."""
    first, second = list(Listing.objects.filter(content_sent="x").order_by("pk")[:2])
    Listing.objects.filter(pk=first.pk).update(readiness="not_ready")
    Listing.objects.filter(pk=second.pk).update(readiness="never_live", status="available")
    assert reach_of_sources(shop, [("field:colour", COLOR)]) == Reach(3, 2, 2)
    assert reach_of_categories(shop, [kettles.pk]) == Reach(4, 3, 2)
    Listing.objects.filter(pk=second.pk).update(status="missing_data")
    assert reach_of_sources(shop, [("field:colour", COLOR)]) == Reach(3, 2, 1)
    assert dirty_content(shop).filter(pk=second.pk).exists()


@pytest.mark.feature("ATT-04")
def test_an_attribute_mapping_says_what_is_sent_again_and_waits_for_the_answer(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    client, page = client_for("owner"), url(shop, "attributes/")
    given = {"do": "map", "source": "field:colour", "attribute": f"Color ({COLOR})"}

    asked = client.post(page, given)
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "2 listed SKUs will be sent again." in text
    assert "It applies to 3 products." in text
    assert '<input type="hidden" name="source" value="field:colour">' in text
    assert "→ Color" in text
    assert not AttributeMapping.objects.exists()

    assert client.post(page, {**given, "sure": "1"}).status_code == 302
    mapping = AttributeMapping.objects.get()
    removal = {"do": "unmap", "mapping": mapping.pk}
    assert "2 listed SKUs will be sent again." in client.post(page, removal).content.decode()
    assert AttributeMapping.objects.exists()
    client.post(page, {**removal, "sure": "1"})
    assert not AttributeMapping.objects.exists()


@pytest.mark.feature("CAT-05")
def test_suggested_categories_and_their_undo_say_what_is_sent_again(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    client = client_for("owner")
    CategoryMapping.objects.all().delete()
    given = {"one": str(kettles.pk), f"node_{kettles.pk}": str(rows.LEAF)}

    asked = client.post(url(shop, "categories/suggestions/"), given).content.decode()
    assert "3 listed SKUs will be sent again." in asked
    assert not CategoryMapping.objects.exists()
    client.post(url(shop, "categories/suggestions/"), {**given, "sure": "1"})
    assert CategoryMapping.objects.get().jet_node_id == rows.LEAF

    operation = Operation.objects.get()
    undo = reverse("panel:operation-undo", kwargs={"merchant_slug": shop.slug, "pk": operation.pk})
    told = "3 listed SKUs stay at Jet as they are; changes wait until there is a category."
    assert told in client.get(undo).content.decode()
    removal = {"do": "unmap", "ids": [kettles.pk]}
    assert told in client.post(url(shop, "categories/"), removal).content.decode()
    assert CategoryMapping.objects.exists()


def test_where_settings_hold_changes_back_the_page_says_that_they_wait(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    get_options(shop)
    Options.objects.update(edit_sends_content=False)
    asked = client_for("owner").post(
        url(shop, "attributes/"), {"do": "map", "source": "field:colour", "attribute": "Color (119)"}
    )
    assert "they wait for the next upload" in asked.content.decode()


def test_with_nothing_at_jet_nothing_is_asked(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    Listing.objects.update(content_sent_at=None)
    given = {"do": "map", "source": "field:colour", "attribute": "Color (119)"}
    assert client_for("owner").post(url(shop, "attributes/"), given).status_code == 302
    assert AttributeMapping.objects.count() == 1


@pytest.mark.feature("ATT-02")
def test_an_attribute_mapping_names_its_fields_and_the_values_that_jet_does_not_list(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    odd = Product.objects.order_by("pk").first()
    assert odd is not None
    Product.objects.filter(pk=odd.pk).update(data={"colour": "Azure"})

    asked = client_for("owner").post(
        url(shop, "attributes/"), {"do": "map", "source": "field:colour", "attribute": "Color (119)"}
    )

    text = html.unescape(asked.content.decode())
    assert "colour → Color" in text
    assert (
        "not in Jet's list for Color: red, Azure. They are left out until you map them under Values." in text
    )


@pytest.mark.feature("CAT-07")
def test_mapping_all_categories_to_one_says_what_follows_and_is_undone(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    other = StoreCategory.objects.create(merchant=shop, path="Unsorted")
    client, page = client_for("owner"), url(shop, f"categories/map-all/?node={rows.LEAF + 1}")

    asked = client.get(page).content.decode()
    client.post(page)

    operation = Operation.objects.get()
    assert "listed SKUs will be sent again." in asked
    assert "You can undo this from the operation" in asked
    mapped = dict(CategoryMapping.objects.values_list("store_category", "jet_node_id"))
    assert mapped == {kettles.pk: rows.LEAF + 1, other.pk: rows.LEAF + 1}
    undo_operation(operation, actor=SYSTEM)
    mapped = dict(CategoryMapping.objects.values_list("store_category", "jet_node_id"))
    assert mapped == {kettles.pk: rows.LEAF}


@pytest.mark.feature("CAT-06")
def test_mapping_ticked_categories_is_an_operation_with_a_way_back(
    shop: Merchant, kettles: StoreCategory, client_for: ClientFor
) -> None:
    given = {"do": "map", "ids": [kettles.pk], "node": rows.LEAF + 1, "sure": "1"}
    client_for("owner").post(url(shop, "categories/"), given)
    assert CategoryMapping.objects.get().jet_node_id == rows.LEAF + 1

    undo_operation(Operation.objects.get(), actor=SYSTEM)

    assert CategoryMapping.objects.get().jet_node_id == rows.LEAF


@pytest.mark.parametrize(
    ("reach", "told"),
    [
        (
            Reach(0, 0),
            ["It applies to no product.", "It changes no SKU that Jet has, so nothing is sent again."],
        ),
        (Reach(1, 1), ["It applies to 1 product.", "1 listed SKU will be sent again."]),
        (Reach(9, 1200), ["It applies to 9 products.", "1,200 listed SKUs will be sent again."]),
        (
            Reach(9, 1200, 1),
            [
                "It applies to 9 products.",
                "1,199 listed SKUs will be sent again.",
                "1 listed SKU has gaps now: it is sent once nothing is missing.",
            ],
        ),
        (
            Reach(9, 2, 2),
            [
                "It applies to 9 products.",
                "2 listed SKUs have gaps now: they are sent once nothing is missing.",
            ],
        ),
    ],
)
def test_a_mapping_says_whom_it_reaches(shop: Merchant, reach: Reach, told: list[str]) -> None:
    assert reach.words(shop) == told


def test_a_single_value_that_jet_does_not_list_is_spoken_of_as_one() -> None:
    planned = PlannedMapping("colour", "Color", ["Azure"], 3)

    assert planned.warning == (
        "1 of 3 values of colour is not in Jet's list for Color: Azure. "
        "It is left out until you map it under Values."
    )
