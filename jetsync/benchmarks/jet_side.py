"""The stub of Jet as a process of its own, and merchants whose accounts point at it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction

from catalog.actions.quantity import refresh_quantities
from catalog.management.commands.make_catalogue import fill
from catalog.models import NodeStock, Product, Variant
from jetsync.benchmarks.jet_stub import SKUS, sku_of
from jetsync.models import FulfillmentNode, JetAccount, Merchant
from jetsync.queries.settings import get_account
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.managers import TenantModel

# Far more than anybody buys here: running out is not what is measured.
PIECES = 1_000_000
NODE = "b" * 32


@dataclass
class JetSide:
    url: str

    @property
    def api_url(self) -> str:
        return f"{self.url}/api"

    def report(self) -> dict[str, Any]:
        answer: dict[str, Any] = requests.get(f"{self.url}/report", timeout=60).json()
        return answer


@contextmanager
def jet_stub(*, orders: int, latency: float, every: float = 0.0) -> Iterator[JetSide]:
    """`orders` for every merchant; see the stub for the rest."""
    command = [sys.executable, "-m", "jetsync.benchmarks.jet_stub", "--node", NODE]
    command += ["--orders", str(orders), "--latency", str(latency), "--every", str(every)]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own module
        try:
            if process.stdout is None:
                raise RuntimeError("a pipe was asked for")
            yield JetSide(process.stdout.readline().strip())
        finally:
            process.terminate()


def make_merchant(slug: str, number: int, api_url: str, *, skus: int = SKUS) -> Merchant:
    """`number` is what the stub knows him by. His SKUs are those of its orders, listed and in stock."""
    merchant = Merchant.objects.create(slug=slug, name=slug.replace("-", " ").title())
    with merchant_scope(merchant):
        fill(merchant, skus)
        account = get_account(merchant)
        if account is None:
            raise LookupError("make_catalogue gives every merchant an account")
        JetAccount.objects.filter(merchant=merchant, pk=account.pk).update(validation="ok")
        account.api_url, account.api_user, account.api_secret = api_url, f"bench-{number}", "bench"
        account.save()
        FulfillmentNode.objects.filter(merchant=merchant, is_default=True).update(node_id=NODE)
        _name_goods(merchant)
    return merchant


def _name_goods(merchant: Merchant) -> None:
    variants = list(Variant.objects.filter(merchant=merchant).order_by("pk"))
    for number, variant in enumerate(variants):
        variant.sku, variant.quantity = sku_of(number), PIECES
    Variant.objects.bulk_update(variants, ["sku", "quantity"], batch_size=500)
    NodeStock.objects.filter(merchant=merchant).update(quantity=PIECES)
    Product.objects.filter(merchant=merchant).update(is_active=True)
    refresh_quantities(merchant, [variant.pk for variant in variants])


def remove_merchants(prefix: str) -> None:
    """Those of this run, and of a run that was killed."""
    for merchant in Merchant.objects.filter(slug__startswith=prefix):
        with merchant_scope(merchant):
            _remove_rows(merchant)
            merchant.delete()


def _remove_rows(merchant: Merchant) -> None:
    """Every table of his, whatever the import wrote; one that others still refer to waits for them."""
    models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    while models:
        left = [model for model in models if not _emptied(model, merchant)]
        if len(left) == len(models):
            return
        models = left


def _emptied(model: type[TenantModel], merchant: Merchant) -> bool:
    rows = model._default_manager.filter(merchant=merchant)
    try:
        with transaction.atomic():
            rows._raw_delete(rows.db)  # noqa: SLF001 -- without the collector, which would load them all
    except IntegrityError:
        return False
    return True
