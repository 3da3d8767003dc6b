"""Orders are answered whatever else the same merchant is doing."""

from __future__ import annotations

import pytest
from django.db import connection

from catalog.actions.deltas import KEY, PUSH_INVENTORY, PUSH_PRICES
from jetsync.models import Merchant
from jetsync.sync.requests import request_job
from orders.enums import OrderState
from orders.models import Order
from tests.kernel.rivals import rival_transaction
from tests.orders.desk import Desk


def ask_for_pushes(merchant: Merchant) -> None:
    """What a long import leaves open: it asks for the jobs that send prices and stock."""
    request_job(merchant, PUSH_PRICES, KEY)
    request_job(merchant, PUSH_INVENTORY, KEY)


@pytest.mark.django_db(transaction=True)
@pytest.mark.feature("ORD-08", "ORD-09")
def test_order_is_answered_while_a_long_import_is_under_way(desk: Desk) -> None:
    """One large request once kept every worker waiting for minutes, and orders expired meanwhile."""
    desk.sku("MUG-1")
    desk.buy(("MUG-1", 1, 0))

    with rival_transaction(desk.merchant, ask_for_pushes), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
        desk.fetch()
        desk.drain()
        cursor.execute("SET lock_timeout = 0")

    assert Order.objects.get().state == OrderState.ACKNOWLEDGED
