"""Job kinds, schedules and undo functions that the apps declare in their `sync` modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from jetsync.enums import Queue
from jetsync.tenancy.rights import Right

if TYPE_CHECKING:
    from jetsync.models import Job, Merchant, Operation
    from jetsync.sync.runner import JobContext
    from jetsync.tenancy.actor import Actor

Handler = Callable[["JobContext"], None]


@dataclass(frozen=True)
class JobKind:
    """`lease` is renewed by outward calls: nine tenths of it are left after each. `max_attempts` bounds retries of
    passing trouble.

    The app hears of a job that failed for good, or was cancelled while it waited: inside the same transaction.

    `while_resting`: it runs although the deletion of its store waits, because it reaches neither Jet nor a shop.

    `right`: what the act itself asks for on its own page; whoever starts, retries or cancels such a job needs it, too.
    None is for the system's own work, and for jobs that need what their operation needs.
    """

    name: str
    label: str
    right: Right | None
    run: Handler
    queue: Queue
    lease: timedelta
    max_attempts: int
    on_failure: Callable[[Job], None] | None = None
    on_cancel: Callable[[Job], None] | None = None
    while_resting: bool = False


# The key of the job that a schedule starts: there is one open at a time.
SCHEDULE_KEY = "schedule"


@dataclass(frozen=True)
class ScheduleKind:
    """`is_wanted(merchant)` lets a schedule idle without being late (e.g. order fetch switched off).

    `switch`: the option that switches it off; pages say so instead of "on time". `idle`: the result of a turn that was
    not wanted for another reason.

    `vital`: what it costs the merchant when it does not run, a sentence; every page shows it while the schedule is paused.

    A merchant may choose another interval between `fastest` and `slowest`; what must not wait names a `slowest` of its own.

    `at_hour`: while its interval is a day, it runs in this hour of the merchant's own day, whatever the season.
    """

    name: str
    label: str
    interval: timedelta
    job_kind: str
    explanation: str = ""
    is_wanted: Callable[[Merchant], bool] | None = None
    fastest: timedelta = timedelta(minutes=5)
    slowest: timedelta = timedelta(days=1)
    at_hour: int | None = None
    switch: str = ""
    idle: str = "There was nothing to do."
    vital: str = ""

    @property
    def limits(self) -> tuple[timedelta, timedelta]:
        """The shortest and the longest interval that can be chosen; the usual one is always among them."""
        return min(self.fastest, self.interval), max(self.slowest, self.interval)


@dataclass(frozen=True)
class Watch:
    """Work that cannot wait for a schedule's turn: `find(now)` names, in one query over all merchants, those for whom
    `job_kind` has to run now. The look-out asks every few seconds, so an idle answer must cost that one query.
    """

    name: str
    job_kind: str
    find: Callable[[datetime], Iterable[int]]


@dataclass(frozen=True)
class OperationKind:
    """`right` as of jobs. `also`: what this very operation needs besides, where its content decides."""

    name: str
    right: Right | None
    also: Callable[[Operation], frozenset[Right]] | None = None


_kinds: dict[str, JobKind] = {}
_operations: dict[str, OperationKind] = {}
_watches: dict[str, Watch] = {}
_schedules: dict[str, ScheduleKind] = {}
_undo: dict[str, Callable[..., Operation]] = {}
_undo_words: dict[str, str] = {}
_undo_foretold: dict[str, Callable[[Operation], list[str]]] = {}
_undo_when: dict[str, Callable[[Operation], bool]] = {}
_no_undo: dict[str, str] = {}
_undo_choice: dict[str, Callable[[Operation], str]] = {}
_retry: dict[str, Callable[[Operation, Actor], Operation]] = {}


def handler(
    name: str,
    *,
    label: str,
    right: Right | None,
    queue: Queue = Queue.DEFAULT,
    lease: timedelta = timedelta(minutes=2),
    max_attempts: int = 12,
    on_failure: Callable[[Job], None] | None = None,
    on_cancel: Callable[[Job], None] | None = None,
    while_resting: bool = False,
) -> Callable[[Handler], Handler]:
    """Declares the function that runs jobs of this kind. It may run twice for the same work."""

    def register(run: Handler) -> Handler:
        _kinds[name] = JobKind(
            name=name,
            label=label,
            right=right,
            run=run,
            queue=queue,
            lease=lease,
            max_attempts=max_attempts,
            on_failure=on_failure,
            on_cancel=on_cancel,
            while_resting=while_resting,
        )
        return run

    return register


def kind_of(name: str) -> JobKind:
    """Raises KeyError for a kind that no installed app declares."""
    return _kinds[name]


def rights_of_job_kind(name: str) -> frozenset[Right]:
    """What its act asks for; every right for a kind that no installed app declares."""
    kind = _kinds.get(name)
    return frozenset(Right) if kind is None else _only(kind.right)


def operation_kind(
    name: str, *, right: Right | None, also: Callable[[Operation], frozenset[Right]] | None = None
) -> None:
    """Declares a kind of operations; none of another kind can be started."""
    _operations[name] = OperationKind(name, right, also)


def all_operation_kinds() -> list[OperationKind]:
    return sorted(_operations.values(), key=lambda kind: kind.name)


def check_declared(operation_kind_name: str) -> None:
    """Raises LookupError for a kind that says nothing about the right it needs."""
    if operation_kind_name not in _operations:
        raise LookupError(f"No operation_kind() declares what operations “{operation_kind_name}” need.")


def rights_of_operation(operation: Operation) -> frozenset[Right]:
    """As `rights_of_job_kind`, with what this very operation needs besides."""
    kind = _operations.get(operation.kind)
    if kind is None:
        return frozenset(Right)
    return _only(kind.right) | (kind.also(operation) if kind.also else frozenset())


def _only(right: Right | None) -> frozenset[Right]:
    return frozenset() if right is None else frozenset({right})


def kind_label(name: str) -> str:
    kind = _kinds.get(name)
    return kind.label if kind else name


def kinds_while_resting() -> list[str]:
    """Kinds that run although the deletion of their store waits."""
    return [name for name, kind in _kinds.items() if kind.while_resting]


def kinds_told() -> list[str]:
    """Kinds whose app wants to hear of a cancelled job."""
    return [name for name, kind in _kinds.items() if kind.on_cancel is not None]


def tell_cancelled(job: Job) -> None:
    """Lets the app that a waiting job belongs to end what waited for it."""
    kind = _kinds.get(job.kind)
    if kind is not None and kind.on_cancel is not None:
        kind.on_cancel(job)


def all_kinds() -> list[JobKind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def add_schedule(schedule: ScheduleKind) -> None:
    _schedules[schedule.name] = schedule


def add_watch(watch: Watch) -> None:
    _watches[watch.name] = watch


def all_watches() -> list[Watch]:
    return list(_watches.values())


def all_schedules() -> list[ScheduleKind]:
    return sorted(_schedules.values(), key=lambda schedule: (schedule.interval, schedule.name))


def schedule_of(name: str) -> ScheduleKind | None:
    return _schedules.get(name)


def undo_with(
    operation_kind: str,
    *,
    says: str = "",
    foretells: Callable[[Operation], list[str]] | None = None,
    when: Callable[[Operation], bool] | None = None,
    choice: Callable[[Operation], str] | None = None,
) -> Callable[[Any], Any]:
    """Declares how operations of a kind are undone: `(operation, actor) -> the undoing operation`.

    It writes no value over one that was changed since, and names such rows. `says`: what happens, where that is other
    than writing the values of before back. `foretells`: sentences about this very operation, counted when it is asked.
    `when`: whether this very operation has a way back; without it all have. `choice`: the words of a tick that
    spares a part of it, empty where there is nothing to spare; the function then gets `spares: bool` as third argument.
    """

    def register(function: Any) -> Any:
        _undo[operation_kind] = function
        _undo_words[operation_kind] = says
        if foretells is not None:
            _undo_foretold[operation_kind] = foretells
        if when is not None:
            _undo_when[operation_kind] = when
        if choice is not None:
            _undo_choice[operation_kind] = choice
        return function

    return register


def undo_of(operation_kind: str) -> Callable[[Operation, Actor, bool], Operation] | None:
    """`(operation, actor, spares)`; kinds without a choice know nothing of the last."""
    function = _undo.get(operation_kind)
    if function is None or operation_kind in _undo_choice:
        return function
    return lambda operation, actor, _spares: function(operation, actor)


def undo_choice(operation: Operation) -> str:
    """The words of the tick that spares a part of the undo; empty where it has none."""
    choice = _undo_choice.get(operation.kind)
    return choice(operation) if choice else ""


def has_way_back(operation: Operation) -> bool:
    when = _undo_when.get(operation.kind)
    return operation.kind in _undo and (when is None or when(operation))


def no_undo_of(operation_kind: str, because: str) -> None:
    """Declares that operations of a kind have no way back, and why; their page says it."""
    _no_undo[operation_kind] = because


def no_undo_words(operation_kind: str) -> str:
    return _no_undo.get(operation_kind, "")


def undo_words(operation_kind: str) -> str:
    return (
        _undo_words.get(operation_kind)
        or "The values from before the operation are written back, object by object."
    )


def undo_foretold(operation: Operation) -> list[str]:
    """What the undo of this operation reaches, as its app counts it now; empty for kinds that count nothing."""
    foretell = _undo_foretold.get(operation.kind)
    return foretell(operation) if foretell else []


def retry_with(operation_kind: str) -> Callable[[Any], Any]:
    """Declares how the failed rows of an operation are tried again: `(operation, actor) -> new operation`."""

    def register(function: Any) -> Any:
        _retry[operation_kind] = function
        return function

    return register


def retry_of(operation_kind: str) -> Callable[[Operation, Actor], Operation] | None:
    return _retry.get(operation_kind)
