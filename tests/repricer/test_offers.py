"""Sales data: fetched from Jet for what it sells, kept, and shown beside the best offer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.enums import ListingStatus, ProductKind
from catalog.models import Listing, Variant
from catalog.sync.deltas import SWEEP
from jetsync.actions.retention import trim_histories
from jetsync.enums import FailureEnd, JobState
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, JobRequest, LogEntry, Merchant, Options, Schedule
from jetsync.sync.queue import enqueue
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.offers import FETCH, KEEP_READINGS, fetch_now, store_figures
from repricer.figures import NO_DATA
from repricer.models import OfferReading, SalesData
from repricer.sync import offers as jobs
from tests import factories
from tests.catalog import rows
from tests.repricer.conftest import offers

pytestmark = pytest.mark.django_db
Show = Callable[..., None]


def page(merchant: Merchant, name: str = "sales-data") -> str:
    return reverse(f"repricer:{name}", kwargs={"merchant_slug": merchant.slug})


def salesdata_calls(sandbox: Any) -> list[str]:
    return [row["path"] for row in sandbox.control.requests() if row["path"].endswith("/salesdata")]


@pytest.mark.feature("SAL-04")
def test_figures_are_fetched_after_the_stock_sync_for_what_is_for_sale(
    shop: Merchant, sandbox: Any, listed: list[Variant], show: Show, drain: Callable[[], int]
) -> None:
    show("HF-1", mine="38.50", best="36.25", shipping="4.95")
    enqueue(shop, SWEEP, "test")
    drain()

    assert sorted(path.split("/")[-2] for path in salesdata_calls(sandbox)) == ["HF-1", "HF-2"]
    row = SalesData.objects.get(variant=listed[0])
    assert (row.mine and row.mine.landed, row.best and row.best.landed) == (
        Decimal("43.45"),
        Decimal("41.20"),
    )
    assert (row.gap, row.has_data) == (Decimal("2.25"), True)
    assert SalesData.objects.get(variant=listed[1]).has_data
    assert Job.objects.get(kind=FETCH).message == "Sales data of 2 SKUs read."


def test_same_figures_again_are_no_new_reading(
    sandbox: Any, listed: list[Variant], show: Show, fetch: Callable[[], None]
) -> None:
    show("HF-1", mine="38.50", best="36.25")
    fetch()
    before = SalesData.objects.get(variant=listed[0]).read_at
    fetch()
    assert SalesData.objects.get(variant=listed[0]).read_at > before
    assert OfferReading.objects.filter(variant=listed[0]).count() == 1
    show("HF-1", mine="38.50", best="35.00")
    fetch()
    assert list(
        OfferReading.objects.filter(variant=listed[0]).order_by("at").values_list("best_price", flat=True)
    ) == [Decimal("36.25"), Decimal("35.00")]


def test_sku_of_which_jet_has_no_figures_is_kept_as_such(
    sandbox: Any, listed: list[Variant], fetch: Callable[[], None]
) -> None:
    sandbox.control.switch(sales_data=False)
    fetch()
    assert not SalesData.objects.filter(has_data=True).exists()
    assert SalesData.objects.count() == 2


def test_one_bad_answer_stops_no_other_sku(
    sandbox: Any, listed: list[Variant], fetch: Callable[[], None]
) -> None:
    sandbox.control.fault("status", path="/HF-1/salesdata", status=500)
    fetch()
    bad, good = (SalesData.objects.get(variant=row) for row in listed)
    assert (bad.has_data, good.has_data) == (False, True)
    assert "could not be used" in bad.error


def test_when_every_answer_is_bad_jet_is_in_trouble_and_is_asked_again(
    sandbox: Any, listed: list[Variant], fetch: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ALL_FAILED", 2)
    sandbox.control.fault("status", path="/salesdata", status=500)
    fetch()
    job = Job.objects.get(kind=FETCH)
    assert (job.state, job.failure_end) == (JobState.QUEUED, FailureEnd.RETRY)
    sandbox.control.clear_faults()
    Job.objects.filter(kind=FETCH).update(not_before=timezone.now())
    fetch()
    assert SalesData.objects.filter(has_data=True).count() == 2


@pytest.fixture
def _by_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "REPORT_FROM", 2)


@pytest.mark.usefixtures("_by_report")
def test_many_skus_are_read_from_one_report(
    shop: Merchant, sandbox: Any, listed: list[Variant], show: Show, drain: Callable[[], int]
) -> None:
    show("HF-1", mine="38.50", best="36.25")
    enqueue(shop, FETCH, "stock-sync")
    drain()
    assert not SalesData.objects.exists(), "Jet makes the report"
    sandbox.control.advance(30)
    Job.objects.filter(kind=FETCH).update(not_before=timezone.now())
    drain()
    assert SalesData.objects.get(variant=listed[0]).best_price == Decimal("36.25")
    assert SalesData.objects.filter(has_data=True).count() == 2
    assert salesdata_calls(sandbox) == []


@pytest.mark.usefixtures("_by_report")
def test_report_that_fails_is_replaced_by_single_calls(
    shop: Merchant, sandbox: Any, listed: list[Variant], drain: Callable[[], int]
) -> None:
    sandbox.control.switch(reports_fail=True)
    enqueue(shop, FETCH, "stock-sync")
    drain()
    sandbox.control.advance(30)
    Job.objects.filter(kind=FETCH).update(not_before=timezone.now())
    drain()
    assert SalesData.objects.filter(has_data=True).count() == 2
    assert len(salesdata_calls(sandbox)) == 2


@pytest.mark.feature("SAL-01", "SAL-02", "SAL-05")
def test_grid_shows_both_offers_with_gap_and_advice(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    parent = rows.make_product(plain_shop, title="Kettle", kind=ProductKind.VARIABLE)
    for sku, color in (("HF-RED", "Red"), ("HF-BLUE", "Blue")):
        for_sale(
            sku,
            offers("38.50", "36.25" if color == "Red" else "38.50", "4.95"),
            product=parent,
            title=f"Kettle, {color}",
            options=[{"name": "Color", "value": color}],
        )
    html = client_for("owner").get(page(plain_shop)).content.decode()
    for words in ("My Best Offer", "Best Marketplace Offer", "Image", "Title", "SKU", "Last Update"):
        assert words in html
    assert "HF-RED" in html
    assert "HF-BLUE" in html, "each variation is a row of its own"
    assert "$41.20" in html
    assert "$36.25 + $4.95 shipping" in html
    assert "+5.5%" in html
    assert "Lower to $36.25 to be equal." in html
    assert "Yours is the best offer." in html
    assert "Aim for My Best Offer = Best Marketplace Offer" in html


@pytest.mark.feature("SAL-03", "SAL-04")
def test_grid_names_what_has_no_data_and_leaves_out_what_is_not_for_sale(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-NONE")
    closed = for_sale("HF-CLOSED", offers("38.50", "36.25"))
    Listing.objects.filter(variant=closed).update(status=ListingStatus.ARCHIVED)
    html = client_for("analyst").get(page(plain_shop)).content.decode()
    assert "HF-NONE" in html
    assert NO_DATA in html
    assert "HF-CLOSED" not in html


def test_parts_of_the_grid_hold_what_they_say(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("DEAR", offers("38.50", "36.25"))
    for_sale("SAME", offers("38.50", "38.50"))
    for_sale("CHEAP", offers("38.50", "40.00"))
    for_sale("NODATA")
    client = client_for("owner")
    for standing, sku in (("behind", "DEAR"), ("equal", "SAME"), ("best", "CHEAP"), ("none", "NODATA")):
        html = client.get(page(plain_shop), {"standing": standing}).content.decode()
        assert [name for name in ("DEAR", "SAME", "CHEAP", "NODATA") if f">{name}<" in html] == [sku]


def test_grid_costs_the_same_with_one_row_and_three(
    plain_shop: Merchant,
    for_sale: Callable[..., Variant],
    client_for: Callable[..., Client],
    count_queries: Any,
) -> None:
    client = client_for("owner")
    for_sale("HF-1", offers("38.50", "36.25"))
    one = count_queries(client, page(plain_shop))
    for_sale("HF-2", offers("38.50", "36.25"))
    for_sale("HF-3")
    assert count_queries(client, page(plain_shop)) == one


def test_grid_is_given_as_a_file(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-1", offers("38.50", "36.25", "4.95"))
    answer: Any = client_for("owner").get(page(plain_shop), {"download": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert (row["SKU"], row["Gap"], row["Gap in %"]) == ("HF-1", "2.25", "5.5")
    assert (row["Best Marketplace Offer: Item Price"], row["Best Marketplace Offer: Landed"]) == (
        "36.25",
        "41.20",
    )


@pytest.mark.feature("SAL-01")
def test_chosen_products_are_fetched_after_select_and_submit(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    wanted, _other = for_sale("HF-1"), for_sale("HF-2")
    client = client_for("owner")
    ticked = client.post(page(plain_shop), {"bulk": "fetch", "ids": [wanted.pk]})
    assert "Submit" in client.get(ticked["Location"]).content.decode()
    answer = client.post(ticked["Location"], follow=True)
    assert "Sales data of 1 product is being fetched from Jet." in answer.content.decode()
    assert Job.objects.get(kind=FETCH).data["variants"] == [wanted.pk]
    assert LogEntry.objects.filter(action="repricer.sales_data.asked").count() == 1


def test_fetching_needs_something_for_sale_and_the_right(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    with pytest.raises(InvalidInput, match="None of your SKUs is for sale"):
        fetch_now(plain_shop, actor=SYSTEM)
    assert client_for("analyst").post(page(plain_shop, "fetch")).status_code == 403
    assert not Job.objects.filter(kind=FETCH).exists()


def test_nothing_is_fetched_while_the_store_rests(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-1")
    client = client_for("owner")
    plain_shop.deletion_due_at = timezone.now() + timedelta(days=14)
    plain_shop.save(update_fields=["deletion_due_at"])
    for name in ("sales-data", "repricer"):
        shown = client.get(page(plain_shop, name)).content.decode()
        assert "until then nothing is sent to Jet or fetched." in shown, name

    told = client.post(page(plain_shop, "fetch"), follow=True).content.decode()

    assert "until then nothing is sent to Jet or fetched." in told
    assert "is being fetched" not in told
    assert not Job.objects.filter(kind=FETCH).exists()
    assert not JobRequest.objects.exists()


def test_page_says_why_nothing_is_fetched_by_itself(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("owner")
    ensure_schedules(plain_shop)
    assert "Fetched from Jet after each stock sync." in client.get(page(plain_shop)).content.decode()
    Schedule.objects.filter(kind="catalog.sweep_inventory").update(is_paused=True)
    assert "“Stock sync” is paused" in client.get(page(plain_shop)).content.decode()
    Options.objects.update(send_inventory=False)
    assert "the stock sync does not run" in client.get(page(plain_shop)).content.decode()


def test_readings_older_than_half_a_year_go(plain_shop: Merchant, for_sale: Callable[..., Variant]) -> None:
    variant = for_sale("HF-1")
    now = timezone.now()
    for age, best in (
        (KEEP_READINGS + timedelta(days=1), "36.00"),
        (KEEP_READINGS - timedelta(days=1), "35.00"),
    ):
        store_figures(plain_shop, {variant.pk: offers("38.50", best)}, now=now - age)
    assert trim_histories() == 1
    assert OfferReading.objects.get().best_price == Decimal("35.00")


def test_sales_data_of_another_merchant_is_not_seen(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-1", offers("38.50", "36.25"))
    other = factories.make_merchant(name="Larkspur")
    client = client_for("owner")
    assert client.get(page(other)).status_code == 404
    address = reverse("api:sales-data-list", kwargs={"merchant_slug": plain_shop.slug})
    assert [row["sku"] for row in client.get(address).json()["results"]] == ["HF-1"]
    theirs = client_for("owner", other)
    assert theirs.get(address).status_code == 404
    own = reverse("api:sales-data-list", kwargs={"merchant_slug": other.slug})
    assert theirs.get(own).json()["results"] == []


def test_api_gives_figures_and_asks_for_fresh_ones(
    plain_shop: Merchant, for_sale: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    for_sale("HF-1", offers("38.50", "36.25", "4.95"))
    client = client_for("owner")
    (row,) = client.get(reverse("api:sales-data-list", kwargs={"merchant_slug": plain_shop.slug})).json()[
        "results"
    ]
    assert row["best_marketplace_offer"] == {
        "item_price": "36.25",
        "shipping_price": "4.95",
        "landed": "41.20",
    }
    assert (row["gap"], row["gap_percent"]) == ("2.25", "5.5")
    ask = reverse("api:sales-data-fetch", kwargs={"merchant_slug": plain_shop.slug})
    unknown = client.post(ask, {"skus": ["HF-9"]}, content_type="application/json")
    assert (unknown.status_code, unknown.json()["message"]) == (400, "SKU HF-9 is not known here.")
    assert client.post(ask, {"skus": ["HF-1"]}, content_type="application/json").json() == {"asked": 1}
    assert Job.objects.filter(kind=FETCH).count() == 1
