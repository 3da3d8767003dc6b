"""What Jet should have, recomputed from the store's values and rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions import deltas, targets
from catalog.actions.targets import refresh_rows, refresh_targets
from catalog.enums import Readiness
from catalog.models import Listing, NodeStock, Product, Variant
from jetsync.models import Merchant, Options
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(scoped: Merchant) -> Merchant:
    factories.make_account(scoped)
    rows.make_taxonomy()
    return scoped


@pytest.fixture
def pushes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(
        deltas, "request_job", lambda _merchant, kind, key, **_rest: asked.append((kind, key))
    )
    return asked


def test_refresh_makes_the_listing_and_the_default_nodes_row(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, refresh=False)

    assert refresh_targets(shop, [kettle.pk]) == 1

    listing = Listing.objects.get(variant=kettle)
    assert listing.price_target == Decimal("38.50")
    assert (listing.readiness, [gap["rule"] for gap in listing.gaps]) == (Readiness.READY, ["missing"])
    assert len(listing.content_target) == 64
    assert (listing.content_dirty, listing.price_dirty) == (True, True)
    assert rows.offered(kettle) == {"Hoboken": 12}


def test_refresh_again_changes_nothing(shop: Merchant) -> None:
    kettle = rows.make_variant(shop)

    assert refresh_targets(shop, [kettle.pk]) == 0


@pytest.mark.parametrize(
    ("quantity", "options", "expected"),
    [
        (12, {}, 12),
        (12, {"buffer_quantity": 5}, 7),
        (4, {"buffer_quantity": 5}, 0),
        (0, {}, 0),
        (0, {"zero_quantity_default": 5}, 5),
        (0, {"zero_quantity_default": 5, "buffer_quantity": 2}, 5),
        (1, {"zero_quantity_default": 5, "buffer_quantity": 2}, 0),
        (-3, {}, 0),
        (None, {}, 0),
        (None, {"zero_quantity_default": 5}, 0),
    ],
)
def test_quantity_rules(shop: Merchant, quantity: int | None, options: dict[str, int], expected: int) -> None:
    Options.objects.filter(merchant=shop).update(**options)
    kettle = rows.make_variant(shop, quantity=quantity)

    assert rows.offered(kettle) == {"Hoboken": expected}


@pytest.mark.parametrize("zero_rule", [None, 5])
def test_switched_off_and_archived_products_are_offered_with_nothing(
    shop: Merchant, zero_rule: int | None
) -> None:
    Options.objects.filter(merchant=shop).update(zero_quantity_default=zero_rule)
    off = rows.make_variant(shop, rows.make_product(shop, is_active=False))
    archived = rows.make_variant(shop)
    Listing.objects.filter(variant=archived).update(archived_target=True)

    refresh_targets(shop, [archived.pk])

    assert rows.offered(off) == {"Hoboken": 0}
    assert rows.offered(archived) == {"Hoboken": 0}


@pytest.mark.feature("FLD-13")
def test_each_node_has_its_own_price_and_stock_and_empty_means_the_products(shop: Merchant) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)
    NodeStock.objects.create(merchant=shop, variant=kettle, node=reno, quantity=3, price=Decimal("37.95"))

    refresh_targets(shop, [kettle.pk])

    assert rows.offered(kettle) == {"Hoboken": 12, "Reno": 3}
    prices = dict(NodeStock.objects.values_list("node__name", "price_target"))
    assert prices == {"Hoboken": None, "Reno": Decimal("37.95")}


def test_listed_changes_ask_for_the_delta_jobs(shop: Merchant, pushes: list[Any]) -> None:
    kettle = rows.make_variant(shop)
    rows.mark_listed(kettle)
    Variant.objects.filter(pk=kettle.pk).update(price=Decimal("39.00"), quantity=3)

    refresh_targets(shop, [kettle.pk])

    assert pushes == [("catalog.push_prices", "delta"), ("catalog.push_inventory", "delta")]


def test_changes_of_what_jet_does_not_know_ask_for_nothing(shop: Merchant, pushes: list[Any]) -> None:
    kettle = rows.make_variant(shop)
    Variant.objects.filter(pk=kettle.pk).update(price=Decimal("39.00"), quantity=3)

    refresh_targets(shop, [kettle.pk])

    assert pushes == []


def test_switched_off_sending_asks_for_nothing(shop: Merchant, pushes: list[Any]) -> None:
    kettle = rows.make_variant(shop)
    rows.mark_listed(kettle)
    Options.objects.filter(merchant=shop).update(send_price=False, send_inventory=False)
    Variant.objects.filter(pk=kettle.pk).update(price=Decimal("39.00"), quantity=3)

    refresh_targets(shop, [kettle.pk])

    assert pushes == []
    assert Listing.objects.get(variant=kettle).price_dirty is True


def test_content_hash_moves_with_content_only(shop: Merchant, pushes: list[Any]) -> None:
    kettle = rows.make_variant(shop)
    rows.mark_listed(kettle)
    Variant.objects.filter(pk=kettle.pk).update(price=Decimal("1.00"), quantity=0)
    refresh_targets(shop, [kettle.pk])
    assert Listing.objects.get(variant=kettle).content_dirty is False

    Product.objects.filter(pk=kettle.product_id).update(brand="Finch")
    refresh_targets(shop, [kettle.pk])

    assert Listing.objects.get(variant=kettle).content_dirty is True


def test_query_count_does_not_grow_with_the_number_of_skus(shop: Merchant) -> None:
    few = [rows.make_variant(shop).pk for _ in range(2)]
    many = [rows.make_variant(shop).pk for _ in range(30)]
    Variant.objects.filter(pk__in=[*few, *many]).update(quantity=2)

    with CaptureQueriesContext(connection) as for_few:
        assert refresh_targets(shop, few) == 2
    with CaptureQueriesContext(connection) as for_many:
        assert refresh_targets(shop, many) == 30

    assert len(for_few) == len(for_many)


def test_refresh_rows_goes_through_all_of_them_batch_by_batch(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jetsync.tenancy.context import merchant_scope

    mine = [rows.make_variant(shop, quantity=10) for _ in range(5)]
    other = factories.make_merchant("Other")
    factories.make_account(other)
    with merchant_scope(other):
        theirs = rows.make_variant(other, quantity=10)
    Options.objects.filter(merchant=shop).update(buffer_quantity=4)
    monkeypatch.setattr(targets, "BATCH", 2)

    assert refresh_rows(shop, Variant.objects.filter(merchant=shop)) == 5

    assert [rows.offered(kettle) for kettle in mine] == [{"Hoboken": 6}] * 5
    with merchant_scope(other):
        assert rows.offered(theirs) == {"Hoboken": 10}


def test_ids_of_another_merchant_are_left_alone(shop: Merchant) -> None:
    from jetsync.tenancy.context import merchant_scope

    other = factories.make_merchant("Other")
    factories.make_account(other)
    with merchant_scope(other):
        theirs = rows.make_variant(other, refresh=False)

    assert refresh_targets(shop, [theirs.pk]) == 0

    with merchant_scope(other):
        assert Listing.objects.count() == 0


def test_without_keys_or_nodes_the_listing_still_gets_its_targets(scoped: Merchant) -> None:
    rows.make_taxonomy()
    kettle = rows.make_variant(scoped)

    assert Listing.objects.get(variant=kettle).price_target == Decimal("38.50")
    assert NodeStock.objects.count() == 0
