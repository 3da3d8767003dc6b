"""Low stock: who is below, told once per crossing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail as outbox
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.actions import low_stock
from catalog.actions.low_stock import NOTE_ALL, note_all, note_low_stock
from catalog.models import NodeStock, Variant
from catalog.queries.low_stock import below_limit, stock_of
from jetsync.actions.mail import write_due
from jetsync.models import Mail, Merchant, Notice, Options
from jetsync.sync.queue import enqueue
from tests.catalog import rows
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(shop: Merchant) -> Options:
    Options.objects.update(low_stock_alert=True, low_stock_limit=5)
    return Options.objects.get()


def set_count(variant: Variant, quantity: int | None) -> None:
    Variant.objects.filter(pk=variant.pk).update(quantity=quantity)


def test_stock_is_what_all_nodes_count_together(shop: Merchant) -> None:
    reno = rows.make_node(shop)
    split = rows.make_variant(shop, quantity=3)
    NodeStock.objects.create(merchant=shop, variant=split, node=reno, quantity=4)
    own = rows.make_variant(shop, quantity=3)
    NodeStock.objects.filter(variant=own).update(quantity=9)
    elsewhere = rows.make_variant(shop, quantity=None)
    NodeStock.objects.create(merchant=shop, variant=elsewhere, node=reno, quantity=2)
    unknown = rows.make_variant(shop, quantity=None)

    found = stock_of(shop, [split.pk, own.pk, elsewhere.pk, unknown.pk])

    assert found == {split.pk: 7, own.pk: 9, elsewhere.pk: 2, unknown.pk: None}


def marked_low() -> QuerySet[Variant]:
    return Variant.objects.filter(low_stock_at__isnull=False)


@pytest.mark.feature("CFG-20")
def test_a_crossing_is_told_once_until_the_stock_rose_again(shop: Merchant, alert: Options) -> None:
    kettle, other = rows.make_variant(shop, quantity=5, sku="HF-1"), rows.make_variant(shop, quantity=9)
    assert note_low_stock(shop, [kettle.pk, other.pk]) == 0

    set_count(kettle, 4)
    assert note_low_stock(shop, [kettle.pk, other.pk]) == 1
    notice = Notice.objects.get()
    assert (notice.title, notice.body, notice.count) == ("Stock below 5: 1 SKU", "HF-1 (4 left)", 1)
    assert list(marked_low()) == [kettle]

    set_count(kettle, 3)
    assert note_low_stock(shop, [kettle.pk]) == 0
    assert note_all(shop) == 0
    notice.refresh_from_db()
    assert notice.count == 1

    set_count(kettle, 6)
    note_low_stock(shop, [kettle.pk])
    assert not marked_low().exists()
    set_count(kettle, 1)
    assert note_all(shop) == 1
    notice.refresh_from_db()
    assert notice.count == 2


def test_many_skus_are_looked_at_in_batches_and_told_in_one_notice(
    shop: Merchant, alert: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    def queries(count: int) -> int:
        for _ in range(count):
            rows.make_variant(shop, quantity=2)
        Notice.objects.all().delete()
        Variant.objects.update(low_stock_at=None)
        with CaptureQueriesContext(connection) as seen:
            assert note_all(shop) == count
        assert Notice.objects.get().title == f"Stock below 5: {count:,} SKUs"
        assert Variant.objects.filter(low_stock_at=None).count() == 0
        Variant.objects.all().delete()
        return len(seen)

    whole = queries(5)
    monkeypatch.setattr(low_stock, "BATCH", 2)
    assert queries(5) == whole + 2 * 4  # two batches more, four statements each


def test_off_means_no_mark_no_notice_and_no_query(shop: Merchant, django_assert_num_queries: object) -> None:
    kettle = rows.make_variant(shop, quantity=0)
    options = Options.objects.get()
    with django_assert_num_queries(2):  # type: ignore[operator]  # the savepoint of the action
        assert note_low_stock(shop, [kettle.pk], options) == 0
    Variant.objects.filter(pk=kettle.pk).update(low_stock_at="2026-01-01T00:00Z")
    assert note_all(shop) == 0
    assert not marked_low().exists()
    assert not below_limit(shop).exists()
    assert not Notice.objects.exists()


def test_what_is_not_offered_or_not_counted_is_not_low(shop: Merchant, alert: Options) -> None:
    rows.make_variant(shop, quantity=None)
    rows.make_variant(shop, quantity=0, sells_on_jet=False)
    rows.make_variant(shop, rows.make_product(shop, is_active=False), quantity=0)
    assert note_all(shop) == 0


def test_another_merchant_is_never_looked_at(shop: Merchant, alert: Options) -> None:
    from jetsync.tenancy.context import merchant_scope
    from tests import factories

    other = factories.make_merchant()
    with merchant_scope(other):
        factories.make_account(other)
        theirs = rows.make_variant(other, quantity=0)
    assert note_low_stock(shop, [theirs.pk]) == 0
    assert note_all(shop) == 0


@pytest.mark.feature("NOT-02", "CFG-20")
def test_mail_on_low_stock_is_sent_once_per_crossing(
    shop: Merchant, alert: Options, drain: Callable[[], int]
) -> None:
    make_member(shop)
    set_addresses = {"notification_emails": "stock@example.com", "order_notice_emails": "orders@example.com"}
    Options.objects.update(**set_addresses)
    kettle = rows.make_variant(shop, quantity=4, sku="HF-1")
    for _ in range(3):
        note_all(shop)
    write_due(shop, kinds=["catalog.low_stock"])
    drain()

    (message,) = outbox.outbox
    assert message.to == ["stock@example.com"]
    assert message.subject == "[Harrow & Finch] Low stock: HF-1, 4 left"
    assert "Your limit is 5." in message.body
    assert f"?variant={kettle.pk}" in message.body

    set_count(kettle, 3)
    note_all(shop)
    assert write_due(shop, kinds=["catalog.low_stock"]) == 0
    set_count(kettle, 8)
    note_all(shop)
    set_count(kettle, 2)
    note_all(shop)
    assert write_due(shop, kinds=["catalog.low_stock"]) == 1


def test_many_skus_that_fall_together_are_one_mail_and_few_queries(shop: Merchant, alert: Options) -> None:
    make_member(shop)
    counts: list[int] = []
    for first, many in ((0, 3), (3, 30)):
        for number in range(first, first + many):
            rows.make_variant(shop, quantity=9, sku=f"HF-{number:02d}")
        Variant.objects.filter(quantity=9).update(quantity=1)
        with CaptureQueriesContext(connection) as captured:
            assert note_all(shop) == many
        counts.append(len(captured))
    assert counts[1] <= counts[0], "ten times the SKUs must not cost a query more"
    assert write_due(shop, kinds=["catalog.low_stock"]) == 1
    assert Mail.objects.get().subject == "[Harrow & Finch] Low stock: 33 SKUs"


def test_sku_that_was_filled_up_before_the_mail_is_not_told(shop: Merchant, alert: Options) -> None:
    make_member(shop)
    kettle = rows.make_variant(shop, quantity=4)
    note_all(shop)
    set_count(kettle, 20)
    note_all(shop)
    assert write_due(shop, kinds=["catalog.low_stock"]) == 0


@pytest.mark.feature("CFG-20")
def test_turning_the_threshold_on_looks_at_every_sku_and_the_schedule_goes_on(
    shop: Merchant, client_for: Callable[..., Client], drain: Callable[[], int]
) -> None:
    kettle = rows.make_variant(shop, quantity=3, sku="HF-1")
    options = Options.objects.get()
    options.low_stock_alert, options.low_stock_limit = True, 5
    options.save(update_fields=["low_stock_alert", "low_stock_limit"])
    drain()
    assert list(marked_low()) == [kettle]

    bell = client_for("owner").get(f"/m/{shop.slug}/notices/").content.decode()
    assert "Stock below 5: 1 SKU" in bell
    assert "HF-1 (3 left)" in bell

    enqueue(shop, NOTE_ALL, "schedule")
    drain()
    assert Notice.objects.get().count == 1

    options.low_stock_alert = False
    options.save(update_fields=["low_stock_alert"])
    drain()
    assert not marked_low().exists()
