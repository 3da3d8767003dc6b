"""How a handler ends when it does not simply finish."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from jetsync.enums import Priority
from jetsync.exceptions import DomainError


class Again(Exception):
    """Not finished yet and nothing wrong: run the same job again after `after` (a poll, the next batch).

    `priority`: of the next run, None = as before. A long sweep goes on behind all else that the merchant has waiting.
    """

    def __init__(
        self, after: timedelta = timedelta(), *, priority: Priority | None = None, **data: Any
    ) -> None:
        super().__init__(str(after))
        self.after = after
        self.priority = priority
        self.data = data


class RetryLater(DomainError):
    """A passing trouble; tried again with growing waits until the handler's `max_attempts`."""

    code = "retry"
    status = 503

    def __init__(
        self, message: str, *, after: timedelta | None = None, maybe_arrived: bool = False, **extra: Any
    ) -> None:
        super().__init__(message, **extra)
        self.after = after
        self.maybe_arrived = maybe_arrived


class PermanentFailure(DomainError):
    """Jet or a rule refused it for good; a person must change something before it makes sense again."""

    code = "refused"
    status = 422


class SettingsFailure(DomainError):
    """The merchant's keys, address or settings stand in the way."""

    code = "settings"
    status = 422


class TransactionOpen(DomainError):
    """An outward call was about to be made inside a database transaction. Always our bug."""

    code = "transaction_open"
    status = 500
