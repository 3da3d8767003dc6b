"""One server for all tests after the sale, emptied before each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.market import LIVE_USER, SECRET, USER, Market
from tests.sandbox_server import SandboxServer, start_sandbox


@pytest.fixture(scope="session")
def market_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    # Nothing moves by itself: time passes when a test says so.
    server = start_sandbox(
        tmp_path_factory.mktemp("market"), accounts=[(USER, SECRET)], SANDBOX_TICK_SECONDS="0"
    )
    yield server
    server.close()


@pytest.fixture
def market(market_server: SandboxServer) -> Iterator[Market]:
    market_server.control.reset()
    market_server.control.clear_faults()
    merchant = Market(market_server)
    yield merchant
    merchant.close()


@pytest.fixture
def live_market(market: Market) -> Iterator[Market]:
    """A second account, with live keys."""
    market.control.add_account(LIVE_USER, SECRET, is_live=True)
    merchant = Market(market.server, LIVE_USER)
    yield merchant
    merchant.close()
