"""Following refunds until Jet has decided, and finding those that were made elsewhere."""

from decimal import Decimal

import pytest

from jetsync.models import LogEntry, Notice
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import schedule_of
from orders.models import Document
from refunds import sync
from refunds.actions.creating import create_refund
from refunds.actions.following import mark_arrived
from refunds.enums import RefundStatus
from refunds.models import Refund
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.money import Amounts
from tests.refunds.test_create import give, refund_job


def update_status(shop) -> None:
    shop.run(enqueue(shop.merchant, "refunds.status", "schedule").pk)


def decide(shop, refund, status: str) -> None:
    shop.control.call(
        "POST", "refunds/decide", user="demo-user", refund_id=refund.alt_refund_id, status=status
    )


@pytest.fixture
def refund(shop, actor) -> Refund:
    refund = create_refund(order := shop.order(2), [give(order)], actor=actor)
    shop.run(refund_job(refund).pk)
    return refund


@pytest.mark.feature("RFD-04", "RFD-11", "SCH-09")
def test_status_follows_jet_every_30_minutes(shop, refund):
    assert schedule_of("refunds.status").interval.total_seconds() == 30 * 60
    seen = []
    for status in ("processing", "accepted"):
        decide(shop, refund, status)
        update_status(shop)
        refund.refresh_from_db()
        seen.append((refund.status, refund.jet_status))
    assert seen == [
        (RefundStatus.PROCESSING, "processing"),
        (RefundStatus.ACCEPTED, "accepted"),
    ]
    shop.control.clear_requests()
    update_status(shop)
    asked = [row["path"] for row in shop.control.requests(user="demo-user")]
    assert not any("/refunds/state/" in path for path in asked)


def test_rejected_refund_is_told_once_and_frees_its_money(shop, refund):
    decide(shop, refund, "rejected - customer card not valid")
    update_status(shop)
    update_status(shop)
    refund.refresh_from_db()
    assert (refund.status, refund.jet_status) == (
        RefundStatus.REJECTED,
        "rejected - customer card not valid",
    )
    notice = Notice.objects.get(key=f"refunds.rejected.{refund.pk}")
    assert (notice.title, notice.count) == (f"Refund {refund} was rejected", 1)
    (row,) = line_ledgers(refund.order).values()
    assert row.ledger.refunded == Amounts()


def test_refund_made_elsewhere_counts_in_the_money_once(shop):
    order = shop.order(2)
    item = {
        "order_item_id": order.lines.get().order_item_id,
        "total_quantity_returned": 1,
        "order_return_refund_qty": 1,
        "refund_reason": "Unwanted gift",
        "refund_feedback": "Restocking fee",
        "refund_amount": {"principal": 20.0, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
    }
    answer = shop.market.call("POST", f"refunds/{order.merchant_order_id}/portal-1", {"items": [item]})
    assert answer.status_code == 201
    update_status(shop)
    update_status(shop)
    refund = Refund.objects.get()
    assert (refund.alt_refund_id, refund.send_state, refund.created_by) == ("portal-1", SendState.SENT, "Jet")
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded == Amounts(Decimal("20.00"))


def test_word_that_is_new_to_us_is_kept_and_told_once(shop, refund):
    for _ in range(2):
        mark_arrived(shop.merchant, refund.pk, refund_authorization_id="77", jet_status="under review")
    refund.refresh_from_db()
    assert (refund.status, refund.jet_status) == (RefundStatus.CREATED, "under review")
    assert LogEntry.objects.filter(action="refunds.refund.unknown_status").count() == 1


def test_refund_that_breaks_storing_does_not_stop_the_others(shop, monkeypatch):
    order = shop.order(2)
    line = order.lines.get()
    for number in (1, 2):
        item = {
            "order_item_id": line.order_item_id,
            "total_quantity_returned": 1,
            "order_return_refund_qty": 1,
            "refund_reason": "Unwanted gift",
            "refund_feedback": "Restocking fee",
            "refund_amount": {"principal": 5.0, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
        }
        shop.market.call("POST", f"refunds/{order.merchant_order_id}/portal-{number}", {"items": [item]})
    real = sync.adopt_refund

    def breaking(merchant, account, facts, **more):
        if facts.alt_refund_id == "portal-1":
            raise LookupError("nothing we know")
        return real(merchant, account, facts, **more)

    monkeypatch.setattr(sync, "adopt_refund", breaking)
    update_status(shop)
    readable = [refund.alt_refund_id for refund in Refund.objects.all() if not refund.is_unreadable]
    assert readable == ["portal-2"]


def made_elsewhere(shop, order_id: str, item_id: str, name: str) -> None:
    item = {
        "order_item_id": item_id,
        "total_quantity_returned": 1,
        "order_return_refund_qty": 1,
        "refund_reason": "Unwanted gift",
        "refund_feedback": "Restocking fee",
        "refund_amount": {"principal": 5.0, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
    }
    assert shop.market.call("POST", f"refunds/{order_id}/{name}", {"items": [item]}).status_code == 201


def test_refund_that_came_before_its_order_counts_at_once_and_is_linked(shop):
    shop.market.add_sku("CUP-2")
    order_id = shop.market.complete("CUP-2", 2)
    item_id = shop.market.order(order_id)["order_items"][0]["order_item_id"]
    made_elsewhere(shop, order_id, item_id, "portal-1")
    update_status(shop)
    refund = Refund.objects.get()
    assert (refund.order, refund.lines.get().order_line) == (None, None)

    order = shop.import_order(order_id)
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded == Amounts(Decimal("5.00"))

    update_status(shop)
    update_status(shop)
    refund.refresh_from_db()
    line = refund.lines.get()
    assert (refund.order, line.order_line, line.sku) == (order, order.lines.get(), "CUP-2")
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded == Amounts(Decimal("5.00"))
    assert LogEntry.objects.filter(action="refunds.refund.linked").count() == 1


def test_jet_failing_on_one_refund_is_asked_for_the_others(shop):
    order = shop.order(2)
    for name in ("portal-1", "portal-2"):
        made_elsewhere(shop, order.merchant_order_id, order.lines.get().order_item_id, name)
    update_status(shop)
    first, second = Refund.objects.order_by("alt_refund_id")
    for refund in (first, second):
        decide(shop, refund, "accepted")
    shop.control.fault("status", path=f"/refunds/state/{first.refund_authorization_id}", status=503)
    job = enqueue(shop.merchant, "refunds.status", "schedule")
    shop.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.failure_end) == ("queued", "retry")
    assert list(Refund.objects.order_by("alt_refund_id").values_list("status", flat=True)) == [
        RefundStatus.CREATED,
        RefundStatus.ACCEPTED,
    ]


def test_open_refund_that_cannot_be_stored_does_not_stop_the_others(shop, monkeypatch):
    order = shop.order(2)
    for name in ("portal-1", "portal-2"):
        made_elsewhere(shop, order.merchant_order_id, order.lines.get().order_item_id, name)
    update_status(shop)
    for refund in Refund.objects.all():
        decide(shop, refund, "accepted")
    real = sync.apply_facts

    def breaking(merchant, pk, facts, **more):
        if facts.alt_refund_id == "portal-1":
            raise LookupError("nothing we know")
        return real(merchant, pk, facts, **more)

    monkeypatch.setattr(sync, "apply_facts", breaking)
    update_status(shop)
    assert Refund.objects.get(alt_refund_id="portal-2").status == RefundStatus.ACCEPTED


def test_accepted_refund_gets_one_credit_memo(shop, refund):
    decide(shop, refund, "processing")
    update_status(shop)
    assert not Document.objects.filter(kind="credit_memo").exists()
    decide(shop, refund, "accepted")
    update_status(shop)
    update_status(shop)
    mark_arrived(
        shop.merchant,
        refund.pk,
        refund_authorization_id=refund.refund_authorization_id,
        jet_status="accepted",
    )
    memo = Document.objects.get(kind="credit_memo")
    line = refund.lines.get()
    assert (memo.number, memo.order, memo.reference) == ("CM-1000001", refund.order, f"refund {refund}")
    assert (memo.units, memo.amounts.parts()) == (line.quantity_refunded, line.amounts.parts())


def test_rejected_refund_gets_no_credit_memo(shop, refund):
    decide(shop, refund, "rejected - customer card not valid")
    update_status(shop)
    assert not Document.objects.filter(kind="credit_memo").exists()
