"""Price and inventory files of a large catalogue beside the floor, and the building that `delta` measures too."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.models import F

from catalog.actions.deltas import listed
from catalog.actions.files import note_built
from catalog.enums import FileType, Step
from catalog.management.commands.make_catalogue import fill
from catalog.models import BulkFile, Listing, NodeStock, Product
from catalog.sync.deltas import dirty_prices, dirty_stock, due_ids
from catalog.sync.files import build
from jetsync.benchmarks import floor
from jetsync.benchmarks.measure import Budget, best_of, count_queries, memory_over_idle
from jetsync.models import Merchant
from jetsync.queries.settings import get_account, get_options
from jetsync.tenancy.context import merchant_scope

SLUG = "bench-files"
ROUNDS = 3
TIMES_FLOOR = 3.0
MEMORY_MB = 150.0


def run(skus: int) -> list[Budget]:
    """Makes the catalogue, measures, prints, removes everything again."""
    with scratch_merchant(skus) as merchant, tempfile.TemporaryDirectory(prefix="jetsync-bench-") as name:
        folder = Path(name)
        best = best_of(
            ROUNDS,
            {
                "floor": lambda: floor.write_files(folder, merchant.pk),
                "full": lambda: full_build(folder, merchant),
            },
        )
        full_queries = count_queries(lambda: full_build(folder, merchant))
        memory = _memory_of_a_child(merchant)
    full_text = f"{skus:,} SKUs, price and inventory files"
    print(f"{full_text}: {best['full']:.3f} s, {full_queries} queries; floor {best['floor']:.3f} s")
    return [
        Budget("full build / floor", best["full"] / best["floor"], TIMES_FLOOR),
        Budget("memory over idle", memory, MEMORY_MB, " MB"),
    ]


def measure_memory(slug: str) -> float:
    """Megabytes over idle of one full build; meant for a fresh process."""
    merchant = Merchant.objects.get(slug=slug)
    with merchant_scope(merchant), tempfile.TemporaryDirectory(prefix="jetsync-bench-") as name:
        delta(Path(name), merchant)  # imports, the connection and the ORM's caches belong to an idle worker
        return memory_over_idle(lambda: full_build(Path(name), merchant))


def _memory_of_a_child(merchant: Merchant) -> float:
    command = [sys.executable, "manage.py", "bench", "files", "--memory-of", merchant.slug]
    done = subprocess.run(command, cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE)  # noqa: S603 -- our own command
    return float(json.loads(done.stdout))


@contextmanager
def scratch_merchant(skus: int) -> Iterator[Merchant]:
    """A merchant with `skus` listed SKUs, its scope open; gone afterwards, as are those of a run that was killed."""
    for left_over in Merchant.objects.filter(slug=SLUG):
        remove(left_over)
    merchant = Merchant.objects.create(slug=SLUG, name="Benchmark")
    try:
        with merchant_scope(merchant):
            fill(merchant, skus)
            yield merchant
    finally:
        remove(merchant)


def remove(merchant: Merchant) -> None:
    with merchant_scope(merchant):
        for model in (BulkFile, NodeStock, Listing):
            # Without the ORM's collector, which would load a hundred thousand rows to look for children.
            rows = model.objects.filter(merchant=merchant)
            rows._raw_delete(rows.db)  # noqa: SLF001
        Product.objects.filter(merchant=merchant).delete()
        merchant.delete()


def full_build(folder: Path, merchant: Merchant) -> list[Path]:
    """Every listed SKU into files of the merchant's size, each with its row and manifest as before an upload."""
    size = get_options(merchant).skus_per_file
    made = []
    for file_type in (FileType.PRICE, FileType.INVENTORY):
        last = 0
        while ids := list(
            listed(merchant).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:size]
        ):
            made.append(_one_file(folder, merchant, file_type, ids))
            last = ids[-1]
    _forget_files(merchant)
    return made


def delta(folder: Path, merchant: Merchant) -> list[Path]:
    """What the delta jobs do until Jet is called: find what changed, build, note."""
    size = get_options(merchant).skus_per_file
    prices = due_ids(dirty_prices(merchant), Step.PRICE, size)
    stock = due_ids(dirty_stock(merchant), Step.INVENTORY, size)
    made = [
        _one_file(folder, merchant, FileType.PRICE, prices),
        _one_file(folder, merchant, FileType.INVENTORY, stock),
    ]
    _forget_files(merchant)
    return made


def _one_file(folder: Path, merchant: Merchant, file_type: FileType, ids: Sequence[int]) -> Path:
    path = folder / f"{file_type}-{ids[0] if ids else 0}-{len(ids)}.json.gz"
    built, manifest = build(path, merchant, file_type, ids)
    account = get_account(merchant)
    if account is None:
        raise LookupError("make_catalogue gives every merchant an account")
    note_built(
        merchant,
        account,
        file_type,
        manifest,
        operation=None,
        byte_count=built.size_bytes,
        jet_file_id="",
        upload_url="",
    )
    return path


def _forget_files(merchant: Merchant) -> None:
    rows = BulkFile.objects.filter(merchant=merchant)
    rows._raw_delete(rows.db)  # noqa: SLF001 -- one statement


def change(merchant: Merchant, count: int) -> int:
    """A new price and a new quantity for `count` SKUs spread over the catalogue."""
    ids = list(Listing.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True))
    chosen = ids[:: max(1, len(ids) // count)][:count]
    Listing.objects.filter(merchant=merchant, pk__in=chosen).update(price_target=F("price_target") + 1)
    NodeStock.objects.filter(merchant=merchant, variant__listing__in=chosen, node__is_default=True).update(
        quantity_target=F("quantity_target") + 1
    )
    return len(chosen)
