"""Returns that Jet ends in words of its own: what it paid counts, also when it does not say how much."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone

from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import LogEntry
from jetsync.tenancy.context import merchant_scope
from orders.models import Document
from refunds.actions.creating import create_refund
from refunds.models import Refund
from refunds.validators import LineInput
from returns.actions.importing import apply_facts, store_return
from returns.actions.settling import begin_sending, ledgers_for, mark_sent, settle_return
from returns.enums import ReturnStatus, SendState
from returns.ledgers import line_ledgers
from returns.models import Return
from returns.money import Amounts
from returns.queries import return_lines
from returns.reading import read_return
from returns.validators import full_decision
from tests import factories
from tests.returns.rows import make_order, make_return
from tests.returns.test_pages import page

ASKED = Amounts(Decimal("24.99"), Decimal(0), Decimal("3.50"))
UNSAID = ["completed by merchant", "Jet refunded", "refund customer without return", "completedByMerchant"]


@pytest.fixture
def order(merchant, scoped):
    return make_order(merchant, factories.make_account(merchant))


@pytest.fixture
def returned(order) -> Return:
    return make_return(order)


def shown(returned: Return, word: str, *items: dict, **more) -> dict:
    """What Jet answers for the return."""
    (line,) = return_lines(returned)
    return {
        "merchant_return_authorization_id": returned.merchant_return_authorization_id,
        "merchant_order_id": returned.merchant_order_id,
        "return_status": word,
        "return_merchant_SKUs": [
            {
                "order_item_id": line.order_item_id,
                "merchant_sku": line.sku,
                "return_quantity": 1,
                "requested_refund_amount": {"principal": 24.99, "tax": 0, "shipping_cost": 3.5},
            }
        ],
        "items": [{"order_item_id": line.order_item_id, **item} for item in items],
        **more,
    }


PAID = {
    "total_quantity_returned": 1,
    "order_return_refund_qty": 1,
    "refund_amount": {"principal": 20.0, "shipping_cost": 3.5},
}
NOTHING_PAID = {"total_quantity_returned": 1, "order_return_refund_qty": 0, "refund_amount": {}}


def follow(returned: Return, word: str, *items: dict, **more) -> Return:
    facts = read_return(shown(returned, word, *items, **more))
    return apply_facts(returned.merchant, returned.pk, facts, seen_at=timezone.now())


def paid_by(order) -> Amounts:
    (row,) = line_ledgers(order).values()
    return row.ledger.refunded


def one_unit(order) -> LineInput:
    line = order.lines.get()
    return LineInput(line.pk, 1, 1, "Unwanted gift", "Restocking fee", "", Amounts(Decimal("24.99")))


@pytest.mark.parametrize("word", UNSAID)
def test_finished_return_without_amounts_counts_as_paid_in_full_and_excludes_a_refund(
    order, returned, actor, word
):
    followed = follow(returned, word)
    assert (followed.status, paid_by(order)) == (ReturnStatus.COMPLETED, ASKED)
    with pytest.raises(StateConflict, match="has the return"):
        create_refund(order, [one_unit(order)], actor=actor)
    assert Refund.objects.count() == 0
    follow(returned, word)
    told = LogEntry.objects.get(action="returns.return.amounts_unsaid")
    assert told.message == (
        f"Jet ended return {returned} without saying what it paid: the $28.49 that was asked for counts as paid."
    )


def test_return_that_was_finished_unsaid_before_it_was_seen_counts_too(order, returned):
    raw = shown(returned, "Jet refunded") | {"merchant_return_authorization_id": "never-seen"}
    store_return(order.merchant, order.account, read_return(raw), seen_at=timezone.now())
    assert paid_by(order) == ASKED


def test_finished_return_that_names_no_item_at_all_still_excludes_a_refund(order, returned, actor):
    returned.lines.all().delete()
    Return.objects.update(status=ReturnStatus.COMPLETED)
    with pytest.raises(StateConflict, match="has the return"):
        create_refund(order, [one_unit(order)], actor=actor)


def test_amounts_that_jet_shows_later_replace_the_assumption(order, returned):
    follow(returned, "inprogress")
    assert paid_by(order) == ASKED
    follow(returned, "completed by merchant", PAID)
    assert paid_by(order) == Amounts(Decimal("20.00"), Decimal(0), Decimal("3.50"))


def test_return_that_gave_nothing_by_jets_own_items_does_not_exclude_a_refund(order, returned, actor):
    follow(returned, "completed by merchant", NOTHING_PAID)
    assert paid_by(order) == Amounts()
    item = one_unit(order)
    assert create_refund(order, [item], actor=actor).send_state == SendState.QUEUED


@pytest.mark.parametrize("agrees", [True, False])
def test_our_own_answer_stands_when_jet_ends_the_return_without_repeating_it(order, returned, actor, agrees):
    given = full_decision(return_lines(returned), ledgers_for(returned), agrees=agrees)
    settle_return(returned, _less(given, agrees=agrees), actor=actor)
    begin_sending(order.merchant, returned.pk)
    mark_sent(order.merchant, returned.pk)
    follow(returned, "completed by merchant", agree_to_return_charge=agrees)
    assert paid_by(order) == Amounts(Decimal("10.00"))


def _less(decision, *, agrees):
    line = replace(decision.lines[0], amounts=Amounts(Decimal("10.00")), feedback="Restocking fee")
    return replace(decision, lines=(line,), charge_feedback="" if agrees else "notMerchantError")


def test_word_that_is_new_to_us_counts_what_jet_shows_beside_it(order, returned, actor):
    followed = follow(returned, "settled by jet", PAID)
    assert (followed.status, followed.is_settled) == (ReturnStatus.OTHER, True)
    assert paid_by(order) == Amounts(Decimal("20.00"), Decimal(0), Decimal("3.50"))
    rest = make_return(order, quantity=2)
    with pytest.raises(InvalidInput):
        settle_return(rest, full_decision(return_lines(rest), {}), actor=actor)
    assert rest.send_state == SendState.NONE


def test_word_that_is_new_to_us_does_not_turn_a_refused_answer_into_money(order, returned, actor):
    settle_return(returned, full_decision(return_lines(returned), ledgers_for(returned)), actor=actor)
    Return.objects.update(send_state=SendState.REFUSED)
    assert paid_by(order) == Amounts()
    follow(returned, "expired return window")
    assert paid_by(order) == Amounts()


def test_page_says_that_the_amounts_are_assumed(client_for, merchant, returned):
    with merchant_scope(merchant):
        follow(returned, "Jet refunded")
    words = "Jet did not say what it paid"
    assert words in client_for("owner").get(page("return-detail", merchant, returned.pk)).content.decode()
    with merchant_scope(merchant):
        follow(returned, "Jet refunded", PAID)
    assert words not in client_for("owner").get(page("return-detail", merchant, returned.pk)).content.decode()


@pytest.mark.feature("RET-16")
def test_return_whose_charge_was_disputed_gets_its_credit_memo(order, returned):
    followed = follow(returned, "completed by merchant", PAID, agree_to_return_charge=False)
    assert followed.status == ReturnStatus.NOT_ACCEPTED
    memo = Document.objects.get(kind="credit_memo")
    assert (memo.reference, memo.amounts.total) == (f"return {returned}", Decimal("23.50"))
