"""Running the rehearsal, step by step or as a whole, and what becomes of each step."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.actions.operation import RowSpec, finish_objects, mark_running, refresh_progress, start_operation
from jetsync.activation.queries import (
    REHEARSAL,
    chosen_sku,
    get_activation,
    keys_mark,
    obstacle,
    running_rehearsal,
    shown_steps,
)
from jetsync.activation.registry import Done, Step, all_steps, followers, step_of, subject
from jetsync.enums import JobState, Priority, RowState
from jetsync.exceptions import InvalidInput, NotAllowed, NotFound, SettingsMissing, StateConflict
from jetsync.models import Activation, ActivationStep, Attempt, JetAccount, Job, Merchant, Operation
from jetsync.sync.client import current_account
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import operation_kind
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import RIGHT_LABELS, Right

JOB = "activation.rehearse"
STEP_ROW = "jetsync.activationstep"
REPAIR = "Correct what the answer names, then run this step again. The request stands under Evidence."
NOT_REACHED = "Not run, because a step before it failed."
State = ActivationStep.State


@transaction.atomic
def choose_sku(merchant: Merchant, sku: str, *, actor: Actor) -> str:
    """Which product the rehearsal sends and orders; "" = the first ready one. Raises InvalidInput with the reason."""
    sku = subject().named(merchant, sku.strip())
    if sku and (problem := subject().problem(merchant, sku)):
        raise InvalidInput(problem, fields={"sku": [problem]})
    row = get_activation(merchant)
    if row.sku != sku:
        old, row.sku = row.sku, sku
        row.save(update_fields=["sku", "updated_at"])
        words = f"Product of the rehearsal: {sku or 'the first ready SKU'}."
        record(
            merchant,
            "jetsync.activation.sku",
            words,
            actor=actor,
            about=row,
            old={"sku": old},
            new={"sku": sku},
        )
    return sku


@transaction.atomic
def start_rehearsal(merchant: Merchant, *, actor: Actor) -> Operation:
    """Runs every step that is not ok yet, in order, up to the first failure. Joins the rehearsal that runs already.

    When all are ok, all are run anew. Raises what `start_steps` raises.
    """
    if (running := _locked_running(merchant)) is not None:
        return running
    keys = [row.step.key for row in shown_steps(merchant) if not row.is_ok]
    return _start(merchant, keys or [step.key for step in all_steps()], actor=actor)


@transaction.atomic
def start_step(merchant: Merchant, key: str, *, actor: Actor) -> Operation:
    """Runs this step alone, again if it was run before; what rests on its result counts as not run then.

    Raises NotFound for a step that does not exist, StateConflict while a step runs or one that it needs is open.
    """
    try:
        step = step_of(key)
    except KeyError:
        names = ", ".join(one.key for one in all_steps())
        raise NotFound(f"There is no step “{key}”.", hint=f"The steps are: {names}.") from None
    if (running := _locked_running(merchant)) is not None:
        raise StateConflict(
            f"“{running.title}” is running.", hint="Wait until it has ended.", code="already_started"
        )
    shown = next(row for row in shown_steps(merchant) if row.step.key == key)
    if shown.blocked_by:
        raise StateConflict(
            f"“{step.label}” needs {', '.join(shown.blocked_by)} before.",
            hint="Run these first, or run all steps at once.",
            code="step_blocked",
        )
    return _start(merchant, [key], actor=actor)


def _locked_running(merchant: Merchant) -> Operation | None:
    """Under the merchant's row: of two presses of the button the second finds what the first has started."""
    Activation.objects.select_for_update(of=("self",)).get(pk=get_activation(merchant).pk, merchant=merchant)
    return running_rehearsal(merchant)


def _start(merchant: Merchant, keys: list[str], *, actor: Actor) -> Operation:
    steps = [step for step in all_steps() if step.key in keys]
    _check_may(actor, steps)
    account, sku = _ready(merchant)
    rows = [_reset(merchant, account, step) for step in steps]
    whole = "Go-live rehearsal" if len(steps) > 1 else steps[0].label
    operation = start_operation(
        merchant,
        REHEARSAL,
        f"{whole} with SKU {sku}",
        actor=actor,
        rows=[RowSpec(STEP_ROW, row.pk, step.label) for row, step in zip(rows, steps, strict=True)],
        data={"sku": sku, "steps": [step.key for step in steps]},
    )
    ActivationStep.objects.filter(merchant=merchant, pk__in=[row.pk for row in rows]).update(
        operation=operation
    )
    enqueue(merchant, JOB, "rehearsal", operation=operation, priority=Priority.NOW)
    return operation


def _rights_of_steps(operation: Operation) -> frozenset[Right]:
    keys = operation.data.get("steps", [])
    return frozenset(step.right for step in all_steps() if step.key in keys)


operation_kind(REHEARSAL, right=Right.SETTINGS_EDIT, also=_rights_of_steps)


def _check_may(actor: Actor, steps: list[Step]) -> None:
    for step in steps:
        if not actor.may(step.right):
            raise NotAllowed(
                f"“{step.label}” needs the right “{RIGHT_LABELS[step.right]}” ({step.right}).",
                hint="Ask an owner for the right, or use a token that holds it.",
            )


def _ready(merchant: Merchant) -> tuple[JetAccount, str]:
    """The account and the SKU. Raises SettingsMissing for the first thing that is missing."""
    if (missing := obstacle(merchant)) is not None:
        kind = StateConflict if missing.code == "not_in_test_mode" else SettingsMissing
        raise kind(missing.message, hint=missing.hint, code=missing.code)
    sku = chosen_sku(merchant)
    if problem := subject().problem(merchant, sku):
        raise InvalidInput(problem, fields={"sku": [problem]})
    return current_account(merchant), sku


def _reset(merchant: Merchant, account: JetAccount, step: Step) -> ActivationStep:
    """The step's row, empty. One that failed keeps what it has done so far, so that it goes on there."""
    row, _made = ActivationStep.objects.get_or_create(
        merchant=merchant, keys_mark=keys_mark(account), key=step.key
    )
    if row.state == State.OK:
        forget(row)
        for follower in followers(step.key):
            for other in ActivationStep.objects.filter(
                merchant=merchant, keys_mark=row.keys_mark, key=follower.key
            ):
                forget(other)
    row.state, row.message, row.hint, row.started_at = State.NOT_RUN, "", "", None
    row.save(update_fields=["state", "message", "hint", "started_at"])
    return row


def forget(row: ActivationStep) -> None:
    """As if it had never been run."""
    row.state, row.message, row.hint, row.evidence, row.data = State.NOT_RUN, "", "", {}, {}
    row.started_at = row.finished_at = None
    row.save(update_fields=["state", "message", "hint", "evidence", "data", "started_at", "finished_at"])


@transaction.atomic
def begin_step(operation: Operation, row: ActivationStep) -> None:
    """A second begin, after a killed worker or a wait, keeps the time of the first."""
    mark_running(operation)
    if row.state != State.RUNNING:
        row.state, row.started_at, row.finished_at = State.RUNNING, timezone.now(), None
        row.save(update_fields=["state", "started_at", "finished_at"])


@transaction.atomic
def mark_ok(operation: Operation, row: ActivationStep, step: Step, done: Done, job: Job) -> None:
    row.state, row.finished_at = State.OK, timezone.now()
    row.message, row.hint = done.message[:1000], ""
    row.evidence = {"ids": done.ids, **_proof(row, done.job or job, done.call)}
    row.save(update_fields=["state", "finished_at", "message", "hint", "evidence"])
    record(
        operation.merchant,
        "jetsync.activation.step_ok",
        f"{step.label}: {done.message}",
        actor=Actor(label=operation.actor_label, user=operation.actor),
        about=row,
        operation=operation,
        job=done.job or job,
    )


def _proof(row: ActivationStep, job: Job, call: str) -> dict[str, Any]:
    """The last call of the job whose path holds `call`, kept here because calls are trimmed by age."""
    calls = Attempt.objects.filter(merchant=row.merchant_id, job=job, path__icontains=call)
    if row.started_at is not None and job.kind == JOB:
        calls = calls.filter(started_at__gte=row.started_at)
    last = calls.order_by("-pk").first() if call else None
    return _call(last) if last is not None else {}


def _call(call: Attempt) -> dict[str, Any]:
    return {
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "error": call.error,
        "at": call.started_at.isoformat(),
        "request": call.request_cut,
        "answer": call.answer_cut,
    }


@transaction.atomic
def mark_failed(
    operation: Operation, message: str, hint: str, *, code: str, job: Job, back_to: str = ""
) -> None:
    """The step at work keeps Jet's answer and the repair, and the steps after it are not run. Twice is harmless.

    `back_to` names a step whose result is used up: it and what rests on it are run anew next time.
    """
    hint = hint or REPAIR
    row = ActivationStep.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=State.RUNNING
    ).first()
    if row is not None:
        refused = _refused_call(row, job)
        row.state, row.finished_at = State.FAILED, timezone.now()
        row.message, row.hint = message[:1000], hint[:500]
        row.evidence = {"code": code, **(_call(refused) if refused is not None else {})}
        row.save(update_fields=["state", "finished_at", "message", "hint", "evidence"])
        finish_objects(operation, [row.pk], RowState.FAILED, code=code, message=message, hint=hint)
        if back_to:
            _go_back(row, back_to)
    _end_rest(operation, message, hint)


def _refused_call(row: ActivationStep, job: Job) -> Attempt | None:
    """What Jet refused, else the last call that had an effect: reads of orders hold buyers and prove nothing."""
    calls = Attempt.objects.filter(merchant=row.merchant_id, job=job).order_by("-pk")
    if job.kind == JOB and row.started_at is not None:
        calls = calls.filter(started_at__gte=row.started_at)
    refused = calls.filter(status__gte=400).first()
    return refused or calls.exclude(method="GET").exclude(path__iendswith="/token").first()


def _go_back(row: ActivationStep, key: str) -> None:
    names = [key, *(step.key for step in followers(key))]
    rows = ActivationStep.objects.filter(merchant=row.merchant_id, keys_mark=row.keys_mark, key__in=names)
    for other in rows.exclude(pk=row.pk):
        forget(other)
    row.data = {}
    row.save(update_fields=["data"])


def _end_rest(operation: Operation, message: str, hint: str) -> None:
    waiting = ActivationStep.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=State.NOT_RUN
    )
    finish_objects(
        operation, list(waiting.values_list("pk", flat=True)), RowState.SKIPPED, message=NOT_REACHED
    )
    refresh_progress(operation, message=message, hint=hint, finish=True)


@transaction.atomic
def mark_cancelled(operation: Operation) -> None:
    """A step that waited is not run; what it has done so far is kept for the next time."""
    rows = ActivationStep.objects.filter(
        merchant=operation.merchant_id, operation=operation, state=State.RUNNING
    )
    for row in rows:
        row.state, row.message, row.hint, row.started_at = State.NOT_RUN, "Cancelled.", "", None
        row.save(update_fields=["state", "message", "hint", "started_at"])
        finish_objects(operation, [row.pk], RowState.CANCELLED, message="Cancelled.")
    refresh_progress(operation, finish=True)


def is_job_over(job: Job | None) -> bool:
    """Whether another job that a step waits for has ended without success."""
    return job is not None and job.state in {JobState.FAILED, JobState.CANCELLED}
