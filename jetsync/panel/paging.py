"""The pager under a list: where it stands and which pages it offers."""

from __future__ import annotations

from django.http import QueryDict

from jetsync.panel.filters import with_values
from jetsync.panel.list_parts import Count, Paging

# With 50 rows a page this reaches row 100,000; further is a matter of filters.
MAX_PAGE = 2_000


def paging_of(
    query: QueryDict, number: int, *, per_page: int, shown: int, count: Count, has_next: bool
) -> Paging:
    """The pager of page `number` with `shown` rows. The last page is offered only where the count is exact."""

    def at(page: int) -> str:
        return with_values(query, page=str(page))

    pages = -(-count.value // per_page)
    start = (number - 1) * per_page
    offered = _with_gaps(_near(number, pages, has_end=not count.is_bounded))
    return Paging(
        number=number,
        first_row=start + 1 if shown else 0,
        last_row=start + shown,
        previous_url=at(number - 1) if number > 1 else "",
        next_url=at(number + 1) if has_next and number < MAX_PAGE else "",
        numbered=[(f"{page:,}", at(page), page == number) if page else ("…", "", False) for page in offered]
        if pages > 1
        else [],
        is_end=has_next and number >= MAX_PAGE,
    )


def _near(number: int, pages: int, *, has_end: bool) -> list[int]:
    """The first page, those beside `number`, and the last."""
    beside = range(max(1, number - 1), min(pages, number + 1) + 1)
    return sorted({1, *beside, *([pages] if has_end and pages else [])})


def _with_gaps(pages: list[int]) -> list[int]:
    """The same with 0 where pages are left out."""
    found: list[int] = []
    for page in pages:
        if found and page > found[-1] + 1:
            found.append(0)
        found.append(page)
    return found
