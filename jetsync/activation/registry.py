"""The steps that the apps bring, each in its module `activation`; the kernel runs them without naming an app.

A step does one exercise by the actions and jobs of real work, and looks before it repeats: it may be run twice for the
same work, after its worker was killed or while it waits for another job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jetsync.jet import JetClient
from jetsync.models import ActivationStep, Job, Merchant, Operation
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

# Other jobs and Jet answer within seconds; a person who must press something gets an hour.
LOOK_AFTER = timedelta(seconds=2)
GIVE_UP_AFTER = timedelta(hours=1)


class StepFailed(PermanentFailure):
    """The exercise did not succeed. `back_to` names an earlier step whose result is used up and must be made anew;
    `job` is the job whose calls show why, where it is not the rehearsal's own.
    """

    code = "step_failed"

    def __init__(self, message: str, *, back_to: str = "", job: Job | None = None, **extra: Any) -> None:
        super().__init__(message, **extra)
        self.back_to = back_to
        self.job = job


@dataclass(frozen=True)
class Done:
    """`ids`: what it is called at Jet and here. `job`: the job that made the call, where it is not the rehearsal's own.
    `call`: a part of the path of the call that proves it.
    """

    message: str
    call: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    job: Job | None = None


@dataclass(frozen=True)
class StepRun:
    """What a step gets."""

    context: JobContext
    operation: Operation
    row: ActivationStep
    sku: str
    results: dict[str, ActivationStep]

    @property
    def merchant(self) -> Merchant:
        return self.context.merchant

    @property
    def jet(self) -> JetClient:
        return self.context.jet

    @property
    def actor(self) -> Actor:
        """Whoever started the rehearsal."""
        return Actor(label=self.operation.actor_label, user=self.operation.actor)

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.row.data
        return data

    def remember(self, **data: Any) -> None:
        """Stored at once: a second try of this step finds it."""
        self.row.data = {**self.row.data, **data}
        self.row.save(update_fields=["data"])

    def result_of(self, key: str, name: str) -> str:
        """An id that an earlier step has found. Raises StepFailed when it has none."""
        row = self.results.get(key)
        found = row.data.get(name) if row is not None else None
        if not found:
            raise StepFailed(f"“{step_of(key).label}” must be run first.", back_to=key)
        return str(found)

    def wait(self, words: str, *, after: timedelta = LOOK_AFTER, hint: str = "") -> None:
        """Looks again later: raises Again, or StepFailed when it has waited for an hour."""
        if self.row.started_at and timezone.now() - self.row.started_at > GIVE_UP_AFTER:
            raise StepFailed(f"Waited for an hour. {words}", hint=hint or "Run this step again.")
        ActivationStep.objects.filter(pk=self.row.pk, merchant=self.row.merchant_id).update(
            message=words, hint=hint
        )
        self.context.note(words)
        raise Again(after)


GROUPS = {
    "product": ("Product API", "Sends the SKU, its price and its quantity in three calls."),
    "order": ("Order API", "A test order is generated, acknowledged and shipped."),
    "cancel": (
        "Cancel",
        "A test order with a cancel quantity is generated; nothing is shipped, one unit is cancelled.",
    ),
    "return": ("Return API", "A return of the shipped test order is generated and completed."),
    "check": ("Jet's own checklist", "Asks Jet whether it has seen everything."),
}


@dataclass(frozen=True)
class Step:
    """`needs`: steps that must be ok before. `flags`: Jet's own words for it (protocol: orders, 10.1). `right`: what the
    act itself asks for, on top of the right to change settings.
    """

    key: str
    group: str
    position: int
    label: str
    right: Right
    run: Callable[[StepRun], Done]
    needs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subject:
    """The product of the rehearsal. `first(merchant)`: the first SKU that can be used, or "". `problem(merchant, sku)`:
    why this one cannot, with the way out, or "". `named(merchant, sku)`: the SKU as its product has it, whatever its
    capitals. `url_name`: the page where products are made ready.
    """

    first: Callable[[Merchant], str]
    problem: Callable[[Merchant, str], str]
    named: Callable[[Merchant, str], str]
    url_name: str


@dataclass(frozen=True)
class LaunchCounts:
    """`ready`: SKUs that can be uploaded. `started`: those of them that are uploaded or on their way."""

    ready: int
    started: int

    @property
    def held(self) -> int:
        return max(0, self.ready - self.started)


@dataclass(frozen=True)
class Launch:
    """Uploading a share of the ready SKUs. `start(merchant, share, actor)` uploads as many as are missing to the share
    (percent), inside the caller's transaction; None when none is missing. `preview(merchant, share)`: their SKUs.
    """

    counts: Callable[[Merchant], LaunchCounts]
    start: Callable[[Merchant, int, Actor], Operation | None]
    preview: Callable[[Merchant, int], Sequence[str]]


@dataclass(frozen=True)
class ModeRow:
    """One line of the comparison of the two modes: `value(merchant, mode)` in words."""

    key: str
    position: int
    label: str
    value: Callable[[Merchant, str], str]
    note: str = ""


@dataclass(frozen=True)
class TrialLink:
    """A way to try something out that is offered in test mode only. `url(merchant)` may lead out of the panel."""

    key: str
    position: int
    label: str
    text: str
    right: Right
    url: Callable[[Merchant], str]


_trial_links: dict[str, TrialLink] = {}


def register_trial_link(*links: TrialLink) -> None:
    for link in links:
        _trial_links[link.key] = link


def trial_links() -> list[TrialLink]:
    return sorted(_trial_links.values(), key=lambda link: link.position)


_launch: list[Launch] = []
_mode_rows: dict[str, ModeRow] = {}


def register_launch(launch: Launch) -> None:
    _launch[:] = [launch]


def launch() -> Launch:
    return _launch[0]


def register_mode_row(*rows: ModeRow) -> None:
    for row in rows:
        _mode_rows[row.key] = row


def mode_rows() -> list[ModeRow]:
    return sorted(_mode_rows.values(), key=lambda row: row.position)


_steps: dict[str, Step] = {}
_subject: list[Subject] = []


def register_step(*steps: Step) -> None:
    for step in steps:
        _steps[step.key] = step


def all_steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda step: step.position)


def step_of(key: str) -> Step:
    """Raises KeyError for a step that no app brings."""
    return _steps[key]


def register_subject(subject: Subject) -> None:
    _subject[:] = [subject]


def subject() -> Subject:
    return _subject[0]


def followers(key: str) -> list[Step]:
    """The steps whose result rests on this one, however far down."""
    found: list[str] = [key]
    for step in all_steps():
        if set(step.needs) & set(found) and step.key not in found:
            found.append(step.key)
    return [step_of(name) for name in found[1:]]
