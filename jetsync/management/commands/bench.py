"""`manage.py bench NAME`: a benchmark against its budgets. `run.py bench NAME` brings the servers."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jetsync.benchmarks import files

BENCHMARKS = {"files": files.run}


class Command(BaseCommand):
    help = "Measure a benchmark; the exit code says whether its budgets are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=sorted(BENCHMARKS))
        parser.add_argument("--skus", type=int, default=100_000)
        parser.add_argument(
            "--memory-of", metavar="SLUG", help="Used by the benchmark itself: one build in this process."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["memory_of"]:
            self.stdout.write(str(files.measure_memory(options["memory_of"])))
            return
        if options["skus"] < 1:
            raise CommandError("--skus takes 1 or more.")
        budgets = BENCHMARKS[options["name"]](options["skus"])
        for budget in budgets:
            self.stdout.write(str(budget))
        if not all(budget.is_kept for budget in budgets):
            raise CommandError("A budget is broken.")
