"""A SKU's stored drift of quantity follows everything that it is made of.

Behind every test of the catalogue a fixture compares what is stored with the stock of each node (`rows.true_stock_drift`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import stock_drift
from catalog.actions.drift import take_theirs
from catalog.actions.marks import mark_archived_sent, mark_live, mark_quantities_sent
from catalog.actions.node_offer import NodeOffer
from catalog.actions.product import set_offer, update_variant
from catalog.actions.quantity import refresh_quantities
from catalog.actions.stock_drift import note_stock_drift
from catalog.models import Listing, NodeStock, Variant
from catalog.queries.drift import QUANTITY, drift_count, drifted, drifts_of
from jetsync.actions.account import switch_mode
from jetsync.enums import Mode
from jetsync.jet.types.products import MerchantSku
from jetsync.models import FulfillmentNode, JetAccount, Merchant
from jetsync.queries.settings import default_node
from jetsync.tenancy.actor import SYSTEM
from tests import factories
from tests.catalog import rows
from tests.catalog.rows import stored_stock_drift

pytestmark = pytest.mark.django_db


def show(variant: Variant, *, archived: bool = False, **quantities: int) -> None:
    """Jet is read and shows these quantities, by the name of the node; the price is the one it accepted."""
    listing = Listing.objects.get(variant=variant)
    nodes = FulfillmentNode.objects.filter(merchant=variant.merchant_id)
    ids = dict(nodes.values_list("name", "node_id"))
    raw: dict[str, Any] = {
        "status": "Available for Purchase",
        "is_archived": archived,
        "price": float(listing.price_sent or 0),
        "inventory_by_fulfillment_node": [
            {"fulfillment_node_id": ids[name], "quantity": count} for name, count in quantities.items()
        ],
    }
    mark_live(variant.merchant, listing, MerchantSku.model_validate(raw), raw)


def accept(variant: Variant) -> None:
    """Jet takes the quantities as they should be."""
    stock = NodeStock.objects.filter(variant=variant)
    mark_quantities_sent(variant.merchant, dict(stock.values_list("pk", "quantity_target")))


@pytest.fixture
def east(shop: Merchant) -> str:
    """The name of the default node."""
    node = default_node(shop)
    assert node is not None
    return node.name


@pytest.fixture
def kettle(shop: Merchant, east: str) -> Variant:
    """HF-1: 12 at Jet, which shows 7."""
    variant = rows.make_variant(shop, sku="HF-1", quantity=12)
    rows.mark_listed(variant)
    accept(variant)
    show(variant, **{east: 7})
    assert stored_stock_drift() == {"HF-1"}
    return variant


def test_a_look_at_jet_begins_and_ends_it(shop: Merchant, kettle: Variant, east: str) -> None:
    listing = Listing.objects.get(variant=kettle)
    assert (drift_count(shop), drifted(shop, QUANTITY).get().pk) == (1, listing.pk)
    assert [(row.ours, row.theirs) for row in drifts_of(shop, [listing.pk])[listing.pk]] == [("12", "7")]
    assert listing.drift_since is not None

    show(kettle, **{east: 12})

    assert (stored_stock_drift(), drift_count(shop)) == (set(), 0)
    assert Listing.objects.get(variant=kettle).drift_since is None


def test_an_archived_sku_has_no_quantity_that_could_differ(
    shop: Merchant, kettle: Variant, east: str
) -> None:
    Listing.objects.update(archived_target=True, archived_sent=True)

    show(kettle, archived=True, **{east: 0})

    assert (drift_count(shop), drifts_of(shop, [Listing.objects.get().pk])) == (0, {})


def test_a_new_quantity_ends_it_and_the_old_one_brings_it_back(shop: Merchant, kettle: Variant) -> None:
    """What waits to be sent is no drift; what is taken back before it was sent is one again."""
    update_variant(kettle, {"quantity": 9}, actor=SYSTEM)
    assert stored_stock_drift() == set()
    update_variant(kettle, {"quantity": 12}, actor=SYSTEM)
    assert stored_stock_drift() == {"HF-1"}
    Variant.objects.update(quantity=11)
    refresh_quantities(shop, [kettle.pk])
    assert stored_stock_drift() == set()
    accept(kettle)
    assert stored_stock_drift() == set()


def test_one_of_two_nodes_is_enough(shop: Merchant, kettle: Variant, east: str) -> None:
    west = rows.make_node(shop, "West")
    set_offer(kettle, {}, [stock_of(west, 5)], actor=SYSTEM)
    accept(kettle)
    show(kettle, **{east: 12, "West": 4})
    assert stored_stock_drift() == {"HF-1"}

    west.delete()

    assert stored_stock_drift() == set()


def stock_of(node: FulfillmentNode, quantity: int) -> NodeOffer:
    return NodeOffer(node, quantity, None)


def test_un_archiving_lets_jet_hear_the_quantities_anew(shop: Merchant, kettle: Variant) -> None:
    mark_archived_sent(shop, [Listing.objects.get().pk], archived=True)
    assert stored_stock_drift() == {"HF-1"}
    mark_archived_sent(shop, [Listing.objects.get().pk], archived=False)
    assert stored_stock_drift() == set()


def test_their_quantity_taken_over_is_none(
    shop: Merchant, kettle: Variant, drain: Callable[..., int]
) -> None:
    take_theirs(shop, [Listing.objects.get().pk], actor=SYSTEM)
    drain()

    assert (stored_stock_drift(), Variant.objects.get().quantity) == (set(), 7)


def test_the_other_account_shows_nothing_yet(shop: Merchant, kettle: Variant) -> None:
    factories.make_account(shop, mode=Mode.LIVE, validation=JetAccount.Validation.OK)
    factories.open_live(shop)

    switch_mode(shop, Mode.LIVE, actor=SYSTEM)

    assert (stored_stock_drift(), drift_count(shop)) == (set(), 0)


def test_a_rival_that_changes_the_other_node_is_seen(
    shop: Merchant, kettle: Variant, east: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has committed by the time that this job decides, so one node's end does not hide the other's beginning."""
    set_offer(kettle, {}, [stock_of(rows.make_node(shop, "West"), 5)], actor=SYSTEM)
    accept(kettle)
    decide = stock_drift.drifted_stock

    def later(merchant: Merchant) -> Any:
        NodeStock.objects.filter(node__name="West").update(
            quantity_live=4, quantity_live_at=timezone.now() + timedelta(seconds=1)
        )
        return decide(merchant)

    show(kettle, **{east: 7})
    monkeypatch.setattr(stock_drift, "drifted_stock", later)

    show(kettle, **{east: 12})

    assert stored_stock_drift() == {"HF-1"}


def test_skus_without_drift_cost_one_query(
    shop: Merchant, django_assert_num_queries: Callable[[int], Any]
) -> None:
    ids = [rows.make_variant(shop).pk for _ in range(3)]

    with django_assert_num_queries(1 + 2):  # and a savepoint
        note_stock_drift(shop, ids)


@pytest.mark.parametrize(
    ("values", "drifts"),
    [
        ({}, True),
        ({"price_target": Decimal(40)}, False),
        ({"price_live_at": None}, False),
        ({"price_sent_at": None}, True),
        ({"price_live": Decimal("38.50")}, False),
        ({"content_sent_at": None}, False),
    ],
)
def test_a_price_drifts_when_jet_was_read_later_and_nothing_waits(
    shop: Merchant, values: dict[str, Any], drifts: Any
) -> None:
    variant = rows.make_variant(shop)
    rows.mark_listed(variant)
    now = timezone.now()
    shown = {"price_sent_at": now, "price_live": Decimal(41), "price_live_at": now + timedelta(minutes=1)}

    Listing.objects.update(**{**shown, **values})

    assert Listing.objects.get().drifts is drifts
