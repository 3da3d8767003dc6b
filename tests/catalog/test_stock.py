"""Reservations: promised once, given back once, shipped once; rivals and the numbers Jet is offered."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.stock import Ended, Wanted, consume, end_many, release, reserve, reserve_many
from catalog.models import NodeStock, Reservation, Variant
from catalog.queries.stock import variant_by_sku, variants_by_sku
from jetsync.exceptions import InvalidInput
from jetsync.models import LogEntry, Merchant, Options
from jetsync.queries.settings import default_node
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(scoped: Merchant) -> Merchant:
    factories.make_account(scoped)
    return scoped


def test_reserve_lowers_what_is_available_and_what_jet_is_offered(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)

    assert reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1") is True

    assert rows.available_quantity(kettle) == 7
    assert rows.offered(kettle) == {"Hoboken": 7}
    assert Reservation.objects.get().node == default_node(shop)
    assert LogEntry.objects.get(action="catalog.stock.reserved").object_label == kettle.sku


def test_reserve_again_with_the_same_key_changes_nothing(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1")

    assert reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1") is True

    assert rows.available_quantity(kettle) == 7
    assert LogEntry.objects.filter(action="catalog.stock.reserved").count() == 1


def test_reserve_refuses_more_than_is_there_and_reserves_nothing(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=4)

    assert reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1") is False

    assert Reservation.objects.count() == 0
    assert rows.offered(kettle) == {"Hoboken": 4}


def test_two_orders_for_the_last_piece_get_one(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=1)
    stale = Variant.objects.get(pk=kettle.pk)

    first = reserve(shop, kettle, node=None, quantity=1, key="order-1:line-1")
    second = reserve(shop, stale, node=None, quantity=1, key="order-2:line-1")

    assert (first, second) == (True, False)
    assert rows.offered(kettle) == {"Hoboken": 0}


def test_reserve_of_nothing_is_refused(shop: Merchant) -> None:
    kettle = rows.make_variant(shop)

    with pytest.raises(InvalidInput, match="0 pieces cannot be reserved"):
        reserve(shop, kettle, node=None, quantity=0, key="order-1:line-1")


def test_release_gives_back_once(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1")

    assert release(shop, "order-1:line-1", "order rejected") is True
    assert release(shop, "order-1:line-1", "order rejected") is False

    assert rows.available_quantity(kettle) == 12
    assert rows.offered(kettle) == {"Hoboken": 12}


def test_reserve_after_release_promises_anew(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1")
    release(shop, "order-1:line-1", "order rejected")

    assert reserve(shop, kettle, node=None, quantity=2, key="order-1:line-1") is True
    assert rows.available_quantity(kettle) == 10


def test_consume_lowers_the_store_count_and_keeps_the_offer(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1")

    assert consume(shop, "order-1:line-1") is True
    assert consume(shop, "order-1:line-1") is False

    kettle.refresh_from_db()
    assert kettle.quantity == 7
    assert rows.offered(kettle) == {"Hoboken": 7}
    assert reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1") is True
    assert rows.available_quantity(kettle) == 7


def test_consume_of_a_part_keeps_the_rest_reserved(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    reserve(shop, kettle, node=None, quantity=5, key="order-1:line-1")

    consume(shop, "order-1:line-1", quantity=2)

    kettle.refresh_from_db()
    assert (kettle.quantity, rows.available_quantity(kettle)) == (10, 7)
    assert Reservation.objects.get().quantity == 3


def test_a_node_with_its_own_count_is_lowered_there(shop: Merchant) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)
    NodeStock.objects.create(merchant=shop, variant=kettle, node=reno, quantity=4)
    reserve(shop, kettle, node=reno, quantity=3, key="order-1:line-1")
    assert rows.offered(kettle) == {"Hoboken": 12, "Reno": 1}

    consume(shop, "order-1:line-1")

    kettle.refresh_from_db()
    assert kettle.quantity == 12
    assert NodeStock.objects.get(node=reno).quantity == 1
    assert rows.offered(kettle) == {"Hoboken": 12, "Reno": 1}


def test_a_node_without_a_count_has_nothing_to_promise(shop: Merchant) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)

    assert rows.available_quantity(kettle, reno) == 0
    assert reserve(shop, kettle, node=reno, quantity=1, key="order-1:line-1") is False


def test_orders_may_take_what_the_zero_rule_offers(shop: Merchant) -> None:
    Options.objects.filter(merchant=shop).update(zero_quantity_default=5)
    kettle = rows.make_variant(shop, quantity=0)
    assert rows.offered(kettle) == {"Hoboken": 5}

    assert reserve(shop, kettle, node=None, quantity=6, key="order-1:line-1") is False
    assert reserve(shop, kettle, node=None, quantity=5, key="order-2:line-1") is True


def test_sku_lookups_see_only_this_merchant(shop: Merchant) -> None:
    from jetsync.tenancy.context import merchant_scope

    mine = rows.make_variant(shop, sku="HF-1")
    other = factories.make_merchant("Other")
    with merchant_scope(other):
        rows.make_variant(other, sku="HF-1")
        rows.make_variant(other, sku="HF-2")

    assert variant_by_sku(shop, "HF-1") == mine
    assert variant_by_sku(shop, "HF-2") is None
    assert variants_by_sku(shop, ["HF-1", "HF-2"]) == {"HF-1": mine}


def test_many_keys_are_judged_one_by_one(shop: Merchant) -> None:
    kettle, cup = rows.make_variant(shop, quantity=3), rows.make_variant(shop, quantity=1)
    wanted = [Wanted("a", cup, 2), Wanted("b", kettle, 2), Wanted("c", kettle, 2), Wanted("d", kettle, 1)]

    assert reserve_many(shop, wanted) == {"a", "c"}
    assert reserve_many(shop, wanted) == {"a", "c"}

    assert rows.offered(kettle) == {"Hoboken": 0}
    assert rows.offered(cup) == {"Hoboken": 1}


def test_ending_many_ships_and_gives_back_once(shop: Merchant) -> None:
    kettle, cup = rows.make_variant(shop, quantity=9), rows.make_variant(shop, quantity=9)
    reserve_many(shop, [Wanted("a", kettle, 3), Wanted("b", cup, 2)])
    ended = [
        Ended("a", 2, is_shipped=True),
        Ended("a", 1, reason="cancelled"),
        Ended("b", reason="cancelled"),
    ]

    assert end_many(shop, ended) == 3
    assert end_many(shop, ended) == 0

    kettle.refresh_from_db()
    assert (kettle.quantity, rows.offered(kettle), rows.offered(cup)) == (7, {"Hoboken": 7}, {"Hoboken": 9})


@pytest.mark.parametrize("is_backwards", [False, True])
def test_skus_are_locked_in_one_order_whatever_was_asked(shop: Merchant, *, is_backwards: bool) -> None:
    """Two orders of the same SKUs, named the other way round, must not wait for each other."""
    skus = sorted((rows.make_variant(shop) for _ in range(3)), key=lambda sku: sku.pk, reverse=is_backwards)

    with CaptureQueriesContext(connection) as asked:
        reserve_many(shop, [Wanted(sku.sku, sku, 1) for sku in skus])
        end_many(shop, [Ended(sku.sku) for sku in skus])

    locks = [
        query["sql"] for query in asked if "catalog_variant" in query["sql"] and "FOR NO KEY" in query["sql"]
    ]
    assert len(locks) == 4
    assert all(
        re.search(r'ORDER BY (1|"catalog_variant"."id") ASC FOR NO KEY UPDATE', lock) for lock in locks
    )
