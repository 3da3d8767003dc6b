"""The rehearsal against the sandbox over real HTTP: every step by the road of real work, with evidence, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from catalog.actions.targets import refresh_targets
from catalog.models import Variant
from jetsync.actions.operation import cancel_operation
from jetsync.activation.actions import JOB, choose_sku, start_rehearsal, start_step
from jetsync.activation.queries import is_rehearsed, open_steps, trouble_of
from jetsync.activation.registry import all_steps
from jetsync.enums import JobState, Mode, OperationState
from jetsync.exceptions import InvalidInput, NotAllowed, NotFound, SettingsMissing, StateConflict
from jetsync.jet.exchange import Call
from jetsync.jet.transport import Transport
from jetsync.models import ActivationStep, FulfillmentNode, JetAccount, Job, Merchant, Operation, Options
from jetsync.sync.runner import run_job
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.rights import Right
from orders.enums import OrderState
from orders.models import Order
from returns.actions.confirming import confirm_return
from returns.models import Return
from tests.activation.conftest import SKU, Stage
from tests.factories import make_member
from tests.orders.dying import WorkerDied, reclaim_lost_jobs

KEYS = [
    "product_sku",
    "product_price",
    "product_inventory",
    "order_generate",
    "order_acknowledge",
    "order_ship",
    "cancel_generate",
    "cancel_order",
    "return_generate",
    "return_complete",
    "jet_checklist",
]


@pytest.mark.feature("API-01", "API-03", "API-04", "API-05", "API-06")
def test_rehearsal_exercises_every_part_of_the_api_with_evidence(stage: Stage) -> None:
    assert [step.key for step in all_steps()] == KEYS
    operation = start_rehearsal(stage.merchant, actor=SYSTEM)
    stage.work()
    operation.refresh_from_db()
    assert stage.states() == dict.fromkeys(KEYS, "ok"), [operation.message, operation.hint]
    assert (operation.state, operation.done, operation.total) == (OperationState.DONE, 11, 11)
    assert is_rehearsed(stage.merchant)
    calls = {key: stage.step(key).evidence.get("path", "").split("?")[0] for key in KEYS}
    order, cancelled = Order.objects.order_by("pk")
    returned = Return.objects.get()
    base = f"/merchant-skus/{stage.variant.sku}"
    assert calls == {
        "product_sku": base,
        "product_price": f"{base}/price",
        "product_inventory": f"{base}/inventory",
        "order_generate": "/orders/generate/1",
        "order_acknowledge": f"/orders/{order.merchant_order_id}/acknowledge",
        "order_ship": f"/orders/{order.merchant_order_id}/shipped",
        "cancel_generate": "/orders/generate/1",
        "cancel_order": f"/orders/{cancelled.merchant_order_id}/shipped",
        "return_generate": f"/returns/generate/{order.merchant_order_id}",
        "return_complete": f"/returns/{returned.merchant_return_authorization_id}/complete",
        "jet_checklist": "/portal/merchantsetupstatus/",
    }
    assert all(stage.step(key).evidence["status"] < 300 and stage.step(key).finished_at for key in KEYS)
    assert {row.state for row in (order, cancelled)} == {OrderState.COMPLETE}
    stage.variant.refresh_from_db()
    assert stage.variant.quantity == 5  # nothing has left the store


@pytest.mark.feature("API-01", "API-02")
def test_rehearsal_stops_at_the_first_failure_with_jets_answer(stage: Stage) -> None:
    stage.control.fault("status", path="/price$", method="PUT", status=400)
    operation = start_rehearsal(stage.merchant, actor=SYSTEM)
    stage.work()
    failed = stage.step("product_price")
    assert stage.states() == {
        **dict.fromkeys(KEYS, "not_run"),
        "product_sku": "ok",
        "product_price": "failed",
    }
    assert "price" in failed.message
    assert failed.hint
    assert (failed.evidence["status"], failed.evidence["path"]) == (
        400,
        f"/merchant-skus/{stage.variant.sku}/price",
    )
    operation.refresh_from_db()
    assert (operation.state, operation.done, operation.failed, operation.skipped) == ("partly", 1, 1, 9)
    assert operation.rows.get(state="failed").code == failed.evidence["code"] == "price_refused"
    assert Order.objects.count() == 0
    stage.control.clear_faults()
    again = start_rehearsal(stage.merchant, actor=SYSTEM)
    assert again.data["steps"] == KEYS[1:]
    run_job(Job.objects.filter(kind=JOB, state=JobState.QUEUED).get().pk)
    assert stage.step("product_price").state == "ok"


def test_second_press_joins_the_rehearsal_that_runs(stage: Stage) -> None:
    first = start_rehearsal(stage.merchant, actor=SYSTEM)
    assert start_rehearsal(stage.merchant, actor=SYSTEM) == first
    with pytest.raises(StateConflict, match="is running"):
        start_step(stage.merchant, "product_sku", actor=SYSTEM)
    assert Operation.objects.filter(kind="jetsync.rehearsal").count() == 1
    assert Job.objects.filter(kind=JOB).count() == 1


def test_lost_answers_are_looked_for_and_nothing_is_done_twice(stage: Stage) -> None:
    """Jet did it, and the connection broke before its answer: at every call that may not be repeated."""
    for path, method in (
        (r"/orders/generate/1$", "POST"),
        (r"/acknowledge$", "PUT"),
        (r"/shipped$", "PUT"),
        (r"/returns/generate/", "GET"),
        (r"/complete$", "PUT"),
    ):
        stage.control.fault("lost_answer", path=path, method=method, remaining=1)
    start_rehearsal(stage.merchant, actor=SYSTEM)
    stage.work()
    assert set(stage.states().values()) == {"ok"}
    check_done_once(stage)


def check_done_once(stage: Stage) -> None:
    assert (Order.objects.count(), Return.objects.count(), stage.orders_at_jet()) == (2, 1, 2)
    effects = stage.effects()
    kinds = ("acknowledge", "ship", "cancel", "return_complete")
    assert [effects[kind] for kind in kinds] == [2, 1, 1, 1]


def test_killed_worker_loses_nothing_and_doubles_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies after each call of Jet in turn; the job's lease ends and another worker goes on."""

    died: list[str] = []
    exchange = Transport._exchange

    def die(transport: Transport, call: Call) -> Any:
        answer = exchange(transport, call)
        if "token" not in call.path and f"{call.method} {call.path}" not in died:
            died.append(f"{call.method} {call.path}")
            raise WorkerDied
        return answer

    monkeypatch.setattr(Transport, "_exchange", die)
    start_rehearsal(stage.merchant, actor=SYSTEM)
    for _ in range(80):
        try:
            stage.work()
            break
        except WorkerDied:
            reclaim_lost_jobs()
    monkeypatch.undo()
    assert len(died) >= 12
    assert set(stage.states().values()) == {"ok"}
    check_done_once(stage)


@pytest.mark.feature("API-02")
def test_one_step_is_run_alone_and_needs_those_before_it(stage: Stage) -> None:
    with pytest.raises(StateConflict, match="Acknowledge order"):
        start_step(stage.merchant, "order_ship", actor=SYSTEM)
    start_step(stage.merchant, "product_sku", actor=SYSTEM)
    stage.work()
    assert stage.states() == {"product_sku": "ok"}
    with pytest.raises(NotFound, match="no step"):
        start_step(stage.merchant, "nonsense", actor=SYSTEM)


def test_step_run_again_makes_what_rests_on_it_open_again(stage: Stage) -> None:
    stage.all_ok()
    assert is_rehearsed(stage.merchant)
    start_step(stage.merchant, "order_generate", actor=SYSTEM)
    assert [step.key for step in open_steps(stage.merchant)] == [
        "order_generate",
        "order_acknowledge",
        "order_ship",
        "return_generate",
        "return_complete",
        "jet_checklist",
    ]


@pytest.mark.feature("API-11")
def test_without_a_generator_the_merchant_is_asked_to_press_jets_own(stage: Stage) -> None:
    stage.control.fault("status", path="/orders/generate/1$", method="POST", status=404)
    start_rehearsal(stage.merchant, actor=SYSTEM)
    for _ in range(6):
        Job.objects.filter(state=JobState.QUEUED, kind=JOB).update(not_before=timezone.now())
        stage.drain()
    waiting = stage.step("order_generate")
    assert (waiting.state, waiting.message) == (
        "running",
        "This address has no order generator: jetsync waits for the test order.",
    )
    assert f"choose SKU {SKU}" in waiting.hint
    stage.control.generate_orders(user="demo-user", count=1, sku=SKU, quantity=1, cancel_quantity=0)
    for _ in range(12):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        stage.drain()
    assert stage.states()["order_ship"] == "ok"
    assert stage.step("cancel_generate").state == "running"


def test_order_that_was_rejected_is_generated_anew(stage: Stage) -> None:
    """The last piece was sold between the generator and the answer."""
    start_step_chain(stage, KEYS[:4])
    order = Order.objects.get()
    Order.objects.update(state=OrderState.REJECTED, failure_message="Out of stock.", planned_answer="")
    start_step(stage.merchant, "order_acknowledge", actor=SYSTEM)
    stage.work()
    assert f"Test order {order}: Out of stock." in stage.step("order_acknowledge").message
    assert stage.step("order_generate").state == "not_run"
    start_step(stage.merchant, "order_generate", actor=SYSTEM)
    stage.work()
    assert Order.objects.count() == 2


def start_step_chain(stage: Stage, keys: list[str]) -> None:
    for key in keys:
        start_step(stage.merchant, key, actor=SYSTEM)
        stage.work()


def test_other_test_keys_begin_anew(stage: Stage) -> None:
    stage.all_ok()
    account = stage.sandbox.account
    account.api_secret = "renewed-secret"
    account.save()
    assert is_rehearsed(stage.merchant)
    account.api_user = "somebody-else"
    account.save()
    assert len(open_steps(stage.merchant)) == len(KEYS)


def test_rehearsal_waits_for_keys_node_and_a_ready_sku(stage: Stage) -> None:
    Variant.objects.update(quantity=0)
    refresh_targets(stage.merchant, [stage.variant.pk], push=False)
    with pytest.raises(SettingsMissing, match="no SKU that is ready"):
        start_rehearsal(stage.merchant, actor=SYSTEM)
    with pytest.raises(InvalidInput, match="no piece to sell"):
        choose_sku(stage.merchant, SKU, actor=SYSTEM)
    FulfillmentNode.objects.all().delete()
    with pytest.raises(SettingsMissing, match="No fulfilment node"):
        start_rehearsal(stage.merchant, actor=SYSTEM)
    JetAccount.objects.update(validation="refused")
    with pytest.raises(SettingsMissing, match="not accepted the test keys"):
        start_rehearsal(stage.merchant, actor=SYSTEM)
    assert ActivationStep.objects.count() == 0
    assert Operation.objects.count() == 0


def test_who_lacks_the_right_of_a_step_cannot_run_it(stage: Stage) -> None:
    actor = Actor(label="token", rights=frozenset({Right.SETTINGS_EDIT}))
    with pytest.raises(NotAllowed, match="Upload, archive and sync products"):
        start_rehearsal(stage.merchant, actor=actor)
    assert Operation.objects.count() == 0


def test_cancelled_rehearsal_keeps_what_is_ok_and_goes_on_next_time(stage: Stage) -> None:
    operation = start_rehearsal(stage.merchant, actor=SYSTEM)
    run_job(Job.objects.get(kind=JOB).pk)
    cancel_operation(operation, actor=SYSTEM)
    stage.work()
    assert stage.states() == {**dict.fromkeys(KEYS, "not_run"), "product_sku": "ok"}
    operation.refresh_from_db()
    assert operation.state == OperationState.CANCELLED
    again = start_rehearsal(stage.merchant, actor=SYSTEM)
    assert again.data["steps"] == KEYS[1:]


def test_trouble_at_jet_is_tried_again_and_told_when_it_lasts(stage: Stage) -> None:
    stage.control.fault("status", path="/inventory$", status=503)
    operation = start_rehearsal(stage.merchant, actor=SYSTEM)
    for _ in range(4):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        stage.drain()
    trouble = trouble_of(operation)
    assert trouble is not None
    assert "problem of its own" in trouble.message
    assert stage.step("product_inventory").state == "running"
    stage.work()
    failed = stage.step("product_inventory")
    assert (failed.state, failed.evidence["status"]) == ("failed", 503)


def test_return_that_needs_a_second_person_waits_for_one(stage: Stage) -> None:
    Options.objects.update(refund_limit=Decimal("0.01"))
    person = Actor(label="Robin", user=make_member(stage.merchant, "manager"), rights=frozenset(Right))
    start_rehearsal(stage.merchant, actor=person)
    for _ in range(40):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        stage.drain()
        if (
            Return.objects.filter(send_state="waiting").exists()
            and "second" in stage.step("return_complete").message
        ):
            break
    waiting = stage.step("return_complete")
    assert "waits for a second person" in waiting.message
    second = Actor(label="Kim", user=make_member(stage.merchant, "manager"), rights=frozenset(Right))
    confirm_return(Return.objects.get(), actor=second)
    stage.work()
    assert is_rehearsed(stage.merchant)


@pytest.mark.parametrize("change", ["mode", "keys"])
def test_rehearsal_never_goes_on_with_other_keys(stage: Stage, change: str) -> None:
    operation = start_rehearsal(stage.merchant, actor=SYSTEM)
    run_job(Job.objects.get(kind=JOB).pk)
    sent = len(stage.control.requests())
    if change == "mode":
        Merchant.objects.update(mode=Mode.LIVE)
    else:
        JetAccount.objects.update(api_user=JetAccount(api_user="somebody-else").api_user)
    run_job(Job.objects.get(kind=JOB).pk)
    operation.refresh_from_db()
    assert "were changed while the rehearsal was running" in operation.message
    assert stage.step("product_price").state == "failed"
    assert len(stage.control.requests()) == sent
