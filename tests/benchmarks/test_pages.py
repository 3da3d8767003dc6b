"""The code of the page benchmark on a small catalogue, and the wiring of the others. Nothing here is timed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import ImageUse, Variant, VariationGroup
from catalog.queries.drift import FACETS, drifted
from jetsync.benchmarks import catalogue, delta, files, page_catalogue, pages
from jetsync.benchmarks.pages import MOST_QUERIES, PREFIX, TABLES, Measured, bench_pages, list_pages
from jetsync.management.commands import bench
from jetsync.models import Membership, Merchant, User
from jetsync.tenancy.context import merchant_scope
from orders.enums import OrderState
from orders.models import Order
from tests.catalog.rows import stored_group_states, true_group_states

LARGE, SMALL, OTHER = f"{PREFIX}-large", f"{PREFIX}-small", f"{PREFIX}-other-0"

# Lists that must have rows at both sizes. One that is new is measured by itself; the run says when it was empty.
LISTS = {
    *(
        "catalog:product-list",
        "catalog:group-list",
        "catalog:drift",
        "catalog:image-list",
        "catalog:file-list",
    ),
    *("catalog:csv-list", "catalog:profile-list", "catalog:taxonomy-list", "catalog:jet-category-list"),
    *("orders:order-list", "orders:order-failed", "returns:return-list", "refunds:refund-list"),
    *("refunds:choose-order", "panel:operation-list", "panel:job-list", "panel:call-list", "panel:log-list"),
    *("panel:notice-list", "panel:schedule-list", "orders:document-list", "orders:held-stock"),
    *("refunds:daily-list", "refunds:settlement-list", "repricer:bounds-list", "repricer:changes"),
    "repricer:sales-data",
}


def test_every_list_that_needs_nothing_but_the_merchant_is_measured():
    names = list_pages()
    assert set(names) >= LISTS
    assert len(names) == len(set(names))


@pytest.fixture
def small_sizes(monkeypatch):
    """44 SKUs give the small merchant an order of every kind."""
    monkeypatch.setattr(pages, "SMALL_SKUS", 44)
    monkeypatch.setattr(pages, "ROUNDS", 1)
    monkeypatch.setattr(pages, "VACUUM", "")


def test_large_small_and_others_are_made_measured_and_removed(db, monkeypatch, small_sizes):
    sizes: dict[str, tuple[int, int]] = {}
    real = pages.make_all

    def make(skus: int):
        made = real(skus)
        for merchant in Merchant.objects.all():
            with merchant_scope(merchant):
                sizes[merchant.slug] = tuple(
                    model.objects.filter(merchant=merchant).count() for model in (Variant, Order)
                )
        return made

    monkeypatch.setattr(pages, "make_all", make)
    found = bench_pages(60)

    assert sizes == {OTHER: (30, 15), f"{PREFIX}-other-1": (30, 15), LARGE: (60, 30), SMALL: (44, 22)}
    assert found.other_rows > 60 * 15
    assert [page.page for page in found.pages] == list_pages()
    assert {page.page for page in found.pages if not (page.small_rows and page.large_rows)} & LISTS == set()
    assert all(page.small_queries == page.large_queries for page in found.pages)
    assert {page.page: page.large_queries for page in found.pages if page.large_queries > MOST_QUERIES} == {}
    assert not Merchant.objects.filter(slug__startswith=PREFIX).exists()
    assert not User.objects.filter(email__startswith=PREFIX).exists()
    assert not Membership.objects.exists()


def test_no_list_is_empty_and_every_part_of_it_has_rows(db, small_sizes):
    """Groups have two to four children and all states, every facet drifts, every order state is there."""
    pages.make_all(60)
    merchant = Merchant.objects.get(slug=SMALL)
    with merchant_scope(merchant):
        states = VariationGroup.objects.filter(merchant=merchant).values_list("state", "child_count")
        assert {state for state, _children in states} == {
            "incomplete",
            "refused",
            "waiting",
            "queued",
            "sent",
        }
        assert {children for _state, children in states} == {2, 3, 4}
        assert all(drifted(merchant, facet).exists() for facet in FACETS if facet != "archived")
        assert set(Order.objects.filter(merchant=merchant).values_list("state", flat=True)) == {
            str(state) for state in OrderState
        }
        empty = [model.__name__ for model in TABLES if not model.objects.filter(merchant=merchant).exists()]
        assert empty == []


def test_the_groups_counts_are_as_the_product_would_store_them(db, small_sizes, monkeypatch):
    """But for the one SKU that the waiting ones are said to wait for."""
    pages.make_all(60)
    stored, true = stored_group_states(), true_group_states()
    assert {key: children for key, (_state, children, _unsent) in stored.items()} == {
        key: children for key, (_state, children, _unsent) in true.items()
    }
    assert {key for key in stored if stored[key][0] != "waiting" and stored[key] != true[key]} == set()


def test_a_page_without_rows_is_no_measurement(db, monkeypatch, small_sizes):
    monkeypatch.setattr(page_catalogue, "_drift", lambda _merchant, _ids: None)
    monkeypatch.setattr(pages, "list_pages", lambda: ["catalog:drift"])
    (found,) = bench_pages(60).pages
    empty = next(budget for budget in found.budgets() if budget.name == "catalog:drift: empty pages")
    assert (empty.measured, empty.is_kept) == (2, False)
    assert not ImageUse.objects.exists()


def test_budgets_of_a_page_are_rows_time_queries_and_constancy():
    kept = Measured("catalog:x", 0.1, 0.2, 12, 12, 50, 50).budgets()
    broken = Measured("catalog:x", 0.1, 0.21, 12, 13, 1, 0).budgets()
    assert [budget.is_kept for budget in kept] == [True] * 4
    assert [budget.is_kept for budget in broken] == [False] * 4


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
