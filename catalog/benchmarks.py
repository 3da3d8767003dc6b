"""How long catalogue work takes beside the barest way of moving the same rows. Ratios, not seconds, are what counts."""

from __future__ import annotations

import csv
import io
import resource
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from stdnum import ean

from catalog.actions.csv_import import run_import
from catalog.actions.csv_upload import start_upload
from catalog.bulk import batches
from catalog.csv_columns import column_names
from catalog.enums import CsvKind
from catalog.models import Product, Variant
from catalog.pages import page_url
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope


def _product_row(number: int) -> dict[str, str]:
    body = f"04{number:09d}"
    return {
        "sku": f"BENCH-{number}",
        "product_title": f"Copper Whistling Kettle number {number}",
        "multipack_quantity": "1",
        "standard_product_code_type1": "UPC",
        "standard_product_code1": body + ean.calc_check_digit(body),
        "brand": "Harrow & Finch",
        "main_image_url": f"https://img.example.com/kettle/{number}.jpg",
        "shipping_weight_pounds": "3.25",
        "product_description": "A kettle of rolled copper that whistles when the water is hot. " * 4,
        "manufacturer": "Harrow & Finch Works",
        "mfr_part_number": f"KET-{number}",
        "bullet1": "Rolled copper body",
        "bullet2": "Stays cool handle",
        "map_implementation": "101",
        "store_category": f"Kitchen > Shelf {number % 50}",
    }


def _edited_row(number: int) -> dict[str, str]:
    """One row in a hundred has another title and list price."""
    row = _product_row(number)
    return (
        row | {"product_title": f"{row['product_title']}, new", "msrp": "49.99"} if number % 100 == 0 else row
    )


def _write(path: Path, kind: CsvKind, rows: Iterator[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, column_names(kind), restval="")
        writer.writeheader()
        writer.writerows(rows)


def _bare_copy(path: Path) -> float:
    """Seconds for csv and COPY of the same cells into a table of text columns."""
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file, connection.cursor() as cursor:
        reader = csv.reader(file)
        names = next(reader)
        columns = ", ".join(f'"{name}" text' for name in names)
        cursor.execute(f"CREATE TEMP TABLE bench_copy ({columns})")
        for batch in batches(reader, 5000):
            text = io.StringIO()
            csv.writer(text).writerows(batch)
            text.seek(0)
            cursor.copy_expert("COPY bench_copy FROM STDIN WITH (FORMAT csv)", text)
        cursor.execute("DROP TABLE bench_copy")
    return time.perf_counter() - began


def _import(merchant: Merchant, path: Path, kind: CsvKind) -> float:
    with path.open("rb") as file:
        uploaded: UploadedFile[bytes] = UploadedFile(file, path.name, size=path.stat().st_size)
        upload = start_upload(merchant, kind, uploaded, actor=SYSTEM)
    Job.objects.filter(merchant=merchant, kind="catalog.import_csv").delete()  # it is run here, by hand
    began = time.perf_counter()
    upload = run_import(upload)
    seconds = time.perf_counter() - began
    if upload.failed_count:
        raise RuntimeError(f"{upload.failed_count} rows failed; the benchmark's file is wrong.")
    return seconds


def _warm_up() -> None:
    """What a worker has loaded long before: the addresses of all pages, which the last message of an import names."""
    page_url(Merchant(slug="x"), "csv-list")


def bench_csv(rows: int = 100_000) -> dict[str, Any]:
    """Imports a product file of `rows` rows into a merchant of its own: all new, all unchanged, 1 % changed.

    Then its price file. Returns seconds, the ratios to bare csv and COPY, and the growth of the process in MB.
    """
    _warm_up()
    merchant = Merchant.objects.create(name="Benchmark", slug=f"bench-{secrets.token_hex(4)}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with TemporaryDirectory() as folder, merchant_scope(merchant):
        products, prices = Path(folder) / "products.csv", Path(folder) / "prices.csv"
        edited = Path(folder) / "edited.csv"
        _write(edited, CsvKind.PRODUCTS, (_edited_row(n) for n in range(rows)))
        _write(products, CsvKind.PRODUCTS, (_product_row(n) for n in range(rows)))
        price_rows = ({"sku": f"BENCH-{n}", "price": "38.50", "inventory": "12"} for n in range(rows))
        _write(prices, CsvKind.PRICE_INVENTORY, price_rows)
        bare = _bare_copy(products)
        new = _import(merchant, products, CsvKind.PRODUCTS)
        again = _import(merchant, products, CsvKind.PRODUCTS)
        few = _import(merchant, edited, CsvKind.PRODUCTS)
        priced = _import(merchant, prices, CsvKind.PRICE_INVENTORY)
        assert Variant.objects.filter(merchant=merchant).count() == rows  # noqa: S101 -- a benchmark of nothing tells nothing
        growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        Product.objects.filter(merchant=merchant).delete()
    return {
        "rows": rows,
        "bare_seconds": round(bare, 2),
        "import_seconds": round(new, 2),
        "repeat_seconds": round(again, 2),
        "changed_seconds": round(few, 2),
        "price_seconds": round(priced, 2),
        "import_ratio": round(new / bare, 2),
        "repeat_ratio": round(again / bare, 2),
        "changed_ratio": round(few / bare, 2),
        "price_ratio": round(priced / bare, 2),
        "growth_mb": round(growth / 1024),
    }
