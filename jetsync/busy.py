"""The database's own refusals by settings.DATABASE_BOUNDS, told apart from a database that is gone."""

from __future__ import annotations

from django.db import DatabaseError

from jetsync.exceptions import DatabaseBusy

# PostgreSQL's codes: lock_not_available, query_canceled, transaction_timeout, idle_in_transaction_session_timeout.
_LOCK = "55P03"
_TOO_LONG = {"57014", "25P04", "25P03"}


def busy_error(exc: BaseException) -> DatabaseBusy | None:
    """What to tell when a bound was passed; None for every other trouble."""
    if not isinstance(exc, DatabaseError):
        return None
    code = getattr(exc.__cause__, "pgcode", None)
    if code == _LOCK:
        return DatabaseBusy("Somebody else is changing the same rows right now.")
    if code in _TOO_LONG or "transaction timeout" in str(exc):
        return DatabaseBusy("This took longer than one request may take, so it was rolled back.")
    return None
