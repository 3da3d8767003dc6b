"""A merchant with a sandbox account, and kettles in several sizes that the sandbox takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import JetAttribute, JetCategory, JetCategoryAttribute, Product, TaxonomyVersion
from jetsync.enums import JobState
from jetsync.models import Job, Merchant
from tests.catalog.variations import families
from tests.e2e.conftest import log_in, page, shot

__all__ = ["log_in", "page", "shot"]

# Attribute 101 of the sandbox's small taxonomy takes any text; it is called Size here.
KETTLES, SIZE = 41001003, 101


@pytest.fixture
def market(sandbox: Any, scoped: Merchant) -> Merchant:
    version = TaxonomyVersion.objects.create(name="small", is_current=True)
    JetCategory.objects.create(
        version=version, node_id=KETTLES, name="Tea Kettles", path="Kitchen > Cookware > Tea Kettles", level=2
    )
    JetAttribute.objects.create(version=version, attribute_id=SIZE, name="Size", free_text=1, is_variant=True)
    JetCategoryAttribute.objects.create(version=version, node_id=KETTLES, attribute_id=SIZE)
    return scoped


@pytest.fixture
def family(market: Merchant) -> Callable[..., Product]:
    """`family("S", "M")`: HF-S and HF-M, a product that the sandbox takes as a group."""

    def make(*sizes: str, **extra: Any) -> Product:
        extra["product"] = {"jet_node_id": KETTLES, **extra.get("product", {})}
        return families.make_family(market, *sizes, attribute=SIZE, **extra)

    return make


@pytest.fixture
def finish(drain: Callable[..., int], sandbox: Any) -> Callable[[], None]:
    """Runs jobs and lets the sandbox work until nothing is left to do."""

    def run() -> None:
        for _ in range(40):
            Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
            if not drain():
                return
            sandbox.control.advance(60)

    return run
