"""Every list page for a large merchant among many others, beside the same page for a small one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.management.commands.make_catalogue import fill
from jetsync.benchmarks import page_activity, page_catalogue, page_orders, page_reports
from jetsync.benchmarks.measure import Budget, best_of, count_queries
from jetsync.enums import Role
from jetsync.models import Membership, Merchant, User
from jetsync.panel.lists import ListPage
from jetsync.tenancy.context import merchant_scope

SMALL_SKUS = 1000
SKUS_OF_AN_ORDER = 2
# Two other merchants, each half as large: about 22 rows per SKU of theirs, which is above a million at 100,000 SKUs.
OTHER_MERCHANTS = 2
SKUS_OF_AN_OTHER = 2
MOST_QUERIES = 12
TIMES_SMALL = 2.0
ROUNDS = 5
# As the database's own housekeeping would have done by then; impossible inside a transaction.
VACUUM = "VACUUM"
PREFIX = "bench-pages"
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
# What each app's rows refer to is removed behind it.
TABLES = (*page_activity.TABLES, *page_reports.TABLES, *page_orders.TABLES, *page_catalogue.TABLES)
# A row of a list, not of headings.
ROW = re.compile(r"<tr[^>]*>\s*<td")

# Opens a page and returns how many rows it shows.
OpenPage = Callable[[Merchant, str], int]


@dataclass(frozen=True)
class Measured:
    """Seconds, queries and shown rows of one page for the small and the large merchant."""

    page: str
    small_seconds: float
    large_seconds: float
    small_queries: int
    large_queries: int
    small_rows: int
    large_rows: int

    @property
    def ratio(self) -> float:
        return self.large_seconds / self.small_seconds

    def budgets(self) -> list[Budget]:
        more = abs(self.large_queries - self.small_queries)
        empty = [self.small_rows, self.large_rows].count(0)  # an empty page is fast and says nothing
        return [
            Budget(f"{self.page}: empty pages", empty, 0),
            Budget(f"{self.page}: time beside {SMALL_SKUS:,} SKUs", self.ratio, TIMES_SMALL),
            Budget(f"{self.page}: queries", self.large_queries, MOST_QUERIES),
            Budget(f"{self.page}: queries that came with the rows", more, 0),
        ]


@dataclass(frozen=True)
class PagesFound:
    """`other_rows`: rows of other merchants in the tables that the pages read."""

    other_rows: int
    pages: list[Measured]


def run(skus: int) -> list[Budget]:
    """Makes the merchants, measures every list page, prints, removes everything again."""
    found = bench_pages(skus)
    sizes = f"{skus:,} SKUs and {skus // SKUS_OF_AN_ORDER:,} orders"
    small = f"{SMALL_SKUS:,} and {SMALL_SKUS // SKUS_OF_AN_ORDER:,}"
    print(f"{sizes} beside {small}, among {found.other_rows:,} rows of other merchants")
    print(f"{'page':28} {'rows':>9} {'small ms':>9} {'large ms':>9} {'ratio':>6} {'queries':>8}")
    for page in found.pages:
        rows = f"{page.small_rows}/{page.large_rows}"
        times = f"{page.small_seconds * 1000:9.1f} {page.large_seconds * 1000:9.1f} {page.ratio:6.2f}"
        print(f"{page.page:28} {rows:>9} {times} {page.large_queries:8}")
    return [budget for page in found.pages for budget in page.budgets()]


def bench_pages(skus: int) -> PagesFound:
    """Raises RuntimeError for a page that does not open."""
    remove_all()
    try:
        large, small, other_rows = make_all(skus)
        with browser_of((large, small)) as open_page:
            pages = [_measure(open_page, page, small, large) for page in list_pages()]
    finally:
        remove_all()
    return PagesFound(other_rows, pages)


def list_pages() -> list[str]:
    """The names of the lists that need nothing but the merchant, by walking the URLconf."""
    return sorted(_walk(get_resolver().url_patterns, (), frozenset()))


def _walk(patterns: Any, spaces: tuple[str, ...], names: frozenset[str]) -> Iterator[str]:
    for entry in patterns:
        given = names | frozenset(entry.pattern.converters) | frozenset(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, inner, given)
        elif isinstance(entry, URLPattern) and given == {"merchant_slug"}:
            view = getattr(entry.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, ListPage):
                yield ":".join((*spaces, str(entry.name)))


def _measure(open_page: OpenPage, page: str, small: Merchant, large: Merchant) -> Measured:
    def at(merchant: Merchant) -> Callable[[], int]:
        return lambda: open_page(merchant, page)

    rows = [at(merchant)() for merchant in (small, large)]  # warms templates, caches and plans up, too
    seconds = best_of(ROUNDS, {"small": at(small), "large": at(large)})
    queries = [count_queries(at(merchant)) for merchant in (small, large)]
    return Measured(page, seconds["small"], seconds["large"], *queries, *rows)


@contextmanager
def browser_of(merchants: Sequence[Merchant]) -> Iterator[OpenPage]:
    """A function that opens a page as a member's browser does."""
    user = User.objects.create_user(f"{PREFIX}@example.com")
    for merchant in merchants:
        Membership.objects.create(merchant=merchant, user=user, role=Role.MANAGER)
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])

    def open_page(merchant: Merchant, page: str) -> int:
        response = client.get(reverse(page, kwargs={"merchant_slug": merchant.slug}))
        if response.status_code != 200:  # noqa: PLR2004 -- HTTP's OK
            raise RuntimeError(f"{page} of {merchant.slug} answers {response.status_code}.")
        return len(ROW.findall(response.content.decode()))

    try:
        # Names of static files as they are: nobody has collected them here.
        with override_settings(STORAGES=settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}):
            yield open_page
    finally:
        user.delete()


def make_all(skus: int) -> tuple[Merchant, Merchant, int]:
    """The large and the small merchant, and how many rows the others have."""
    for number in range(OTHER_MERCHANTS):
        _one(f"{PREFIX}-other-{number}", max(1, skus // SKUS_OF_AN_OTHER))
    rows = sum(_count(model) for model in TABLES)
    large, small = _one(f"{PREFIX}-large", skus), _one(f"{PREFIX}-small", SMALL_SKUS)
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f'{VACUUM} ANALYZE "{model._meta.db_table}"')
    return large, small, rows


def _count(model: Any) -> int:
    """Rows of all merchants of the benchmark; the scopes are opened one by one."""
    total = 0
    for merchant in Merchant.objects.filter(slug__startswith=PREFIX):
        with merchant_scope(merchant):
            total += model.objects.filter(merchant=merchant).count()
    return total


def _one(slug: str, skus: int) -> Merchant:
    merchant = Merchant.objects.create(slug=slug, name=slug.replace("-", " ").title())
    orders = max(1, skus // SKUS_OF_AN_ORDER)
    with merchant_scope(merchant):
        fill(merchant, skus)
        page_catalogue.make_neighbours(merchant, skus)
        page_orders.make_orders(merchant, orders)
        page_activity.make_activity(merchant, orders)
        page_reports.make_reports(merchant)
    return merchant


def remove_all() -> None:
    """Also what a run that was killed left behind."""
    User.objects.filter(email=f"{PREFIX}@example.com").delete()
    for merchant in Merchant.objects.filter(slug__startswith=PREFIX):
        with merchant_scope(merchant):
            for model in TABLES:
                rows: Any = model.objects.filter(merchant=merchant)
                rows._raw_delete(rows.db)  # noqa: SLF001 -- one statement
            page_catalogue.remove_taxonomy(merchant)
            merchant.delete()
