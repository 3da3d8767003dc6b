"""The catalogue's own benchmarks, which measure and say what is allowed, as this command's."""

from __future__ import annotations

import math
from pathlib import Path

from catalog.benchmarks import bench_csv
from catalog.benchmarks_pages import SMALL_SKUS, bench_pages
from catalog.benchmarks_taxonomy import bench_taxonomy
from jetsync.benchmarks.measure import Budget

TIMES_COPY = 6.0
MEMORY_MB = 250.0


def run_csv(skus: int) -> list[Budget]:
    found = bench_csv(skus)
    print(f"{found['rows']:,} rows: bare csv and COPY {found['bare_seconds']} s")
    print(f"import {found['import_seconds']} s, again unchanged {found['repeat_seconds']} s")
    print(f"price and inventory file {found['price_seconds']} s")
    return [
        Budget("import / csv and COPY", found["import_ratio"], TIMES_COPY),
        Budget("growth of the process", found["growth_mb"], MEMORY_MB, " MB"),
    ]


def run_taxonomy(folder: Path) -> list[Budget]:
    found = bench_taxonomy(folder)
    print(f"{found['rows_in_files']:,} rows in {found['files']} files, {found['rows']:,} stored")
    print(f"import {found['import_seconds']} s, bare COPY {found['bare_seconds']} s")
    limit = float(found.get("limit", math.nan))
    return [Budget("import / COPY", found["ratio"], limit)]


def run_pages(skus: int) -> list[Budget]:
    found = bench_pages(skus)
    print(f"{skus:,} SKUs beside {SMALL_SKUS:,}, among {found.other_rows:,} rows of other merchants")
    print(f"{'page':28} {'small ms':>9} {'large ms':>9} {'ratio':>6} {'queries':>8}")
    for page in found.pages:
        times = f"{page.small_seconds * 1000:9.1f} {page.large_seconds * 1000:9.1f} {page.ratio:6.2f}"
        print(f"{page.page:28} {times} {page.large_queries:8}")
    return [budget for page in found.pages for budget in page.budgets()]
