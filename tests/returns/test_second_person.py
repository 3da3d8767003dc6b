"""From the store's limit on an answer to a return waits for somebody else."""

from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jetsync.exceptions import DomainError, NotAllowed, StateConflict
from jetsync.models import Job, Notice, Operation, OperationRow, Options
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from refunds.actions.confirming import confirm_refund, decline_refund
from refunds.actions.creating import create_refund
from refunds.actions.creating import withdraw as withdraw_refund
from refunds.actions.following import adopt_refund
from refunds.models import Refund
from refunds.reading import read_refund
from refunds.validators import LineInput
from returns import sync
from returns.actions.confirming import confirm_return, decline_return
from returns.actions.importing import apply_facts
from returns.actions.many import settle_many, settle_row
from returns.actions.settling import (
    begin_sending,
    ledgers_for,
    mark_sent,
    resume_sending,
    settle_return,
    withdraw,
)
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.models import Return
from returns.money import Amounts, total_of
from returns.queries import get_return, return_lines
from returns.reading import read_return
from returns.validators import Decision, LineDecision, full_decision
from returns.wording import return_feedback_choices
from tests import factories
from tests.downloads import csv_rows, workbook_rows
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


def test_file_says_who_confirmed_and_when(merchant, waiting, second, client_for) -> None:
    client, url = client_for("owner"), f"{page('return-list', merchant)}?download=csv"
    (before,) = csv_rows(client, url)
    with merchant_scope(merchant):
        confirmed = confirm_return(waiting, actor=second)

    (row,) = csv_rows(client, url)
    (cells,) = workbook_rows(client, url.replace("csv", "xlsx"))

    assert (before["Confirmed by"], before["Confirmed (UTC)"]) == ("", "")
    assert (row["Decided by"], row["Confirmed by"]) == (waiting.decided_by, second.label)
    assert row["Confirmed (UTC)"] == f"{confirmed.confirmed_at:%Y-%m-%dT%H:%M:%SZ}"
    assert cells["Confirmed by"] == second.label


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
    assert run_job(Job.objects.get(kind="returns.settle_many").pk)
    assert (state(returned), state(small)) == (SendState.WAITING, SendState.QUEUED)
    row = OperationRow.objects.get(operation=operation, object_id=returned.pk)
    assert (row.state, row.code) == ("done", "second_person")
    assert Job.objects.filter(kind="returns.complete").count() == 1
    assert Operation.objects.get(pk=operation.pk).is_open


def test_bulk_settling_decides_some_at_a_time_and_each_once(merchant, account, actor, scoped, monkeypatch):
    returns = [make_return(make_order(merchant, account)) for _ in range(3)]
    operation = settle_many(merchant, [row.pk for row in returns], actor=actor)
    assert [state(row) for row in returns] == ["none"] * 3  # the request decides nothing
    job = Job.objects.get(kind="returns.settle_many")
    monkeypatch.setattr(sync, "LIST_BATCH", 2)
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, [state(row) for row in returns]) == ("queued", ["queued", "queued", "none"])
    settle_row(operation, operation.rows.order_by("pk").first().pk, actor=actor)  # decided already
    assert run_job(job.pk)
    assert [state(row) for row in returns] == ["queued"] * 3
    keys = Job.objects.filter(kind="returns.complete").order_by("pk").values_list("key", flat=True)
    assert list(keys) == [str(row.pk) for row in returns]
    assert set(operation.rows.values_list("state", flat=True)) == {"sent"}


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


# A few sums that fit and some that do not.
dollars = st.one_of(
    st.sampled_from([Decimal("0.00"), Decimal("5.00"), Decimal("24.99")]),
    st.integers(min_value=0, max_value=9000).map(lambda value: Decimal(value) / 100),
)
# What Jet may show by itself, in today's words, in those of old clients and in one that nobody knows yet.
JET_WORDS = ("completed by merchant", "Jet refunded", "refundCustomerWithoutReturn", "inprogress", "new word")
OURS = ("settle", "settle", "refund", "refund", "confirm", "decline", "take back", "arrives")
THEIRS = (*JET_WORDS, *(f"{word}, with amounts" for word in JET_WORDS), "refund elsewhere")
steps = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(OURS), st.sampled_from(THEIRS)),
        st.integers(min_value=0, max_value=3),
        dollars,
    ),
    max_size=9,
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(asked=1, limit=None, script=[("Jet refunded", 0, Decimal(0)), ("refund", 2, Decimal("49.98"))])
@example(
    asked=2,
    limit=None,
    script=[
        ("settle", 0, Decimal(0)),
        ("completed by merchant", 0, Decimal(0)),
        ("refund", 1, Decimal("5.00")),
    ],
)
@given(
    asked=st.integers(min_value=0, max_value=2),
    limit=st.sampled_from([None, Decimal("1.00"), Decimal("30.00")]),
    script=steps,
)
def test_no_sequence_pays_more_than_was_charged(  # noqa: PLR0917 -- fixtures and draws
    merchant, account, scoped, actor, second, asked, limit, script
):
    """Whatever two people here, Jet by itself, and somebody in Jet's own portal do, one after the other: what the
    others paid may be too much, but nothing that we add to it is."""
    Options.objects.update(refund_limit=limit)
    order = make_order(merchant, account)
    books = Books(order, make_return(order, quantity=asked) if asked else None)
    people = [actor, member_actor(second.user, rights_of("owner"))]
    charged = row_of(order).ledger.charged
    for number, (step, units, principal) in enumerate(script):
        before = books.paid()
        if step in THEIRS:
            books.they_act(step, units, Amounts(principal))
            continue
        try:
            _act(step, order, books.returned, (units, Amounts(principal)), people[number % 2])
        except DomainError:
            continue
        assert books.paid() == before or not charged.is_less_than(books.paid())
    if limit == Decimal("1.00"):  # nobody's word alone was enough
        ours = Refund.objects.filter(order=order, send_state__in=ON_ITS_WAY).exclude(created_by="Jet")
        assert all(refund.confirmed_by for refund in ours)


# What may reach Jet: everything but what waits or was refused.
ON_ITS_WAY = {SendState.QUEUED, SendState.CHECKING, SendState.SENT}
SECOND_WORDS = {
    "confirm": (confirm_return, confirm_refund),
    "decline": (partial(decline_return, reason="No"), partial(decline_refund, reason="No")),
    "take back": (withdraw, withdraw_refund),
}


class Books:
    """What the shopper got or is about to get, counted beside the panel's own ledgers."""

    def __init__(self, order, returned: Return | None) -> None:
        self.order, self.returned = order, returned
        self.by_jet: Amounts | None = None  # what Jet gave for the return, once that is known

    def paid(self) -> Amounts:
        refunds = Refund.objects.filter(order=self.order, send_state__in=ON_ITS_WAY)
        given = [line.amounts for refund in refunds for line in refund.lines.all()]
        if self.by_jet is not None:
            given.append(self.by_jet)
        elif self.returned is not None and state(self.returned) in ON_ITS_WAY:
            given += [line.settled for line in return_lines(self.returned) if line.is_included]
        return total_of(given)

    def they_act(self, step: str, units: int, amounts: Amounts) -> None:
        item = {
            "order_item_id": self.order.lines.get().order_item_id,
            "total_quantity_returned": units,
            "order_return_refund_qty": units,
            "refund_amount": {name: str(value) for name, value in amounts.parts().items()},
        }
        if step == "refund elsewhere":
            self._refund_elsewhere(item)
        elif self.returned is not None:
            self._show_return(step, item, amounts)

    def _refund_elsewhere(self, item: dict) -> None:
        name = uuid4().hex
        raw = {
            "refund_authorization_id": name,
            "refund_status": "accepted",
            "merchant_order_id": self.order.merchant_order_id,
            "items": [item, item],  # one item in two entries
        }
        adopt_refund(self.order.merchant, self.order.account, read_refund(raw), seen_at=timezone.now())

    def _show_return(self, step: str, item: dict, amounts: Amounts) -> None:
        (line,) = return_lines(self.returned)
        word, _, has_amounts = step.partition(", ")
        asked = {name: str(value) for name, value in line.requested.parts().items()}
        wish = {
            "order_item_id": line.order_item_id,
            "return_quantity": line.return_quantity,
            "requested_refund_amount": asked,
        }
        if has_amounts:
            self.by_jet = amounts
        elif self.by_jet is None and word != "new word":
            self.by_jet = line.settled if state(self.returned) == SendState.SENT else line.requested
        raw = {
            "merchant_return_authorization_id": self.returned.merchant_return_authorization_id,
            "merchant_order_id": self.order.merchant_order_id,
            "return_status": word,
            "return_merchant_SKUs": [wish],
            "items": [item] if has_amounts else [],
        }
        apply_facts(self.order.merchant, self.returned.pk, read_return(raw), seen_at=timezone.now())


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
    elif step == "arrives" and returned is not None and begin_sending(returned.merchant, returned.pk):
        mark_sent(returned.merchant, returned.pk)
    elif step in SECOND_WORDS and newest is not None:
        of_return, of_refund = SECOND_WORDS[step]
        (of_refund if newest is refund else of_return)(newest, actor=person)
