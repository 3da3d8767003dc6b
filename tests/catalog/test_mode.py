"""Switching between test and live: the other account has got nothing from us yet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.enums import ListingStatus
from catalog.models import Listing, NodeStock
from jetsync.actions.account import switch_mode
from jetsync.enums import Mode
from jetsync.models import JetAccount, Job, LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

pytestmark = pytest.mark.django_db


def test_a_listed_sku_is_not_uploaded_at_the_other_account(shop: Merchant) -> None:
    kettle = rows.make_variant(shop)
    rows.mark_listed(kettle)
    Listing.objects.filter(variant=kettle).update(price_sent=Decimal("38.50"), archived_sent=True)
    factories.make_account(shop, mode=Mode.LIVE, validation=JetAccount.Validation.OK)
    factories.open_live(shop)

    switch_mode(shop, Mode.LIVE, actor=SYSTEM)

    listing = Listing.objects.get(variant=kettle)
    assert (listing.status, listing.content_sent_at, listing.price_sent, listing.archived_sent) == (
        ListingStatus.NOT_UPLOADED,
        None,
        None,
        False,
    )
    assert listing.price_target == Decimal("38.50")
    assert set(NodeStock.objects.filter(variant=kettle).values_list("quantity_sent", flat=True)) == {None}
    assert Job.objects.filter(merchant=shop, kind="catalog.refresh", key="all").count() == 1
    assert LogEntry.objects.filter(merchant=shop, action="catalog.listing.forgotten").count() == 1


def test_another_merchants_listings_stay(shop: Merchant) -> None:
    other = factories.make_merchant("Other")
    factories.make_account(other)
    with merchant_scope(other):
        theirs = rows.make_variant(other)
        rows.mark_listed(theirs)
    factories.make_account(shop, mode=Mode.LIVE, validation=JetAccount.Validation.OK)
    factories.open_live(shop)

    switch_mode(shop, Mode.LIVE, actor=SYSTEM)

    with merchant_scope(other):
        assert Listing.objects.get(variant=theirs).content_sent_at is not None


def test_saving_a_merchant_without_a_switch_forgets_nothing(shop: Merchant) -> None:
    kettle = rows.make_variant(shop)
    rows.mark_listed(kettle)

    shop.name = "Harrow & Finch"
    shop.save(update_fields=["name"])

    assert Listing.objects.get(variant=kettle).content_sent_at is not None
