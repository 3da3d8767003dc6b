"""Reads what is known about pictures, and which SKUs show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from catalog.enums import ImageState
from catalog.facts import ImageFacts, VariantFacts
from catalog.images import addresses_of, hash_of
from catalog.models import ImageFact, ImageUse, Variant
from jetsync.models import Merchant

FACT_COLUMNS = ("state", "width", "height", "format", "is_layered", "content_hash", "message")


def is_probing() -> bool:
    """Whether pictures are fetched in this installation; if not, nothing is judged either."""
    return bool(getattr(settings, "PROBE_IMAGES", False))


class KnownImage(NamedTuple):
    """`sleeps`: no SKU showed it when it was due, so it is not looked at any more."""

    pk: int
    sleeps: bool
    facts: ImageFacts


def known_images(merchant: Merchant, hashes: Mapping[str, str]) -> dict[str, KnownImage]:
    """Address -> what is known, of addresses with their hashes; those never seen are left out. One query."""
    if not hashes:
        return {}
    by_hash = {url_hash: url for url, url_hash in hashes.items()}
    # The hashes travel as one array: thousands of single parameters would take longer than the query.
    sql = (
        f"SELECT id, url_hash, due_at IS NULL, {', '.join(FACT_COLUMNS)} FROM catalog_imagefact "  # noqa: S608 -- names are ours
        "WHERE merchant_id = %s AND url_hash = ANY(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [merchant.pk, list(by_hash)])
        return {
            by_hash[url_hash]: KnownImage(pk, sleeps, as_facts(row))
            for pk, url_hash, sleeps, *row in cursor.fetchall()
        }


def hashes_of(urls: Iterable[str]) -> dict[str, str]:
    """Address -> hash, in order of the hashes."""
    return dict(sorted(((url, hash_of(url)) for url in set(urls)), key=itemgetter(1)))


def as_facts(row: Sequence[object]) -> ImageFacts:
    """A row of `FACT_COLUMNS` as the listing reads it."""
    state, width, height, image_format, is_layered, content_hash, message = row
    return ImageFacts(
        ImageState(str(state)),
        int(str(width or 0)),
        int(str(height or 0)),
        str(image_format),
        bool(is_layered),
        str(content_hash),
        str(message),
    )


def facts_of(fact: ImageFact) -> ImageFacts:
    return as_facts([getattr(fact, name) for name in FACT_COLUMNS])


def images_of(merchant: Merchant, rows: Iterable[VariantFacts]) -> Mapping[str, ImageFacts]:
    """What is known of all pictures of these SKUs, waiting ones included. One query, none where probing is off."""
    if not is_probing():
        return {}
    urls = (url for facts in rows for _slot, url in addresses_of(facts))
    return {url: known.facts for url, known in known_images(merchant, hashes_of(urls)).items()}


def all_images(merchant: Merchant) -> QuerySet[ImageFact]:
    """Those that a SKU shows, or showed when they were last due."""
    return ImageFact.objects.filter(merchant=merchant, due_at__isnull=False)


def due_images(merchant: Merchant, now: datetime) -> QuerySet[ImageFact]:
    rows = ImageFact.objects.filter(merchant=merchant, due_at__lte=now)
    return rows.order_by("due_at", "pk")


@dataclass(frozen=True)
class Users:
    """The SKUs that show a picture: how many slots, and the first few."""

    count: int
    shown: list[ImageUse]


SHOWN_USERS = 3


def users_of(merchant: Merchant, fact_ids: Sequence[int]) -> dict[int, Users]:
    """Fact pk -> its SKUs, the first three with their variants. One query whatever the number of uses."""
    rows = (
        ImageUse.objects.filter(merchant=merchant, fact__in=fact_ids)
        .annotate(
            place=Window(RowNumber(), partition_by=[F("fact_id")], order_by=[F("pk").asc()]),
            total=Window(Count("pk"), partition_by=[F("fact_id")]),
        )
        .filter(place__lte=SHOWN_USERS)
        .select_related("variant__product")
        .order_by("fact_id", "place")
    )
    found: dict[int, list[ImageUse]] = defaultdict(list)
    for row in rows:
        found[row.fact_id].append(row)
    return {pk: Users(uses[0].total, uses) for pk, uses in found.items()}  # type: ignore[attr-defined]  # annotated


def pictures_of(merchant: Merchant, variant: Variant) -> list[ImageUse]:
    """The pictures Jet would get for this SKU, main image first. One query."""
    uses = ImageUse.objects.filter(merchant=merchant, variant=variant)
    return list(uses.select_related("fact").order_by("slot"))


def variants_showing(merchant: Merchant, fact_ids: Iterable[int]) -> QuerySet[Variant]:
    uses = ImageUse.objects.filter(merchant=merchant, fact__in=list(fact_ids))
    return Variant.objects.filter(merchant=merchant, pk__in=uses.values("variant"))


def variants_with_twins(merchant: Merchant, fact_ids: Sequence[int]) -> list[int]:
    """Of the SKUs that show these pictures, those with the same bytes in two slots."""
    users = ImageUse.objects.filter(merchant=merchant, fact__in=fact_ids).values("variant")
    rows = ImageUse.objects.filter(merchant=merchant, variant__in=users).exclude(fact__content_hash="")
    twins = rows.values("variant", "fact__content_hash").annotate(times=Count("pk")).filter(times__gt=1)
    return sorted(set(twins.values_list("variant", flat=True)))
