"""Failures of returns, refunds, shipments, reported parcels and the repricer lead to the page of their cause."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.models import JetAccount, Job, Merchant
from jetsync.tenancy.actor import Actor, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from orders.actions.shipment import (
    cancel_waiting,
    mark_checking,
    mark_shipment_refused,
    ship_order,
    take_back,
)
from orders.models import Shipment, ShipStationNotice
from refunds.actions.confirming import decline_refund
from refunds.actions.creating import create_refund, mark_create_failed
from refunds.models import Refund
from repricer.models import RepricerSetting
from returns.actions.settling import ledgers_for, mark_settle_failed, settle_return
from returns.models import Return
from returns.queries import failure_codes
from returns.validators import full_decision
from tests import factories
from tests.orders.rows import make_order as make_accepted
from tests.orders.rows import parcel
from tests.refunds.test_create import give
from tests.returns.rows import make_order, make_return

Clients = Callable[..., Client]


def shown(client: Client, merchant: Merchant, path: str) -> str:
    response = client.get(f"/m/{merchant.slug}/{path}")
    assert response.status_code == 200, path
    return response.content.decode()


def help_of(merchant: Merchant, slug: str) -> str:
    return f'href="/m/{merchant.slug}/help/{slug}/"'


def failed(kind: str, code: str, message: str) -> Job:
    """The job that was just made has given up."""
    job = Job.objects.filter(kind=kind).latest("pk")
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, code=code, message=message)
    return Job.objects.select_related("merchant").get(pk=job.pk)


def refused_return(merchant: Merchant, actor: Actor) -> Return:
    returned = make_return(make_order(merchant, factories.make_account(merchant)))
    settle_return(returned, full_decision(list(returned.lines.all()), ledgers_for(returned)), actor=actor)
    mark_settle_failed(failed("returns.complete", "jet_throttled", "Jet asks for a pause."))
    return returned


def refused_refund(merchant: Merchant, actor: Actor, code: str = "jet_unwell") -> Refund:
    account = JetAccount.objects.filter(merchant=merchant).first() or factories.make_account(merchant)
    order = make_order(merchant, account)
    refund = create_refund(order, [give(order)], actor=actor)
    mark_create_failed(failed("refunds.create", code, "Jet is unwell."))
    return refund


def test_a_return_whose_answer_failed_links_its_cause(
    merchant: Merchant, actor: Actor, client_for: Clients
) -> None:
    with merchant_scope(merchant):
        returned = refused_return(merchant, actor)
    client, link = client_for("analyst"), help_of(merchant, "work-jet-throttled")

    assert link in shown(client, merchant, f"returns/{returned.pk}/")
    assert link in shown(client, merchant, "returns/")


def test_a_refund_that_failed_links_its_cause(merchant: Merchant, actor: Actor, client_for: Clients) -> None:
    with merchant_scope(merchant):
        refund = refused_refund(merchant, actor)
    client, link = client_for("analyst"), help_of(merchant, "work-jet-unwell")

    assert link in shown(client, merchant, f"refunds/{refund.pk}/")
    assert link in shown(client, merchant, "refunds/")


def test_a_refund_that_cannot_be_read_links_its_cause(
    merchant: Merchant, actor: Actor, client_for: Clients
) -> None:
    with merchant_scope(merchant):
        refund = refused_refund(merchant, actor)
        Refund.objects.update(created_by=Refund.MADE_ELSEWHERE, jet_status="", send_state="sent")
    client, link = client_for("analyst"), help_of(merchant, "work-refund-unreadable")

    assert link in shown(client, merchant, f"refunds/{refund.pk}/")
    assert link in shown(client, merchant, "refunds/")


def test_what_a_person_sent_back_names_no_cause_of_an_earlier_try(scoped: Merchant, actor: Actor) -> None:
    refund = refused_refund(scoped, actor)
    assert failure_codes([Refund.objects.get()], "refunds.create") == {refund.pk: "jet_unwell"}
    Refund.objects.update(send_state="waiting", failure_message="", failure_hint="")

    second = member_actor(factories.make_member(scoped), rights_of("owner"))
    decline_refund(Refund.objects.get(), "Too much.", actor=second)

    assert Refund.objects.get().failure_message
    assert failure_codes([Refund.objects.get()], "refunds.create") == {}


def test_causes_of_a_list_cost_one_query(scoped: Merchant, actor: Actor) -> None:
    for code in ("jet_unwell", "jet_refused", "jet_throttled"):
        refused_refund(scoped, actor, code)
    rows = list(Refund.objects.order_by("pk"))

    with CaptureQueriesContext(
        connection,
    ) as seen:
        found = failure_codes(rows, "refunds.create")

    assert list(found.values()) == ["jet_unwell", "jet_refused", "jet_throttled"]
    assert len(seen) == 1


def test_an_order_in_the_way_of_a_refund_links_its_cause(merchant: Merchant, client_for: Clients) -> None:
    with merchant_scope(merchant):
        order = make_order(merchant, factories.make_account(merchant))
        make_return(order)

    page = shown(client_for("owner"), merchant, f"refunds/new/{order.pk}/")

    assert help_of(merchant, "work-order-has-problems") in page


def test_a_refused_shipment_links_its_cause_and_a_cancelled_one_none(
    merchant: Merchant, actor: Actor, client_for: Clients
) -> None:
    with merchant_scope(merchant):
        order = make_accepted(merchant, factories.make_account(merchant), status="acknowledged")
        shipment = ship_order(order, parcel(order, 1), actor=actor)
        mark_shipment_refused(failed("orders.ship", "jet_refused", "Bad carrier."))
        type(order).objects.update(failure_reason="")  # as when another parcel got through since
    client, link = client_for("analyst"), help_of(merchant, "order-shipment-refused")
    assert link in shown(client, merchant, f"orders/{order.pk}/")

    with merchant_scope(merchant):  # given up on the way, taken back, and cancelled by a person
        Shipment.objects.update(state="queued", failure_message="", failure_hint="")
        mark_checking(merchant, shipment.pk)
        mark_shipment_refused(failed("orders.ship", "jet_answer_lost", "No answer."))
        type(order).objects.update(failure_reason="")
        assert help_of(merchant, "work-jet-answer-lost") in shown(client, merchant, f"orders/{order.pk}/")
        take_back(merchant, shipment.pk)
        assert cancel_waiting(merchant, shipment.pk)
        assert Shipment.objects.get().failure_hint == ""

    page = shown(client, merchant, f"orders/{order.pk}/")
    assert "Its job was cancelled before it was sent." in page
    assert link not in page


def test_a_report_of_shipstation_that_could_not_be_used_links_its_cause(
    merchant: Merchant, client_for: Clients
) -> None:
    with merchant_scope(merchant):
        order = make_accepted(merchant, factories.make_account(merchant), status="acknowledged")
        notice = ShipStationNotice.objects.create(
            merchant=merchant, order=order, key="k", state="refused", message="The worker stopped."
        )
    client = client_for("analyst")
    pages = ("orders/shipstation/parcels/", f"orders/shipstation/parcels/{notice.pk}/")
    link = help_of(merchant, "work-order-not-accepted")
    assert [link in shown(client, merchant, path) for path in pages] == [True, True]

    with merchant_scope(merchant):
        ShipStationNotice.objects.update(state="shipped", message="Arrives late.")

    assert [link in shown(client, merchant, path) for path in pages] == [False, False]


def test_the_stopped_repricer_links_what_stopped_it(merchant: Merchant, client_for: Clients) -> None:
    with merchant_scope(merchant):
        RepricerSetting.objects.create(
            merchant=merchant,
            is_on=True,
            frozen_at=timezone.now() - timedelta(hours=1),
            frozen_reason="Too many.",
        )
    page = shown(client_for("analyst"), merchant, "repricer/")
    assert f"{help_of(merchant, 'repricer')}>What the breaker is</a>" in page
