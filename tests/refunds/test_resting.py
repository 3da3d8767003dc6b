"""While the deletion of a store waits, nobody is told that something of an order is on its way to Jet."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jetsync.exceptions import StateConflict
from jetsync.models import JetAccount, Job, LogEntry, Merchant, Operation
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.actions.answer import accept_order, reject_order
from orders.actions.many import acknowledge_many, cancel_many, refresh_many, reject_many
from orders.actions.many import refresh_now as refresh_order
from orders.actions.ship_many import ship_many
from orders.actions.shipment import cancel_rest, ship_order
from orders.enums import OrderState, ShipmentSource
from orders.models import Order, Shipment
from refunds.actions.creating import create_refund
from refunds.models import Refund
from returns.actions.many import settle_many
from returns.actions.settling import refresh_now as refresh_return
from returns.actions.settling import settle_return
from returns.models import Return
from returns.validators import Decision
from tests import factories
from tests.orders.rows import make_order as make_ready
from tests.orders.rows import parcel
from tests.refunds.test_create import give
from tests.returns.rows import make_order, make_return

RESTS = "until then nothing is sent to Jet or fetched."
Act = Callable[[Order, Order, Return, Actor], Any]


@pytest.fixture
def account(scoped: Merchant) -> JetAccount:
    return factories.make_account(scoped)


def rest(merchant: Merchant) -> None:
    merchant.deletion_due_at = timezone.now() + timedelta(days=14)
    merchant.save(update_fields=["deletion_due_at"])


def accepted(merchant: Merchant, account: JetAccount) -> Order:
    order = make_ready(merchant, account)
    Order.objects.filter(pk=order.pk).update(state=OrderState.ACKNOWLEDGED)
    order.refresh_from_db()
    order.merchant = merchant
    return order


ACTS: dict[str, Act] = {
    "accept": lambda ready, _open, _back, who: accept_order(ready, actor=who),
    "reject": lambda ready, _open, _back, who: reject_order(
        ready, answer="rejected - other", items=None, actor=who
    ),
    "accept many": lambda ready, _open, _back, who: acknowledge_many(ready.merchant, [ready.pk], actor=who),
    "reject many": lambda ready, _open, _back, who: reject_many(
        ready.merchant, [ready.pk], answer="rejected - other", actor=who
    ),
    "cancel many": lambda _ready, opened, _back, who: cancel_many(opened.merchant, [opened.pk], actor=who),
    "ship": lambda _ready, opened, _back, who: ship_order(opened, parcel(opened, 1), actor=who),
    "ship many": lambda _ready, opened, _back, who: ship_many(opened.merchant, [], actor=who),
    "cancel": lambda _ready, opened, _back, who: cancel_rest(opened, actor=who),
    "refund": lambda _ready, _open, back, who: create_refund(back.order, [], actor=who),  # type: ignore[arg-type]  # it has one
    "settle": lambda _ready, _open, back, who: settle_return(back, Decision(agrees=True), actor=who),
    "settle many": lambda _ready, _open, back, who: settle_many(back.merchant, [back.pk], actor=who),
    "read an order": lambda ready, _open, _back, who: refresh_order(ready, actor=who),
    "read orders": lambda ready, _open, _back, who: refresh_many(ready.merchant, [ready.pk], actor=who),
    "read a return": lambda _ready, _open, back, who: refresh_return(back, actor=who),
}


@pytest.mark.parametrize("name", ACTS)
def test_what_would_have_to_be_sent_is_refused_while_the_store_rests(
    scoped: Merchant, account: JetAccount, actor: Actor, name: str
) -> None:
    ready, opened = make_ready(scoped, account), accepted(scoped, account)
    back = make_return(make_order(scoped, account))
    rest(scoped)

    def written() -> list[int]:
        tables = (Job, LogEntry, Operation, Shipment, Refund)
        return [model.objects.count() for model in tables]

    before = written()

    with pytest.raises(StateConflict, match="nothing is sent to Jet") as caught:
        ACTS[name](ready, opened, back, actor)

    assert caught.value.code == "store_resting"
    assert "keep the store" in caught.value.hint
    assert written() == before
    states = dict(Order.objects.values_list("pk", "planned_answer"))
    assert (states[ready.pk], states[opened.pk]) == ("", "")


def test_a_parcel_that_a_program_reports_waits_with_the_store(scoped: Merchant, account: JetAccount) -> None:
    opened = accepted(scoped, account)
    rest(scoped)

    program = Actor(label="ShipStation")
    ship_order(opened, parcel(opened, 1), actor=program, source=ShipmentSource.SHIPSTATION)

    assert Shipment.objects.count() == 1


def test_the_order_page_says_why_nothing_can_be_answered(
    merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        ready = make_ready(merchant, account)
        rest(merchant)
    client = client_for("owner")

    page = client.get(f"/m/{merchant.slug}/orders/{ready.pk}/").content.decode()

    assert page.count("until then nothing is sent to Jet or fetched.") > 1


def test_the_shipment_form_says_so_before_a_parcel_is_typed(
    merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    with merchant_scope(merchant):
        opened = accepted(merchant, factories.make_account(merchant))
    client, url = client_for("fulfilment"), f"/m/{merchant.slug}/orders/{opened.pk}/ship/"
    assert 'name="tracking_number"' in client.get(url).content.decode()
    with merchant_scope(merchant):
        rest(merchant)

    page = client.get(url).content.decode()

    assert "until then nothing is sent to Jet or fetched. An owner can keep the store" in page
    assert 'name="tracking_number"' not in page


def test_a_list_of_parcels_is_kept_and_the_buttons_say_why(
    merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    with merchant_scope(merchant):
        opened = accepted(merchant, factories.make_account(merchant))
        rest(merchant)
    client, url = client_for("fulfilment"), f"/m/{merchant.slug}/orders/ship/"
    rows = f"{opened}\t1Z5R89390357567127"
    assert RESTS in client.get(url).content.decode()
    assert RESTS in client.post(url, {"rows": rows, "stage": "check"}).content.decode()

    answer = client.post(url, {"rows": rows, "stage": "ship"})

    assert (answer.status_code, f"{rows}</textarea>" in answer.content.decode()) == (409, True)
    with merchant_scope(merchant):
        assert not Operation.objects.exists()


def test_buttons_that_ask_jet_again_say_why_not(
    merchant: Merchant, client_for: Callable[..., Client]
) -> None:
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        order = make_order(merchant, account)
        back, opened = make_return(order), accepted(merchant, account)
        refund = Refund.objects.create(
            merchant=merchant, account=account, order=order, alt_refund_id="R-1", send_state="sent"
        )
        shipment = ship_order(opened, parcel(opened, 1), actor=Actor(label="Nora Webb"))
        Shipment.objects.filter(pk=shipment.pk).update(state="refused", failure_message="No.")
    client = client_for("owner")
    pages = {
        f"/m/{merchant.slug}/returns/{back.pk}/": "/refresh/",
        f"/m/{merchant.slug}/refunds/{refund.pk}/": "/refresh/",
        f"/m/{merchant.slug}/orders/{opened.pk}/": "/resend/",
    }

    def offered() -> list[bool]:
        return [address in client.get(page).content.decode() for page, address in pages.items()]

    assert offered() == [True, True, True]
    with merchant_scope(merchant):
        rest(merchant)

    assert offered() == [False, False, False]
    assert all(RESTS in client.get(page).content.decode() for page in pages)


def test_what_was_on_its_way_is_said_to_wait(
    merchant: Merchant, actor: Actor, client_for: Callable[..., Client]
) -> None:
    with merchant_scope(merchant):
        account = factories.make_account(merchant)
        ready, opened, order = (
            make_ready(merchant, account),
            accepted(merchant, account),
            make_order(merchant, account),
        )
        accept_order(ready, actor=actor, despite_problems=True)
        ship_order(opened, parcel(opened, 1), actor=actor)
        back = make_return(make_order(merchant, account), send_state="queued", decided_by="Nora Webb")
        refund = create_refund(order, [give(order)], actor=actor)
    client = client_for("owner")
    pages = [f"orders/{ready.pk}", f"orders/{opened.pk}", f"returns/{back.pk}", f"refunds/{refund.pk}"]

    def alerts() -> list[str]:
        """The notes above the facts, as text."""
        bodies = [client.get(f"/m/{merchant.slug}/{name}/").content.decode() for name in pages]
        return [
            " ".join(re.findall(r'<div class="note-text">(.*?)</div>', body, re.DOTALL)) for body in bodies
        ]

    assert [RESTS in text for text in alerts()] == [False, False, False, False]
    with merchant_scope(merchant):
        rest(merchant)

    found = alerts()
    assert [RESTS in text for text in found] == [True, True, True, True]
    assert not any("on its way to Jet" in text or "On its way" in text for text in found)
