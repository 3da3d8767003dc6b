"""A thousand merchants whose order fetch comes every ten minutes, against a Jet that takes 50 ms for every answer.

The parent is the beat: it starts what is due. Two more processes are the workers of the urgent queue, as many as a
machine of two cores runs. Every merchant finds two orders at his turn. What is measured is the wait from the turn to
Jet's yes; an order that became ready just after a turn waits for the next one on top of it, whatever the machine.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.test.utils import override_settings
from django.utils import timezone

from jetsync.benchmarks.jet_side import JetSide, jet_stub, make_merchant, remove_merchants
from jetsync.benchmarks.measure import Budget
from jetsync.benchmarks.order_import import SETTINGS
from jetsync.enums import Queue
from jetsync.models import Merchant, Schedule
from jetsync.sync.runner import run_next
from jetsync.sync.schedules import start_due
from jetsync.tenancy.context import across_merchants, merchant_scope

PREFIX = "bench-fetch"
LATENCY = 0.05
WORKERS = 2
ORDERS_EACH = 2
SKUS_EACH = 2
INTERVAL = 600
# Of the beat (jetsync/celery.py) and of the look at what runs late.
BEAT_SECONDS = 10.0
# After the last turn everything has to come to its end within this.
PATIENCE = 120.0
P99_SECONDS = 120.0
PERCENT = 0.99


def run_fetch(merchants: int, seconds: int) -> list[Budget]:
    """`seconds`: the time in which every merchant has one turn; 600 is production."""
    remove_merchants(PREFIX)
    try:
        with jet_stub(orders=ORDERS_EACH, latency=LATENCY) as jet:
            made = [
                make_merchant(f"{PREFIX}-{number}", number, jet.api_url, skus=SKUS_EACH)
                for number in range(merchants)
            ]
            started = timezone.now() + timedelta(seconds=BEAT_SECONDS)
            set_turns(made, started, float(seconds))
            turns = [turn_of(number, merchants, started, float(seconds)) for number in range(merchants)]
            late = _let_workers_run(jet, merchants, seconds)
            report = jet.report()
    finally:
        remove_merchants(PREFIX)
    found = waits(report, turns)
    print(f"{merchants:,} merchants with {ORDERS_EACH} orders each, a turn each within {seconds} s")
    print(f"{WORKERS} workers, {LATENCY * 1000:.0f} ms of Jet per call")
    if found:
        print(
            f"from the turn to the answer: half within {percentile(found, 0.5):.1f} s, all within {max(found):.1f} s"
        )
    return [
        Budget("merchants late", late, 0),
        Budget("orders without an answer", merchants * ORDERS_EACH - report["acknowledged"], 0),
        Budget("orders answered twice", report["doubled"], 0),
        Budget(
            "99 % answered after the turn",
            percentile(found, PERCENT) if found else P99_SECONDS * 2,
            P99_SECONDS,
            " s",
        ),
    ]


def turn_of(number: int, merchants: int, started: datetime, seconds: float) -> datetime:
    return started + timedelta(seconds=seconds * number / merchants)


def set_turns(merchants: Sequence[Merchant], started: datetime, seconds: float) -> None:
    """One turn after the other, evenly, as the offset of each merchant spreads them."""
    for number, merchant in enumerate(merchants):
        due = turn_of(number, len(merchants), started, seconds)
        with merchant_scope(merchant):
            Schedule.objects.update_or_create(
                merchant=merchant,
                kind="orders.fetch",
                defaults={"interval_seconds": INTERVAL, "next_due_at": due},
            )


def _let_workers_run(jet: JetSide, merchants: int, seconds: int) -> int:
    """Beats until all is answered or patience ends; returns how many merchants were late at the worst moment."""
    late, until = 0, time.monotonic() + seconds + BEAT_SECONDS + PATIENCE
    command = [sys.executable, "manage.py", "bench", "fetch", "--memory-of", PREFIX, "--seconds"]
    limit = str(int(until - time.monotonic()))
    with ExitStack() as stack:
        for _worker in range(WORKERS):
            worker = subprocess.Popen([*command, limit], cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
            stack.callback(worker.wait)
            stack.callback(worker.terminate)
        while time.monotonic() < until and jet.report()["acknowledged"] < merchants * ORDERS_EACH:
            start_due()
            late = max(late, late_merchants())
            time.sleep(BEAT_SECONDS)
    return late


def late_merchants() -> int:
    now = timezone.now()
    with across_merchants():
        rows = list(Schedule.objects.filter(kind="orders.fetch", merchant__slug__startswith=PREFIX))
    return sum(row.is_late(now) for row in rows)


def measure(_prefix: str, seconds: int) -> str:
    """A worker process."""
    with override_settings(**{**SETTINGS, "JET_RATE_PER_SECOND": 20.0, "JET_RATE_BURST": 40}):
        work(float(seconds))
    return ""


def work(seconds: float) -> None:
    """Runs what is due in the urgent queue, and goes on looking for so many seconds."""
    until = time.monotonic() + seconds
    while (found := run_next(Queue.URGENT)) or time.monotonic() < until:
        if not found:
            time.sleep(0.05)


def waits(report: dict[str, Any], turns: Sequence[datetime]) -> list[float]:
    """Seconds from each merchant's turn to each of his answers."""
    return [at - turns[merchant].timestamp() for merchant, at in report["answers"]]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not pass."""
    return sorted(values)[max(0, round(len(values) * share) - 1)]
