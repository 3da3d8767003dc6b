"""Cursor paging: `{"next", "previous", "results"}`; stable while rows are added."""

from __future__ import annotations

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

# The ids that the database knows.
_LARGEST_ID = 2**63 - 1
_MAX_DIGITS = 19


class CursorPaging(CursorPagination):
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-pk"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A position is an id. Raises NotFound for anything else, which the database would refuse."""
        cursor: Cursor | None = super().decode_cursor(request)
        position = str(cursor.position) if cursor and cursor.position is not None else None
        if position is None or (
            position.isascii()
            and position.isdigit()
            and len(position) <= _MAX_DIGITS
            and int(position) <= _LARGEST_ID
        ):
            return cursor
        raise NotFound(self.invalid_cursor_message)
