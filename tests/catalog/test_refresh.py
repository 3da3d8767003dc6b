"""Recomputation in the background: what asks for it, and that it reaches what it should."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.actions import category, category_changes
from catalog.actions.refresh import ask_refresh
from catalog.enums import Readiness
from catalog.models import Listing, Product, StoreCategory
from jetsync.actions.operation import undo_operation
from jetsync.exceptions import InvalidInput
from jetsync.models import FulfillmentNode, Job, Merchant, Options
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def open_refreshes() -> list[str]:
    return list(Job.objects.filter(kind="catalog.refresh", state="queued").values_list("key", flat=True))


@pytest.mark.parametrize(
    ("name", "value"), [("buffer_quantity", 4), ("zero_quantity_default", 3), ("send_price", False)]
)
def test_options_that_enter_a_quantity_ask_for_a_recomputation(shop: Merchant, name: str, value: int) -> None:
    options = Options.objects.get(merchant=shop)
    setattr(options, name, value)

    options.save()
    options.save()

    assert open_refreshes() == ["all"]


def test_other_options_ask_for_nothing(shop: Merchant) -> None:
    options = Options.objects.get(merchant=shop)
    options.auto_acknowledge = False

    options.save()

    assert open_refreshes() == []


def test_the_job_brings_all_products_to_the_new_buffer(shop: Merchant, drain: Callable[..., int]) -> None:
    kettle = rows.make_variant(shop, quantity=10)
    options = Options.objects.get(merchant=shop)
    options.buffer_quantity = 4
    options.save()

    drain()

    assert rows.offered(kettle) == {"Hoboken": 6}
    assert Job.objects.get(kind="catalog.refresh").message == "1 targets changed."


def test_running_it_twice_changes_nothing_more(shop: Merchant, drain: Callable[..., int]) -> None:
    rows.make_variant(shop)
    ask_refresh(shop)
    drain()
    ask_refresh(shop)

    drain()

    assert [job.message for job in Job.objects.filter(kind="catalog.refresh")] == ["0 targets changed."] * 2


def test_a_new_default_node_takes_the_products_quantity_over(
    shop: Merchant, drain: Callable[..., int]
) -> None:
    kettle = rows.make_variant(shop, quantity=10)
    reno = rows.make_node(shop)
    FulfillmentNode.objects.filter(merchant=shop, is_default=True).update(is_default=False)
    reno.is_default = True
    reno.save()

    drain()

    assert rows.offered(kettle) == {"Hoboken": 0, "Reno": 10}


def test_mapping_a_large_category_is_left_to_a_job(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch, drain: Callable[..., int]
) -> None:

    monkeypatch.setattr(category, "BATCH", 2)
    kettles = StoreCategory.objects.create(merchant=shop, path="Kettles")
    made = [
        rows.make_variant(shop, rows.make_product(shop, jet_node_id=None, store_category=kettles))
        for _ in range(3)
    ]

    rows.map_categories(shop, [kettles.pk], rows.LEAF)

    assert open_refreshes() == [f"category-{kettles.pk}"]
    assert Listing.objects.get(variant=made[0]).readiness == Readiness.NOT_READY
    drain()
    assert set(Listing.objects.values_list("readiness", flat=True)) == {Readiness.READY}


def test_assigning_counts_a_product_once_whatever_batch_its_skus_fall_into(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(category_changes, "BATCH", 1)
    product = rows.make_product(shop, jet_node_id=None)
    skus = [rows.make_variant(shop, product).pk, rows.make_variant(shop, product).pk]

    operation = category_changes.assign_category(shop, skus, jet_node_id=rows.LEAF, actor=SYSTEM)

    product.refresh_from_db()
    assert (operation.total, operation.done, product.jet_node_id) == (1, 1, rows.LEAF)
    assert operation.title == "Give 1 product the Jet category Kitchen > Tea > Kettles"


def test_an_assigned_category_is_taken_back_but_not_over_a_later_one(shop: Merchant) -> None:
    kept, moved = (rows.make_product(shop, jet_node_id=rows.LEAF + 1) for _ in range(2))
    skus = [rows.make_variant(shop, product).pk for product in (kept, moved)]
    before = Product.objects.get(pk=kept.pk).updated_at
    operation = category_changes.assign_category(shop, skus, jet_node_id=rows.LEAF, actor=SYSTEM)
    assert Product.objects.get(pk=kept.pk).updated_at > before
    category_changes.assign_category(shop, skus[1:], jet_node_id=None, actor=SYSTEM)

    undo_operation(operation, actor=SYSTEM)

    now = dict(Product.objects.filter(pk__in=[kept.pk, moved.pk]).values_list("pk", "jet_node_id"))
    assert now == {kept.pk: rows.LEAF + 1, moved.pk: None}


def test_a_category_that_takes_no_products_is_assigned_to_none(shop: Merchant) -> None:
    product = rows.make_product(shop, jet_node_id=None)
    skus = [rows.make_variant(shop, product).pk]

    with pytest.raises(InvalidInput, match="takes no products"):
        category_changes.assign_category(shop, skus, jet_node_id=rows.ROOT, actor=SYSTEM)

    product.refresh_from_db()
    assert product.jet_node_id is None
