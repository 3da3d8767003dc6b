"""Cursor paging: `{"next", "previous", "results"}`; stable while rows are added."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class CursorPaging(CursorPagination):
    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-pk"
