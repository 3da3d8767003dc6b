"""The simulator replays what was; the page of a SKU shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Listing, Variant
from jetsync.demo.offers import add_past, ask_for_figures
from jetsync.models import Job, LogEntry, Merchant, Operation
from jetsync.panel.charts import lines_of
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.offers import FETCH, store_figures
from repricer.actions.rules import set_rule
from repricer.actions.run import run_repricer
from repricer.enums import RunKind, Why
from repricer.figures import NO_DATA, Price
from repricer.formula import Offers
from repricer.models import OfferReading, RepriceChange, RepricerSetting, RepriceRun
from repricer.queries.simulation import simulate
from repricer.rules import Bounds
from repricer.simulation import Limits, Past, Subject, replay
from tests import factories
from tests.repricer.conftest import offers

pytestmark = pytest.mark.django_db
D = Decimal
BOUNDS = {"min_price": D("30.00"), "max_price": D("45.00"), "bid": D("1.00")}
FREE = Limits(step_percent=100, share_percent=100, always_allowed=0)


def page(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"repricer:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


@pytest.fixture
def kettle(plain_shop: Merchant, for_sale: Callable[..., Variant]) -> Variant:
    """Ten days ago the best other seller asked 36, since five days 34, ours was 38.50 all the time."""
    variant = for_sale("HF-1")
    set_rule(variant, BOUNDS, actor=SYSTEM)
    now = timezone.now()
    for days, best in ((20, "31.00"), (10, "36.00"), (5, "34.00")):
        store_figures(plain_shop, {variant.pk: offers("38.50", best)}, now=now - timedelta(days=days))
    return variant


def test_replay_follows_the_offers_of_the_last_fourteen_days_and_changes_nothing(
    plain_shop: Merchant, kettle: Variant
) -> None:
    before = list(Listing.objects.values_list("price_target", flat=True))
    found, total = simulate(plain_shop, FREE)
    (row,) = found.skus
    assert (total, row.first, row.price, row.changes) == (1, D("38.50"), D("33.00"), 2)
    assert (row.lowest, row.last_why) == (D("33.00"), Why.UNDERCUT), "what was twenty days ago does not count"
    assert (found.was_ahead_percent, found.ahead_percent) == (0, 100)
    assert found.average_change_percent == D("-14.3")
    assert list(Listing.objects.values_list("price_target", flat=True)) == before
    assert not RepriceRun.objects.exists()


def test_replay_does_what_a_run_then_does(plain_shop: Merchant, kettle: Variant) -> None:
    """The same formula: replayed to now, it ends where the repricer ends with the figures of now."""
    found, _total = simulate(plain_shop, FREE)
    RepricerSetting.objects.create(merchant=plain_shop, is_on=True, step_percent=100)
    run_repricer(plain_shop, RunKind.REPRICE, lambda: None)
    assert RepriceChange.objects.get().new_price == found.skus[0].price


def test_replay_says_where_the_breaker_would_have_stopped() -> None:
    start = timezone.now()
    bounds = Bounds(D("1.00"), D("99.00"), D("1.00"))

    def subject(pk: int) -> Subject:
        price = Price(D("20.00"), D(0))
        return Subject(pk, f"HF-{pk}", bounds, [Past(start, Offers(price, Price(D("18.00"), D(0))))])

    subjects = [subject(pk) for pk in (1, 2, 3, 4)]
    stopped = replay(subjects, [start], Limits(step_percent=100, share_percent=50, always_allowed=0))
    assert (stopped.trips, stopped.changes, stopped.slots[0].looked) == (1, 0, 4)
    allowed = replay(subjects, [start], Limits(step_percent=100, share_percent=50, always_allowed=4))
    assert (allowed.trips, allowed.changes) == (0, 4)


def test_page_of_the_simulator_tries_other_limits_without_storing_them(
    plain_shop: Merchant, kettle: Variant, client_for: Callable[..., Client]
) -> None:
    client = client_for("analyst")
    html = client.get(page(plain_shop, "simulator")).content.decode()
    assert "$33.00" in html
    assert "Best offer 34.00 landed, less bid 1.00: 33.00." in html
    tried = client.get(
        page(plain_shop, "simulator"), {"step_percent": "1", "share_percent": "1", "always_allowed": "0"}
    )
    assert "The breaker would have stopped" in tried.content.decode()
    assert not RepricerSetting.objects.exists()
    assert client.get(page(plain_shop, "simulator"), {"step_percent": "0"}).status_code == 400


def test_simulator_without_readings_says_what_it_needs(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    html = client_for("owner").get(page(plain_shop, "simulator")).content.decode()
    assert "Nothing to replay" in html


def test_page_of_a_sku_draws_both_offers_and_lists_readings_and_changes(
    plain_shop: Merchant, kettle: Variant, client_for: Callable[..., Client], count_queries: Any
) -> None:
    RepricerSetting.objects.create(merchant=plain_shop, is_on=True, step_percent=100)
    run_repricer(plain_shop, RunKind.REPRICE, lambda: None)
    client, address = client_for("owner"), page(plain_shop, "sku", pk=kettle.pk)
    html = client.get(address).content.decode()
    assert html.count("<polyline") >= 3
    assert "Best offer 34.00 landed, less bid 1.00: 33.00." in html
    assert "+$" not in html
    for words in ("$34.00", "$36.00", "13.2%", "My Best Offer", "Gap to the buy box"):
        assert words in html
    one = count_queries(client, address)
    for best in ("33.50", "33.00"):
        store_figures(plain_shop, {kettle.pk: offers("38.50", best)})
    assert count_queries(client, address) == one


def test_page_of_a_sku_without_figures_says_so(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    variant = for_sale("HF-9")
    client = client_for("owner")
    assert NO_DATA in client.get(page(plain_shop, "sku", pk=variant.pk)).content.decode()
    other = factories.make_merchant(name="Larkspur")
    assert client_for("owner", other).get(page(other, "sku", pk=variant.pk)).status_code == 404


def test_line_breaks_where_there_is_no_value_and_steps_where_it_changes() -> None:
    chart = lines_of(
        [(0, "a"), (1, "b"), (2, "c"), (3, "d")], {"x": [1, None, 3, 2]}, lambda value: f"${value:.2f}"
    )
    (line,) = chart.lines
    assert line.segments == ["0.0,120.0", "400.0,0.0 600.0,0.0 600.0,60.0"]
    assert (chart.low, chart.high, line.last) == ("$1.00", "$3.00", "$2.00")
    assert chart.rows == [("a", ["$1.00"]), ("b", [""]), ("c", ["$3.00"]), ("d", ["$2.00"])]
    assert lines_of([], {"x": []}, str).lines[0].segments == []


def test_demo_has_two_weeks_of_offers_and_bounds_once(
    plain_shop: Merchant, for_sale: Callable[..., Variant]
) -> None:
    first, last = for_sale("HF-0"), for_sale("HF-3")
    for number in (1, 2):
        for_sale(f"HF-{number}", offers("38.50", "36.00"))
    for row in (first, last):
        assert not ask_for_figures(plain_shop), "not before all have figures"
        store_figures(plain_shop, {row.pk: offers("38.50", "36.00")})
    assert Job.objects.filter(kind=FETCH).count() == 1
    assert LogEntry.objects.filter(action="repricer.sales_data.asked").count() == 1
    assert ask_for_figures(plain_shop)
    assert add_past(plain_shop) == 4
    readings = OfferReading.objects.count()
    assert readings == 4 * (14 * 3 + 1)
    found, total = simulate(plain_shop, Limits(10, 50, 10))
    assert (total, len(found.skus)) == (2, 2)
    assert add_past(plain_shop) == 0
    assert OfferReading.objects.count() == readings
    assert Operation.objects.filter(kind="repricer.set_rules").count() == 1
