from __future__ import annotations

import pytest

from jetsync.models import FulfillmentNode, Merchant
from tests.catalog import rows


@pytest.fixture
def reno(shop: Merchant) -> FulfillmentNode:
    """A node beside the default one."""
    return rows.make_node(shop, "Reno")
