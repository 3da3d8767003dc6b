"""From the store's limit on an answer to a return waits for somebody else."""

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jetsync.exceptions import DomainError, NotAllowed, StateConflict
from jetsync.models import Job, Notice, Operation, OperationRow, Options
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from refunds.actions.confirming import confirm_refund, decline_refund
from refunds.actions.creating import create_refund
from refunds.actions.creating import withdraw as withdraw_refund
from refunds.models import Refund
from refunds.validators import LineInput
from returns.actions.confirming import confirm_return, decline_return
from returns.actions.importing import apply_facts
from returns.actions.settling import ledgers_for, resume_sending, settle_many, settle_return, withdraw
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.models import Return
from returns.money import Amounts
from returns.queries import get_return, return_lines
from returns.reading import read_return
from returns.validators import Decision, LineDecision, full_decision
from returns.wording import return_feedback_choices
from tests import factories
from tests.returns.rows import make_order, make_return
from tests.returns.test_api import address, body, token_of
from tests.returns.test_pages import answer, page

GIVEN = Decimal("28.49")
FEEDBACK = return_feedback_choices(timezone.now())[0][0]


@pytest.fixture
def account(merchant):
    return factories.make_account(merchant)


@pytest.fixture
def returned(merchant, account) -> Return:
    with merchant_scope(merchant):
        Options.objects.update(refund_limit=GIVEN)
        return make_return(make_order(merchant, account))


@pytest.fixture
def second(merchant):
    return member_actor(factories.make_member(merchant, "fulfilment"), rights_of("fulfilment"))


@pytest.fixture
def waiting(returned, actor, scoped) -> Return:
    return settle_return(returned, full_decision(return_lines(returned), ledgers_for(returned)), actor=actor)


def state(returned: Return) -> str:
    returned.refresh_from_db()
    return returned.send_state


@pytest.mark.feature("RET-09")
def test_answer_at_the_limit_is_stored_held_told_and_not_sent(waiting):
    assert (waiting.send_state, waiting.is_answerable, waiting.is_settled) == (SendState.WAITING, False, True)
    (row,) = line_ledgers(waiting.order).values()
    assert row.ledger.refunded.total == GIVEN
    assert Job.objects.count() == 0
    assert "$28.49" in Notice.objects.get(key=f"returns.waiting.{waiting.pk}").body


@pytest.mark.parametrize("limit", [None, Decimal("28.50")])
def test_answer_below_the_limit_or_without_one_is_sent(returned, actor, scoped, limit):
    Options.objects.update(refund_limit=limit)
    decision = full_decision(return_lines(returned), ledgers_for(returned))
    assert settle_return(returned, decision, actor=actor).send_state == SendState.QUEUED


def test_second_person_lets_it_go_and_whoever_decided_cannot(waiting, actor, second):
    with pytest.raises(NotAllowed):
        confirm_return(waiting, actor=actor)
    assert (state(waiting), Job.objects.count()) == (SendState.WAITING, 0)
    confirm_return(waiting, actor=second)
    with pytest.raises(StateConflict):
        confirm_return(waiting, actor=second)
    assert (state(waiting), waiting.confirmed_by) == (SendState.QUEUED, second.label)
    assert Job.objects.filter(kind="returns.complete").count() == 1


def test_rival_between_reading_and_locking_pays_once(waiting, second):
    seen = get_return(waiting.merchant, waiting.pk)
    rival = member_actor(factories.make_member(waiting.merchant), rights_of("owner"))
    confirm_return(waiting, actor=rival)
    for act in (lambda: confirm_return(seen, actor=second), lambda: decline_return(seen, "No", actor=second)):
        with pytest.raises(StateConflict):
            act()
    assert (state(waiting), waiting.confirmed_by) == (SendState.QUEUED, rival.label)
    assert Job.objects.filter(kind="returns.complete").count() == 1


def test_sent_back_it_can_be_answered_again(waiting, second, actor):
    decline_return(waiting, "Give half of it", actor=second)
    assert (state(waiting), waiting.is_answerable) == (SendState.NONE, True)
    assert waiting.failure_message == f"Sent back by {second.label}: Give half of it"
    assert next(iter(ledgers_for(waiting).values())).ledger.refunded == Amounts()
    decision = full_decision(return_lines(waiting), ledgers_for(waiting))
    again = settle_return(waiting, decision, actor=second)
    assert (again.send_state, again.failure_message) == (SendState.WAITING, "")
    with pytest.raises(NotAllowed):
        confirm_return(again, actor=second)
    assert confirm_return(again, actor=actor).send_state == SendState.QUEUED


def test_taken_back_by_whoever_decided_alone(waiting, actor, second):
    with pytest.raises(NotAllowed):
        withdraw(waiting, actor=second)
    assert withdraw(waiting, actor=actor).send_state == SendState.NONE
    with pytest.raises(StateConflict):
        confirm_return(waiting, actor=second)
    assert Job.objects.count() == 0


def test_fetch_and_a_raised_limit_release_nothing(waiting):
    Options.objects.update(refund_limit=None)
    assert (resume_sending(waiting.merchant), state(waiting)) == (0, SendState.WAITING)


def test_jet_that_answers_first_ends_the_waiting(waiting, second):
    """Two business days after the goods arrived Jet completes a return in full; that is never our answer."""
    (line,) = return_lines(waiting)
    raw = {
        "merchant_return_authorization_id": waiting.merchant_return_authorization_id,
        "merchant_order_id": waiting.merchant_order_id,
        "return_status": "completed by merchant",
        "agree_to_return_charge": True,
        "items": [
            {
                "order_item_id": line.order_item_id,
                "total_quantity_returned": 1,
                "order_return_refund_qty": 1,
                "refund_amount": {"principal": 24.99, "shipping_cost": 3.5},
            }
        ],
    }
    apply_facts(waiting.merchant, waiting.pk, read_return(raw), seen_at=timezone.now())
    assert (state(waiting), waiting.status) == (SendState.REFUSED, "completed")
    assert "Jet had another answer before ours arrived" in waiting.failure_message
    assert Notice.objects.filter(key=f"returns.waiting.{waiting.pk}", read_at=None).count() == 0
    with pytest.raises(StateConflict):
        confirm_return(waiting, actor=second)


def test_bulk_settling_keeps_the_large_ones(merchant, account, returned, actor, scoped):
    small = make_return(make_order(merchant, account))
    small.lines.update(requested_principal=Decimal("5.00"))
    operation = settle_many(merchant, [returned.pk, small.pk], actor=actor)
    assert (state(returned), state(small)) == (SendState.WAITING, SendState.QUEUED)
    row = OperationRow.objects.get(operation=operation, object_id=returned.pk)
    assert (row.state, row.code) == ("done", "second_person")
    assert Job.objects.filter(kind="returns.complete").count() == 1
    assert Operation.objects.get(pk=operation.pk).is_open


def test_api_answer_says_that_it_waits_and_another_person_confirms(client, merchant, returned):
    mine, other = (token_of(merchant, Right.RETURNS_VIEW, Right.RETURNS_SETTLE) for _person in range(2))
    url = address("return-settle", merchant, returned.pk)
    settled = client.post(url, body(returned), content_type="application/json", headers=mine).json()
    assert (settled["send_state"], settled["waits_for_second_person"]) == ("waiting", True)
    confirm, decline = (address(f"return-{name}", merchant, returned.pk) for name in ("confirm", "decline"))
    refused = client.post(confirm, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")
    sent_back = client.post(decline, {"reason": "No"}, content_type="application/json", headers=other)
    assert (sent_back.status_code, sent_back.json()["send_state"]) == (200, "none")
    client.post(url, body(returned), content_type="application/json", headers=mine)
    assert client.post(confirm, headers=other).json()["send_state"] == "queued"
    assert client.post(confirm, headers=token_of(merchant, Right.RETURNS_VIEW)).status_code == 403


def test_pages_ask_confirm_and_send_back(client_for, client, merchant, actor, waiting):
    client.force_login(actor.user)
    html = client.get(page("return-detail", merchant, waiting.pk)).content.decode()
    assert ("Take the answer back" in html, "Nobody else may confirm it" in html) == (True, True)
    assert client_for("analyst").post(page("confirm", merchant, waiting.pk)).status_code == 403
    stranger = client_for("owner", of=factories.make_merchant())
    assert stranger.post(page("confirm", merchant, waiting.pk)).status_code == 404
    other = client_for("fulfilment")
    html = other.get(page("return-list", merchant), {"send_state": "waiting"}).content.decode()
    assert str(waiting) in html
    assert other.post(page("decline", merchant, waiting.pk), {"reason": ""}).status_code == 400
    told = other.post(page("decline", merchant, waiting.pk), {"reason": "Half"}, follow=True).content.decode()
    assert f"The answer to return {waiting} over $28.49 was sent back." in told
    assert "Your answer was sent back" in told


@pytest.mark.feature("RET-09")
def test_check_shows_the_money_after_it_and_stores_nothing(client_for, merchant, returned):
    client = client_for("owner")
    assert "After this" in client.get(page("return-detail", merchant, returned.pk)).content.decode()
    url = page("settle", merchant, returned.pk)
    seen = client.post(url, answer(returned) | {"check": "1"})
    html = seen.content.decode()
    assert (seen.status_code, "Checked: nothing is sent yet" in html) == (200, True)
    assert "It would wait for a second person." in html
    with merchant_scope(merchant):
        assert (state(returned), Job.objects.count()) == (SendState.NONE, 0)
    too_much = client.post(url, answer(returned, **{"line-principal": "25.00"}) | {"check": "1"})
    assert too_much.status_code == 400
    told = client.post(url, answer(returned), follow=True).content.decode()
    assert "over $28.49 waits for a second person. Nothing is sent yet." in told


cents = st.integers(min_value=0, max_value=9000).map(lambda value: Decimal(value) / 100)
steps = st.lists(
    st.tuples(
        st.sampled_from(["settle", "refund", "confirm", "decline", "take back", "another person"]),
        st.integers(min_value=0, max_value=3),
        cents,
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    has_return=st.booleans(), limit=st.sampled_from([None, Decimal("1.00"), Decimal("30.00")]), script=steps
)
def test_no_sequence_pays_more_than_was_charged(  # noqa: PLR0917 -- fixtures and draws
    merchant, account, scoped, actor, second, has_return, limit, script
):
    Options.objects.update(refund_limit=limit)
    order = make_order(merchant, account)
    returned = make_return(order) if has_return else None
    people = [actor, member_actor(second.user, rights_of("owner"))]
    for number, (step, units, dollars) in enumerate(script):
        try:
            _act(step, order, returned, (units, Amounts(dollars)), people[number % 2])
        except DomainError:
            continue
        (row,) = line_ledgers(order).values()
        assert not row.ledger.charged.is_less_than(row.ledger.refunded)
        assert row.ledger.refunded_quantity <= row.ledger.shipped
    # What may reach Jet: everything but what waits or was refused.
    sent = {SendState.QUEUED, SendState.CHECKING, SendState.SENT}
    paid = sum(
        line.amounts.total
        for refund in Refund.objects.filter(order=order, send_state__in=sent)
        for line in refund.lines.all()
    )
    if returned is not None and state(returned) in sent:
        paid += sum(line.settled.total for line in return_lines(returned) if line.is_included)
    assert paid <= row_of(order).ledger.charged.total
    if limit == Decimal("1.00"):  # nobody's word alone was enough
        assert all(refund.confirmed_by for refund in Refund.objects.filter(order=order, send_state__in=sent))


SECOND_WORDS = {
    "confirm": (confirm_return, confirm_refund),
    "decline": (partial(decline_return, reason="No"), partial(decline_refund, reason="No")),
    "take back": (withdraw, withdraw_refund),
}


def row_of(order):
    (row,) = line_ledgers(order).values()
    return row


def _act(step, order, returned, given, person):
    units, amounts = given
    refund = Refund.objects.filter(order=order).order_by("-pk").first()
    newest = refund or returned
    if step == "refund":
        item = LineInput(order.lines.get().pk, units, units, "Unwanted gift", "Restocking fee", "", amounts)
        create_refund(order, [item], actor=person)
    elif step == "settle" and returned is not None:
        item = LineDecision(returned.lines.get().pk, True, units, units, amounts, FEEDBACK, "")
        settle_return(returned, Decision(agrees=True, lines=(item,)), actor=person)
    elif step in SECOND_WORDS and newest is not None:
        of_return, of_refund = SECOND_WORDS[step]
        (of_refund if newest is refund else of_return)(newest, actor=person)
