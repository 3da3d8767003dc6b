"""The return steps before live: a return of the shipped test order is generated and completed as any return is."""

from __future__ import annotations

from datetime import timedelta

from jetsync.activation.actions import is_job_over
from jetsync.activation.asking import ask_generator
from jetsync.activation.generators import return_generator_url
from jetsync.activation.registry import (
    Done,
    ModeRow,
    Step,
    StepFailed,
    StepRun,
    TrialLink,
    register_mode_row,
    register_step,
    register_trial_link,
)
from jetsync.jet.words import ReturnStatus as JetReturnStatus
from jetsync.models import Merchant
from jetsync.sync.client import current_account
from jetsync.tenancy.rights import Right
from orders.models import Order
from orders.queries.job import Work, newest_job
from orders.queries.order import get_order
from returns.actions.settling import COMPLETE_JOB, ledgers_for, settle_return
from returns.enums import ReturnStatus, SendState
from returns.models import Return
from returns.queries import get_return, return_lines
from returns.sync import read_and_store
from returns.validators import full_decision

GENERATE = "return_generate"
PERSON_WAIT = timedelta(seconds=15)


def _generate(run: StepRun) -> Done:
    """The return found before, one that a lost answer or a person has left at Jet, else a new one."""
    order = get_order(run.merchant, int(run.result_of("order_generate", "order")))
    if not run.data.get("jet_id"):
        found = _look(run, order) if "asked_at" in run.data else ""
        run.remember(jet_id=found or _ask_generator(run, order))
    jet_id = run.data["jet_id"]
    read_and_store(run.context, current_account(run.merchant), jet_id)
    returned = _of_jet(run, jet_id)
    if returned is None:
        run.remember(jet_id="")
        raise StepFailed(f"Jet does not show its test return {jet_id}.", hint="Run this step again.")
    run.remember(returned=returned.pk)
    return Done(
        f"Test return {returned} of order {order} came in.",
        call="/returns/generate/",
        ids={"Return": str(returned), "Jet's return id": jet_id, "Order": str(order)},
    )


def _of_jet(run: StepRun, jet_id: str) -> Return | None:
    return Return.objects.filter(merchant=run.merchant, merchant_return_authorization_id=jet_id).first()


def _ask_generator(run: StepRun, order: Order) -> str:
    return ask_generator(
        run,
        "return",
        lambda: run.jet.returns.generate(order.merchant_order_id),
        by_hand=f"Open the return generator in Jet's portal (Test mode), choose order {order} and press Submit.",
        refused="The order must be shipped. Generate, acknowledge and ship another one, then run this step.",
        back_to="order_generate",
    )


def _look(run: StepRun, order: Order) -> str:
    """A return of this order that waits for an answer at Jet; "" for none."""
    known = Return.objects.filter(merchant=run.merchant, order=order, status=ReturnStatus.CREATED).first()
    if known is not None:
        return known.merchant_return_authorization_id
    account = current_account(run.merchant)
    for jet_id in run.jet.returns.ids(JetReturnStatus.CREATED):
        imported = read_and_store(run.context, account, jet_id)
        if imported is not None and imported.returned.order_id == order.pk:
            return jet_id
    return ""


def _complete(run: StepRun) -> Done:
    """Agrees to the charge and gives the whole amount back."""
    returned = get_return(run.merchant, int(run.result_of(GENERATE, "returned")))
    job = newest_job(run.merchant, Work(COMPLETE_JOB, Return, returned.pk))
    if returned.send_state == SendState.SENT or returned.status in {
        ReturnStatus.IN_PROGRESS,
        ReturnStatus.COMPLETED,
    }:
        words = f"Return {returned} is completed: Jet has the answer."
        return Done(words, call="/complete", ids={"Return": str(returned)}, job=job)
    if returned.is_waiting:
        run.wait(
            f"Return {returned} waits for a second person.",
            after=PERSON_WAIT,
            hint="Somebody else who may settle returns confirms it on the return's page.",
        )
    if returned.is_answerable and not run.data.get("settling"):
        lines = return_lines(returned)
        settle_return(returned, full_decision(lines, ledgers_for(returned)), actor=run.actor)
        run.remember(settling=True)
    elif not returned.is_in_flight or is_job_over(job):
        run.remember(settling=False)
        words = (
            returned.failure_message or (job.message if job else "") or f"Return {returned} takes no answer."
        )
        raise StepFailed(words, hint=returned.failure_hint or (job.hint if job else ""), job=job)
    run.wait(f"Waiting for Jet to take the answer to return {returned}.")
    raise AssertionError


def _count(merchant: Merchant, mode: str) -> str:
    return f"{Return.objects.filter(merchant=merchant, account__mode=mode).count():,}"


register_mode_row(
    ModeRow("returns", 70, "Returns in the lists", _count, "Those of the other mode are kept and not shown.")
)
register_trial_link(
    TrialLink(
        "returns",
        30,
        "Return generator",
        "Jet's page that makes a test return of a shipped order: choose the order and submit.",
        Right.RETURNS_VIEW,
        return_generator_url,
    )
)
register_step(
    Step(
        GENERATE,
        "return",
        410,
        "Generate a return",
        Right.RETURNS_SETTLE,
        _generate,
        needs=("order_ship",),
    ),
    Step(
        "return_complete",
        "return",
        420,
        "Complete Return",
        Right.RETURNS_SETTLE,
        _complete,
        needs=(GENERATE,),
        flags=("IsReturnComplete",),
    ),
)
