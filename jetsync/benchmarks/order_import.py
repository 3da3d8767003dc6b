"""Ten thousand waiting orders of one merchant: none lost, none doubled, and how long the import takes beside the reading.

The import is what the workers do: jobs are claimed and run one after another, with every row they write. The floor is the
typed client alone: it reads the same orders, one after another, and keeps nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Sum
from django.test.utils import override_settings

from catalog.models import Reservation
from jetsync.benchmarks.jet_side import JetSide, jet_stub, make_merchant, remove_merchants
from jetsync.benchmarks.measure import Budget, Statements, memory_over_idle
from jetsync.enums import Queue
from jetsync.jet import JetClient
from jetsync.models import Job, Merchant
from jetsync.queries.settings import get_account
from jetsync.sync.claims import claim_next
from jetsync.sync.queue import enqueue
from jetsync.sync.runner import run
from jetsync.tenancy.context import merchant_scope
from orders.enums import OrderState
from orders.models import Order
from orders.pages import order_list_url

SLUG = "bench-orders"
LATENCY = 0.05
SHARE_OF_FLOOR = 0.7
MEMORY_MB = 150.0
# Every order is read in the same time, so the floor need not read all of them.
FLOOR_READS = 400
WARM_READS = 20
# What is left of the product's own limit (20 calls a second by default) would be all that is seen otherwise.
SETTINGS: dict[str, Any] = {
    "JET_RATE_PER_SECOND": 100_000.0,
    "JET_RATE_BURST": 100_000,
    "PRIVATE_HOSTS": ["127.0.0.1"],  # the stub
}


@dataclass(frozen=True)
class Measured:
    """Seconds and statements of the whole work by job kind; of the floor seconds per order. `memory_mb` over idle."""

    floor: float
    seconds: dict[str, float]
    statements: dict[str, int]
    memory_mb: float

    def told(self, kind: str, orders: int) -> str:
        seconds = self.seconds.get(kind, 0.0)
        statements = self.statements.get(kind, 0) / orders
        return f"{seconds / orders * 1000:.1f} ms and {statements:.1f} statements an order, {seconds:.1f} s in all"


def run_orders(orders: int, latency: float = LATENCY) -> list[Budget]:
    remove_merchants(SLUG)
    try:
        with jet_stub(orders=orders, latency=latency) as jet:
            merchant = make_merchant(SLUG, 0, jet.api_url)
            measured = _measure_in_a_child(merchant, orders)
            lost, doubled = compare(merchant, jet, orders)
    finally:
        remove_merchants(SLUG)
    each_order = measured.seconds.get("orders.fetch", 0.0) / orders
    print(f"{orders:,} orders, {latency * 1000:.0f} ms of Jet per call, one call after another")
    print(f"read by the client alone: {measured.floor * 1000:.1f} ms an order")
    print(f"imported: {measured.told('orders.fetch', orders)}")
    print(f"answered: {measured.told('orders.acknowledge', orders)}")
    return [
        Budget("orders lost", lost, 0),
        Budget("orders doubled", doubled, 0),
        Budget("import / reading", each_order / measured.floor, 1 / SHARE_OF_FLOOR),
        Budget("memory over idle", measured.memory_mb, MEMORY_MB, " MB"),
    ]


def _measure_in_a_child(merchant: Merchant, orders: int) -> Measured:
    command = [sys.executable, "manage.py", "bench", "orders", "--memory-of", merchant.slug]
    done = subprocess.run(  # noqa: S603 -- our own command
        [*command, "--orders", str(orders)], cwd=settings.BASE_DIR, check=True, stdout=subprocess.PIPE
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def measure(slug: str, orders: int) -> str:
    """In a fresh process: the floor, then the import with its memory."""
    merchant = Merchant.objects.get(slug=slug)
    with merchant_scope(merchant), override_settings(**SETTINGS):
        jet = bare_client(merchant)
        ids = jet.orders.urls("ready")
        read_all(jet, ids[:WARM_READS])
        reads = ids[: min(FLOOR_READS, orders)]
        order_list_url(merchant)  # a worker has loaded all addresses long ago
        started = time.perf_counter()
        read_all(jet, reads)
        floor = (time.perf_counter() - started) / len(reads)
        spent: list[Spent] = []
        memory = memory_over_idle(lambda: spent.append(drain(merchant)))
    return json.dumps(asdict(Measured(floor, dict(spent[0].seconds), dict(spent[0].statements), memory)))


def bare_client(merchant: Merchant) -> JetClient:
    """The typed client with nothing around it: no record of its calls, no limit, no lease."""
    account = get_account(merchant)
    if account is None:
        raise LookupError("the merchant was made with an account")
    return JetClient(base_url=account.api_url, user=account.api_user, secret=account.api_secret)


def read_all(jet: JetClient, ids: list[str]) -> None:
    for order_id in ids:
        jet.orders.get(order_id)


@dataclass
class Spent:
    """By job kind; claiming a job belongs to it."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    statements: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def drain(merchant: Merchant) -> Spent:
    """One worker of the urgent queue from the fetch's start to the last answer."""
    spent, asked = Spent(), Statements()
    enqueue(merchant, "orders.fetch", "schedule")
    with connection.execute_wrapper(asked):
        while (job := _next_job(merchant)) is not None:
            started = time.perf_counter()
            run(job)
            spent.seconds[job.kind] += time.perf_counter() - started
            spent.statements[job.kind] += asked.count
            asked.count = 0
    _check_jobs(merchant)
    return spent


def _check_jobs(merchant: Merchant) -> None:
    """A job that failed or waits for another try did not do what is measured."""
    bad = Job.objects.filter(merchant=merchant, queue=Queue.URGENT).exclude(code="").first()
    if bad is not None:
        raise RuntimeError(f"{bad.kind} ended with {bad.code}: {bad.message}")


def _next_job(merchant: Merchant) -> Any:
    """The fetch waits five seconds for a full list to shrink; it is not our business to wait for it here."""
    job = claim_next(Queue.URGENT)
    if job is None and Order.objects.filter(merchant=merchant, state=OrderState.READY).exists():
        time.sleep(0.2)
        return _next_job(merchant)
    return job


def compare(merchant: Merchant, jet: JetSide, orders: int) -> tuple[int, int]:
    """Orders lost and doubled, by our rows, by what Jet counted, and by the pieces that are held."""
    report = jet.report()
    with merchant_scope(merchant):
        stored = Order.objects.filter(merchant=merchant, state=OrderState.ACKNOWLEDGED).count()
        twice = (
            Order.objects.values("merchant_order_id").annotate(rows=Count("pk")).filter(rows__gt=1).count()
        )
        held = Reservation.objects.filter(merchant=merchant, released_at=None)
        pieces = held.aggregate(pieces=Sum("quantity"))["pieces"] or 0
    lost = orders - min(stored, report["acknowledged"], pieces)
    return lost, max(twice, report["doubled"], pieces - orders)
