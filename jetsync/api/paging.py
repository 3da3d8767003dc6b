"""Cursor paging: `{"next", "previous", "results"}`; stable while rows are added."""

from __future__ import annotations

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from jetsync.ids import parse_id


class CursorPaging(CursorPagination):
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-pk"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """A position is an id. Raises NotFound for anything else, which the database would refuse."""
        cursor: Cursor | None = super().decode_cursor(request)
        position = str(cursor.position) if cursor and cursor.position is not None else None
        if position is None or position == "0" or parse_id(position):
            return cursor
        raise NotFound(self.invalid_cursor_message)
