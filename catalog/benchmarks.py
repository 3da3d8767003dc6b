"""How long the import of CSV files takes beside `csv` and `COPY`. Ratios, not seconds, are what counts."""

from __future__ import annotations

import csv
import io
import json
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from stdnum import ean

from catalog.actions.csv_batch import BATCH
from catalog.actions.csv_import import run_import
from catalog.actions.csv_upload import start_upload
from catalog.bulk import batches
from catalog.csv_columns import column_names
from catalog.enums import CsvKind
from catalog.management.commands.make_catalogue import make_nodes
from catalog.models import CsvUpload, ImageFact, ImageUse, Listing, NodeStock, Product, Variant
from catalog.pages import page_url
from jetsync.benchmarks.measure import best_of, memory_over_idle
from jetsync.models import Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope

PREFIX = "bench-csv"
ROUNDS = 2
# Rows that a process has imported before its memory counts as idle: enough to have gone every way.
WARM_ROWS = 500
# Children first: rows go without Django's collector, which would load all of them.
TABLES = (ImageUse, ImageFact, NodeStock, Listing, Variant, Product)


@dataclass(frozen=True)
class CsvFound:
    """Seconds of the floors and of imports: all SKUs new, none changed, 1 % changed, prices and stock of all.

    `floor` copies the cells into one table of text, `stored` the same rows into the tables of the catalogue.
    `memory_mb` over an idle process and `queries` are those of the import of new SKUs, in a process of its own.
    """

    rows: int
    floor: float
    stored: float
    new: float
    same: float
    few: float
    prices: float
    memory_mb: float
    queries: int

    @property
    def batches(self) -> int:
        return -(-self.rows // BATCH)


def bench_csv(rows: int) -> CsvFound:
    """Imports a product file into merchants made for it, and removes them again."""
    _load_pages()
    with TemporaryDirectory(prefix="jetsync-bench-") as name, scratch_merchants(ROUNDS + 2) as merchants:
        folder, first = Path(name), merchants[0]
        products = write_products(folder / "products.csv", map(product_row, range(rows)))
        fresh = [take_in(merchant, products) for merchant in merchants[:ROUNDS]]
        sample = merchants[-2]
        run(take_in(sample, products), created=rows)
        texts = export_stored(sample, folder)
        best = best_of(
            ROUNDS,
            {
                "floor": lambda: copy_bare(products),
                "stored": lambda: copy_stored(sample, products, texts),
                "new": lambda: run(fresh.pop(), created=rows),
            },
        )
        changed = -(-rows // 100)
        edited = write_products(folder / "edited.csv", map(_edited_row, range(rows)))
        prices = _write_prices(folder / "prices.csv", rows)
        later: dict[str, Callable[[], object]] = {
            "same": lambda: run(take_in(first, products), unchanged=rows),
            "few": lambda: run(take_in(first, edited), updated=changed, unchanged=rows - changed),
            "prices": lambda: run(take_in(first, prices, CsvKind.PRICE_INVENTORY), updated=rows),
        }
        seconds = best | {name: best_of(1, {name: work})[name] for name, work in later.items()}
        child = _measure_in_a_child(merchants[-1], rows)
    return CsvFound(rows, **seconds, memory_mb=child["memory_mb"], queries=child["queries"])


def product_row(number: int) -> dict[str, str]:
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
    row = product_row(number)
    return (
        row | {"product_title": f"{row['product_title']}, new", "msrp": "49.99"} if number % 100 == 0 else row
    )


def write_products(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    return _write(path, CsvKind.PRODUCTS, rows)


def _write_prices(path: Path, rows: int) -> Path:
    lines = ({"sku": f"BENCH-{number}", "price": "38.50", "inventory": "12"} for number in range(rows))
    return _write(path, CsvKind.PRICE_INVENTORY, lines)


def _write(path: Path, kind: CsvKind, rows: Iterable[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, column_names(kind), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def copy_bare(path: Path) -> int:
    """The floor: csv and COPY of the same cells into a temporary table of text columns. Returns how many rows."""
    with path.open(encoding="utf-8", newline="") as file, connection.cursor() as cursor:
        reader = csv.reader(file)
        names = next(reader)
        columns = ", ".join(f'"{name}" text' for name in names)
        cursor.execute(f"CREATE TEMP TABLE bench_copy ({columns})")
        count = 0
        for batch in batches(reader, 5000):
            text = io.StringIO()
            csv.writer(text).writerows(batch)
            text.seek(0)
            cursor.copy_expert("COPY bench_copy FROM STDIN WITH (FORMAT csv)", text)
            count += len(batch)
        cursor.execute("DROP TABLE bench_copy")
    return count


def export_stored(merchant: Merchant, folder: Path) -> dict[Any, Path]:
    """What an import has stored, as one text file per table; the rows are taken away again."""
    texts = {}
    with merchant_scope(merchant):
        for model in reversed(TABLES):  # parents first
            texts[model] = folder / f"{model._meta.db_table}.txt"
            rows = (
                f"SELECT {_columns(model)} FROM {model._meta.db_table} WHERE merchant_id = {int(merchant.pk)}"  # noqa: S608 -- a number
            )
            with texts[model].open("w", encoding="utf-8") as file, connection.cursor() as cursor:
                cursor.copy_expert(f"COPY ({rows}) TO STDOUT", file)
        _remove_rows(merchant)
    return texts


def copy_stored(merchant: Merchant, path: Path, texts: dict[Any, Path]) -> int:
    """The floor of new SKUs: csv reads the file, and its rows as they will be stored go into the catalogue's tables.

    With types, keys, indexes and row-level security, which lets no COPY into a table, so each goes through a temporary
    one. Keys are checked as at a commit; then all is taken back, so that it can be measured again.
    """
    count = 0
    with merchant_scope(merchant), transaction.atomic(), connection.cursor() as cursor:
        with path.open(encoding="utf-8", newline="") as file:
            read = sum(1 for _row in csv.reader(file)) - 1
        for model, text in texts.items():
            table, columns = model._meta.db_table, _columns(model)
            cursor.execute(f"CREATE TEMP TABLE floor_{table} AS SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608 -- our own names
            with text.open(encoding="utf-8") as file:
                cursor.copy_expert(f"COPY floor_{table} FROM STDIN", file)
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM floor_{table}")  # noqa: S608 -- as above
            count += cursor.rowcount if model is Variant else 0
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    if count != read:
        raise RuntimeError(f"The floor stored {count} SKUs of {read} rows.")
    return count


def _columns(model: Any) -> str:
    names = (field.column for field in model._meta.concrete_fields if not field.generated)
    return ", ".join(f'"{name}"' for name in names)


def take_in(merchant: Merchant, path: Path, kind: CsvKind = CsvKind.PRODUCTS) -> CsvUpload:
    """The upload with its file stored; it is imported here and by no worker."""
    with merchant_scope(merchant), path.open("rb") as file:
        uploaded: UploadedFile[bytes] = UploadedFile(file, path.name, size=path.stat().st_size)
        upload = start_upload(merchant, kind, uploaded, actor=SYSTEM)
        Job.objects.filter(merchant=merchant, kind="catalog.import_csv").delete()
    return upload


def run(upload: CsvUpload, **expected: int) -> CsvUpload:
    """Imports; raises when the outcome is another than expected: a benchmark of nothing tells nothing."""
    with merchant_scope(upload.merchant):
        done = run_import(upload)
    counts = {name: getattr(done, f"{name}_count") for name in ("created", "updated", "unchanged", "failed")}
    if counts != dict.fromkeys(counts, 0) | expected:
        raise RuntimeError(f"The import ended with {counts}, expected {expected}.")
    return done


def measure_in_this_process(slug: str, rows: int) -> dict[str, Any]:
    """Memory over idle and queries of an import of new SKUs; meant for a fresh process."""
    merchant = Merchant.objects.get(slug=slug)
    _load_pages()
    with TemporaryDirectory(prefix="jetsync-bench-") as name:
        folder, later = Path(name), range(rows, rows + WARM_ROWS)
        warm = write_products(folder / "warm.csv", map(product_row, later))
        whole = write_products(folder / "products.csv", map(product_row, range(rows)))
        # Imports, the connection and the ORM's caches belong to an idle worker.
        run(take_in(merchant, warm), created=WARM_ROWS)
        upload, counter = take_in(merchant, whole), _Counter()
        with connection.execute_wrapper(counter):
            memory = memory_over_idle(lambda: run(upload, created=rows))
    return {"memory_mb": memory, "queries": counter.count}


class _Counter:
    """Counts statements without keeping them. COPY passes by it."""

    count = 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.count += 1
        return execute(*statement)


def _measure_in_a_child(merchant: Merchant, rows: int) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "bench", "csv", "--skus", str(rows), "--memory-of", merchant.slug]
    done = subprocess.run(command, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE)  # noqa: S603 -- our own command
    return dict(json.loads(done.stdout))


def _load_pages() -> None:
    """What a worker has loaded long before: the addresses of all pages, which the last message of an import names."""
    page_url(Merchant(slug="x"), "csv-list")


@contextmanager
def scratch_merchants(count: int) -> Iterator[list[Merchant]]:
    """Merchants with keys and two nodes; gone afterwards, as are those of a run that was killed."""
    _remove_all()
    made = []
    for _number in range(count):
        slug = f"{PREFIX}-{secrets.token_hex(4)}"
        made.append(Merchant.objects.create(name="Benchmark", slug=slug))
        with merchant_scope(made[-1]):
            make_nodes(made[-1])
    try:
        yield made
    finally:
        _remove_all()


def _remove_all() -> None:
    for merchant in Merchant.objects.filter(slug__startswith=PREFIX):
        with merchant_scope(merchant):
            for upload in CsvUpload.objects.filter(merchant=merchant).exclude(file=""):
                upload.file.delete(save=False)
            _remove_rows(merchant)
            merchant.delete()


def _remove_rows(merchant: Merchant) -> None:
    for model in TABLES:
        rows = model._default_manager.filter(merchant=merchant)
        rows._raw_delete(rows.db)  # noqa: SLF001 -- one statement
