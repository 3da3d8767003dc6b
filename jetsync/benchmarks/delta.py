"""A delta of price and quantity in a large catalogue, beside the full build of the same catalogue."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jetsync.benchmarks.files import change, delta, full_build, scratch_merchant
from jetsync.benchmarks.measure import Budget, best_of, count_queries

ROUNDS = 3
CHANGED = 500
DELTA_SHARE = 1 / 20


def run(skus: int) -> list[Budget]:
    """Makes the catalogue, measures, prints, removes everything again."""
    with scratch_merchant(skus) as merchant, tempfile.TemporaryDirectory(prefix="jetsync-bench-") as name:
        folder = Path(name)
        changed = change(merchant, min(CHANGED, skus))
        best = best_of(
            ROUNDS,
            {"full": lambda: full_build(folder, merchant), "delta": lambda: delta(folder, merchant)},
        )
        queries = count_queries(lambda: delta(folder, merchant))
    print(f"full build of {skus:,} SKUs: {best['full']:.3f} s")
    print(f"delta of {changed:,}: {best['delta']:.3f} s, {queries} queries")
    return [Budget(f"delta of {changed} / full build", best["delta"] / best["full"], DELTA_SHARE)]
