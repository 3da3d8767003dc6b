"""`manage.py bench NAME`: a benchmark against its budgets. `run.py bench NAME` brings the servers."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jetsync.benchmarks import catalogue, delta, fetch_turns, files, order_import, pages
from jetsync.benchmarks.measure import Budget
from jetsync.benchmarks.names import NAMES

# Each takes the number of SKUs; the taxonomy is as large as its files.
BENCHMARKS: dict[str, Callable[[int], list[Budget]]] = {
    "csv": catalogue.run_csv,
    "delta": delta.run,
    "files": files.run,
    "pages": pages.run,
}
# What a benchmark measures in a process of its own, as JSON: of this merchant, with so many SKUs.
IN_A_CHILD: dict[str, Callable[[str, int], str]] = {
    "csv": catalogue.measure_csv,
    "files": lambda slug, _skus: str(files.measure_memory(slug)),
    "orders": order_import.measure,
    "fetch": fetch_turns.measure,
}
# Those that are about orders instead of SKUs: what their options say.
OF_ORDERS: dict[str, Callable[[dict[str, Any]], list[Budget]]] = {
    "fetch": lambda options: fetch_turns.run_fetch(options["merchants"], options["seconds"]),
    "orders": lambda options: order_import.run_orders(options["orders"]),
}
# The option that a benchmark's child needs to know.
SIZES = {"orders": "orders", "fetch": "seconds"}
TAXONOMY = Path(settings.BASE_DIR) / "jetsync" / "sandbox" / "taxonomy_small"


class Command(BaseCommand):
    help = "Measure a benchmark; the exit code says whether its budgets are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=NAMES)
        parser.add_argument("--skus", type=int, default=100_000)
        parser.add_argument("--orders", type=int, default=10_000, help="For orders: how many wait.")
        parser.add_argument("--merchants", type=int, default=1000, help="For fetch: how many take turns.")
        parser.add_argument(
            "--seconds", type=int, default=600, help="For fetch: in which all have their turn."
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=TAXONOMY,
            help="For taxonomy: the folder with Jet's files; by default the sandbox's small ones.",
        )
        parser.add_argument(
            "--memory-of", metavar="SLUG", help="Used by a benchmark itself: once in this process."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["memory_of"]:
            size = options[SIZES.get(options["name"], "skus")]
            self.stdout.write(IN_A_CHILD[options["name"]](options["memory_of"], size))
            return
        for name in ("skus", "orders", "merchants", "seconds"):
            if options[name] < 1:
                raise CommandError(f"--{name} takes 1 or more.")
        budgets = self._measure(options["name"], options)
        for budget in budgets:
            self.stdout.write(str(budget))
        if not all(budget.is_kept for budget in budgets):
            raise CommandError("A budget is broken.")

    def _measure(self, name: str, options: dict[str, Any]) -> list[Budget]:
        if name in OF_ORDERS:
            return OF_ORDERS[name](options)
        if name != "taxonomy":
            return BENCHMARKS[name](options["skus"])
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} is no folder.")
        return catalogue.run_taxonomy(options["folder"])
