"""Items that Jet names twice, or only in one of its two lists: added up, and never lost."""

from decimal import Decimal

import pytest
from django.utils import timezone

from refunds.actions.following import adopt_refund
from refunds.reading import read_refund
from returns.actions.importing import apply_facts, store_return
from returns.ledgers import line_ledgers
from returns.money import Amounts
from returns.queries import return_lines
from returns.reading import read_return
from tests import factories
from tests.returns.rows import make_order, make_return


@pytest.fixture
def order(merchant, scoped):
    return make_order(merchant, factories.make_account(merchant))


def wish(item_id: str, principal: float, reason: str = "Unwanted gift", **more) -> dict:
    return {
        "order_item_id": item_id,
        "merchant_sku": "KETTLE",
        "return_quantity": 1,
        "reason": reason,
        "requested_refund_amount": {
            "principal": principal,
            "tax": 0,
            "shipping_cost": 3.5,
            "shipping_tax": 0,
        },
        **more,
    }


def given(item_id: str, principal: float, **more) -> dict:
    return {
        "order_item_id": item_id,
        "total_quantity_returned": 1,
        "order_return_refund_qty": 1,
        "refund_amount": {"principal": principal, "tax": 0, "shipping_cost": 0, "shipping_tax": 0},
        **more,
    }


def facts_of(order, **raw):
    return read_return(
        {
            "merchant_return_authorization_id": "r-1",
            "merchant_order_id": order.merchant_order_id,
            "return_status": "created",
            **raw,
        }
    )


def store(order, **raw):
    return store_return(
        order.merchant, order.account, facts_of(order, **raw), seen_at=timezone.now()
    ).returned


def test_item_that_jet_names_twice_is_one_line_with_the_sum(order):
    item = order.lines.get().order_item_id
    returned = store(order, return_merchant_SKUs=[wish(item, 24.99), wish(item, 20.0, "Accidental order")])
    line = returned.lines.get()
    assert (line.return_quantity, line.reason, line.order_line) == (2, "Unwanted gift", order.lines.get())
    assert line.requested == Amounts(Decimal("44.99"), Decimal(0), Decimal("7.00"))


def test_items_without_an_id_are_lines_of_their_own_and_their_amounts_count(order):
    answers = [given("", 5.0), given("", 6.0)]
    returned = store(
        order,
        return_status="completed by merchant",
        return_merchant_SKUs=[wish("", 24.99), wish("", 20.0)],
        items=answers,
    )
    assert [line.settled.principal for line in return_lines(returned)] == [Decimal("5.00"), Decimal("6.00")]


def test_answer_that_jet_shows_in_two_entries_counts_with_both(order):
    item = order.lines.get().order_item_id
    returned = store(
        order,
        return_status="completed by merchant",
        return_merchant_SKUs=[wish(item, 40.0, return_quantity=2)],
        items=[given(item, 10.0), given(item, 12.5)],
    )
    line = returned.lines.get()
    assert (line.quantity_returned, line.quantity_refunded, line.settled) == (2, 2, Amounts(Decimal("22.50")))
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded == Amounts(Decimal("22.50"))


def test_item_that_stands_only_in_the_answer_counts_too(order):
    item = order.lines.get().order_item_id
    returned = store(
        order,
        return_status="completed by merchant",
        return_merchant_SKUs=[wish("another", 1.0)],
        items=[given(item, 10.0)],
    )
    by_item = {line.order_item_id: line for line in return_lines(returned)}
    assert (by_item[item].settled.principal, by_item["another"].is_included) == (Decimal("10.00"), False)


def test_what_the_shopper_asked_for_stays_when_jet_shows_the_answer_alone(order):
    returned = make_return(order, quantity=2, refund_without_return=True)
    (before,) = return_lines(returned)
    facts = read_return(
        {
            "merchant_return_authorization_id": returned.merchant_return_authorization_id,
            "merchant_order_id": order.merchant_order_id,
            "return_status": "completed by merchant",
            "items": [given(before.order_item_id, 10.0)],
        }
    )
    apply_facts(order.merchant, returned.pk, facts, seen_at=timezone.now())
    (line,) = return_lines(returned)
    assert (line.return_quantity, line.reason, line.requested) == (2, "Unwanted gift", before.requested)
    assert (line.sku, line.order_line_id, line.settled.principal) == (
        before.sku,
        before.order_line_id,
        Decimal("10.00"),
    )
    returned.refresh_from_db()
    assert (returned.refund_without_return, returned.merchant_return_charge) == (True, Decimal("6.85"))


def test_refund_made_elsewhere_with_an_item_in_two_entries_is_adopted_with_the_sum(order):
    item = order.lines.get().order_item_id
    raw = {
        "refund_authorization_id": "77",
        "refund_status": "accepted",
        "merchant_order_id": order.merchant_order_id,
        "items": [
            given(item, 10.0, refund_reason="Unwanted gift"),
            given(item, 12.5, refund_reason="Item is expired"),
        ],
    }
    refund = adopt_refund(order.merchant, order.account, read_refund(raw), seen_at=timezone.now())
    assert refund is not None
    line = refund.lines.get()
    assert (line.quantity_refunded, line.reason, line.amounts) == (
        2,
        "Unwanted gift",
        Amounts(Decimal("22.50")),
    )
    (row,) = line_ledgers(order).values()
    assert row.ledger.refunded == Amounts(Decimal("22.50"))
