from __future__ import annotations

from collections.abc import Iterator

import pytest

from jetsync.models import Merchant
from tests.returns.shop import Shop


@pytest.fixture
def shop(scoped: Merchant, sandbox) -> Iterator[Shop]:
    sandbox.control.clear_faults()
    shop = Shop(scoped, sandbox.account, sandbox.server)
    yield shop
    sandbox.control.clear_faults()
    shop.market.close()
