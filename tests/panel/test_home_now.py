"""“Needs you now” on Home: returns, refunds and parcels, each only for those who can act."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Listing
from jetsync.models import Options, Schedule
from jetsync.sync.schedules import ensure_schedules
from orders.enums import FailureReason, OrderState
from orders.models import ShipStationNotice
from orders.shipstation.words import NoticeState
from refunds.actions.creating import create_refund
from refunds.models import Refund
from returns.actions.settling import ledgers_for, settle_return
from returns.enums import SendState
from returns.queries import return_lines
from returns.validators import full_decision
from tests.catalog.rows import make_variant
from tests.factories import make_account, make_member
from tests.refunds.test_create import give
from tests.returns.rows import make_order, make_return


@pytest.fixture
def sold(scoped):
    """`sold(**columns)` -> an order of the merchant."""
    return partial(make_order, scoped, make_account(scoped))


@pytest.fixture
def of_role(merchant):
    """`of_role("manager")` -> the browser of somebody with that role."""

    def browser(role: str) -> Client:
        client = Client()
        client.force_login(make_member(merchant, role))
        return client

    return browser


def home(client: Client, at) -> str:
    return " ".join(client.get(at("panel:home")).content.decode().split())


def tile(page: str, label: str) -> bool:
    return f"{label}</span>" in page


def test_return_without_an_answer_stands_on_home_with_its_limit_and_sum(client, sold, at):
    assert "Returns that wait for your answer" not in home(client, at)
    returned = make_return(sold())
    page = home(client, at)
    assert at("returns:return-detail", pk=returned.pk) in page
    assert "two business days after the goods arrived" in page
    assert "$28.49" in page

    Options.objects.update(refund_limit=None)
    for _ in range(6):
        make_return(sold())
    assert "2 more wait for your answer" in home(client, at)


def test_answer_that_waits_stands_on_home_of_those_who_may_confirm_it(of_role, sold, actor, at):
    Options.objects.update(refund_limit=Decimal(1))
    returned = make_return(sold())
    settle_return(returned, full_decision(return_lines(returned), ledgers_for(returned)), actor=actor)
    assert tile(home(of_role("manager"), at), "Wait for a second person")

    assert not tile(home(of_role("analyst"), at), "Wait for a second person")
    own = Client()
    own.force_login(actor.user)
    assert not tile(home(own, at), "Wait for a second person")


def test_refund_that_waits_or_was_refused_stands_on_home(of_role, sold, actor, at):
    Options.objects.update(refund_limit=Decimal(1))
    order = sold()
    refund = create_refund(order, [give(order)], actor=actor)
    page = home(of_role("manager"), at)
    assert tile(page, "Wait for a second person")
    assert not tile(page, "Did not get through")
    assert not tile(home(of_role("fulfilment"), at), "Wait for a second person")

    Refund.objects.filter(pk=refund.pk).update(
        send_state=SendState.REFUSED, failure_message="Jet says no.", failure_hint="Correct the amount."
    )
    page = home(of_role("manager"), at)
    assert tile(page, "Did not get through")
    assert not tile(page, "Wait for a second person")


def test_parcels_that_did_not_get_through_stand_on_home(client, sold, merchant, at):
    assert "Parcels that need you" not in home(client, at)
    sold(
        state=OrderState.ACKNOWLEDGED,
        failure_reason=FailureReason.SHIPMENT_REFUSED,
        failure_message="Jet says no.",
    )
    order = sold(state=OrderState.ACKNOWLEDGED)
    for key, state in (("1", NoticeState.NEEDS_TRACKING), ("2", NoticeState.REFUSED)):
        ShipStationNotice.objects.create(merchant=merchant, order=order, key=key, state=state)
    page = home(client, at)
    assert "Parcels that need you" in page
    assert [tile(page, label) for label in ("Shipments refused", "Parcels without a number")] == [True] * 2
    assert tile(page, "Reports not usable")


def test_home_costs_the_same_with_many_returns(client, sold, at, count_queries):
    make_return(sold())
    home(client, at)
    few = count_queries(client, at("panel:home"))
    for _ in range(3):
        make_return(sold())
    assert count_queries(client, at("panel:home")) == few


def test_numbers_on_home_say_how_old_they_are(client, sold, scoped, at):
    make_return(sold(failure_reason=FailureReason.SHIPMENT_REFUSED, state=OrderState.ACKNOWLEDGED))
    variant = make_variant(scoped, sku="HF-1", quantity=5)
    assert "No status was read from Jet yet." in home(client, at)
    now = timezone.now()
    Listing.objects.filter(variant=variant).update(
        status="missing_data", status_read_at=now - timedelta(minutes=7)
    )
    ensure_schedules(scoped)
    for minutes, kind in ((4, "orders.fetch"), (9, "returns.fetch")):
        Schedule.objects.filter(kind=kind).update(last_finished_at=now - timedelta(minutes=minutes))
    page = re.sub(r"<[^>]+>", "", home(client, at))
    for words in (
        "Counted now; orders were last fetched 4 minutes ago.",
        "Counted now; returns were last fetched 9 minutes ago.",
        "Counted now; statuses were last read from Jet 7 minutes ago.",
        "By the status at Jet, last read 7 minutes ago.",
        "Counted now.",
    ):
        assert words in page
