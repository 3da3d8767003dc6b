"""CSV files in the browser: templates, upload, result, and the way back of failed rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.actions.csv_upload import forget_files
from catalog.models import CsvUpload
from jetsync.models import Merchant, Operation
from tests.catalog.csv.test_products import GOOD

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


@pytest.mark.feature("CSV-01")
def test_the_template_is_downloaded_with_the_exact_headers(shop: Merchant, client_for: ClientFor) -> None:
    from catalog.csv_columns import column_names

    client = client_for("owner")
    page = client.get(url(shop, "csv/upload/")).content.decode()
    body = b"".join(client.get(url(shop, "csv/template/products/")).streaming_content)  # type: ignore[attr-defined]

    assert "Download file with headers" in page
    assert body.decode("utf-8-sig").splitlines()[0].split(",") == column_names("products")


@pytest.mark.feature("CSV-01", "CSV-28")
def test_uploading_leads_to_the_result_and_on_to_prices_of_the_same_skus(
    shop: Merchant, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.catalog.conftest import csv_bytes

    client = client_for("owner")
    data = csv_bytes([GOOD, {**GOOD, "sku": "HF-2"}, {**GOOD, "sku": "HF-3", "brand": ""}])
    file = SimpleUploadedFile("kettles.csv", data)

    answer = client.post(
        url(shop, "csv/upload/"), {"kind": "products", "level": "new", "at_once": "on", "file": file}
    )
    drain()
    result = client.get(answer.headers["Location"]).content.decode()
    from catalog.models import CsvUpload

    pk = CsvUpload.objects.get().pk
    next_step = client.get(url(shop, f"csv/upload/?kind=price_inventory&from={pk}")).content.decode()
    template = client.get(url(shop, f"csv/template/price_inventory/?from={pk}"))
    failed = client.get(url(shop, f"csv/{pk}/failed/"))

    assert "2 added, 1 failed." in result
    assert "brand is empty." in result
    assert f"csv/upload/?kind=price_inventory&amp;from={pk}" in result
    assert f"csv/template/price_inventory/?from={pk}" in next_step
    lines = b"".join(template.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == ["sku,price,inventory", "HF-KET-25,,", "HF-2,,"]
    rows_back = b"".join(failed.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert rows_back[0] == ",".join([*GOOD, "jetsync_line", "jetsync_error"])
    assert rows_back[1].startswith("HF-3,")
    assert rows_back[1].endswith(",4,brand: brand is empty.")


def test_a_corrected_download_of_failed_rows_is_taken_back(
    shop: Merchant, client_for: ClientFor, import_csv: Callable[..., Any]
) -> None:

    upload = import_csv([{**GOOD, "brand": ""}])
    answer = client_for("owner").get(url(shop, f"csv/{upload.pk}/failed/"))
    text = b"".join(answer.streaming_content)  # type: ignore[attr-defined]

    again = import_csv(text.replace(b",,https:", b",Harrow,https:"))

    assert (again.created_count, again.failed_count) == (1, 0)


def test_a_result_is_told_after_its_operation_is_gone(
    shop: Merchant, client_for: ClientFor, import_csv: Callable[..., Any]
) -> None:
    from tests.catalog.csv.test_products import GOOD

    upload = import_csv([GOOD, {**GOOD, "sku": "HF-2", "brand": ""}])
    Operation.objects.all().delete()
    client = client_for("owner")

    page = client.get(url(shop, f"csv/{upload.pk}/")).content.decode()
    rows = client.get(url(shop, "csv/")).content.decode()

    assert "Imported: 1 added, 1 failed. The result of each row is not kept any more." in page
    assert "Download failed rows" not in page
    assert "1 added, 1 failed." in rows


def test_a_wrong_header_is_told_on_the_form(shop: Merchant, client_for: ClientFor) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = client_for("owner").post(
        url(shop, "csv/upload/"),
        {"kind": "products", "file": SimpleUploadedFile("x.csv", b"product_title,brand\nA,B\n")},
    )

    assert answer.status_code == 400
    assert "Column “sku” is missing; it names the product of each row." in answer.content.decode()


def test_the_next_step_of_a_file_that_was_deleted_says_so(
    shop: Merchant, import_csv: Callable[..., CsvUpload], client_for: Callable[..., Client]
) -> None:
    upload = import_csv([GOOD])
    CsvUpload.objects.update(finished_at=timezone.now() - timedelta(days=91))
    assert forget_files(shop) == 1
    client, base = client_for("owner"), f"/m/{shop.slug}/catalog/csv"

    template = client.get(f"{base}/template/price_inventory/?from={upload.pk}")
    page = client.get(f"{base}/upload/?kind=price_inventory&from={upload.pk}")

    assert template.status_code == 404
    assert "kettles.csv was deleted" in template.content.decode()
    assert page.status_code == 200
    assert "Download file with these SKUs" not in page.content.decode()


@pytest.mark.parametrize(
    "address", ["csv/upload/?kind=price_inventory&from=", "csv/template/price_inventory/?from="]
)
@pytest.mark.parametrize("number", ["9" * 5000, "9223372036854775808", "²"])
def test_an_upload_that_no_number_names_is_not_found(
    shop: Merchant, client_for: ClientFor, address: str, number: str
) -> None:
    assert client_for("owner").get(url(shop, f"{address}{number}")).status_code == 404
