"""The code of the import benchmark on a small file: what it measures really happens. Nothing here is timed."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.db import connection

from catalog import benchmarks
from catalog.actions import csv_import
from catalog.benchmarks import (
    PREFIX,
    bench_csv,
    copy_bare,
    copy_stored,
    export_stored,
    product_row,
    run,
    take_in,
    write_products,
)
from catalog.models import ImageUse, Listing, NodeStock, Variant
from jetsync.benchmarks import catalogue
from jetsync.benchmarks.measure import count_queries
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def merchant():
    with benchmarks.scratch_merchants(1) as made:
        yield made[0]


def test_floor_copies_every_cell_of_the_file(tmp_path, monkeypatch):
    path = write_products(tmp_path / "products.csv", map(product_row, range(7)))
    kept = []
    real = connection.cursor

    class Kept:
        """Reads the table just before it is dropped."""

        def __init__(self) -> None:
            self.cursor = real()

        def __enter__(self):
            return self

        def __exit__(self, *_error: object) -> None:
            self.cursor.close()

        def __getattr__(self, name: str):
            return getattr(self.cursor, name)

        def execute(self, sql: str) -> None:
            if sql.startswith("DROP"):
                self.cursor.execute("SELECT * FROM bench_copy")
                kept.extend(self.cursor.fetchall())
            self.cursor.execute(sql)

    monkeypatch.setattr(connection, "cursor", Kept)
    assert copy_bare(path) == 7
    with path.open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))[1:]
    assert [[cell or "" for cell in row] for row in kept] == cells


def test_floor_of_new_skus_stores_what_the_import_stored_and_takes_it_back(merchant, tmp_path, monkeypatch):
    path = write_products(tmp_path / "products.csv", map(product_row, range(6)))
    run(take_in(merchant, path), created=6)
    models = benchmarks.TABLES

    def stored() -> dict[str, list[dict[str, object]]]:
        with merchant_scope(merchant):
            return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}

    imported, seen = stored(), []
    texts = export_stored(merchant, tmp_path)
    assert not any(stored().values())
    monkeypatch.setattr(benchmarks.transaction, "set_rollback", lambda _on: seen.append(stored()))
    assert copy_stored(merchant, path, texts) == 6
    assert seen == [imported]


def test_floor_of_new_skus_leaves_nothing(merchant, tmp_path):
    path = write_products(tmp_path / "products.csv", map(product_row, range(3)))
    run(take_in(merchant, path), created=3)
    texts = export_stored(merchant, tmp_path)
    assert [copy_stored(merchant, path, texts) for _round in range(2)] == [3, 3]
    with merchant_scope(merchant):
        assert not Variant.objects.exists()


def test_import_writes_all_that_a_new_sku_needs(merchant, tmp_path, settings):
    settings.PROBE_IMAGES = True
    run(take_in(merchant, write_products(tmp_path / "a.csv", map(product_row, range(5)))), created=5)
    with merchant_scope(merchant):
        counts = [model.objects.count() for model in (Variant, Listing, NodeStock, ImageUse)]
    assert counts == [5, 5, 5, 5]


def test_another_outcome_than_expected_is_no_figure(merchant, tmp_path):
    path = write_products(tmp_path / "a.csv", map(product_row, range(3)))
    with pytest.raises(RuntimeError, match="'created': 3"):
        run(take_in(merchant, path), created=2)


def test_queries_do_not_grow_with_the_rows_of_a_batch(merchant, tmp_path):
    def cost(first: int, count: int) -> int:
        rows = map(product_row, range(first, first + count))
        upload = take_in(merchant, write_products(tmp_path / "a.csv", rows))
        return count_queries(lambda: run(upload, created=count))

    cost(0, 250)  # the categories of all shelves
    assert cost(1000, 250) == cost(2000, 500)


def test_all_is_measured_and_nothing_stays_behind(monkeypatch, capsys):
    monkeypatch.setattr(csv_import, "BATCH", 8)
    monkeypatch.setattr(benchmarks, "ROUNDS", 1)
    monkeypatch.setattr(benchmarks, "WARM_ROWS", 3)
    monkeypatch.setattr(
        benchmarks,
        "_measure_in_a_child",
        lambda merchant, rows: benchmarks.measure_in_this_process(merchant.slug, rows),
    )
    monkeypatch.setattr(catalogue, "bench_csv", bench_csv)
    budgets = catalogue.run_csv(20)

    assert [budget.name for budget in budgets] == [
        "new SKUs / csv and COPY",
        "none changed / csv and COPY",
        "1 % changed / csv and COPY",
        "memory over idle",
        "queries per batch",
    ]
    assert all(budget.measured >= 0 for budget in budgets)
    assert budgets[4].measured > 0
    assert "20 rows, csv and COPY" in capsys.readouterr().out
    assert not Merchant.objects.filter(slug__startswith=PREFIX).exists()
