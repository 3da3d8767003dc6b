"""A merchant with both ends in hand: what shoppers and Jet do, what he does, what his workers do, and the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import requests
import time_machine

from catalog.models import Variant
from jetsync.enums import JobState, Queue
from jetsync.exceptions import DomainError
from jetsync.jet.exchange import Call
from jetsync.jet.judge import connection_failure
from jetsync.jet.transport import Transport
from jetsync.models import JetAccount, Job, Merchant
from jetsync.sync.queue import enqueue
from jetsync.sync.requests import gather_requests
from jetsync.sync.runner import run_next
from orders.models import Order
from tests.orders.desk import Desk
from tests.orders.dying import WorkerDied, reclaim_lost_jobs
from tests.sandbox_server import ControlError

# SKU -> pieces in the store. Of the last one there are never enough.
STOCK = {"KETTLE-1": 1000, "POT-2": 1000, "RARE-3": 4}
PLENTY = ("KETTLE-1", "POT-2")
SCHEDULES = ("orders.fetch", "orders.sweep", "orders.status", "returns.fetch", "refunds.status")
JOBS_AT_THE_END = 400
ROUNDS_AT_THE_END = 6


class Line:
    """The wire between the workers and Jet. `trouble` strikes the next call that is no log-in.

    "dies before", "dies after": the worker is killed before Jet hears the call, or before it hears Jet.
    "slow before", "slow after": the client loses its patience, and Jet never got the call, or did what it says.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self._exchange = Transport._exchange

    def exchange(self, transport: Transport, call: Call) -> Any:
        trouble = self.trouble if "token" not in call.path else ""
        if not trouble:
            return self._exchange(transport, call)
        self.trouble = ""
        if trouble.endswith("after"):
            self._exchange(transport, call)
        if trouble.startswith("dies"):
            raise WorkerDied
        return connection_failure(call, requests.ReadTimeout(), 5.0)


class Shop(Desk):
    """`Desk` with a clock for both sides, workers that die, and a line that breaks. Needs the merchant's scope open."""

    def __init__(self, merchant: Merchant, account: JetAccount, server: Any) -> None:
        super().__init__(merchant, account, server)
        self.line = Line()
        self.bought: list[str] = []
        self.returns: list[str] = []
        self._traveller = time_machine.travel(timedelta(), tick=True)
        self._patches = [
            patch.object(Transport, "_exchange", lambda transport, call: self.line.exchange(transport, call)),  # noqa: PLW0108 -- becomes a method, which gets the transport
            patch.object(Transport, "sleep", lambda _transport, _seconds: None),
        ]

    def open(self) -> None:
        self.time = self._traveller.start()
        for each in self._patches:
            each.start()
        self.control.switch(
            user=self.market.user,
            duplicate_shipment="accept",  # Jet would count a repeated shipment again
            expire_unacknowledged=True,
            return_processing_seconds=-1,
            refund_step_seconds=-1,
        )
        for sku, quantity in STOCK.items():
            self.sku(sku, quantity=quantity)

    def close(self) -> None:
        for each in self._patches:
            each.stop()
        self._traveller.stop()
        self.market.close()

    def pass_time(self, seconds: float) -> None:
        """On both sides: nobody's clock runs ahead."""
        self.time.shift(timedelta(seconds=seconds))
        self.control.advance(seconds)
        with self.untroubled():
            self.market.renew()

    @contextmanager
    def untroubled(self) -> Iterator[None]:
        """What others do at Jet meets none of the faults that are laid for the panel."""
        rules = [rule for rule in self.control.faults() if rule["remaining"] != 0]
        if rules:
            self.control.clear_faults()
        try:
            yield
        finally:
            for rule in rules:
                kept = {name: rule[name] for name in ("kind", "path", "method", "rate", "remaining")}
                self.control.fault(**kept, **rule["options"])

    def at_jet(self, order: Order | str) -> dict[str, Any]:
        with self.untroubled():
            return super().at_jet(order)

    # --- workers ----------------------------------------------------------------------------------------

    def work(self, jobs: int) -> int:
        """Runs up to so many due jobs, as one worker would; it may die on the way. Returns how many it began."""
        done = 0
        gather_requests()
        try:
            while done < jobs and any(run_next(queue) for queue in Queue.values):
                done += 1
        except WorkerDied:
            done += 1
        return done

    def start(self, schedule: str) -> None:
        enqueue(self.merchant, schedule, "schedule")

    def come_to_rest(self) -> None:
        """Everything works again and time goes by, until a round of all schedules finds nothing left to do."""
        self.control.clear_faults()
        self.line.trouble = ""
        for _round in range(ROUNDS_AT_THE_END):
            self.pass_time(40 * 60)
            reclaim_lost_jobs()
            for schedule in SCHEDULES:
                self.start(schedule)
            ran = self.work(JOBS_AT_THE_END)
            assert ran < JOBS_AT_THE_END, "jobs keep coming"
            if ran == len(SCHEDULES):
                return
        raise AssertionError(f"not at rest after {ROUNDS_AT_THE_END} rounds")

    # --- acts that the other side, or our own rules, may refuse -------------------------------------------

    def try_here(self, act: Callable[[], object]) -> None:
        """An act of the merchant; a rule of the panel may say no, and then nothing has happened."""
        with suppress(DomainError):
            act()

    def try_there(self, endpoint: str, **values: Any) -> dict[str, Any]:
        """An act of Jet or a shopper; {} when Jet's own rules say no."""
        try:
            answer: dict[str, Any] = self.control.call("POST", endpoint, user=self.market.user, **values)
        except ControlError:
            return {}
        return answer

    def orders(self, *states: str) -> list[Order]:
        rows = Order.objects.filter(merchant=self.merchant).order_by("pk")
        return list(rows.filter(state__in=states) if states else rows)

    def waiting_jobs(self) -> list[Job]:
        kinds = ("orders.acknowledge", "orders.ship", "returns.complete", "refunds.create")
        return list(Job.objects.filter(state=JobState.QUEUED, kind__in=kinds).order_by("pk"))

    def variant(self, sku: str) -> Variant:
        return Variant.objects.get(merchant=self.merchant, sku=sku)
