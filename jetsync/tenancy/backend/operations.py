"""Moments at the ends of time: PostgreSQL keeps years that Python cannot read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql import operations

# A day inside of what Python has, so that every time zone can show them.
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


class DatabaseOperations(operations.DatabaseOperations):
    def adapt_datetimefield_value(self, value: Any) -> Any:
        """The nearest moment that can be read back. In New York the evening of 9999-12-31 is in the year 10000 of UTC: a
        row that holds it would break every page that reads it, for good.
        """
        if isinstance(value, datetime) and value.tzinfo is not None:
            return min(max(value, FIRST), LAST)
        return value
