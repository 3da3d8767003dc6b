"""The catalogue on the home page, and the words for each of Jet's statuses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions.marks import mark_prices_sent
from catalog.actions.targets import refresh_targets
from catalog.enums import FileState, FileType, ListingStatus
from catalog.home import by_status, has_products, waiting
from catalog.models import BulkFile, Listing, SkuError
from catalog.queries.files import rejected_count
from catalog.status_map import status_for
from catalog.status_words import STATUS_WORDS, UNKNOWN, status_word, sub_status_word
from jetsync.jet.words.products import ListingStatus as JetStatus
from jetsync.jet.words.products import ListingSubStatus
from jetsync.models import Merchant, Options
from jetsync.panel.home import cards_for
from jetsync.queries.settings import get_account
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.rights import Right, rights_of
from tests.catalog.rows import make_variant

pytestmark = pytest.mark.django_db


def has_status(variant, **values) -> None:
    Listing.objects.filter(merchant=variant.merchant_id, variant=variant).update(**values)


def numbers(card) -> dict[str, int]:
    return {tile.label: tile.count for tile in card["tiles"]}


def test_without_products_there_is_no_card(shop: Merchant, actor: Actor) -> None:
    assert by_status(shop, actor) is None
    assert waiting(shop, actor) is None
    assert not has_products(shop)


@pytest.mark.feature("CFG-18")
def test_skus_that_can_be_oversold_are_counted_listed_and_marked(
    shop: Merchant, actor: Actor, client_for: Callable[..., Client]
) -> None:
    gone, here = make_variant(shop, sku="GONE", quantity=0), make_variant(shop, sku="HERE", quantity=3)
    assert waiting(shop, actor) is None or "Offered with none in store" not in numbers(waiting(shop, actor))
    Options.objects.filter(merchant=shop).update(zero_quantity_default=5)
    refresh_targets(shop, [gone.pk, here.pk])

    card = waiting(shop, actor)
    tile = next(tile for tile in card["tiles"] if tile.label == "Offered with none in store")
    client = client_for("owner")
    listed = client.get(tile.url).content.decode()
    stock = client.get(
        reverse("catalog:variant-edit", kwargs={**at(shop), "pk": gone.pk, "section": "stock"})
    )
    other = client.get(
        reverse("catalog:variant-edit", kwargs={**at(shop), "pk": here.pk, "section": "stock"})
    )

    assert tile.count == 1
    assert ("GONE" in listed, "HERE" in listed) == (True, False)
    assert "0 in store, can be oversold" in listed
    assert "Jet is offered 5 pieces of it" in stock.content.decode()
    assert "Nothing in store at" not in other.content.decode()


def at(shop: Merchant) -> dict[str, str]:
    return {"merchant_slug": shop.slug}


def test_tiles_count_each_status_and_lead_to_its_grid(shop: Merchant, actor: Actor) -> None:
    has_status(make_variant(shop), status=ListingStatus.AVAILABLE)
    has_status(make_variant(shop), status=ListingStatus.AVAILABLE)
    has_status(make_variant(shop), status=ListingStatus.EXCLUDED)
    make_variant(shop)

    card = by_status(shop, actor)

    assert card is not None
    assert card["total"] == 4
    assert numbers(card) == {
        "Not uploaded": 1,
        "Under Jet Review": 0,
        "Available for Purchase": 2,
        "Excluded": 1,
    }
    grid = reverse("catalog:product-list", kwargs={"merchant_slug": shop.slug})
    assert [tile.url for tile in card["tiles"]] == [
        f"{grid}?status={name}" for name in ("not_uploaded", "under_review", "available", "excluded")
    ]
    assert has_products(shop)


def test_what_needs_a_person_is_counted_and_the_rest_left_out(shop: Merchant, actor: Actor) -> None:
    refused = make_variant(shop)
    has_status(refused, error_code="content_refused", error_message="Bad UPC")
    has_status(make_variant(shop), status=ListingStatus.MISSING_DATA)
    make_variant(shop, main_image_url="")
    refuse_in_file(shop, Listing.objects.get(variant=refused))

    card = waiting(shop, actor)

    assert card is not None
    assert numbers(card) == {
        "Refused": 1,
        "Missing Listing Data": 1,
        "Not ready": 1,
        "Files with errors": 1,
    }
    Listing.objects.filter(merchant=shop).update(error_code="", status="available", readiness="ready")
    mark_prices_sent(shop, {Listing.objects.get(variant=refused).pk: Decimal("38.50")}, {})
    assert waiting(shop, actor) is None


def refuse_in_file(shop: Merchant, listing: Listing) -> BulkFile:
    """Jet refused the SKU's price in a file; the file keeps that state whatever becomes of its SKUs."""
    file = BulkFile.objects.create(
        merchant=shop,
        account=get_account(shop),
        file_type=FileType.PRICE,
        name="p.json",
        state=FileState.WITH_ERRORS,
    )
    SkuError.objects.create(merchant=shop, listing=listing, file=file, step="price", code="price_refused")
    return file


def test_a_file_whose_skus_jet_has_taken_since_waits_for_nobody(
    shop: Merchant, actor: Actor, client_for
) -> None:
    refused = make_variant(shop)
    listing = Listing.objects.get(variant=refused)
    file = refuse_in_file(shop, listing)
    files = reverse("catalog:file-list", kwargs={"merchant_slug": shop.slug})
    client = client_for("owner")
    before = client.get(f"{files}?only=rejected").content.decode()

    mark_prices_sent(shop, {listing.pk: Decimal("38.50")}, {})

    assert file.name in before
    assert file.name not in client.get(f"{files}?only=rejected").content.decode()
    assert file.name in client.get(files).content.decode()
    assert rejected_count(shop) == 0


def test_tiles_open_lists_with_as_many_rows(shop: Merchant, actor: Actor, client_for) -> None:
    refused = make_variant(shop)
    has_status(refused, error_code="content_refused", error_message="Bad UPC")
    held = make_variant(shop)
    has_status(held, status=ListingStatus.MISSING_DATA)
    gap = make_variant(shop, main_image_url="")
    client = client_for("owner")
    card = waiting(shop, actor)
    assert card is not None

    shown = {tile.label: client.get(tile.url).content.decode() for tile in card["tiles"]}

    skus = {"Refused": refused.sku, "Missing Listing Data": held.sku, "Not ready": gap.sku}
    for label, page in shown.items():
        assert [name for name, sku in skus.items() if f">{sku}<" in page] == [label]


def test_home_shows_the_cards_to_those_who_see_products(shop: Merchant, owner, client_for) -> None:
    make_variant(shop, main_image_url="")
    home = reverse("panel:home", kwargs={"merchant_slug": shop.slug})

    html = client_for("analyst").get(home).content.decode()
    assert "Products by status" in html
    assert "Products that need you" in html
    blind = member_actor(owner, rights_of("analyst") - {Right.PRODUCTS_VIEW})
    templates = {card.template for zone in ("now", "business") for card in cards_for(shop, blind, zone)}
    assert not {name for name in templates if name.startswith("catalog/product_home")}


@pytest.mark.parametrize("zone", ["now", "business"])
def test_cards_cost_the_same_with_more_products(
    shop: Merchant, owner, zone, django_assert_num_queries
) -> None:
    catalogue = member_actor(owner, frozenset({Right.PRODUCTS_VIEW}))
    make_variant(shop, main_image_url="")
    cost = {"now": 6, "business": 1}[zone]
    with django_assert_num_queries(cost):
        cards_for(shop, catalogue, zone)
    make_variant(shop, main_image_url="")
    make_variant(shop)
    with django_assert_num_queries(cost):
        cards_for(shop, catalogue, zone)


@pytest.mark.parametrize("word", list(JetStatus))
def test_every_status_of_jet_is_explained(word: JetStatus) -> None:
    status = status_for(word.value)

    assert status != ListingStatus.OTHER
    assert STATUS_WORDS[status].meaning


def test_every_local_status_is_explained() -> None:
    assert set(STATUS_WORDS) == set(ListingStatus)
    for word in STATUS_WORDS.values():
        assert word.mover != "you" or word.todo


@pytest.mark.parametrize("word", list(ListingSubStatus))
def test_every_sub_status_of_jet_is_explained(word: ListingSubStatus) -> None:
    found = sub_status_word(word.value.upper())

    assert found is not UNKNOWN
    assert found.meaning
    assert found.mover != "you" or found.todo


def test_a_new_word_of_jet_is_not_hidden() -> None:
    assert sub_status_word("Missing sparkle") is UNKNOWN
    assert status_word(status_for("Sparkling")).meaning.startswith("Jet used a word")
