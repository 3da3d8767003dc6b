"""Reads of the repricer's switch, its runs and their changes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from catalog.enums import ListingStatus
from catalog.models import Variant
from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import get_options
from repricer.enums import RunKind, RunState
from repricer.models import RepriceChange, RepricerSetting, RepriceRun, SalesData
from repricer.queries.offers import sync_trouble

# Jet's figures lag by up to a day and a weekend may pass; older ones say nothing of the market any more.
OLDEST_FIGURES = timedelta(hours=72)


def get_setting(merchant: Merchant) -> RepricerSetting:
    """The stored one, or the defaults (off) that were never saved."""
    return RepricerSetting.objects.filter(merchant=merchant).first() or RepricerSetting(merchant=merchant)


def due_variants(merchant: Merchant, kind: RunKind, after: int = 0) -> QuerySet[Variant]:
    """SKUs that a run has to look at, by number: with figures that were not used yet and bounds, or repriced before."""
    rows = Variant.objects.filter(merchant=merchant, pk__gt=after)
    repriced = Q(repriced_price__isnull=False)
    if kind == RunKind.RELEASE:
        return rows.filter(repriced).order_by("pk")
    fresh = SalesData.objects.filter(Q(acted_on=None) | Q(acted_on__lt=F("read_at")), merchant=merchant)
    bounded = Q(reprice_rule__isnull=False) | Q(product__profile__reprice_rule__isnull=False)
    found = rows.filter(repriced | bounded, listing__status=ListingStatus.AVAILABLE)
    return found.filter(Exists(fresh.filter(variant=OuterRef("pk")))).order_by("pk")


def runs_of(merchant: Merchant) -> QuerySet[RepriceRun]:
    return RepriceRun.objects.filter(merchant=merchant).select_related("operation").order_by("-pk")


def get_run(merchant: Merchant, pk: int) -> RepriceRun:
    row = runs_of(merchant).filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no repricing run {pk}.", hint="It may belong to another merchant.")
    row.merchant = merchant
    return row


def changes_of(merchant: Merchant) -> QuerySet[RepriceChange]:
    return RepriceChange.objects.filter(merchant=merchant).select_related("run").order_by("-pk")


def open_run(merchant: Merchant) -> RepriceRun | None:
    return RepriceRun.objects.filter(merchant=merchant, state=RunState.RUNNING).first()


def troubles(merchant: Merchant) -> list[str]:
    """Why the repricer would do nothing, or its prices would not reach Jet, though it is on."""
    options = get_options(merchant)
    found = [sync_trouble(merchant)]
    if not options.send_price:
        found.append("“Send prices to Jet” is off, so repriced prices wait.")
    elif not (options.sync_on_edit and options.edit_sends_price):
        found.append("“Update product sync” is off for prices, so repriced prices wait until you press Sync.")
    return [words for words in found if words]
