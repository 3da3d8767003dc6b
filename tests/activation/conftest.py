from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions.publish import upload
from catalog.models import Variant
from jetsync.activation.queries import keys_mark
from jetsync.activation.registry import all_steps
from jetsync.enums import JobState
from jetsync.models import ActivationStep, Job, Merchant
from jetsync.sync.client import jet_for
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.rows import make_product, make_taxonomy, make_variant

SKU = "KETTLE-1"


@dataclass
class Stage:
    """A store with one SKU in test mode, the sandbox behind it, and workers on demand."""

    merchant: Merchant
    sandbox: Any
    variant: Variant
    drain: Callable[[], int]

    @property
    def control(self) -> Any:
        return self.sandbox.control

    def work(self, rounds: int = 60) -> None:
        """Runs jobs until none is left, without waiting for their time."""
        for _ in range(rounds):
            Job.objects.filter(state=JobState.QUEUED).exclude(kind="catalog.status_soon").update(
                not_before=timezone.now()
            )
            if not self.drain():
                return
        raise AssertionError("jobs keep coming")

    def states(self) -> dict[str, str]:
        return dict(ActivationStep.objects.values_list("key", "state"))

    def step(self, key: str) -> ActivationStep:
        return ActivationStep.objects.get(key=key)

    def effects(self) -> dict[str, int]:
        """What took effect at Jet, by kind."""
        return {kind: counts["total"] for kind, counts in self.control.counts().items()}

    def all_ok(self) -> None:
        """As if every step had been run with the test keys."""
        for step in all_steps():
            ActivationStep.objects.create(
                merchant=self.merchant, keys_mark=keys_mark(self.sandbox.account), key=step.key, state="ok"
            )

    def send_all(self) -> None:
        """Uploads the SKU, so that Jet's generator knows it."""
        upload(self.merchant, [self.variant.pk], actor=SYSTEM)
        self.work()

    def orders_at_jet(self) -> int:
        jet = jet_for(self.merchant)
        return sum(
            len(jet.orders.urls(status)) for status in ("ready", "acknowledged", "inprogress", "complete")
        )


@pytest.fixture
def stage(scoped: Merchant, sandbox: Any, drain: Callable[[], int]) -> Iterator[Stage]:
    sandbox.control.clear_faults()
    make_taxonomy()
    variant = make_variant(scoped, make_product(scoped), sku=SKU, quantity=5)
    yield Stage(scoped, sandbox, variant, drain)
    sandbox.control.clear_faults()
