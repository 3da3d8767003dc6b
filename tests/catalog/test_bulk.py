"""Many rows in one statement: few as JSON, many by COPY, and both store the same."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import bulk
from catalog.bulk import insert_rows, reserve_ids, update_rows
from catalog.models import Product, StoreCategory, Variant
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import ForeignTenantWrite
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db
# Everything that JSON, COPY or an array could take for something else.
ODD_TEXTS = (
    "",
    "\\N",
    "\\.",
    "NULL",
    "tab\there",
    "line\nline\r\nend",
    'quote " and \\" both \\\\',
    "{a,b}",
    "Küche · 厨房 🫖",
    " blanks ",
)


@pytest.fixture(params=["json", "copy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(bulk, "COPIED_FROM", 1 if request.param == "copy" else 1_000_000)
    return str(request.param)


def test_odd_texts_are_stored_as_they_are(shop: Merchant, way: str) -> None:
    given = [
        {"title": text, "description": text, "bullets": [text, *ODD_TEXTS], "data": {text: [text, None, 1]}}
        for text in ODD_TEXTS
    ]

    assert insert_rows(Product, shop, ("title", "description", "bullets", "data"), given) == len(ODD_TEXTS)

    stored = Product.objects.order_by("pk").values("title", "description", "bullets", "data")
    assert list(stored) == given


def test_every_kind_of_value_arrives(shop: Merchant, way: str) -> None:
    at = datetime(2026, 3, 1, 12, 30, 0, 250, tzinfo=UTC)
    full = {
        "sku": "A",
        "price": Decimal("38.50"),
        "quantity": 0,
        "special_from": at,
        "prop_65": True,
        "codes": [{"type": "UPC", "code": "036000291452"}],
        "alternate_image_urls": [],
    }
    bare = dict.fromkeys(full) | {"sku": "B", "prop_65": False, "codes": [], "alternate_image_urls": ["x"]}
    product = rows.make_product(shop)
    given: list[dict[str, Any]] = [{"product": product.pk, **row} for row in (full, bare)]

    insert_rows(Variant, shop, ("product", *full), given)

    assert list(Variant.objects.order_by("sku").values(*full)) == [full, bare]
    assert {variant.multipack_quantity for variant in Variant.objects.all()} == {1}


def test_a_second_statement_of_a_transaction_reads_only_its_own_rows(shop: Merchant, way: str) -> None:
    with transaction.atomic():
        insert_rows(StoreCategory, shop, ("path",), [{"path": "A"}, {"path": "B"}])
        insert_rows(StoreCategory, shop, ("path",), [{"path": "C"}])

    assert list(StoreCategory.objects.order_by("path").values_list("path", flat=True)) == ["A", "B", "C"]


def test_known_rows_are_passed_over_or_refused(shop: Merchant, way: str) -> None:
    insert_rows(StoreCategory, shop, ("path",), [{"path": "A"}])

    assert insert_rows(StoreCategory, shop, ("path",), [{"path": "A"}, {"path": "B"}], skip_known=True) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(StoreCategory, shop, ("path",), [{"path": "C"}, {"path": "A"}])

    assert insert_rows(StoreCategory, shop, ("path",), [{"path": "C"}]) == 1


def test_a_value_that_does_not_fit_is_a_database_error_of_django(shop: Merchant, way: str) -> None:
    from django.db import DataError

    with pytest.raises(DataError), transaction.atomic():
        insert_rows(StoreCategory, shop, ("path",), [{"path": "x" * 1000}])


def test_updates_reach_only_rows_of_the_merchant(shop: Merchant, way: str) -> None:
    other = factories.make_merchant("Other")
    with merchant_scope(other):
        theirs = rows.make_product(other, title="Theirs")
    mine = rows.make_product(shop, title="Mine")
    texts = [{"id": pk, "title": "New\ttitle", "bullets": ["a", "b"]} for pk in (mine.pk, theirs.pk)]

    assert update_rows(Product, shop, ("title", "bullets"), texts, touch="updated_at") == 1

    before = mine.updated_at
    mine.refresh_from_db()
    assert (mine.title, mine.bullets) == ("New\ttitle", ["a", "b"])
    assert mine.updated_at > before
    with merchant_scope(other):
        theirs.refresh_from_db()
    assert theirs.title == "Theirs"


def test_rows_of_another_merchant_are_refused(shop: Merchant, way: str) -> None:
    other = factories.make_merchant("Other")

    with pytest.raises(ForeignTenantWrite):
        insert_rows(StoreCategory, other, ("path",), [{"path": "A"}])

    with merchant_scope(other):
        assert not StoreCategory.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_stays_behind_in_the_session(shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "COPIED_FROM", 1)

    insert_rows(StoreCategory, shop, ("path",), [{"path": "Secret"}])

    with connection.cursor() as cursor:
        cursor.execute('SELECT count(*) FROM pg_temp."stage_catalog_storecategory"')
        assert cursor.fetchone() == (0,)


def test_reserved_ids_are_fresh(shop: Merchant) -> None:
    first, second = reserve_ids(Product, 3), reserve_ids(Product, 2)

    assert len({*first, *second}) == 5
    assert reserve_ids(Product, 0) == []
    assert rows.make_product(shop).pk > max(second)
