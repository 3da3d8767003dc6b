"""The catalogue's own benchmarks, which measure and say what is allowed, as this command's."""

from __future__ import annotations

import json
import math
from pathlib import Path

from catalog.benchmarks import bench_csv, measure_in_this_process
from catalog.benchmarks_taxonomy import bench_taxonomy
from jetsync.benchmarks.measure import Budget

TIMES_COPY = 6.0
MEMORY_MB = 150.0
# What a batch asks whatever its size; one statement per row would be thousands.
QUERIES_PER_BATCH = 60.0


def run_csv(skus: int) -> list[Budget]:
    """Prints what was measured. The price file has no floor of its own: its three columns say nothing about the work."""
    found = bench_csv(skus)
    print(f"{found.rows:,} rows, csv and COPY into one table of text: {found.floor:.3f} s")
    print(f"csv and COPY of the same rows into the catalogue: {found.stored:.3f} s")
    print(f"import of new SKUs: {found.new:.3f} s, {found.queries:,} queries in {found.batches:,} batches")
    print(f"that is {found.new / found.floor:.1f} times the table of text")
    print(f"none changed: {found.same:.3f} s; 1 % changed: {found.few:.3f} s")
    print(f"price and inventory file: {found.prices:.3f} s")
    return [
        Budget("new SKUs / csv and COPY", found.new / found.stored, TIMES_COPY),
        Budget("none changed / csv and COPY", found.same / found.floor, TIMES_COPY),
        Budget("1 % changed / csv and COPY", found.few / found.floor, TIMES_COPY),
        Budget("memory over idle", found.memory_mb, MEMORY_MB, " MB"),
        Budget("queries per batch", found.queries / found.batches, QUERIES_PER_BATCH),
    ]


def measure_csv(slug: str, skus: int) -> str:
    return json.dumps(measure_in_this_process(slug, skus))


def run_taxonomy(folder: Path) -> list[Budget]:
    found = bench_taxonomy(folder)
    print(f"{found['rows_in_files']:,} rows in {found['files']} files, {found['rows']:,} stored")
    print(f"import {found['import_seconds']} s, bare COPY {found['bare_seconds']} s")
    limit = float(found.get("limit", math.nan))
    return [Budget("import / COPY", found["ratio"], limit)]
