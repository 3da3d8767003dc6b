"""A merchant with kettles for sale: in the database alone, or really listed at the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions import publish
from catalog.enums import ListingStatus
from catalog.models import Listing, Variant
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.offers import FETCH, store_figures
from repricer.figures import Figures, Price
from tests import factories
from tests.catalog import rows
from tests.catalog.sync.conftest import kettle, shop

__all__ = ["kettle", "shop"]
Drain = Callable[[], int]


def price(item: str, shipping: str = "0.00") -> Price:
    return Price(Decimal(item), Decimal(shipping), timezone.now())


def offers(mine: str | None, best: str | None, shipping: str = "0.00") -> Figures:
    """Our item price and the best one, both with the same shipping price."""
    return Figures(price(mine, shipping) if mine else None, price(best, shipping) if best else None)


@pytest.fixture
def plain_shop(scoped: Merchant) -> Merchant:
    """Without a sandbox: what is written stays here."""
    factories.make_account(scoped)
    rows.make_taxonomy()
    return scoped


@pytest.fixture
def for_sale(plain_shop: Merchant) -> Callable[..., Variant]:
    """`for_sale("HF-1", offers("38.50", "36.00"))`: a SKU that Jet sells, with these figures."""

    def make(sku: str, figures: Figures | None = None, **extra: Any) -> Variant:
        variant = rows.make_variant(plain_shop, sku=sku, **extra)
        Listing.objects.filter(variant=variant).update(
            status=ListingStatus.AVAILABLE, content_sent_at=timezone.now(), is_wanted=True
        )
        if figures is not None:
            store_figures(plain_shop, {variant.pk: figures})
        return Variant.objects.get(pk=variant.pk)

    return make


@pytest.fixture
def listed(shop: Merchant, sandbox: Any, kettle: Callable[..., Variant], drain: Drain) -> list[Variant]:
    """Two kettles that the sandbox sells at 38.50, and one that it still reviews."""
    found = [kettle("HF-1"), kettle("HF-2", codes=[{"type": "UPC", "code": "012345678905"}])]
    publish.upload(shop, [row.pk for row in found], actor=SYSTEM)
    drain()
    sandbox.control.advance(60)
    enqueue(shop, "catalog.status_all", "test")
    drain()
    new = kettle("HF-NEW", codes=[{"type": "UPC", "code": "042100005264"}])
    publish.upload(shop, [new.pk], actor=SYSTEM)
    drain()
    assert set(Listing.objects.filter(status=ListingStatus.AVAILABLE).values_list("variant", flat=True)) == {
        row.pk for row in found
    }
    return found


@pytest.fixture
def show(sandbox: Any) -> Callable[..., None]:
    """`show("HF-1", mine="38.50", best="36.00")`: what the sandbox answers about this SKU from now on."""

    def put(sku: str, *, mine: str, best: str, shipping: str = "0.00") -> None:
        noted = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%f0+00:00")

        def offer(item: str) -> list[dict[str, Any]]:
            figures = {"item_price": float(item), "shipping_price": float(shipping), "last_update": noted}
            return [{"shipping_method": None, **figures}]

        sandbox.control.call(
            "POST",
            "skus/sales-data",
            user="demo-user",
            sku=sku,
            sales_data={"my_best_offer": offer(mine), "best_marketplace_offer": offer(best)},
        )

    return put


@pytest.fixture
def fetch(shop: Merchant, drain: Drain) -> Callable[[], None]:
    def run() -> None:
        enqueue(shop, FETCH, "stock-sync")
        drain()

    return run
