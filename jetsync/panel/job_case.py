"""The case file of a job: what it was to do, how it ended, and its last calls, without shoppers and secrets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from jetsync.actions.log import record
from jetsync.masking import PersonMask
from jetsync.models import Attempt, Job, Merchant
from jetsync.panel.cases import register_case
from jetsync.panel.shoppers import call_masks, job_masks
from jetsync.queries.activity import calls_of, get_job
from jetsync.sync.registry import kind_label
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right
from jetsync.version import VERSION

# The newest calls tell how it ended; support can ask for more.
CALLS_IN_CASE = 10


def job_name(merchant: Merchant, pk: int) -> str:
    job = get_job(merchant, pk)
    return f"job {job.pk} ({kind_label(job.kind)} {job.key})"


def job_case(merchant: Merchant, actor: Actor, pk: int) -> str:
    """The same text for everybody who may see the job: shoppers are hidden whoever makes it."""
    job = get_job(merchant, pk)
    calls = list(calls_of(merchant).filter(job=job).order_by("-id")[:CALLS_IN_CASE])
    record(merchant, "jetsync.job.case_file", f"Made a case file of job {job.pk}.", actor=actor, about=job)
    mask, by_call = job_masks(merchant, [job])[job.pk], call_masks(merchant, calls)
    return (
        "\n".join([*_facts(job, mask), *(line for call in calls for line in _call(call, by_call[call.pk]))])
        + "\n"
    )


def _facts(job: Job, mask: PersonMask) -> Iterator[str]:
    yield f"Job {job.pk}: {kind_label(job.kind)} ({job.kind}), key {job.key}, jetsync {VERSION}"
    yield f"State {job.state}, queue {job.queue}, tries {job.attempts}, failure {job.failure_end or 'none'} {job.code}"
    yield f"Created {_utc(job.created_at)}, started {_utc(job.started_at)}, ended {_utc(job.finished_at)}"
    yield f"Due {_utc(job.not_before)}, may have arrived: {'yes' if job.maybe_arrived else 'no'}"
    yield f"Message: {mask.text(job.message)}"
    yield f"Hint: {mask.text(job.hint)}"
    if job.operation:
        yield f"Operation {job.operation.pk}: {job.operation.title}"
    yield f"Data: {mask.json(job.data)}"


def _call(call: Attempt, mask: PersonMask) -> Iterator[str]:
    yield ""
    yield (
        f"{_utc(call.started_at)}  {call.method} {call.path}  {call.status or 'no answer'}  {call.duration_ms} ms  "
        f"try {call.try_number}  request id {call.request_id or 'none'}  (call {call.pk})"
    )
    for label, text in (
        ("error", mask.text(call.error)),
        ("sent", mask.body(call.request_cut)),
        ("answer", mask.body(call.answer_cut)),
    ):
        if text:
            yield f"  {label}: {text}"


def _utc(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "never"


register_case("jetsync.job", Right.ACTIVITY_VIEW, name=job_name, text=job_case)
