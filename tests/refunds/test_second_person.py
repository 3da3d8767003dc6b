"""From the store's limit on a refund waits for somebody else; nothing else about its way to Jet changes."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.options import save_options
from jetsync.exceptions import DomainError, InvalidInput, NotAllowed, StateConflict
from jetsync.models import Job, LogEntry, Notice, Options
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from orders.models import Order
from refunds.actions.confirming import confirm_refund, decline_refund
from refunds.actions.creating import create_refund, resume_sending, withdraw
from refunds.models import Refund
from refunds.queries import get_refund
from returns.actions.confirming import confirm_return
from returns.actions.settling import settle_return
from returns.enums import SendState
from returns.ledgers import line_ledgers
from returns.money import Amounts
from returns.queries import return_lines
from returns.validators import full_decision
from tests import factories
from tests.downloads import csv_rows
from tests.refunds.test_api import body, post
from tests.refunds.test_create import give, refund_job
from tests.refunds.test_pages import page as list_page
from tests.returns.rows import make_order, make_return
from tests.returns.test_api import address, token_of

LOST = "Package never arrived"


@pytest.fixture
def order(merchant) -> Order:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        Options.objects.update(refund_limit=Decimal("24.99"))
        return make_order(merchant, account)


@pytest.fixture
def second(merchant):
    return member_actor(factories.make_member(merchant, "manager"), rights_of("manager"))


@pytest.fixture
def waiting(order, actor, scoped) -> Refund:
    return create_refund(order, [give(order)], actor=actor)


def test_file_says_who_confirmed_and_when(merchant, waiting, second, client_for) -> None:
    client, url = client_for("owner"), f"{list_page('refund-list', merchant)}?download=csv"
    (before,) = csv_rows(client, url)
    with merchant_scope(merchant):
        confirmed = confirm_refund(waiting, actor=second)

    (row,) = csv_rows(client, url)

    assert (before["Confirmed by"], before["Confirmed (UTC)"]) == ("", "")
    assert (row["Made by"], row["Confirmed by"]) == (waiting.created_by, second.label)
    assert row["Confirmed (UTC)"] == f"{confirmed.confirmed_at:%Y-%m-%dT%H:%M:%SZ}"


def page(name: str, refund: Refund) -> str:
    return reverse(f"refunds:{name}", kwargs={"merchant_slug": refund.merchant.slug, "pk": refund.pk})


def state(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.send_state


def possible(order: Order) -> Decimal:
    (row,) = line_ledgers(order).values()
    return row.ledger.possible.total


@pytest.mark.feature("RFD-08", "RFD-09")
def test_refund_at_the_limit_is_stored_held_told_and_not_sent(order, actor, scoped):
    before = possible(order)
    refund = create_refund(order, [give(order)], actor=actor)
    assert (refund.send_state, refund.proposer) == (SendState.WAITING, actor.user)
    assert Job.objects.filter(kind="refunds.create").count() == 0
    assert before - possible(order) == Decimal("24.99")
    notice = Notice.objects.get(key=f"refunds.waiting.{refund.pk}")
    assert (notice.title, notice.url) == (
        f"Refund {refund} waits for a second person",
        page("refund-detail", refund),
    )
    assert "$24.99" in notice.body


def test_amounts_of_two_people_or_of_two_orders_do_not_add_up(order, actor, scoped, second):
    Options.objects.update(refund_limit=Decimal("25.00"))
    ten = Amounts(Decimal("10.00"))
    first = create_refund(
        order, [give(order, quantity=0, quantity_refunded=1, reason=LOST, amounts=ten)], actor=actor
    )
    again = [give(order, quantity=0, quantity_refunded=1, reason=LOST, amounts=Amounts(Decimal("15.00")))]
    assert (first.send_state, create_refund(order, again, actor=second).send_state) == ("queued", "queued")
    rest = make_order(order.merchant, order.account)
    assert create_refund(rest, [give(rest)], actor=actor).send_state == SendState.QUEUED


def test_amount_that_reaches_the_limit_with_what_the_same_person_gave_waits(order, actor, scoped):
    Options.objects.update(refund_limit=Decimal("25.00"))
    lost = {"quantity": 0, "quantity_refunded": 1, "reason": LOST}
    create_refund(order, [give(order, **lost, amounts=Amounts(Decimal("10.00")))], actor=actor)
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=23))
    more = [give(order, **lost, amounts=Amounts(Decimal("15.00")))]
    waiting = create_refund(order, more, actor=actor)
    assert waiting.send_state == SendState.WAITING
    withdraw(waiting, actor=actor)
    Refund.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert create_refund(order, more, actor=actor).send_state == SendState.QUEUED


def test_an_answer_to_a_return_counts_with_the_refunds(order, actor, scoped):
    Options.objects.update(refund_limit=Decimal("25.00"))
    create_refund(order, [give(order, amounts=Amounts(Decimal("20.00")))], actor=actor)
    returned = make_return(order)
    decision = full_decision(return_lines(returned), line_ledgers(order))
    line = replace(decision.lines[0], amounts=Amounts(Decimal("5.00")), feedback="Restocking fee")
    settled = settle_return(returned, replace(decision, lines=(line,)), actor=actor)
    assert settled.send_state == SendState.WAITING


def test_what_a_second_person_confirmed_does_not_count_again(order, actor, scoped, second):
    lost = {"quantity": 0, "quantity_refunded": 1, "reason": LOST}
    waiting = create_refund(order, [give(order, **lost, amounts=Amounts(Decimal("24.99")))], actor=actor)
    confirm_refund(waiting, actor=second)
    after = create_refund(order, [give(order, **lost, amounts=Amounts(Decimal("5.00")))], actor=actor)
    assert after.send_state == SendState.QUEUED


@pytest.mark.parametrize("limit", [None, Decimal("500.00")])
def test_whoever_lifts_the_limit_keeps_it_for_a_day_and_the_store_is_told(
    order, actor, scoped, second, limit
):
    options = Options.objects.get()
    before, options.refund_limit = options.refund_limit, limit
    save_options(options, old={"refund_limit": before}, actor=actor)
    notice = Notice.objects.get(key="jetsync.refund_limit")
    assert notice.title.endswith("was switched off" if limit is None else "was raised to $500.00")
    assert f"{actor.label} changed it" in notice.body
    waiting = create_refund(order, [give(order)], actor=actor)
    assert waiting.send_state == SendState.WAITING
    withdraw(waiting, actor=actor)
    assert create_refund(order, [give(order)], actor=second).send_state == SendState.QUEUED


def test_lowering_the_limit_tells_nobody(scoped, actor, order):
    options = Options.objects.get()
    before, options.refund_limit = options.refund_limit, Decimal("1.00")
    save_options(options, old={"refund_limit": before}, actor=actor)
    assert Notice.objects.filter(key="jetsync.refund_limit").count() == 0


@pytest.mark.parametrize("limit", [None, Decimal("25.00")])
def test_refund_below_the_limit_or_without_one_is_sent(order, actor, scoped, limit):
    Options.objects.update(refund_limit=limit)
    refund = create_refund(order, [give(order)], actor=actor)
    assert (refund.send_state, refund_job(refund).key) == (SendState.QUEUED, str(refund.pk))


def test_second_person_lets_it_go_once(waiting, second):
    confirmed = confirm_refund(waiting, actor=second)
    assert (confirmed.send_state, confirmed.confirmed_by) == (SendState.QUEUED, second.label)
    with pytest.raises(StateConflict, match="does not wait for a second person any more"):
        confirm_refund(waiting, actor=second)
    assert Job.objects.filter(kind="refunds.create").count() == 1
    assert Notice.objects.filter(key=f"refunds.waiting.{waiting.pk}", read_at=None).count() == 0
    entry = LogEntry.objects.get(action="refunds.refund.confirmed")
    assert (entry.actor, entry.object_id, "$24.99" in entry.message) == (second.user, waiting.pk, True)


@pytest.mark.parametrize("act", [confirm_refund, lambda row, actor: decline_refund(row, "no", actor=actor)])
def test_whoever_created_it_has_no_second_word(waiting, actor, act):
    with pytest.raises(NotAllowed) as caught:
        act(waiting, actor=actor)
    assert (caught.value.code, state(waiting), Job.objects.count()) == ("same_person", SendState.WAITING, 0)


@pytest.fixture
def seen(waiting) -> Refund:
    """The refund as somebody read it before a rival was quicker."""
    return get_refund(waiting.merchant, waiting.pk)


@pytest.fixture
def rival(merchant):
    return member_actor(factories.make_member(merchant), rights_of("owner"))


def test_rival_who_declines_first_leaves_nothing_to_confirm(waiting, seen, second, rival):
    decline_refund(waiting, "Wrong amount", actor=rival)
    with pytest.raises(StateConflict):
        confirm_refund(seen, actor=second)
    assert (state(waiting), Job.objects.filter(kind="refunds.create").count()) == (SendState.REFUSED, 0)


def test_rival_who_confirms_first_pays_once(waiting, seen, second, rival):
    confirm_refund(waiting, actor=rival)
    for act in (lambda: confirm_refund(seen, actor=second), lambda: decline_refund(seen, "No", actor=second)):
        with pytest.raises(StateConflict):
            act()
    assert (state(waiting), waiting.confirmed_by) == (SendState.QUEUED, rival.label)
    assert Job.objects.filter(kind="refunds.create").count() == 1


def test_sent_back_with_a_reason_frees_the_money_and_tells(order, waiting, second):
    with pytest.raises(InvalidInput):
        decline_refund(waiting, "  ", actor=second)
    assert state(waiting) == SendState.WAITING
    decline_refund(waiting, "The parcel is still under way", actor=second)
    assert state(waiting) == SendState.REFUSED
    assert waiting.failure_message == f"Sent back by {second.label}: The parcel is still under way"
    assert possible(order) == possible(Order.objects.get(pk=order.pk)) == Decimal("60.29")
    assert "was sent back" in Notice.objects.get(key=f"refunds.sent_back.{waiting.pk}").title


def test_only_whoever_created_it_takes_it_back(waiting, actor, second):
    with pytest.raises(NotAllowed):
        withdraw(waiting, actor=second)
    assert state(waiting) == SendState.WAITING
    withdraw(waiting, actor=actor)
    assert (state(waiting), Job.objects.count()) == (SendState.REFUSED, 0)


def test_switching_the_limit_off_releases_nothing(waiting, second):
    Options.objects.update(refund_limit=None)
    assert resume_sending(waiting.merchant) == 0
    assert (state(waiting), Job.objects.count()) == (SendState.WAITING, 0)
    confirm_refund(waiting, actor=second)
    assert state(waiting) == SendState.QUEUED


def test_return_opened_meanwhile_stops_the_confirmation(order, waiting, second):
    make_return(order)
    with pytest.raises(StateConflict) as caught:
        confirm_refund(waiting, actor=second)
    assert (caught.value.code, state(waiting)) == ("order_has_return", SendState.WAITING)


def test_money_paid_elsewhere_meanwhile_stops_the_confirmation(order, waiting, actor, second):
    """Jet shows a refund that was made elsewhere: it counts, although the ledger had no room for it."""
    Options.objects.update(refund_limit=None)
    other = create_refund(order, [give(order)], actor=actor)
    other.lines.update(principal=Decimal("49.98"))
    Refund.objects.filter(pk=other.pk).update(send_state=SendState.SENT)
    with pytest.raises(StateConflict) as caught:
        confirm_refund(waiting, actor=second)
    assert (caught.value.code, state(waiting)) == ("paid_meanwhile", SendState.WAITING)


def test_confirmed_refund_is_paid_once_when_its_answer_is_lost(shop, actor, second):
    Options.objects.update(refund_limit=Decimal("1.00"))
    order = shop.order(2)
    refund = create_refund(order, [give(order)], actor=actor)
    assert (refund.send_state, shop.effects("refund")) == (SendState.WAITING, 0)
    confirm_refund(refund, actor=second)
    Refund.objects.filter(pk=refund.pk).update(
        send_state=SendState.CHECKING
    )  # killed before or after the call
    shop.run(refund_job(refund).pk)
    assert (state(refund), shop.effects("refund")) == (SendState.SENT, 1)


def test_page_asks_the_second_person_and_not_the_first(client_for, client, actor, waiting):
    client.force_login(actor.user)
    html = client.get(page("refund-detail", waiting)).content.decode()
    assert "You decided it, so somebody else confirms it." in html
    assert "Nobody else may confirm it" in html
    assert "Take back" in html
    client.post(page("confirm", waiting))
    assert state(waiting) == SendState.WAITING
    other = client_for("manager")
    html = other.get(page("refund-detail", waiting)).content.decode()
    assert ("Confirm and send" in html, "Nobody else may confirm it" in html) == (True, False)
    assert other.post(page("decline", waiting), {"reason": ""}).status_code == 400
    told = other.post(page("confirm", waiting), follow=True).content.decode()
    assert f"You confirmed refund {waiting}: $24.99 is on its way to Jet." in told
    assert state(waiting) == SendState.QUEUED


@pytest.mark.parametrize(("role", "status"), [("analyst", 403), ("fulfilment", 403)])
def test_page_refuses_who_lacks_the_right(client_for, waiting, role, status):
    for name in ("confirm", "decline"):
        assert client_for(role).post(page(name, waiting), {"reason": "no"}).status_code == status
    assert state(waiting) == SendState.WAITING


def test_page_of_another_store_does_not_exist(client_for, waiting):
    stranger = client_for("owner", of=factories.make_merchant())
    for name in ("confirm", "decline"):
        assert stranger.post(page(name, waiting), {"reason": "no"}).status_code == 404
    assert state(waiting) == SendState.WAITING


def test_list_has_a_tab_for_them(client_for, merchant, waiting):
    listed = reverse("refunds:refund-list", kwargs={"merchant_slug": merchant.slug})
    html = client_for("owner").get(listed, {"send_state": "waiting"}).content.decode()
    assert html.count("Waits for a second person") >= 2
    assert str(waiting) in html
    html = client_for("owner").get(listed, {"send_state": "sent"}).content.decode()
    assert str(waiting) not in html


def test_api_says_that_it_waits_and_refuses_the_same_persons_token(client, merchant, order):
    mine, other = (token_of(merchant, Right.REFUNDS_VIEW, Right.REFUNDS_CREATE) for _person in range(2))
    made = post(client, merchant, body(order), mine).json()
    assert (made["send_state"], made["waits_for_second_person"]) == ("waiting", True)
    url = address("refund-confirm", merchant, made["id"])
    refused = client.post(url, headers=mine)
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")
    looker = token_of(merchant, Right.REFUNDS_VIEW)
    assert client.post(url, headers=looker).status_code == 403
    stranger = factories.make_merchant()
    foreign = address("refund-confirm", stranger, made["id"])
    assert client.post(foreign, headers=token_of(stranger, *Right)).status_code == 404
    answer = client.post(url, headers=other)
    assert (answer.status_code, answer.json()["send_state"]) == (200, "queued")
    assert client.post(url, headers=other).status_code == 409


def test_api_sends_back_with_a_reason(client, merchant, order):
    mine, other = (token_of(merchant, Right.REFUNDS_VIEW, Right.REFUNDS_CREATE) for _person in range(2))
    made = post(client, merchant, body(order), mine).json()
    url = address("refund-decline", merchant, made["id"])
    assert client.post(url, {}, content_type="application/json", headers=other).status_code == 400
    answer = client.post(url, {"reason": "Too much"}, content_type="application/json", headers=other)
    assert (answer.status_code, answer.json()["send_state"]) == (200, "refused")
    assert answer.json()["failure_message"].endswith(": Too much")


@pytest.mark.feature("RFD-08")
def test_form_shows_the_money_after_it_and_check_sends_nothing(client_for, merchant, order):
    url = reverse("refunds:refund-create", kwargs={"merchant_slug": merchant.slug, "pk": order.pk})
    client = client_for("owner")
    html = client.get(url).content.decode()
    assert ("After this" in html, "Nobody else could confirm it" in html) == (True, True)
    with merchant_scope(merchant):
        line = order.lines.get()
    typed = {
        "is_chosen": "on",
        "quantity_returned": "1",
        "quantity_refunded": "1",
        "reason": "Unwanted gift",
        "feedback": "Restocking fee",
        "principal": "24.99",
        "shipping_tax": "0.00",
    }
    data = {f"line-{line.pk}-{name}": value for name, value in typed.items()}
    answer = client.post(url, data | {"check": "1"})
    html = answer.content.decode()
    assert (answer.status_code, "Checked: nothing is sent yet" in html) == (200, True)
    assert "It would wait for a second person." in html
    assert "$35.30" in html  # 60.29 possible, 24.99 of it goes back
    with merchant_scope(merchant):
        assert Refund.objects.count() == 0
    told = client.post(url, data, follow=True).content.decode()
    assert "of $24.99 waits for a second person. Nothing is sent yet." in told


def test_ledger_links_what_paid_back(client_for, order, waiting):
    url = reverse("refunds:refund-create", kwargs={"merchant_slug": order.merchant.slug, "pk": order.pk})
    assert f'href="{page("refund-detail", waiting)}"' in client_for("owner").get(url).content.decode()


def test_second_refund_never_reaches_beyond_what_the_first_one_holds(order, waiting, actor):
    with pytest.raises(DomainError):
        create_refund(order, [give(order, quantity=2)], actor=actor)
    assert possible(order) == Decimal("35.30")
    assert Amounts(Decimal("24.99")) == waiting.lines.get().amounts


def test_money_is_decided_under_the_orders_lock(order, actor, second, scoped):
    """Before a ledger is read: a rival waits, and finds in it what was decided first."""
    refund = under_lock(lambda: create_refund(order, [give(order)], actor=actor))
    under_lock(lambda: confirm_refund(refund, actor=second))
    other = make_order(order.merchant, order.account)
    returned = make_return(other)
    decision = full_decision(return_lines(returned), line_ledgers(other))
    answered = under_lock(lambda: settle_return(returned, decision, actor=actor))
    under_lock(lambda: confirm_return(answered, actor=second))


def under_lock(act):
    with CaptureQueriesContext(connection) as queries:
        done = act()
    sent = [query["sql"] for query in queries]
    locked = [
        number for number, sql in enumerate(sent) if 'FROM "orders_order"' in sql and "FOR UPDATE" in sql
    ]
    read = [
        number
        for number, sql in enumerate(sent)
        if sql.startswith("SELECT") and 'FROM "returns_returnline"' in sql
    ]
    assert locked
    assert read
    assert min(locked) < min(read)
    return done
