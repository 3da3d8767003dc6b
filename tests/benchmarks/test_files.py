"""The benchmark code on a small catalogue: same content as the floor, constant queries. Nothing here is timed."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.enums import FileType
from catalog.management.commands.make_catalogue import fill
from catalog.models import BulkFile, Listing, NodeStock, Product, Variant
from catalog.sync.bodies import PriceMessage, StockMessage, price_json, stock_json
from catalog.sync.deltas import dirty_prices, dirty_stock
from catalog.sync.files import build
from jetsync.benchmarks import files, floor
from jetsync.benchmarks.measure import Budget, best_of, count_queries
from jetsync.jet import inventory_body, price_body
from jetsync.models import FulfillmentNode, Merchant, Options
from jetsync.tenancy.context import merchant_scope

SKUS = 300


@pytest.fixture
def catalogue(scoped: Merchant) -> Merchant:
    assert fill(scoped, SKUS) == SKUS
    return scoped


def content(paths: list[Path]) -> dict[str, Any]:
    """The parsed files as one, money as exact numbers."""
    merged: dict[str, Any] = {}
    for path in paths:
        part = json.loads(gzip.decompress(path.read_bytes()), parse_float=Decimal)
        assert not merged.keys() & part.keys()
        merged |= part
    return merged


def by_type(paths: list[Path], file_type: FileType) -> list[Path]:
    return [path for path in paths if path.name.startswith(f"{file_type}-")]


def test_full_build_has_the_content_of_the_floor(catalogue, tmp_path):
    Options.objects.filter(merchant=catalogue).update(skus_per_file=130)
    floor.write_files(tmp_path, catalogue.pk)
    made = files.full_build(tmp_path, catalogue)

    assert [len(by_type(made, kind)) for kind in (FileType.PRICE, FileType.INVENTORY)] == [3, 3]
    prices = content(by_type(made, FileType.PRICE))
    assert prices == content([tmp_path / "price.json.gz"])
    assert len(prices) == SKUS
    assert sum("fulfillment_nodes" in body for body in prices.values()) == SKUS // 9
    stock = content(by_type(made, FileType.INVENTORY))
    assert stock == content([tmp_path / "inventory.json.gz"])
    assert sum(len(body["fulfillment_nodes"]) for body in stock.values()) == SKUS + SKUS // 3


@pytest.mark.parametrize(("file_type", "queries"), [(FileType.PRICE, 2), (FileType.INVENTORY, 1)])
def test_one_file_takes_the_same_queries_whatever_its_size(catalogue, tmp_path, file_type, queries):
    """A price file asks for the nodes in use first."""
    ids = list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    path = tmp_path / "file.json.gz"

    assert count_queries(lambda: build(path, catalogue, file_type, ids[:3])) == queries
    assert count_queries(lambda: build(path, catalogue, file_type, ids)) == queries
    built, manifest = build(path, catalogue, file_type, ids)
    assert (built.count, [entry[0] for entry in manifest]) == (SKUS, ids)


def test_full_build_and_delta_take_the_same_queries_for_few_and_for_many(catalogue, tmp_path):
    full = count_queries(lambda: files.full_build(tmp_path, catalogue))
    files.change(catalogue, 3)
    few = count_queries(lambda: files.delta(tmp_path, catalogue))
    files.change(catalogue, SKUS)
    many = count_queries(lambda: files.delta(tmp_path, catalogue))
    Product.objects.filter(pk__in=Product.objects.order_by("pk").values("pk")[5:]).delete()

    assert few == many
    assert count_queries(lambda: files.full_build(tmp_path, catalogue)) == full
    assert BulkFile.objects.count() == 0


def test_delta_has_what_changed_and_nothing_else(catalogue, tmp_path):
    assert (dirty_prices(catalogue).count(), dirty_stock(catalogue).count()) == (0, 0)
    assert files.change(catalogue, 5) == 5
    other = NodeStock.objects.filter(price_target__isnull=False).order_by("-pk").first()
    NodeStock.objects.filter(pk=other.pk).update(price_target=Decimal("999.99"))

    made = files.delta(tmp_path, catalogue)

    changed = dict(Listing.objects.filter(price_dirty=True).values_list("variant__sku", "price_target"))
    prices, stock = (content(by_type(made, kind)) for kind in (FileType.PRICE, FileType.INVENTORY))
    assert len(changed) == 5
    assert prices.keys() == changed.keys() | {other.variant.sku}
    assert {sku: Decimal(prices[sku]["price"]) for sku in changed} == changed
    assert prices[other.variant.sku]["fulfillment_nodes"][-1]["fulfillment_node_price"] == Decimal("999.99")
    assert stock.keys() == changed.keys()


def test_catalogue_is_the_same_at_every_run(catalogue, merchant):
    def shape(of: Merchant) -> list[Any]:
        with merchant_scope(of):
            variants = Variant.objects.filter(merchant=of).order_by("pk")
            return list(
                variants.values_list(
                    "sku", "product__title", "price", "quantity", "codes", "listing__price_target"
                )
            )

    twin = Merchant.objects.create(name="Twin", slug="twin")
    with merchant_scope(twin):
        fill(twin, SKUS)
    assert shape(twin) == shape(catalogue)
    assert len(shape(twin)) == SKUS


def test_command_makes_a_catalogue_and_refuses_a_merchant_with_products(db, settings, capsys):
    settings.LOCAL = True
    call_command("make_catalogue", merchant="kettle-shop", skus=20)
    assert capsys.readouterr().out == "kettle-shop: 20 SKUs.\n"

    with pytest.raises(CommandError, match="kettle-shop has products already"):
        call_command("make_catalogue", merchant="kettle-shop", skus=20)
    settings.LOCAL = False
    with pytest.raises(CommandError, match="JETSYNC_LOCAL"):
        call_command("make_catalogue", merchant="other-shop", skus=20)
    shop = Merchant.objects.get(slug="kettle-shop")
    with merchant_scope(shop):
        assert (Variant.objects.count(), FulfillmentNode.objects.count()) == (20, 2)
    assert not Merchant.objects.filter(slug="other-shop").exists()


def test_scratch_merchant_leaves_nothing_behind(db):
    with files.scratch_merchant(30) as merchant:
        assert Variant.objects.filter(merchant=merchant).count() == 30
    assert not Merchant.objects.filter(slug=files.SLUG).exists()


@pytest.mark.parametrize(
    ("price", "nodes"),
    [
        ("38.50", {}),
        ("0.01", {}),
        ("9999999999.99", {'a"\\ü': Decimal("1.00")}),
        ("12.00", {"n1": Decimal("11.10"), "n2": Decimal("10.00")}),
    ],
)
def test_price_json_says_what_the_direct_call_says(price, nodes):
    written = json.loads(price_json(PriceMessage(1, "A", Decimal(price), nodes)), parse_float=Decimal)
    assert written == price_body(Decimal(price), nodes or None)


@pytest.mark.parametrize("quantities", [{}, {"n1": 0}, {'a"\\ü': 7, "n2": 2147483647}])
def test_stock_json_says_what_the_direct_call_says(quantities):
    assert json.loads(stock_json(StockMessage(1, "A", quantities))) == inventory_body(quantities)


def test_budget_is_kept_up_to_its_limit():
    assert [Budget("x", value, 3.0).is_kept for value in (2.9, 3.0, 3.1)] == [True, True, False]
    assert str(Budget("memory", 151, 150, " MB")) == "FAIL  memory: 151.000 MB (budget 150.000 MB)"


def test_works_take_turns():
    turns: list[str] = []
    best = best_of(2, {"floor": lambda: turns.append("f"), "product": lambda: turns.append("p")})
    assert turns == ["f", "p", "f", "p"]
    assert best.keys() == {"floor", "product"}


def test_broken_budget_ends_with_an_error(monkeypatch, capsys):
    from jetsync.management.commands import bench

    monkeypatch.setitem(bench.BENCHMARKS, "files", lambda skus: [Budget(f"of {skus}", 4, 3)])
    with pytest.raises(CommandError, match="A budget is broken"):
        call_command("bench", "files", skus=300)
    assert capsys.readouterr().out == "FAIL  of 300: 4.000 (budget 3.000)\n"
