"""Refunds made elsewhere that cannot be read: kept, told once, read again, and never paid a second time meanwhile."""

import pytest
from django.utils import timezone

from jetsync.enums import JobState
from jetsync.exceptions import StateConflict
from jetsync.models import Job, Notice
from jetsync.sync.queue import enqueue
from refunds import sync
from refunds.actions.creating import create_refund
from refunds.actions.following import adopt_refund, apply_facts, mark_arrived
from refunds.actions.unreadable import keep_unreadable
from refunds.models import Refund
from refunds.pages import refund_url
from refunds.reading import read_refund
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.money import Amounts
from tests import factories
from tests.refunds.test_create import HALF, give
from tests.refunds.test_status import made_elsewhere
from tests.returns.rows import make_order


def updated(shop) -> Job:
    job = enqueue(shop.merchant, "refunds.status", "schedule")
    shop.run(job.pk)
    job.refresh_from_db()
    return job


def test_refund_that_cannot_be_read_blocks_its_order_until_it_is_read(shop, actor, monkeypatch):
    order = shop.order(2)
    made_elsewhere(shop, order.merchant_order_id, order.lines.get().order_item_id, "portal-1")
    real = sync.adopt_refund

    def breaking(*_args, **_more):
        raise LookupError("nothing we know")

    monkeypatch.setattr(sync, "adopt_refund", breaking)
    assert updated(shop).message == "0 open refunds read. 1 could not be read."
    monkeypatch.setattr(sync, "adopt_refund", real)
    kept = Refund.objects.get()
    assert (kept.is_unreadable, kept.failure_message) == (True, "LookupError while storing it.")
    notice = Notice.objects.get(key="refunds.unreadable")
    assert (notice.count, notice.url) == (1, f"/m/{shop.merchant.slug}/refunds/{kept.pk}/")
    with pytest.raises(StateConflict) as caught:
        create_refund(order, [give(order)], actor=actor)
    assert caught.value.code == "refund_unreadable"

    updated(shop)
    kept = Refund.objects.get()
    assert (kept.is_unreadable, kept.alt_refund_id, kept.failure_message) == (False, "portal-1", "")
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded.principal == 5
    assert create_refund(order, [give(order)], actor=actor).send_state == SendState.QUEUED


@pytest.fixture
def order(merchant, scoped):
    return make_order(merchant, factories.make_account(merchant))


def test_unreadable_refund_that_was_ours_is_that_one(order, actor):
    """Ours, whose answer was lost: found by its Jet id before our own id was asked for."""
    ours = create_refund(order, [give(order)], actor=actor)
    keep_unreadable(order.merchant, order.account, "77", "no JSON", seen_at=timezone.now())
    mark_arrived(order.merchant, ours.pk, refund_authorization_id="77", jet_status="created")
    assert [(row.pk, row.refund_authorization_id) for row in Refund.objects.all()] == [(ours.pk, "77")]


def test_unreadable_refund_that_turns_out_to_be_ours_marks_ours_as_arrived(order, actor):
    ours = create_refund(order, [give(order)], actor=actor)
    kept = keep_unreadable(order.merchant, order.account, "77", "no JSON", seen_at=timezone.now())
    raw = {
        "refund_authorization_id": "77",
        "alt_refund_id": ours.alt_refund_id,
        "refund_status": "created",
        "merchant_order_id": order.merchant_order_id,
    }
    seen = apply_facts(order.merchant, kept.pk, read_refund(raw), seen_at=timezone.now())
    assert (seen.pk, seen.send_state, Refund.objects.count()) == (ours.pk, SendState.SENT, 1)


def test_refund_made_elsewhere_in_a_word_that_is_new_to_us_counts(order):
    item = {
        "order_item_id": order.lines.get().order_item_id,
        "order_return_refund_qty": 1,
        "refund_amount": {"principal": 24.99},
    }
    raw = {
        "refund_authorization_id": "77",
        "refund_status": "under review",
        "merchant_order_id": order.merchant_order_id,
        "items": [item],
    }
    refund = adopt_refund(order.merchant, order.account, read_refund(raw), seen_at=timezone.now())
    assert refund is not None
    (row,) = line_ledgers(order).values()
    assert (refund.jet_status, row.ledger.refunded) == ("under review", Amounts(HALF.principal))


def test_update_reads_a_bounded_number_in_a_run_and_each_once(shop, monkeypatch):
    order = shop.order(3)
    for number in range(3):
        made_elsewhere(shop, order.merchant_order_id, order.lines.get().order_item_id, f"portal-{number}")
    monkeypatch.setattr(sync, "BATCH", 2)
    job = updated(shop)
    assert (job.state, Refund.objects.count()) == (JobState.QUEUED, 2)
    shop.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (
        JobState.DONE,
        "0 open refunds read. 3 made elsewhere were stored.",
    )


def test_page_says_whether_the_order_of_an_unreadable_refund_is_known(client_for, order):
    words = ("The order takes no other refund", "Which order it belongs to is not known either")
    shown = []
    for jet_id, order_id in (("77", order.merchant_order_id), ("78", "")):
        kept = keep_unreadable(
            order.merchant,
            order.account,
            jet_id,
            "no JSON",
            seen_at=timezone.now(),
            merchant_order_id=order_id,
        )
        html = client_for("owner").get(refund_url(kept)).content.decode()
        shown.append([text in html for text in words])
    assert shown == [[True, False], [False, True]]
