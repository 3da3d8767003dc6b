"""The order benchmarks on a few orders: the stub speaks as the sandbox does, and nothing is lost. Nothing is timed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import NodeStock, Variant
from jetsync.benchmarks import fetch_turns, order_import
from jetsync.benchmarks.jet_side import JetSide, jet_stub, make_merchant, remove_merchants
from jetsync.benchmarks.jet_stub import Stub, order_body, order_id_of, sku_of
from jetsync.benchmarks.measure import Budget
from jetsync.models import Merchant, Schedule
from jetsync.sync.schedules import start_due
from jetsync.tenancy.context import across_merchants, merchant_scope
from orders.models import Order
from tests.sandbox.market import Market

pytestmark = pytest.mark.django_db


@pytest.fixture
def jet() -> Iterator[JetSide]:
    with jet_stub(orders=6, latency=0.0) as side:
        yield side


def shape(value: Any) -> Any:
    """Names and kinds, without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return (
        "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
    )


def test_stub_shows_an_order_as_the_sandbox_does(sandbox):
    market = Market(sandbox.server, "demo-user", "demo-secret")
    market.add_sku("KETTLE-1")
    shown = shape(market.order(market.generate(("KETTLE-1", 1, 0))[0]))
    market.close()
    ours = shape(order_body(order_id_of(0, 1), 1_700_000_000.0, "a" * 32))
    # A state without sales tax, and a carrier of the merchant's choice, are null in some orders of the sandbox.
    for each in (shown, ours):
        del each["order_detail"]["request_shipping_carrier"]
        for place in (each["order_totals"], each["order_items"][0]):
            del place["item_price"]["item_tax"], place["item_price"]["item_shipping_tax"]
    assert ours == shown


def test_import_loses_and_doubles_nothing(jet, settings):
    for name, value in order_import.SETTINGS.items():
        setattr(settings, name, value)
    merchant = make_merchant("bench-orders-test", 0, jet.api_url, skus=6)
    with merchant_scope(merchant):
        spent = order_import.drain(merchant)
    assert sorted(spent.seconds) == sorted(spent.statements) == ["orders.acknowledge", "orders.fetch"]
    assert order_import.compare(merchant, jet, 6) == (0, 0)
    with merchant_scope(merchant):
        Order.objects.filter(merchant_order_id=order_id_of(0, 5)).update(state="ready")
    assert order_import.compare(merchant, jet, 6) == (1, 0)
    remove_merchants("bench-orders-test")
    assert not Merchant.objects.filter(slug="bench-orders-test").exists()


def test_floor_reads_what_waits_and_stores_nothing(jet, settings):
    for name, value in order_import.SETTINGS.items():
        setattr(settings, name, value)
    merchant = make_merchant("bench-orders-test", 0, jet.api_url, skus=4)
    with merchant_scope(merchant):
        client = order_import.bare_client(merchant)
        ids = client.orders.urls("ready")
        order_import.read_all(client, ids)
        assert ids == [order_id_of(0, number) for number in range(6)]
        assert Order.objects.count() == 0
    assert jet.report()["calls"]["GET withoutShipmentDetail"] == 6


def test_orders_become_ready_one_after_another_within_their_time():
    stub = Stub(orders=4, latency=0.0, every=400.0, node_id="a" * 32)
    times = [stub.ready_at(3, number) - stub.started for number in range(4)]
    assert times == sorted(times)
    assert all(100 * number <= time < 100 * (number + 1) for number, time in enumerate(times))
    stub.started -= times[1]
    assert stub.ready_ids(3) == [order_id_of(3, 0), order_id_of(3, 1)]
    stub.answer("PUT", f"/api/orders/{order_id_of(3, 0)}/acknowledge", b"{}", "bearer token-of-bench-3")
    stub.answer("PUT", f"/api/orders/{order_id_of(3, 0)}/acknowledge", b"{}", "bearer token-of-bench-3")
    assert (stub.ready_ids(3), stub.report()["doubled"]) == ([order_id_of(3, 1)], 1)


def test_skus_of_the_stub_are_those_of_its_merchants(jet):
    merchant = make_merchant("bench-orders-test", 0, jet.api_url, skus=4)
    with merchant_scope(merchant):
        skus = list(Variant.objects.order_by("pk").values_list("sku", flat=True))
        offered = NodeStock.objects.filter(node__is_default=True).values_list("quantity_target", flat=True)
        assert skus == [sku_of(number) for number in range(4)]
        assert set(offered) == {1_000_000}


def test_turns_of_all_merchants_are_taken_and_measured_from_their_due_time(jet, settings):
    for name, value in order_import.SETTINGS.items():
        setattr(settings, name, value)
    now = timezone.now()
    merchants = [make_merchant(f"bench-fetch-{number}", number, jet.api_url, skus=6) for number in range(2)]
    fetch_turns.set_turns(merchants, now - timedelta(seconds=10), seconds=20.0)
    with across_merchants():
        turns = list(Schedule.objects.order_by("next_due_at").values_list("next_due_at", flat=True))
    assert [(turn - now).total_seconds() for turn in turns] == [-10.0, 0.0]

    assert start_due(now + timedelta(seconds=1)) == 2
    fetch_turns.work(0.0)

    report = jet.report()
    assert (report["acknowledged"], report["doubled"]) == (12, 0)
    assert len(fetch_turns.waits(report, turns)) == 12
    second = turns[1].timestamp() + 5.0
    assert fetch_turns.waits({"answers": [(1, second), (0, second)]}, turns) == pytest.approx([5.0, 15.0])


def test_share_of_the_slowest_is_left_out():
    assert fetch_turns.percentile([float(number) for number in range(1, 201)], 0.99) == 198.0
    assert fetch_turns.percentile([3.0], 0.99) == 3.0


def test_command_takes_the_number_of_orders(monkeypatch, capsys):
    from jetsync.management.commands import bench

    monkeypatch.setitem(bench.OF_ORDERS, "orders", lambda options: [Budget(f"of {options['orders']}", 1, 3)])
    call_command("bench", "orders", orders=60)
    assert capsys.readouterr().out == "pass  of 60: 1.000 (budget 3.000)\n"
    with pytest.raises(CommandError, match="--orders takes 1 or more"):
        call_command("bench", "orders", orders=0)
