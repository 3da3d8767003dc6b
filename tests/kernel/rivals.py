"""Another connection in the middle of a long transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope

# Far more than the steps need; only a test that has failed waits for it.
SECONDS = 20


@contextmanager
def rival_transaction(merchant: Merchant, act: Callable[[Merchant], object]) -> Iterator[None]:
    """`act` has been done and is not committed while the block runs; it is committed after it."""
    acted, may_end = threading.Event(), threading.Event()
    problems: list[BaseException] = []

    def long_import() -> None:
        try:
            with merchant_scope(merchant), transaction.atomic():
                act(merchant)
                acted.set()
                may_end.wait(SECONDS)
        except BaseException as problem:  # noqa: BLE001 -- handed to the test below
            problems.append(problem)
        finally:
            acted.set()
            connection.close()

    thread = threading.Thread(target=long_import)
    thread.start()
    assert acted.wait(SECONDS)
    try:
        yield
    finally:
        may_end.set()
        thread.join(SECONDS)
    assert not problems, problems
