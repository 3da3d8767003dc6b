"""Repricing runs: after the sales data, once per figures, with limits, a breaker that takes everything back, and undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.actions.product import update_variant
from catalog.actions.targets import refresh_targets
from catalog.models import Listing, Variant
from catalog.sync.deltas import SWEEP
from jetsync.exceptions import StateConflict
from jetsync.models import JetAccount, Job, LogEntry, Mail, Merchant, Notice, Operation, Schedule
from jetsync.sync.queue import enqueue
from jetsync.sync.schedules import ensure_schedules
from jetsync.tenancy.actor import SYSTEM
from repricer.actions import run as runs
from repricer.actions.offers import FETCH, store_figures
from repricer.actions.rules import set_rule
from repricer.actions.run import run_repricer
from repricer.actions.setting import resume, save_setting
from repricer.enums import ChangeState, RunKind, RunState, Why
from repricer.models import RepriceChange, RepricerSetting, RepriceRun, SalesData
from tests import factories
from tests.repricer.conftest import offers

pytestmark = pytest.mark.django_db
D = Decimal
BOUNDS = {"min_price": D("30.00"), "max_price": D("45.00"), "bid": D("1.00")}
Show = Callable[..., None]


def page(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"repricer:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def target(variant: Variant) -> Decimal | None:
    return Listing.objects.get(variant=variant).price_target


def at_jet(sandbox: Any, sku: str) -> list[float]:
    """The prices that Jet was told of this SKU, in order."""
    return [
        json.loads(row["body"])["price"]
        for row in sandbox.control.requests()
        if row["method"] == "PUT" and row["path"].endswith(f"/{sku}/price")
    ]


@pytest.fixture
def switched_on(plain_shop: Merchant) -> Merchant:
    RepricerSetting.objects.create(merchant=plain_shop, is_on=True)
    return plain_shop


@pytest.fixture
def bounded(for_sale: Callable[..., Variant]) -> Callable[..., Variant]:
    def make(sku: str, best: str = "36.00", **changes: Any) -> Variant:
        variant = for_sale(sku, offers("38.50", best))
        set_rule(variant, {**BOUNDS, **changes}, actor=SYSTEM)
        return variant

    return make


def go(merchant: Merchant, kind: RunKind = RunKind.REPRICE) -> RepriceRun | None:
    return run_repricer(merchant, kind, lambda: None).run


@pytest.fixture
def sku_by_sku(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each SKU is a batch of its own."""
    monkeypatch.setattr(runs, "BATCH", 1)


@pytest.fixture
def two(shop: Merchant, listed: list[Variant], show: Show) -> list[Variant]:
    """Two kettles with bounds, which the sandbox sells at 38.50."""
    for variant in listed:
        set_rule(variant, BOUNDS, actor=SYSTEM)
        show(variant.sku, mine="38.50", best="36.00")
    return listed


@pytest.mark.feature("REP-01", "REP-03", "REP-04", "CFG-23")
def test_switched_on_prices_follow_each_refresh_within_the_stock_sync_and_reach_jet(
    sandbox: Any, two: list[Variant], show: Show, client_for: Callable[..., Client], drain: Any
) -> None:
    shop = two[0].merchant
    show("HF-1", mine="38.50", best="37.00")
    show("HF-2", mine="38.50", best="20.00")
    client = client_for("owner")
    enqueue(shop, SWEEP, "test")
    drain()
    assert [target(row) for row in two] == [D("38.50"), D("38.50")], "off by default"

    answer = client.post(page(shop, "repricer"), {"is_on": "on", "step_percent": "100"}, follow=True)
    assert "The repricer is on." in answer.content.decode()
    drain()
    assert [target(row) for row in two] == [D("36.00"), D("30.00")]
    assert (at_jet(sandbox, "HF-1")[-1], at_jet(sandbox, "HF-2")[-1]) == (36, 30)

    show("HF-1", mine="36.00", best="35.00")
    enqueue(shop, SWEEP, "again")
    drain()
    assert target(two[0]) == D("34.00")
    assert at_jet(sandbox, "HF-1")[-1] == 34
    change = RepriceChange.objects.filter(variant=two[0]).latest("pk")
    assert (change.old_price, change.new_price, change.why) == (D("36.00"), D("34.00"), Why.UNDERCUT)
    html = client.get(page(shop, "changes"), {"run": change.run_id}).content.decode()
    assert "Best offer 35.00 landed, less bid 1.00: 34.00." in html
    assert Job.objects.filter(kind=FETCH).latest("pk").message == (
        "Sales data of 2 SKUs read. 1 of 2 SKUs changed."
    )


def test_same_figures_change_nothing_a_second_time(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    variant = bounded("HF-1", "20.00")
    RepricerSetting.objects.update(step_percent=10)
    go(switched_on)
    assert target(variant) == D("34.65"), "one step of 10%"
    assert go(switched_on) is None
    assert target(variant) == D("34.65"), "the same figures allow no second step"
    store_figures(switched_on, {variant.pk: offers("34.65", "20.00")})
    go(switched_on)
    assert target(variant) == D("31.19")
    assert RepriceRun.objects.count() == 2


def test_repriced_price_survives_whatever_recomputes_targets(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    variant = bounded("HF-1")
    go(switched_on)
    assert target(variant) == D("35.00")
    refresh_targets(switched_on, [variant.pk])
    variant.refresh_from_db()
    update_variant(variant, {"price": D("39.00")}, actor=SYSTEM)
    assert target(variant) == D("35.00")


def test_emptied_bound_gives_the_store_price_back_at_once(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    variant = bounded("HF-1")
    go(switched_on)
    set_rule(variant, {"max_price": None}, actor=SYSTEM)
    assert target(variant) == D("38.50")
    entry = LogEntry.objects.get(action="repricer.price.released")
    assert "Max Price is empty." in entry.message
    go(switched_on)
    assert target(variant) == D("38.50"), "and it is never taken for zero"


def test_changed_bounds_count_with_the_figures_at_hand(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    variant = bounded("HF-1")
    go(switched_on)
    set_rule(variant, {"min_price": D("37.00")}, actor=SYSTEM)
    go(switched_on)
    assert target(variant) == D("37.00")


def test_every_floor_holds(switched_on: Merchant, bounded: Callable[..., Variant]) -> None:
    by_cost = bounded("HF-COST", "20.00", cost=D("34.00"))
    by_map = bounded("HF-MAP", "20.00")
    Variant.objects.filter(pk=by_map.pk).update(map_price=D("36.50"))
    save_setting(switched_on, {"step_percent": 100}, actor=SYSTEM)
    go(switched_on)
    assert [target(by_cost), target(by_map)] == [D("34.00"), D("36.50")]
    assert set(RepriceChange.objects.values_list("why", flat=True)) == {Why.FLOOR}


def test_old_figures_change_nothing(switched_on: Merchant, bounded: Callable[..., Variant]) -> None:
    variant = bounded("HF-1")
    SalesData.objects.update(best_noted_at=timezone.now() - timedelta(hours=73))
    run = go(switched_on)
    assert run is not None
    assert (run.looked, run.changed, target(variant)) == (1, 0, D("38.50"))


@pytest.mark.usefixtures("sku_by_sku")
@pytest.mark.feature("REP-04")
def test_breaker_takes_all_prices_of_the_run_back_freezes_and_alarms(
    sandbox: Any, two: list[Variant], client_for: Callable[..., Client], drain: Any
) -> None:
    shop = two[0].merchant
    client = client_for("owner")
    limits = {"is_on": "on", "step_percent": "100", "share_percent": "50", "always_allowed": "0"}
    client.post(page(shop, "repricer"), limits)
    drain()

    run = RepriceRun.objects.get()
    assert (run.state, run.allowed, run.changed) == (RunState.FROZEN, 1, 1)
    assert [target(row) for row in two] == [D("38.50"), D("38.50")]
    assert {price for row in two for price in at_jet(sandbox, row.sku)} == {38.5}
    (change,) = RepriceChange.objects.all()
    assert (change.state, change.new_price) == (ChangeState.RESTORED, D("35.00"))
    assert Notice.objects.get(key="repricer.frozen").title == "The repricer has stopped itself"
    assert Mail.objects.get(kind="repricer.frozen").subject.endswith("The repricer has stopped itself")
    html = client.get(page(shop, "repricer")).content.decode()
    assert "wanted to change more than 1 of 2 SKUs" in html
    stopped = RepriceRun.objects.get()
    assert (stopped.looked, stopped.changed) == (2, 1)
    assert not Operation.objects.get(kind="repricer.run").is_open

    enqueue(shop, SWEEP, "test")
    drain()
    assert RepriceRun.objects.count() == 1, "it waits for a person"

    answer = client.post(page(shop, "resume"), {"passes_once": "on"}, follow=True)
    assert "The repricer goes on." in answer.content.decode()
    drain()
    assert [target(row) for row in two] == [D("35.00"), D("35.00")]
    assert at_jet(sandbox, "HF-1")[-1] == 35
    assert not RepricerSetting.objects.get().passes_once, "only once"
    assert not Notice.objects.filter(key="repricer.frozen", read_at=None).exists()


def test_first_run_may_pass_when_the_switch_says_so_and_the_next_may_not(
    plain_shop: Merchant, bounded: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    found = [bounded("HF-1"), bounded("HF-2")]
    given = {"is_on": "on", "passes_once": "on", "share_percent": "50", "always_allowed": "0"}
    client = client_for("owner")
    client.post(page(plain_shop, "repricer"), given)
    assert "passes_once" not in client.get(page(plain_shop, "repricer")).context["form"].fields
    go(plain_shop)
    assert [target(row) for row in found] == [D("35.00"), D("35.00")]
    for row in found:
        store_figures(plain_shop, {row.pk: offers("35.00", "34.00")})
    stopped = go(plain_shop)
    assert stopped is not None
    assert (stopped.state, stopped.changed) == (RunState.FROZEN, 0)
    assert stopped.message.endswith("No price was changed.")
    assert [target(row) for row in found] == [D("35.00"), D("35.00")]


def test_few_products_are_not_stopped_by_an_ordinary_day(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    for number in range(3):
        bounded(f"HF-{number}")
    RepricerSetting.objects.update(share_percent=1)
    run = go(switched_on)
    assert run is not None
    assert (run.state, run.changed) == (RunState.DONE, 3)


@pytest.mark.usefixtures("sku_by_sku")
def test_run_whose_worker_died_goes_on_where_it_stood(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    found = [bounded(f"HF-{number}") for number in range(3)]
    beats = iter([None, None])

    def beat() -> None:
        next(beats)

    with pytest.raises(StopIteration):
        run_repricer(switched_on, RunKind.REPRICE, beat)
    assert [target(row) for row in found] == [D("35.00"), D("35.00"), D("38.50")]
    run = go(switched_on)
    assert run is not None
    assert (RepriceRun.objects.count(), run.changed, run.looked) == (1, 3, 3)
    assert RepriceChange.objects.count() == 3
    operation = Operation.objects.get(kind="repricer.run")
    assert (operation.total, operation.done) == (3, 3)


@pytest.mark.feature("REP-03")
def test_run_is_undone_and_spares_what_was_set_anew(
    switched_on: Merchant, bounded: Callable[..., Variant], client_for: Callable[..., Client], drain: Any
) -> None:
    first, second = bounded("HF-1"), bounded("HF-2")
    go(switched_on)
    store_figures(switched_on, {second.pk: offers("35.00", "34.00")})
    go(switched_on)
    operation = Operation.objects.filter(kind="repricer.run").earliest("pk")
    address = reverse("panel:operation-undo", kwargs={"merchant_slug": switched_on.slug, "pk": operation.pk})
    client = client_for("owner")
    assert "2 SKUs get back the price from before the run" in client.get(address).content.decode()
    client.post(address)
    drain()
    assert [target(first), target(second)] == [D("38.50"), D("33.00")]
    undoing = Operation.objects.get(kind="repricer.undo_run")
    assert (undoing.done, undoing.skipped) == (1, 1)
    states = dict(RepriceChange.objects.filter(run__operation=operation).values_list("sku", "state"))
    assert states == {"HF-1": ChangeState.UNDONE, "HF-2": ChangeState.APPLIED}
    assert go(switched_on) is None, "the same figures do not bring it back"


@pytest.mark.feature("REP-01")
def test_switching_off_gives_every_price_back_and_can_be_undone(
    switched_on: Merchant, bounded: Callable[..., Variant], client_for: Callable[..., Client], drain: Any
) -> None:
    variant = bounded("HF-1")
    go(switched_on)
    client_for("owner").post(page(switched_on, "repricer"), {})
    drain()
    assert target(variant) == D("38.50")
    run = RepriceRun.objects.latest("pk")
    assert (run.kind, run.state, run.changed) == (RunKind.RELEASE, RunState.DONE, 1)
    assert go(switched_on) is None


@pytest.mark.usefixtures("sku_by_sku")
def test_run_ends_when_the_repricer_is_switched_off_meanwhile(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    bounded("HF-1")
    last = bounded("HF-2")
    beats = iter([False, True])

    def beat() -> None:
        if next(beats):
            RepricerSetting.objects.update(is_on=False)

    run = run_repricer(switched_on, RunKind.REPRICE, beat).run
    assert run is not None
    assert (run.state, run.changed, target(last)) == (RunState.DONE, 1, D("38.50"))


@pytest.mark.feature("REP-01")
def test_page_says_when_the_stock_sync_does_not_run(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    ensure_schedules(plain_shop)
    client = client_for("owner")
    assert "is paused" not in client.get(page(plain_shop, "repricer")).content.decode()
    Schedule.objects.filter(kind=SWEEP).update(is_paused=True)
    assert "“Stock sync” is paused" in client.get(page(plain_shop, "repricer")).content.decode()


def test_only_those_who_may_change_settings_switch_it_or_resume(
    plain_shop: Merchant, client_for: Callable[..., Client]
) -> None:
    client = client_for("analyst")
    assert client.get(page(plain_shop, "repricer")).status_code == 200
    assert client.post(page(plain_shop, "repricer"), {"is_on": "on"}).status_code == 403
    assert client.post(page(plain_shop, "resume")).status_code == 403
    assert not RepricerSetting.objects.filter(is_on=True).exists()
    with pytest.raises(StateConflict, match="not stopped"):
        resume(plain_shop, passes_once=False, actor=SYSTEM)


def test_batch_costs_the_same_for_one_sku_and_three(
    switched_on: Merchant, bounded: Callable[..., Variant]
) -> None:
    bounded("HF-FIRST")
    go(switched_on)  # makes the jobs that the others join
    counted = []
    for number in (1, 3):
        for sku in range(number):
            bounded(f"HF-{number}-{sku}")
        with CaptureQueriesContext(connection) as queries:
            assert go(switched_on) is not None
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_api_and_pages_show_runs_to_their_merchant_only(
    switched_on: Merchant,
    bounded: Callable[..., Variant],
    client_for: Callable[..., Client],
    count_queries: Any,
) -> None:
    bounded("HF-1")
    go(switched_on)
    client = client_for("owner")
    slug = {"merchant_slug": switched_on.slug}
    (run,) = client.get(reverse("api:reprice-run-list", kwargs=slug)).json()["results"]
    address = reverse("api:reprice-change-list", kwargs=slug)
    (change,) = client.get(address).json()["results"]
    assert client.get(address, {"sku": change["sku"].lower()}).json()["results"] == [change]
    assert client.get(address, {"sku": "NOBODY"}).json()["results"] == []
    assert (run["changed"], change["new_price"], change["why"]) == (1, "35.00", "undercut")
    one = [count_queries(client, page(switched_on, name)) for name in ("repricer", "changes")]
    for sku in ("HF-2", "HF-3"):
        bounded(sku)
        go(switched_on)
    assert [count_queries(client, page(switched_on, name)) for name in ("repricer", "changes")] == one
    other = factories.make_merchant(name="Larkspur")
    theirs = client_for("owner", other)
    assert theirs.get(page(other, "run", pk=run["id"])).status_code == 404
    assert (
        theirs.get(reverse("api:reprice-run-list", kwargs={"merchant_slug": other.slug})).json()["results"]
        == []
    )


def test_switching_on_says_what_keeps_it_from_working(
    plain_shop: Merchant, bounded: Callable[..., Variant], client_for: Callable[..., Client]
) -> None:
    client, address = client_for("owner"), page(plain_shop, "repricer")

    def told() -> str:
        client.post(address, {"is_on": ""})
        return client.post(address, {"is_on": "on"}, follow=True).content.decode()

    assert "No SKU is for sale at Jet, so there is nothing to reprice yet." in told()
    bounded("HF-1")
    assert "Fresh sales data is fetched, and the first run follows." in told()
    ensure_schedules(plain_shop)
    Schedule.objects.filter(kind="catalog.sweep_inventory").update(is_paused=True)
    assert "a run follows, but: The schedule “Stock sync” is paused." in told()
    Schedule.objects.update(is_paused=False)

    JetAccount.objects.update(api_user="", api_secret="")
    Job.objects.all().delete()
    html = told()
    assert "There are no API keys for test mode, so Jet is asked nothing. Enter them under" in html
    assert reverse("panel:account", kwargs={"merchant_slug": plain_shop.slug}) in html
    assert not Job.objects.filter(kind=FETCH).exists()
