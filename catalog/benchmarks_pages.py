"""Every list page of the catalogue for a large merchant among many others, beside the same page for a small one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from catalog.bulk import batches, insert_rows
from catalog.enums import CsvKind, FileState, FileType, ImageState, Readiness
from catalog.images import ImageVerdict
from catalog.management.commands.make_catalogue import fill
from catalog.models import (
    BulkFile,
    CsvUpload,
    ImageFact,
    ImageUse,
    Listing,
    NodeStock,
    Product,
    Profile,
    SkuError,
    Variant,
    VariationGroup,
    VariationMember,
)
from jetsync.benchmarks.measure import Budget, best_of, count_queries
from jetsync.enums import Role
from jetsync.models import Membership, Merchant, User
from jetsync.panel.lists import ListPage
from jetsync.queries.settings import get_account
from jetsync.tenancy.context import merchant_scope

SMALL_SKUS = 1000
# With product, variant, listing, stock, picture and its use, a SKU has about six rows.
OTHER_ROWS_PER_SKU = 10
ROWS_OF_A_SKU = 6
OTHER_MERCHANTS = 2
# Lists that grow slower than the catalogue still fill a page at 1,000 SKUs, so that the same work is compared.
FULL_PAGE = 60
MOST_QUERIES = 12
TIMES_SMALL = 2.0
ROUNDS = 5
# As the database's own housekeeping would have done by then; impossible inside a transaction.
VACUUM = "VACUUM"
PREFIX = "bench-pages"
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
# Children first: rows go without Django's collector, which would load all of them.
TABLES = (
    ImageUse,
    ImageFact,
    SkuError,
    VariationMember,
    VariationGroup,
    BulkFile,
    CsvUpload,
    NodeStock,
    Listing,
    Variant,
    Product,
    Profile,
)


OpenPage = Callable[[Merchant, str], None]


@dataclass(frozen=True)
class Measured:
    """Seconds and queries of one page for the small and the large merchant."""

    page: str
    small_seconds: float
    large_seconds: float
    small_queries: int
    large_queries: int

    @property
    def ratio(self) -> float:
        return self.large_seconds / self.small_seconds

    def budgets(self) -> list[Budget]:
        more = abs(self.large_queries - self.small_queries)
        return [
            Budget(f"{self.page}: time beside {SMALL_SKUS:,} SKUs", self.ratio, TIMES_SMALL),
            Budget(f"{self.page}: queries", self.large_queries, MOST_QUERIES),
            Budget(f"{self.page}: queries that came with the rows", more, 0),
        ]


@dataclass(frozen=True)
class PagesFound:
    """`other_rows`: rows of other merchants in the tables that the pages read."""

    other_rows: int
    pages: list[Measured]


def bench_pages(skus: int) -> PagesFound:
    """Makes the merchants, measures every list page, removes everything again."""
    _remove_all()
    try:
        large, small, other_rows = _make(skus)
        with _browser_of((large, small)) as open_page:
            pages = [_measure(open_page, page, small, large) for page in list_pages()]
    finally:
        _remove_all()
    return PagesFound(other_rows, pages)


def list_pages() -> list[str]:
    """The names of the catalogue's lists that need nothing but the merchant, by walking the URLconf."""
    return sorted(_walk(get_resolver().url_patterns, (), frozenset()))


def _walk(patterns: Any, spaces: tuple[str, ...], names: frozenset[str]) -> Iterator[str]:
    for entry in patterns:
        given = names | frozenset(entry.pattern.converters) | frozenset(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, inner, given)
        elif isinstance(entry, URLPattern) and spaces == ("catalog",) and given == {"merchant_slug"}:
            view = getattr(entry.callback, "view_class", None)
            if isinstance(view, type) and issubclass(view, ListPage):
                yield f"catalog:{entry.name}"


def _measure(open_page: OpenPage, page: str, small: Merchant, large: Merchant) -> Measured:
    def at(merchant: Merchant) -> Callable[[], None]:
        return lambda: open_page(merchant, page)

    for merchant in (small, large):
        open_page(merchant, page)  # templates, caches and plans
    seconds = best_of(ROUNDS, {"small": at(small), "large": at(large)})
    return Measured(
        page, seconds["small"], seconds["large"], count_queries(at(small)), count_queries(at(large))
    )


@contextmanager
def _browser_of(merchants: Sequence[Merchant]) -> Iterator[OpenPage]:
    """A function that opens a page as a member's browser does."""
    user = User.objects.create_user(f"{PREFIX}@example.com")
    for merchant in merchants:
        Membership.objects.create(merchant=merchant, user=user, role=Role.MANAGER)
    client = Client(HTTP_HOST=settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "localhost")
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[0])

    def open_page(merchant: Merchant, page: str) -> None:
        response = client.get(reverse(page, kwargs={"merchant_slug": merchant.slug}))
        if response.status_code != 200:  # noqa: PLR2004 -- HTTP's OK
            raise RuntimeError(f"{page} of {merchant.slug} answers {response.status_code}.")

    try:
        # Names of static files as they are: nobody has collected them here.
        with override_settings(STORAGES=settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}):
            yield open_page
    finally:
        user.delete()


def _make(skus: int) -> tuple[Merchant, Merchant, int]:
    """The large and the small merchant, and how many rows the others have."""
    others = skus * OTHER_ROWS_PER_SKU // ROWS_OF_A_SKU // OTHER_MERCHANTS
    for number in range(OTHER_MERCHANTS):
        _one(f"{PREFIX}-other-{number}", others)
    rows = sum(_count(model) for model in TABLES)
    large, small = _one(f"{PREFIX}-large", skus), _one(f"{PREFIX}-small", SMALL_SKUS)
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f'{VACUUM} ANALYZE "{model._meta.db_table}"')
    return large, small, rows


def _count(model: Any) -> int:
    """Rows of all merchants, as this process wrote them: the scopes are opened one by one."""
    total = 0
    for merchant in Merchant.objects.filter(slug__startswith=PREFIX):
        with merchant_scope(merchant):
            total += model.objects.filter(merchant=merchant).count()
    return total


def _one(slug: str, skus: int) -> Merchant:
    merchant = Merchant.objects.create(slug=slug, name=slug.replace("-", " ").title())
    with merchant_scope(merchant):
        fill(merchant, skus)
        make_neighbours(merchant, skus)
    return merchant


def make_neighbours(merchant: Merchant, skus: int) -> None:
    """What the other lists show: pictures of every SKU, drift, errors, files, imports, profiles, groups."""
    listings = Listing.objects.filter(merchant=merchant).order_by("pk")
    rows = list(listings.values_list("pk", "variant_id", "variant__main_image_url"))
    for batch in batches(rows, 5000):
        _pictures(merchant, batch)
    every = max(1, min(20, skus // FULL_PAGE))
    some = [pk for pk, *_rest in rows[::every]]
    now = timezone.now()
    listings.filter(pk__in=some).update(price_live=1, price_live_at=now, drift_since=now)
    listings.filter(pk__in=some).update(readiness=Readiness.NOT_READY)
    _errors(merchant, some)
    _slow_lists(merchant, max(FULL_PAGE, skus // 50))
    parents = [variant_id for _pk, variant_id, _url in rows[::every]]
    groups = [{"parent": pk, "group_title": f"Family {pk}"} for pk in parents]
    insert_rows(VariationGroup, merchant, ("parent", "group_title"), groups)


def _pictures(merchant: Merchant, rows: list[tuple[int, int, str]]) -> None:
    now, verdicts = timezone.now(), list(ImageVerdict)
    facts = [
        {
            "url_hash": hashlib.sha256(url.encode()).hexdigest(),
            "url": url,
            "state": ImageState.FINE.value,
            "verdict": verdicts[pk % len(verdicts)].value if pk % 10 == 0 else ImageVerdict.FINE.value,
            "width": 1200,
            "height": 900,
            "due_at": now,
        }
        for pk, _variant_id, url in rows
    ]
    insert_rows(ImageFact, merchant, tuple(facts[0]), facts)
    made = dict(
        ImageFact.objects.filter(
            merchant=merchant, url_hash__in=[row["url_hash"] for row in facts]
        ).values_list("url", "pk")
    )
    uses = [{"fact": made[url], "variant": variant_id} for _pk, variant_id, url in rows]
    insert_rows(ImageUse, merchant, ("fact", "variant"), uses)


def _errors(merchant: Merchant, listing_ids: list[int]) -> None:
    rows = [
        {
            "listing": pk,
            "step": "content",
            "code": "invalid_upc",
            "message": "Invalid UPC",
            "group_key": f"upc-{pk % 40}",
            "group_label": "Invalid UPC",
        }
        for pk in listing_ids
    ]
    insert_rows(SkuError, merchant, tuple(rows[0]), rows)


def _slow_lists(merchant: Merchant, count: int) -> None:
    account = get_account(merchant)
    if account is None:
        raise LookupError("make_catalogue gives every merchant an account")
    files = [
        {
            "account": account.pk,
            "file_type": FileType.PRICE.value,
            "name": f"price-{number}",
            "state": (FileState.WITH_ERRORS if number % 9 == 0 else FileState.DONE).value,
            "sku_count": 5000,
        }
        for number in range(count)
    ]
    insert_rows(BulkFile, merchant, tuple(files[0]), files)
    uploads = [
        {
            "kind": CsvKind.PRODUCTS.value,
            "token": f"{number:032x}",
            "file": "x.csv",
            "original_name": f"{number}.csv",
        }
        for number in range(count)
    ]
    insert_rows(CsvUpload, merchant, tuple(uploads[0]), uploads)
    # Profiles are made by hand: more products have no more of them.
    insert_rows(Profile, merchant, ("name",), [{"name": f"Profile {number}"} for number in range(FULL_PAGE)])


def _remove_all() -> None:
    """Also what a run that was killed left behind."""
    User.objects.filter(email=f"{PREFIX}@example.com").delete()
    for merchant in Merchant.objects.filter(slug__startswith=PREFIX):
        with merchant_scope(merchant):
            for model in TABLES:
                rows = model.objects.filter(merchant=merchant)
                rows._raw_delete(rows.db)  # noqa: SLF001 -- one statement
            merchant.delete()
