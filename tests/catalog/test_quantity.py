"""The narrow refresh of quantities: the same numbers as the wide one, without what pieces do not touch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions import quantity
from catalog.actions.quantity import refresh_quantities
from catalog.actions.stock import consume, release, reserve
from catalog.actions.targets import refresh_targets
from catalog.models import Listing, NodeStock, Product, Reservation, Variant
from jetsync.models import FulfillmentNode, Job, Merchant, Options
from jetsync.queries.settings import default_node
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def _hold(kettle: Variant, node: FulfillmentNode | None, pieces: int) -> None:
    Reservation.objects.create(
        merchant=kettle.merchant, variant=kettle, node=node, quantity=pieces, key=f"line-{pieces}"
    )


def _node_count(kettle: Variant, node: FulfillmentNode | None, pieces: int | None) -> None:
    assert node is not None
    values = {"quantity": pieces}
    NodeStock.objects.update_or_create(
        merchant=kettle.merchant, variant=kettle, node=node, defaults=values, create_defaults=values
    )


def _store_count(kettle: Variant, pieces: int | None) -> None:
    Variant.objects.filter(merchant=kettle.merchant, pk=kettle.pk).update(quantity=pieces)


def _options(kettle: Variant, **values: int) -> None:
    Options.objects.filter(merchant=kettle.merchant).update(**values)


def _variant(kettle: Variant, **values: int) -> None:
    Variant.objects.filter(merchant=kettle.merchant, pk=kettle.pk).update(**values)


def _node(node: FulfillmentNode, **values: int) -> None:
    FulfillmentNode.objects.filter(merchant=node.merchant_id, pk=node.pk).update(**values)


CHANGES: dict[str, Callable[[Variant, FulfillmentNode], None]] = {
    "nothing": lambda _kettle, _reno: None,
    "held at the default node": lambda kettle, _reno: _hold(kettle, default_node(kettle.merchant), 5),
    "held at no node": lambda kettle, _reno: _hold(kettle, None, 4),
    "held at both": lambda kettle, reno: (_hold(kettle, None, 4), _hold(kettle, reno, 3), None)[-1],
    "more held than counted": lambda kettle, _reno: _hold(kettle, None, 40),
    "buffer": lambda kettle, _reno: _options(kettle, buffer_quantity=7),
    "buffer of the SKU": lambda kettle, _reno: _variant(kettle, buffer_quantity=2),
    "buffer of the node": lambda _kettle, reno: _node(reno, buffer_quantity=1),
    "buffer of the SKU at the node": lambda kettle, reno: (
        _options(kettle, buffer_quantity=7),
        _variant(kettle, buffer_quantity=2),
        _node(reno, buffer_quantity=4),
        NodeStock.objects.filter(variant=kettle, node=reno).update(buffer_quantity=0),
        None,
    )[-1],
    "own count": lambda kettle, reno: _node_count(kettle, reno, 9),
    "own count at the default node": lambda kettle, _reno: _node_count(
        kettle, default_node(kettle.merchant), 3
    ),
    "nothing counted": lambda kettle, _reno: _store_count(kettle, None),
    "zero": lambda kettle, _reno: _store_count(kettle, 0),
    "zero rule": lambda kettle, _reno: (
        _store_count(kettle, 0),
        _options(kettle, zero_quantity_default=6),
        None,
    )[-1],
    "archived": lambda kettle, _reno: (
        Listing.objects.filter(variant=kettle).update(archived_target=True),
        None,
    )[-1],
    "switched off": lambda kettle, _reno: (
        Product.objects.filter(pk=kettle.product_id).update(is_active=False),
        None,
    )[-1],
    "not sold on Jet": lambda kettle, _reno: (
        Variant.objects.filter(pk=kettle.pk).update(sells_on_jet=False),
        None,
    )[-1],
    "never refreshed": lambda kettle, _reno: (
        Listing.objects.filter(variant=kettle).delete(),
        NodeStock.objects.filter(variant=kettle).delete(),
        None,
    )[-1],
}


def _state(kettle: Variant) -> tuple[dict[str, int], str, list[object]]:
    listing = Listing.objects.get(variant=kettle)
    return rows.offered(kettle), listing.readiness, listing.gaps


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_numbers_are_those_of_the_wide_refresh(
    shop: Merchant, change: Callable[[Variant, FulfillmentNode], None]
) -> None:
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)
    _node_count(kettle, reno, 2)
    refresh_targets(shop, [kettle.pk])
    change(kettle, reno)

    refresh_quantities(shop, [kettle.pk])

    narrow = rows.offered(kettle)
    assert refresh_quantities(shop, [kettle.pk]) == 0
    refresh_targets(shop, [kettle.pk])
    assert rows.offered(kettle) == narrow


def test_the_nearest_buffer_wins(shop: Merchant) -> None:
    """SKU at the node, SKU, node, merchant."""
    reno = rows.make_node(shop)
    kettle = rows.make_variant(shop, quantity=12)
    _node_count(kettle, reno, 20)
    refresh_targets(shop, [kettle.pk])

    def offered_with(change: Callable[[], None]) -> dict[str, int]:
        change()
        refresh_quantities(shop, [kettle.pk])
        return rows.offered(kettle)

    assert offered_with(lambda: _options(kettle, buffer_quantity=7)) == {"Hoboken": 5, reno.name: 13}
    assert offered_with(lambda: _node(reno, buffer_quantity=4)) == {"Hoboken": 5, reno.name: 16}
    assert offered_with(lambda: _variant(kettle, buffer_quantity=2)) == {"Hoboken": 10, reno.name: 18}
    own = NodeStock.objects.filter(variant=kettle, node=reno)
    assert offered_with(lambda: own.update(buffer_quantity=0) and None) == {"Hoboken": 10, reno.name: 20}


def test_the_checklist_follows_the_offer_to_zero_and_back(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, quantity=2)
    assert _zero_gaps(kettle) == []

    reserve(shop, kettle, node=None, quantity=2, key="line-1")
    assert _zero_gaps(kettle) == ["zero"]

    release(shop, "line-1", "rejected", quantity=1)
    assert _zero_gaps(kettle) == []
    reached = _state(kettle)
    refresh_targets(shop, [kettle.pk])
    assert _state(kettle) == reached


def _zero_gaps(kettle: Variant) -> list[str]:
    gaps = Listing.objects.get(variant=kettle).gaps
    return [gap["rule"] for gap in gaps if gap["field"] == "quantity"]


def test_pieces_that_leave_something_do_not_touch_content(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    kettle = rows.make_variant(shop, quantity=12)

    def refuse(*_args: object, **_more: object) -> int:
        raise AssertionError("the wide refresh is not needed")

    monkeypatch.setattr(quantity, "refresh_targets", refuse)
    reserve(shop, kettle, node=None, quantity=5, key="line-1")
    consume(shop, "line-1", quantity=2)
    release(shop, "line-1", "cancelled")

    kettle.refresh_from_db()
    assert (kettle.quantity, rows.offered(kettle)) == (10, {"Hoboken": 10})


@pytest.mark.parametrize(("is_listed", "is_sent", "jobs"), [(1, 1, 1), (1, 0, 0), (0, 1, 0)])
def test_what_jet_knows_is_sent_once(shop: Merchant, is_listed: int, is_sent: int, jobs: int) -> None:
    kettle = rows.make_variant(shop, quantity=12)
    Options.objects.filter(merchant=shop).update(send_inventory=bool(is_sent))
    if is_listed:
        rows.mark_listed(kettle)

    reserve(shop, kettle, node=None, quantity=5, key="line-1")
    reserve(shop, kettle, node=None, quantity=5, key="line-2")

    assert Job.objects.filter(kind="catalog.push_inventory").count() == jobs


def test_query_count_does_not_grow_with_the_number_of_skus(shop: Merchant) -> None:
    few = [rows.make_variant(shop).pk for _ in range(2)]
    many = [rows.make_variant(shop).pk for _ in range(30)]
    Variant.objects.filter(pk__in=[*few, *many]).update(quantity=3)

    with CaptureQueriesContext(connection) as for_few:
        assert refresh_quantities(shop, few) == 2
    with CaptureQueriesContext(connection) as for_many:
        assert refresh_quantities(shop, many) == 30

    assert len(for_few) == len(for_many)


def test_ids_of_another_merchant_are_left_alone(shop: Merchant) -> None:
    other = factories.make_merchant("Other")
    factories.make_account(other)
    with merchant_scope(other):
        theirs = rows.make_variant(other, quantity=10)
        Variant.objects.filter(pk=theirs.pk).update(quantity=3)

    assert refresh_quantities(shop, [theirs.pk]) == 0

    with merchant_scope(other):
        assert rows.offered(theirs) == {"Hoboken": 10}
