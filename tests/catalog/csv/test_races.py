"""An import beside forms and after kills: nothing is written back that another has changed, nothing counted twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions import csv_import
from catalog.actions.csv_import import run_import
from catalog.enums import CsvKind
from catalog.models import CsvUpload
from jetsync.models import Merchant, OperationRow
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD

pytestmark = pytest.mark.django_db
BROKEN = b'sku,inventory\nA,3\n"B,4\n' + b"C,5\n"


def test_products_are_locked_before_their_variants_as_forms_do(
    shop: Merchant, import_csv: Callable[..., CsvUpload]
) -> None:
    import_csv([GOOD])
    with CaptureQueriesContext(connection) as seen:
        import_csv([{**GOOD, "brand": "Other"}])

    locks = [
        query["sql"]
        for query in seen
        if "FOR NO KEY UPDATE" in query["sql"] and 'FROM "catalog_' in query["sql"]
    ]
    tables = [sql.split('FROM "')[1].split('"')[0] for sql in locks]
    assert tables.index("catalog_product") < tables.index("catalog_variant")


def test_killed_after_an_unreadable_line_it_is_noted_once_and_nothing_is_read_again(
    shop: Merchant, upload_csv: Callable[..., CsvUpload], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.make_variant(shop, sku="A", quantity=1)
    upload = upload_csv(BROKEN, CsvKind.PRICE_INVENTORY)

    def killed(*_args: object) -> CsvUpload:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(csv_import, "_finish", killed)
        with pytest.raises(KeyboardInterrupt):
            run_import(CsvUpload.objects.get(pk=upload.pk))
    assert CsvUpload.objects.get(pk=upload.pk).rows_done == 3
    done = run_import(CsvUpload.objects.get(pk=upload.pk))

    assert (done.updated_count, done.unchanged_count, done.failed_count) == (1, 0, 2)
    noted = OperationRow.objects.filter(operation=upload.operation).order_by("pk")
    assert list(noted.values_list("label", "code")) == [("B", "quote"), ("C", "unknown")]
