"""Random days of a merchant against a Jet that breaks: whatever happens, both sides hold the same in the end.

Hypothesis makes up the days; one that ends with a difference is cut down to its shortest form and printed as a program.
`run.py test -m long tests/bothsides` tries many more of them.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from catalog.models import Variant
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from orders.actions.shipment import ship_order
from orders.enums import OrderState
from tests.bothsides.days import Days, parcel
from tests.bothsides.differences import differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def days(scoped: Merchant, sandbox, settings) -> type[Days]:
    settings.JET_RATE_PER_SECOND, settings.JET_RATE_BURST = 100_000.0, 100_000
    return type("Days", (Days,), {"merchant": scoped, "account": sandbox.account, "server": sandbox.server})


def profile(examples: int, steps: int, *, is_fixed: bool) -> settings:
    """`is_fixed`: the same days in every run, so that a change breaks this suite only if it breaks something."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=is_fixed,
        database=None,
        deadline=None,
        print_blob=not is_fixed,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(300)
def test_both_sides_agree_after_any_day(days: type[Days]) -> None:
    run_state_machine_as_test(days, settings=profile(6, 30, is_fixed=True))


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_both_sides_agree_after_many_long_days(days: type[Days]) -> None:
    run_state_machine_as_test(days, settings=profile(40, 50, is_fixed=False))


def test_a_difference_would_be_found(days: type[Days]) -> None:
    """The comparison itself: a shipment that only we believe in, and pieces that nobody holds."""
    machine = days()
    shop = machine.shop
    try:
        shop.bought += shop.buy(("KETTLE-1", 2, 0))
        shop.start("orders.fetch")
        shop.work(30)
        (order,) = shop.orders(OrderState.ACKNOWLEDGED)
        assert differences(shop) == []
        ship_order(order, parcel(order, [(1, 0)]), actor=SYSTEM)
        order.shipments.update(state="sent")
        Variant.objects.filter(sku="KETTLE-1").update(quantity=999)
        found = " | ".join(differences(shop))
    finally:
        machine.forget()
    assert "(shipped, cancelled) [1, 0] here and (0, 0) at Jet" in found
    assert "999 counted, 1000 - 0 shipped expected" in found
