"""The code of the page benchmark on a small catalogue, and the wiring of the others. Nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog import benchmarks_pages
from catalog.benchmarks_pages import PREFIX, Measured, bench_pages, list_pages
from catalog.models import BulkFile, ImageFact, ImageUse, Listing, Product, SkuError, Variant
from jetsync.benchmarks import catalogue, delta, files
from jetsync.management.commands import bench
from jetsync.models import Membership, Merchant, User
from jetsync.tenancy.context import merchant_scope

MODELS = (Product, Variant, Listing, ImageFact, ImageUse, SkuError, BulkFile)


def test_every_list_that_needs_nothing_but_the_merchant_is_measured():
    names = list_pages()
    assert {"catalog:product-list", "catalog:file-list", "catalog:csv-list", "catalog:image-list"} <= set(
        names
    )
    assert len(names) == len(set(names))


def test_large_small_and_others_are_made_measured_and_removed(db, monkeypatch):
    monkeypatch.setattr(benchmarks_pages, "SMALL_SKUS", 8)
    monkeypatch.setattr(benchmarks_pages, "FULL_PAGE", 4)
    monkeypatch.setattr(benchmarks_pages, "ROUNDS", 1)
    monkeypatch.setattr(benchmarks_pages, "VACUUM", "")
    sizes: dict[str, int] = {}
    real = benchmarks_pages._make

    def make(skus: int):
        made = real(skus)
        for merchant in Merchant.objects.all():
            with merchant_scope(merchant):
                sizes[merchant.slug] = Variant.objects.filter(merchant=merchant).count()
        return made

    monkeypatch.setattr(benchmarks_pages, "_make", make)
    found = bench_pages(24)

    assert sizes == {
        f"{PREFIX}-other-0": 20,
        f"{PREFIX}-other-1": 20,
        f"{PREFIX}-large": 24,
        f"{PREFIX}-small": 8,
    }
    assert found.other_rows > 40 * 5
    assert [page.page for page in found.pages] == list_pages()
    assert all(page.small_queries == page.large_queries for page in found.pages)
    assert not Merchant.objects.filter(slug__startswith=PREFIX).exists()
    assert not User.objects.filter(email__startswith=PREFIX).exists()
    assert not Membership.objects.exists()


def test_budgets_of_a_page_are_time_queries_and_constancy():
    kept = Measured("catalog:x", 0.1, 0.2, 12, 12).budgets()
    broken = Measured("catalog:x", 0.1, 0.21, 12, 13).budgets()
    assert [budget.is_kept for budget in kept] == [True, True, True]
    assert [budget.is_kept for budget in broken] == [False, False, False]


def test_delta_is_a_benchmark_of_its_own(db, monkeypatch, capsys):
    monkeypatch.setattr(delta, "ROUNDS", 1)
    budgets = delta.run(60)
    assert [budget.name for budget in budgets] == ["delta of 60 / full build"]
    assert "delta of 60:" in capsys.readouterr().out
    assert not Merchant.objects.filter(slug=files.SLUG).exists()


def test_taxonomy_hands_on_what_the_catalogue_measured(monkeypatch):
    taxonomy = {
        "rows_in_files": 9,
        "rows": 8,
        "files": 4,
        "bare_seconds": 1,
        "import_seconds": 6,
        "ratio": 6.0,
    }
    monkeypatch.setattr(catalogue, "bench_taxonomy", lambda _folder: taxonomy | {"limit": 5.0})
    assert [budget.is_kept for budget in catalogue.run_taxonomy(Path())] == [False]


def test_command_takes_the_taxonomy_from_a_folder(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(catalogue, "run_taxonomy", lambda folder: [bench.Budget(folder.name, 1, 2)])
    call_command("bench", "taxonomy", folder=tmp_path)
    assert capsys.readouterr().out == f"pass  {tmp_path.name}: 1.000 (budget 2.000)\n"
    with pytest.raises(CommandError, match="is no folder"):
        call_command("bench", "taxonomy", folder=tmp_path / "nothing")
