from __future__ import annotations

from collections.abc import Iterator

import pytest

from jetsync.models import Merchant, Options
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from tests import factories
from tests.catalog.rows import make_product, make_variant
from tests.orders.desk import Desk
from tests.orders.rows import make_order


@pytest.fixture
def desk(scoped: Merchant, sandbox) -> Iterator[Desk]:
    sandbox.control.clear_faults()
    desk = Desk(scoped, sandbox.account, sandbox.server)
    yield desk
    sandbox.control.clear_faults()
    desk.market.close()


@pytest.fixture
def account(merchant: Merchant):
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        Options.objects.filter(merchant=merchant).update(auto_acknowledge=False)
        make_variant(merchant, make_product(merchant), sku="KETTLE-1", quantity=50)
    return account


@pytest.fixture
def order_of(merchant: Merchant, account):
    def make(*lines, **values) -> Order:
        with merchant_scope(merchant):
            return make_order(merchant, account, *lines, **values)

    return make


@pytest.fixture
def order(desk: Desk) -> Order:
    """Accepted: three of ten pieces ordered."""
    desk.sku("KETTLE-1", quantity=10)
    return desk.acknowledged(("KETTLE-1", 3, 0))
