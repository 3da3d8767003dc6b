"""A merchant with something on every activity page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jetsync.models import Attempt, Job, Merchant
from jetsync.tenancy.context import merchant_scope

EDGE = "jetsync.panel.errors.DomainErrorMiddleware"


@pytest.fixture(autouse=True)
def _edge(settings: Any) -> None:
    """Domain errors are translated at the edge, as in production."""
    if EDGE not in settings.MIDDLEWARE:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, EDGE]


@pytest.fixture
def with_test_pages(settings: Any) -> None:
    """Adds the list and confirm pages of tests/panel/pages.py to the addresses."""
    settings.ROOT_URLCONF = "tests.panel.pages"


@pytest.fixture
def client(client_for: Any) -> Client:
    return client_for("owner")


@pytest.fixture
def at(merchant: Merchant) -> Any:
    """`at("panel:job-list")` -> the address for this test's merchant."""

    def address(name: str, query: str = "", **kwargs: Any) -> str:
        return reverse(name, kwargs={"merchant_slug": merchant.slug, **kwargs}) + query

    return address


def make_job(merchant: Merchant, key: str = "HF-1", **extra: Any) -> Job:
    with merchant_scope(merchant):
        return Job.objects.create(
            merchant=merchant, kind="catalog.push_prices", key=key, queue="default", **extra
        )


def make_call(merchant: Merchant, job: Job | None = None, **extra: Any) -> Attempt:
    with merchant_scope(merchant):
        values = {"method": "PUT", "path": "/merchant-skus/HF-1/price", "status": 204, **extra}
        return Attempt.objects.create(merchant=merchant, job=job, **values)
