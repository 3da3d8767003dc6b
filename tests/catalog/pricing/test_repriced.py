"""The repriced price of a SKU: it wins over the price rules, never over a floor, and goes without a trace."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.actions.repriced import set_repriced
from catalog.models import Listing
from catalog.pricing import NO_RULES, PriceRules, jet_price, ruled_price, solve_price
from jetsync.enums import PriceRule
from jetsync.models import Merchant, Options
from tests.catalog import rows
from tests.catalog.test_listing import KETTLE

D = Decimal
RULES = PriceRules(PriceRule.INCREASE_PERCENT, D(10))


def test_repriced_price_wins_over_rule_and_says_so() -> None:
    facts = KETTLE._replace(price=D("40.00"), repriced_price=D("35.00"))
    found = jet_price(facts, RULES, timezone.now())
    assert (found.price, found.start, found.steps) == (
        D("35.00"),
        D("40.00"),
        ("set to 35.00 USD by the repricer",),
    )
    assert ruled_price(facts, RULES, timezone.now()).price == D("44.00")


@pytest.mark.parametrize(
    ("floor", "lowest", "price"),
    [(D("36.00"), None, D("36.00")), (None, D("37.00"), D("37.00")), (D("20.00"), D("30.00"), D("35.00"))],
)
def test_floors_hold_for_a_repriced_price(
    floor: Decimal | None, lowest: Decimal | None, price: Decimal
) -> None:
    facts = KETTLE._replace(price=D("40.00"), repriced_price=D("35.00"), price_floor=floor)
    assert jet_price(facts, PriceRules(lowest=lowest), timezone.now()).price == price


def test_sku_without_a_price_in_the_store_gets_none_from_the_market() -> None:
    facts = KETTLE._replace(price=None, repriced_price=D("35.00"))
    assert jet_price(facts, NO_RULES, timezone.now()).price is None


def test_theirs_is_not_taken_into_the_store_while_the_repricer_sets_the_price() -> None:
    facts = KETTLE._replace(price=D("40.00"), repriced_price=D("35.00"))
    found = solve_price(D("36.00"), facts, RULES, timezone.now())
    assert (found.price, found.reason) == (None, "The repricer sets the price of this SKU for Jet.")


@pytest.mark.django_db
def test_price_for_jet_follows_and_comes_back(shop: Merchant, client_for: object) -> None:
    Options.objects.update(price_rule=PriceRule.INCREASE_PERCENT, price_rule_amount=D(10))
    variant = rows.make_variant(shop, price=D("40.00"))

    def target() -> Decimal | None:
        return Listing.objects.get(variant=variant).price_target

    assert target() == D("44.00")
    assert set_repriced(shop, {variant.pk: D("35.00")}) == 1
    assert target() == D("35.00")
    client: Client = client_for("owner")  # type: ignore[operator]  # the fixture makes browsers
    address = reverse("catalog:product-detail", kwargs={"merchant_slug": shop.slug, "pk": variant.product_id})
    assert "set to 35.00 USD by the repricer" in client.get(address).content.decode()
    assert set_repriced(shop, {variant.pk: D("35.00")}) == 0
    set_repriced(shop, {variant.pk: None})
    assert target() == D("44.00")
