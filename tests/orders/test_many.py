"""Rejecting and fetching again many orders at once: an operation with an end per order."""

from __future__ import annotations

import pytest
from django.test import Client

from jetsync.enums import OperationState, Priority, RowState
from jetsync.exceptions import InvalidInput
from jetsync.jet.words.orders import AcknowledgementStatus
from jetsync.models import Job, LogEntry, Merchant, Operation, OperationRow, Options
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.actions import many
from orders.actions.answer import accept_order
from orders.actions.many import acknowledge_many, refresh_many, refresh_now, reject_many
from orders.enums import FailureReason
from orders.models import Order
from orders.queries.history import order_history
from orders.sync import decide_many
from tests import factories
from tests.orders.desk import Desk
from tests.orders.pages import page, run_decisions
from tests.orders.rows import line

pytestmark = pytest.mark.django_db


def rows_of(operation: Operation) -> dict[int | None, tuple[str, str]]:
    rows = OperationRow.objects.filter(operation=operation)
    return {row.object_id: (row.state, row.code) for row in rows}


def ask(client: Client, merchant: Merchant, bulk: str, orders: list[Order], name: str = "order-list"):
    ticked = {"bulk": bulk, "ids": [order.pk for order in orders]}
    return client.post(page(merchant, name), ticked, follow=True)


def test_bulk_reject_tells_jet_and_has_a_result_per_order(desk: Desk, actor: Actor) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=10)
    orders = [desk.import_order(order_id) for order_id in desk.buy(("KETTLE-1", 1, 0), count=3)]
    accept_order(orders[0], actor=actor)
    desk.drain()

    operation = reject_many(
        desk.merchant, [order.pk for order in orders], answer="rejected - other", actor=actor
    )
    desk.drain()

    operation.refresh_from_db()
    assert operation.title == "Reject 3 orders: Another reason"
    assert rows_of(operation) == {
        orders[0].pk: (RowState.SKIPPED, "state_conflict"),
        orders[1].pk: (RowState.DONE, ""),
        orders[2].pk: (RowState.DONE, ""),
    }
    assert [desk.reload(order).state for order in orders] == ["acknowledged", "rejected", "rejected"]
    assert desk.reload(orders[1]).failure_reason == FailureReason.REJECTED_BY_YOU
    assert desk.at_jet(orders[1])["acknowledgement_status"] == "rejected - other"


def test_item_level_error_names_the_items_with_a_problem_and_fails_without_one(
    desk: Desk, actor: Actor
) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1", quantity=1)
    good, short = [desk.import_order(order_id) for order_id in desk.buy(("KETTLE-1", 1, 0), count=2)]
    answer = AcknowledgementStatus.REJECTED_ITEM_LEVEL_ERROR

    operation = reject_many(desk.merchant, [good.pk, short.pk], answer=answer, actor=actor)
    desk.drain()

    operation.refresh_from_db()
    assert rows_of(operation) == {good.pk: (RowState.FAILED, "invalid"), short.pk: (RowState.DONE, "")}
    assert (desk.reload(good).state, desk.reload(good).planned_answer) == ("ready", "")
    assert desk.reload(short).lines.get().ack_status == "nonfulfillable - no inventory"


def test_reject_twice_rejects_once(desk: Desk, actor: Actor) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    first = reject_many(desk.merchant, [order.pk], answer="rejected - other", actor=actor)
    second = reject_many(desk.merchant, [order.pk], answer="rejected - fraud", actor=actor)
    desk.drain()

    assert rows_of(first) == {order.pk: (RowState.DONE, "")}
    assert rows_of(second) == {order.pk: (RowState.SKIPPED, "state_conflict")}
    assert desk.effects("reject") == 1
    assert desk.reload(order).acknowledgement_status == "rejected - other"


@pytest.mark.feature("ORD-16", "ORD-17")
def test_reject_page_names_orders_reasons_and_the_rate(merchant, order_of, client_for) -> None:
    ready, other = order_of(), order_of(status="acknowledged")
    client = client_for("fulfilment")
    asked = ask(client, merchant, "reject", [ready, other])
    html = asked.content.decode()

    for words in (
        "Reject 2 orders",
        f"{ready} (Ready)",
        "you do not deliver 1 ready order, and may offer",
        "1 of the selected are not ready",
        "Of your 2 orders of the last 30 days 0 (0.0 %)",
        "After this it is 1 of 2 (50.0 %).",
        "Suspected fraud (rejected - fraud)",
    ):
        assert words in html
    confirm = asked.redirect_chain[-1][0]
    assert client.post(confirm, {"answer": "nonsense"}).status_code == 400
    with merchant_scope(merchant):
        assert not Operation.objects.exists()

    client.post(confirm, {"answer": "rejected - fraud"})
    run_decisions(merchant)

    with merchant_scope(merchant):
        assert Operation.objects.get().kind == "orders.reject"
        assert dict(Order.objects.values_list("pk", "planned_answer")) == {
            ready.pk: "rejected - fraud",
            other.pk: "",
        }


def test_reject_page_is_blocked_when_nothing_is_ready(merchant, order_of, client_for) -> None:
    order, client = order_of(status="acknowledged"), client_for("owner")
    asked = ask(client, merchant, "reject", [order])

    assert "None of these orders is ready" in asked.content.decode()
    assert client.post(asked.redirect_chain[-1][0], {"answer": "rejected - other"}).status_code == 409


@pytest.mark.parametrize("bulk", ["reject", "refresh"])
def test_analyst_may_not(merchant, order_of, client_for, bulk) -> None:
    order = order_of()
    client = client_for("analyst")
    asked = ask(client, merchant, bulk, [order])
    if asked.redirect_chain:
        assert client.post(asked.redirect_chain[-1][0], {"answer": "rejected - other"}).status_code == 403
    with merchant_scope(merchant):
        assert not Operation.objects.exists()
        assert Order.objects.get().planned_answer == ""


def test_fetch_again_brings_each_order_to_what_jet_shows(desk: Desk, actor: Actor) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    moved, same = [desk.import_order(order_id) for order_id in desk.buy(("KETTLE-1", 1, 0), count=2)]
    Order.objects.filter(pk=moved.pk).update(state="failed", failure_reason=FailureReason.UNREADABLE)

    operation = refresh_many(desk.merchant, [moved.pk, same.pk], actor=actor)
    desk.drain()

    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert rows_of(operation) == {moved.pk: (RowState.DONE, ""), same.pk: (RowState.DONE, "")}
    assert (desk.reload(moved).state, desk.reload(moved).failure_reason) == ("ready", "")
    told = LogEntry.objects.filter(action="orders.order.read_again").values_list("object_id", "message")
    assert dict(told) == {
        moved.pk: f"Read order {moved} again: Jet shows it as ready; it is now Ready.",
        same.pk: f"Read order {same} again: Jet shows it as ready; it stays Ready.",
    }


def test_fetch_again_keeps_what_was_read_while_jet_is_down(desk: Desk, actor: Actor, monkeypatch) -> None:
    from orders.sync import again

    monkeypatch.setattr(again, "BATCH", 1)
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    first, second = [desk.import_order(order_id) for order_id in desk.buy(("KETTLE-1", 1, 0), count=2)]
    operation = refresh_many(desk.merchant, [first.pk, second.pk], actor=actor)
    desk.control.fault("status", path=f"/orders/withoutShipmentDetail/{second.merchant_order_id}", status=503)
    desk.drain()

    assert rows_of(operation)[first.pk] == (RowState.DONE, "")
    desk.control.clear_faults()
    Job.objects.filter(kind="orders.refresh_many").update(not_before=first.created_at)
    desk.drain()

    operation.refresh_from_db()
    assert operation.state == OperationState.DONE
    assert LogEntry.objects.filter(action="orders.order.read_again", object_id=first.pk).count() == 1


def test_order_that_breaks_storing_ends_its_row_and_the_list(merchant, order_of, actor, monkeypatch) -> None:
    """An open row would keep the operation open for ever, and the first of a long list keep the rest from its turn."""
    from orders.sync import again

    bad, good = order_of(), order_of()

    def read(_context: object, order: Order) -> Order:
        if order.pk == bad.pk:
            raise LookupError("a part that nobody has seen before")
        return order

    monkeypatch.setattr(again, "refresh_order", read)
    monkeypatch.setattr(again, "BATCH", 1)
    with merchant_scope(merchant):
        operation = refresh_many(merchant, [bad.pk, good.pk], actor=actor)
        (job,) = Job.objects.filter(kind="orders.refresh_many")
        run_job(job.pk)
        run_job(job.pk)

        operation.refresh_from_db()
        assert rows_of(operation) == {bad.pk: (RowState.FAILED, "not_stored"), good.pk: (RowState.DONE, "")}
        assert (operation.state, operation.is_open) == (OperationState.PARTLY, False)


def test_one_order_is_read_again_at_once_and_its_time_line_says_so(desk: Desk, actor: Actor) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])

    job = refresh_now(order, actor=actor)
    assert refresh_now(order, actor=actor).pk == job.pk  # one question is enough
    desk.drain()

    job.refresh_from_db()
    sentence = f"Read order {order} again: Jet shows it as ready; it stays Ready."
    assert job.message == sentence
    events = order_history(order, actor).events
    assert [event.title for event in events if sentence in (event.title, event.body)] == [
        "Read an order again"
    ]


def test_failed_list_fetches_again_too(merchant, order_of, client_for) -> None:
    order = order_of(status="complete", acknowledgement_status="rejected - other")
    client = client_for("fulfilment")
    asked = ask(client, merchant, "refresh", [order], "order-failed")
    assert "Fetch 1 order again" in asked.content.decode()

    client.post(asked.redirect_chain[-1][0])

    with merchant_scope(merchant):
        operation = Operation.objects.get()
        assert (operation.kind, operation.total) == ("orders.refresh", 1)
        job = Job.objects.get(kind__startswith="orders.")
        assert (job.kind, job.priority) == ("orders.refresh_many", Priority.NOW)


@pytest.mark.parametrize(
    "act", [lambda *args, **more: reject_many(*args, answer="rejected - other", **more), refresh_many]
)
def test_too_many_at_once_are_refused_and_nothing_happens(
    merchant, order_of, actor, monkeypatch, act
) -> None:
    monkeypatch.setattr(many, "MOST_AT_ONCE", 1)
    ids = [order_of().pk, order_of().pk]
    with merchant_scope(merchant):
        with pytest.raises(InvalidInput, match="At most 1 orders"):
            act(merchant, ids, actor=actor)
        assert not Operation.objects.exists()


def test_long_list_is_decided_some_at_a_time_each_order_for_itself(
    merchant, order_of, actor, monkeypatch
) -> None:
    """One transaction for all would hold every order until the last, and lose all when it is too long."""
    monkeypatch.setattr(many, "MOST_AT_ONCE", 1)  # no bound of this one
    monkeypatch.setattr(decide_many, "BATCH", 2)
    orders = [order_of(line(quantity=1)) for _ in range(3)]
    with merchant_scope(merchant):
        operation = acknowledge_many(merchant, [order.pk for order in orders], actor=actor)
        (job,) = Job.objects.filter(kind="orders.decide_many")
        assert set(Order.objects.values_list("planned_answer", flat=True)) == {""}

        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, Order.objects.filter(planned_answer="accepted").count()) == ("queued", 2)
        accepted = Order.objects.filter(planned_answer="accepted").values_list("planned_by", flat=True)
        assert set(accepted) == {actor.label}

        run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, Order.objects.filter(planned_answer="accepted").count()) == ("done", 3)
        assert {state for state, _code in rows_of(operation).values()} == {RowState.SENT}
        assert Job.objects.filter(kind="orders.acknowledge", operation=operation).count() == 3


def test_list_whose_job_gives_up_keeps_what_was_decided(merchant, order_of, actor, monkeypatch) -> None:
    first, second = order_of(), order_of()

    def crash(operation: Operation, pk: int, *, actor: Actor) -> None:
        if OperationRow.objects.get(pk=pk).object_id == second.pk:
            raise RuntimeError("a bug")
        many.decide_row(operation, pk, actor=actor)

    monkeypatch.setattr(decide_many, "decide_row", crash)
    with merchant_scope(merchant):
        operation = acknowledge_many(merchant, [first.pk, second.pk], actor=actor)
    run_decisions(merchant)
    with merchant_scope(merchant):
        rows = rows_of(operation)
        assert (rows[first.pk][0], rows[second.pk][0]) == (RowState.SENT, RowState.FAILED)
        assert Order.objects.get(pk=first.pk).planned_answer == "accepted"
        assert Order.objects.get(pk=second.pk).planned_answer == ""


def test_orders_of_another_merchant_are_left_alone(merchant, order_of, actor, client_for) -> None:
    from tests.orders.rows import make_order

    other = factories.make_merchant()
    with merchant_scope(other):
        account = factories.make_account(other)
        Options.objects.filter(merchant=other).update(auto_acknowledge=False)
        theirs = make_order(other, account, line())
    mine = order_of()
    with merchant_scope(merchant):
        operation = reject_many(merchant, [mine.pk, theirs.pk], answer="rejected - other", actor=actor)
        assert operation.total == 1
    run_decisions(merchant)
    with merchant_scope(merchant):
        assert Order.objects.get(pk=mine.pk).planned_answer == "rejected - other"
    with merchant_scope(other):
        assert Order.objects.get().planned_answer == ""
    client = client_for("owner")
    url = f"/api/v1/m/{merchant.slug}/orders/reject/"
    answer = client.post(
        url, {"orders": [theirs.pk], "answer": "rejected - other"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["fields"]) == (
        400,
        {"orders": [f"There is no order {theirs.pk}."]},
    )


@pytest.mark.parametrize("path", ["acknowledge", "reject", "refresh"])
def test_api_does_the_same_for_those_who_may(merchant, order_of, client_for, path) -> None:
    order = order_of()
    url = f"/api/v1/m/{merchant.slug}/orders/{path}/"
    data = {"orders": [order.pk], "answer": "rejected - other"}

    refused = client_for("analyst").post(url, data, content_type="application/json")
    done = client_for("fulfilment").post(url, data, content_type="application/json")

    assert refused.status_code == 403
    assert (done.status_code, done.json()["kind"], done.json()["total"]) == (202, f"orders.{path}", 1)
    with merchant_scope(merchant):
        assert Operation.objects.count() == 1


def test_api_wants_orders_and_an_answer_of_jet(merchant, order_of, client_for) -> None:
    order, client = order_of(), client_for("owner")
    url = f"/api/v1/m/{merchant.slug}/orders/reject/"
    for data, field in (({"orders": []}, "orders"), ({"orders": [order.pk], "answer": "no"}, "answer")):
        answer = client.post(url, data, content_type="application/json")
        assert answer.status_code == 400
        assert field in answer.json()["fields"]
