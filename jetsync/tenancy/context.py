"""Scopes. Where they may be left, by the library's name or by ours, is kept by jetsync/devstack/rules.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import structlog
from django_scopes import get_scope, scope, scopes_disabled

from jetsync.exceptions import DomainError
from jetsync.models import Merchant


@contextmanager
def merchant_scope(merchant: Merchant) -> Iterator[Merchant]:
    """Everything inside reads and writes rows of this merchant only, and logs carry its id."""
    with scope(merchant=merchant), structlog.contextvars.bound_contextvars(merchant_id=merchant.pk):
        yield merchant


def across_merchants() -> AbstractContextManager[Any]:
    """For beat fan-out, claims, reapers and staff admin: work that is about all merchants by design."""
    everything: AbstractContextManager[Any] = scopes_disabled()
    return everything


def active_merchant() -> Merchant:
    """The merchant of the open scope. Raises DomainError outside of one."""
    merchant = get_scope().get("merchant")
    if not isinstance(merchant, Merchant):
        raise DomainError("No merchant is active.", code="no_merchant")
    return merchant
