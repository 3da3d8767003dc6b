"""Fetching returns: what Jet shows is stored once, and told once."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jetsync.actions.mail import write_due
from jetsync.models import LogEntry, Mail, MailEvent, Notice, Options
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from orders.models import Document
from returns import sync
from returns.actions import importing
from returns.enums import ReturnStatus, SendState
from returns.models import Return, ReturnLine
from returns.money import Amounts
from returns.reading import read_return


@pytest.mark.feature("NOT-05")
def test_new_return_is_stored_with_everything_jet_shows(shop):
    order = shop.order(3)
    returned = shop.returned(order, quantities={order.lines.get().order_item_id: 2}, reason="Unwanted gift")
    shown = shop.at_jet(returned)
    assert (returned.order, returned.status, returned.jet_status) == (order, ReturnStatus.CREATED, "created")
    assert returned.merchant_order_id == order.merchant_order_id
    assert returned.reference_order_id == order.reference_order_id
    assert (returned.shipping_carrier, returned.tracking_number) == (
        shown["shipping_carrier"],
        shown["tracking_number"],
    )
    assert returned.merchant_return_charge == Decimal(str(shown["merchant_return_charge"]))
    assert returned.send_state == SendState.NONE
    line = returned.lines.get()
    assert (line.order_line, line.sku, line.return_quantity, line.reason) == (
        order.lines.get(),
        "KETTLE-1",
        2,
        "Unwanted gift",
    )
    asked = shown["return_merchant_SKUs"][0]["requested_refund_amount"]
    assert line.requested == Amounts(**{name: Decimal(str(value)) for name, value in asked.items()})
    assert (line.quantity_returned, line.quantity_refunded, line.settled) == (None, None, Amounts())
    notice = Notice.objects.get(merchant=shop.merchant, key="returns.new")
    assert (notice.title, notice.count) == ("New returns from Jet", 1)


@pytest.mark.feature("NOT-03", "NOT-05", "RET-18", "CFG-21")
def test_new_returns_are_one_mail_without_the_shopper_and_can_be_switched_off(shop, owner):
    Options.objects.update(notification_emails="returns@example.com")
    first, second = shop.open_return(shop.order(1)), shop.open_return(shop.order(1))
    shop.fetch()
    shop.fetch()
    assert write_due(shop.merchant, kinds=["returns.new"]) == 1
    mail = Mail.objects.get(kind="returns.new")
    assert (mail.to, mail.subject) == ("returns@example.com", "[Harrow & Finch] 2 new returns to answer")
    for returned in Return.objects.all():
        assert f"* Return {returned}" in mail.text
        assert returned.order.buyer_name
        assert returned.order.buyer_name not in mail.text + mail.html
    notice = Notice.objects.get(key="returns.new")
    assert (notice.count, notice.url) == (2, f"/m/{shop.merchant.slug}/returns/?status=created")
    assert {first, second} == set(Return.objects.values_list("merchant_return_authorization_id", flat=True))

    Options.objects.update(mail_new_returns=False)
    shop.returned()
    assert not MailEvent.objects.filter(kind="returns.new").exists()
    notice.refresh_from_db()
    assert notice.count == 3


def test_fetching_twice_stores_and_tells_once(shop):
    shop.returned()
    shop.fetch()
    assert (Return.objects.count(), ReturnLine.objects.count()) == (1, 1)
    assert Notice.objects.get(merchant=shop.merchant, key="returns.new").count == 1
    assert LogEntry.objects.filter(merchant=shop.merchant, action="returns.return.imported").count() == 1


def test_doubled_listing_stores_once(shop):
    shop.control.fault("duplicate_listing", path="/returns/")
    shop.returned()
    assert Return.objects.count() == 1


def test_return_of_an_unknown_order_is_stored_and_linked_later(shop):
    shop.market.add_sku("CUP-2")
    order_id = shop.market.complete("CUP-2", 1)
    return_id = shop.open_return(order_id)
    shop.fetch()
    returned = Return.objects.get(merchant_return_authorization_id=return_id)
    assert (returned.order, returned.merchant_order_id, returned.lines.get().order_line) == (
        None,
        order_id,
        None,
    )
    order = shop.import_order(order_id)
    shop.fetch()
    returned.refresh_from_db()
    assert (returned.order, returned.lines.get().order_line) == (order, order.lines.get())


@pytest.mark.feature("RET-04")
def test_return_completed_by_jet_is_followed(shop):
    returned = shop.returned()
    shop.finish(returned, as_jet=True)
    shop.fetch()
    returned.refresh_from_db()
    assert (returned.status, returned.jet_status) == (ReturnStatus.COMPLETED, "completed by merchant")
    line = returned.lines.get()
    assert (line.quantity_returned, line.quantity_refunded, line.settled) == (2, 2, line.requested)
    assert returned.completed_date is not None


def test_return_that_was_finished_before_it_was_seen_counts_in_the_money(shop):
    order = shop.order(1)
    return_id = shop.open_return(order)
    shop.control.call("POST", "returns/finish", user="demo-user", return_id=return_id, as_jet=True)
    shop.fetch()
    returned = Return.objects.get(merchant_return_authorization_id=return_id)
    assert returned.status == ReturnStatus.COMPLETED
    assert returned.lines.get().settled == returned.lines.get().requested
    assert not Notice.objects.filter(merchant=shop.merchant, key="returns.new").exists()


def test_unreadable_return_does_not_stop_the_others(shop):
    first = shop.open_return(shop.order(1))
    second = shop.open_return(shop.order(1))
    shop.control.fault("html", path=f"/returns/state/{first}")
    shop.fetch()
    readable = [row.merchant_return_authorization_id for row in Return.objects.all() if not row.is_unreadable]
    assert readable == [second]


@pytest.mark.feature("SCH-05")
def test_fetch_is_scheduled_every_30_minutes():
    schedule = schedule_of("returns.fetch")
    assert (schedule.interval.total_seconds(), schedule.job_kind) == (30 * 60, "returns.fetch")


def test_return_that_breaks_storing_does_not_stop_the_others(shop, monkeypatch):
    first, second = shop.open_return(shop.order(1)), shop.open_return(shop.order(1))
    real = importing.store_return

    def too_large(merchant, account, facts, **more):
        if facts.merchant_return_authorization_id == first:
            facts.fields["merchant_return_charge"] = Decimal("1e11")
        return real(merchant, account, facts, **more)

    monkeypatch.setattr(sync, "store_return", too_large)
    shop.fetch()
    readable = [row.merchant_return_authorization_id for row in Return.objects.all() if not row.is_unreadable]
    assert readable == [second]


def test_jet_failing_on_one_return_is_asked_for_the_others(shop):
    """The run fails at its end, so that the retry reads the rest."""
    first, second = shop.open_return(shop.order(1)), shop.open_return(shop.order(1))
    shop.control.fault("status", path=f"/returns/state/{first}", status=503)
    job = enqueue(shop.merchant, "returns.fetch", "schedule")
    shop.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.failure_end) == ("queued", "retry")
    assert [row.merchant_return_authorization_id for row in Return.objects.all()] == [second]
    assert Notice.objects.get(merchant=shop.merchant, key="returns.new").count == 1


def test_open_return_that_cannot_be_stored_does_not_stop_the_follow_up(shop, monkeypatch):
    first, second = shop.returned(), shop.returned()
    for returned in (first, second):
        shop.finish(returned, as_jet=True)
    real = sync.apply_facts

    def too_large(merchant, pk, facts, **more):
        if pk == first.pk:
            facts.fields["merchant_return_charge"] = Decimal("1e11")
        return real(merchant, pk, facts, **more)

    monkeypatch.setattr(sync, "apply_facts", too_large)
    shop.fetch()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (ReturnStatus.CREATED, ReturnStatus.COMPLETED)


def test_order_is_locked_before_its_return_is_linked(shop):
    shop.market.add_sku("CUP-2")
    order_id = shop.market.complete("CUP-2", 1)
    return_id = shop.open_return(order_id)
    shop.fetch()
    shop.import_order(order_id)
    returned = Return.objects.get(merchant_return_authorization_id=return_id)

    with CaptureQueriesContext(connection) as queries:
        facts = read_return(shop.at_jet(returned))
        importing.apply_facts(shop.merchant, returned.pk, facts, seen_at=timezone.now())

    locked = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
    assert [sql.split('FROM "')[1].split('"')[0] for sql in locked] == ["orders_order", "returns_return"]


@pytest.mark.feature("RET-16")
def test_completed_return_gets_one_credit_memo(shop):
    order = shop.order(2)
    returned = shop.returned(order)
    assert not Document.objects.filter(kind="credit_memo").exists()
    shop.finish(returned, as_jet=True)
    shop.fetch()
    shop.fetch()
    returned.refresh_from_db()
    memo = Document.objects.get(kind="credit_memo")
    line = returned.lines.get()
    assert returned.status == ReturnStatus.COMPLETED
    assert (memo.number, memo.order, memo.reference) == ("CM-1000001", order, f"return {returned}")
    assert (memo.units, memo.amounts.parts()) == (line.quantity_refunded, line.settled.parts())
    assert [(row.order_line, row.quantity) for row in memo.lines.all()] == [
        (line.order_line, line.quantity_refunded)
    ]
