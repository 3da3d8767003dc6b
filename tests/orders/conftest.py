from __future__ import annotations

from collections.abc import Iterator

import pytest

from jetsync.models import Merchant
from tests.orders.desk import Desk


@pytest.fixture
def desk(scoped: Merchant, sandbox) -> Iterator[Desk]:
    sandbox.control.clear_faults()
    desk = Desk(scoped, sandbox.account, sandbox.server)
    yield desk
    sandbox.control.clear_faults()
    desk.market.close()
