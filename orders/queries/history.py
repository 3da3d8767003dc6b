"""Everything that happened to one order, from all the tables that know: log, jobs and calls, mails, notices, parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from jetsync.enums import JobState, MailState
from jetsync.jet.paths import order_paths
from jetsync.mail.kinds import mail_label
from jetsync.models import Attempt, Job, LogEntry, Mail, MailEvent, Notice
from jetsync.queries.mail import CONTENT
from jetsync.sync.registry import kind_label
from jetsync.tenancy.actor import SYSTEM, Actor
from orders.enums import HistoryKind, HistoryResult, ShipmentState
from orders.models import Order, Shipment, ShipStationNotice
from orders.pages import order_url
from orders.related import Trace, traces_of
from orders.shipstation.words import OPEN_NOTICES, NoticeState

# Of each table the newest this many: an order with more has been tried for weeks, and says so.
ROWS_OF_EACH = 500
BODIES = ("request_cut", "answer_cut")
_OK, _OPEN, _BAD = HistoryResult.OK, HistoryResult.OPEN, HistoryResult.BAD
_MAIL_SENT = "jetsync.mail.sent"


@dataclass(frozen=True)
class Event:
    """One thing that happened. `about` names the return or refund it belongs to, "" for the order itself.

    `results` may hold two: a job that ended well after a call that did not. `row` is the row it was read from.
    """

    at: datetime
    kind: HistoryKind
    title: str
    row: LogEntry | Job | Attempt | Mail | MailEvent | Notice | Shipment | ShipStationNotice
    body: str = ""
    actor: str = SYSTEM.label
    results: frozenset[HistoryResult] = frozenset()
    calls: Sequence[Attempt] = field(default=())
    about: str = ""
    about_url: str = ""

    @property
    def ref(self) -> str:
        """Where it stands in the database: "job 12"."""
        return f"{self.row._meta.verbose_name} {self.row.pk}"


@dataclass(frozen=True)
class History:
    """`is_cut`: some table had more rows than are read, so the oldest are missing."""

    events: Sequence[Event]
    is_cut: bool = False


def order_history(order: Order, actor: Actor, *, with_bodies: bool = False) -> History:
    """What happened to the order, and to the returns and refunds of it that the actor may see, newest first.

    A constant number of queries. Without `with_bodies` what was sent and answered is left in the database.
    """
    traces = _traces(order, actor)
    jobs = _newest(
        Job.objects.filter(_named(traces), merchant=order.merchant_id).order_by("-created_at", "-pk")
    )
    calls = _newest(_calls_about(order, traces, [job.pk for job in jobs], with_bodies=with_bodies))
    mails = _newest(_mails_about(order, traces))
    logged = _newest(LogEntry.objects.filter(_named(traces), merchant=order.merchant_id).order_by("-id"))
    names = _Names(traces)
    events = [
        *_log_events(logged, {mail.pk for mail in mails}, names),
        *_call_events(jobs, calls, names),
        *map(_mail_event, mails),
        *_waiting_mails(order, traces),
        *_notices(order),
        *_parcels(order),
        *_reports(order),
    ]
    events.sort(key=lambda event: event.at, reverse=True)
    is_cut = any(len(rows) == ROWS_OF_EACH for rows in (calls, jobs, mails, logged))
    return History(events, is_cut)


def get_order_call(order: Order, actor: Actor, pk: int) -> Attempt:
    """One call about this order, with its bodies. Raises Http404 for a call that is about anything else."""
    traces = _traces(order, actor)
    jobs = Job.objects.filter(_named(traces), merchant=order.merchant_id).values("pk")
    call = _calls_about(order, traces, jobs, with_bodies=True).filter(pk=pk).first()
    if call is None:
        raise Http404("There is no such call about this order; it may have been trimmed by age.")
    return call


def _traces(order: Order, actor: Actor) -> list[Trace]:
    own = Trace("orders.order", {order.pk: ""}, order_paths(order.merchant_order_id))
    return [own, *traces_of(order, actor)]


def _newest(rows: QuerySet) -> list:  # type: ignore[type-arg]
    return list(rows[:ROWS_OF_EACH])


def _named(traces: Iterable[Trace]) -> Q:
    found = Q()
    for trace in traces:
        found |= Q(object_type=trace.object_type, object_id__in=list(trace.names))
    return found


def _calls_about(order: Order, traces: Sequence[Trace], jobs: Any, *, with_bodies: bool) -> QuerySet[Attempt]:
    """By their job, or by their address: a fetch reads many orders, and one of its calls is about this one."""
    paths = [path[:300] for trace in traces for path in trace.paths]
    rows = Attempt.objects.filter(
        Q(job__in=jobs) | Q(path__in=paths), merchant=order.merchant_id
    ).select_related("job")
    return (rows if with_bodies else rows.defer(*BODIES)).order_by("-id")


class _Names:
    """To which return or refund a row belongs, by what it names."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._traces = {trace.object_type: trace for trace in traces}

    def label(self, row: LogEntry | Job) -> str:
        trace = self._traces.get(row.object_type)
        return trace.names.get(row.object_id or 0, "") if trace else ""

    def url(self, row: LogEntry | Job) -> str:
        trace = self._traces.get(row.object_type)
        return trace.urls.get(row.object_id or 0, "") if trace else ""


def _log_events(rows: Iterable[LogEntry], mails: set[int], names: _Names) -> list[Event]:
    return [
        Event(
            row.created_at,
            _log_kind(row),
            row.message,
            row,
            actor=row.actor_label,
            about=names.label(row),
            about_url=names.url(row),
        )
        for row in rows
        if not (row.action == _MAIL_SENT and row.new.get("mail") in mails)  # the mail itself stands there
    ]


def _log_kind(row: LogEntry) -> HistoryKind:
    if row.action.startswith("jetsync.mail."):
        return HistoryKind.MAILS
    by_person = row.actor_id is not None or row.actor_label != SYSTEM.label
    return HistoryKind.PEOPLE if by_person else HistoryKind.DECISIONS


def _call_events(jobs: Sequence[Job], calls: Sequence[Attempt], names: _Names) -> list[Event]:
    """Jobs with their calls, oldest call first, and the calls that other jobs made about the order."""
    own: dict[int, list[Attempt]] = {job.pk: [] for job in jobs}
    single: list[Attempt] = []
    for call in reversed(calls):
        own.get(call.job_id or 0, single).append(call)
    return [*(_job_event(job, own[job.pk], names) for job in jobs), *map(_single_call, single)]


def _job_event(job: Job, calls: Sequence[Attempt], names: _Names) -> Event:
    ended = {JobState.DONE: _OK, JobState.FAILED: _BAD, JobState.CANCELLED: _BAD}
    return Event(
        job.finished_at or job.started_at or job.created_at,
        HistoryKind.CALLS,
        kind_label(job.kind),
        job,
        body=" ".join(part for part in (job.message, job.hint) if part),
        results=frozenset(
            {ended.get(JobState(job.state), _OPEN), *(_BAD for call in calls if not call.is_ok)}
        ),
        calls=calls,
        about=names.label(job),
        about_url=names.url(job),
    )


def _single_call(call: Attempt) -> Event:
    return Event(
        call.started_at,
        HistoryKind.CALLS,
        kind_label(call.job.kind) if call.job else "Call",
        call,
        results=frozenset({_OK if call.is_ok else _BAD}),
        calls=(call,),
    )


def _mails_about(order: Order, traces: Sequence[Trace]) -> QuerySet[Mail]:
    """None can be older than the order; so few rows are looked at."""
    named = Q()
    for trace in traces:
        for pk in trace.names:
            named |= Q(named__contains=[[trace.object_type, pk]])
    rows = Mail.objects.filter(named, merchant=order.merchant_id, created_at__gte=order.created_at)
    return rows.defer(*CONTENT).order_by("-created_at")


def _mail_event(mail: Mail) -> Event:
    ended = {MailState.SENT: _OK, MailState.FAILED: _BAD, MailState.UNSURE: _BAD}
    told = f"To {mail.to}: {_small(mail.get_state_display())}. {mail.message} {mail.hint}"
    return Event(
        mail.sent_at or mail.created_at,
        HistoryKind.MAILS,
        f"Mail: {mail.subject}",
        mail,
        body=told.strip(),
        results=frozenset({ended.get(MailState(mail.state), _OPEN)}),
    )


def _waiting_mails(order: Order, traces: Sequence[Trace]) -> list[Event]:
    rows = MailEvent.objects.filter(_named(traces), merchant=order.merchant_id).order_by("-id")
    return [
        Event(
            row.created_at,
            HistoryKind.MAILS,
            f"A mail is to be written: {mail_label(row.kind)}",
            row,
            results=frozenset({_OPEN}),
        )
        for row in rows[:ROWS_OF_EACH]
    ]


def _notices(order: Order) -> list[Event]:
    rows = Notice.objects.filter(merchant=order.merchant_id, url=order_url(order)).order_by("-updated_at")
    return [
        Event(row.updated_at, HistoryKind.NOTICES, f"Notice: {row.title}", row, body=row.body)
        for row in rows[:ROWS_OF_EACH]
    ]


def _parcels(order: Order) -> list[Event]:
    ended = {ShipmentState.SENT: _OK, ShipmentState.REFUSED: _BAD}
    return [
        Event(
            row.sent_at or row.created_at,
            HistoryKind.PARCELS,
            f"Parcel {row}: {_small(row.get_state_display())}",
            row,
            body=" · ".join(
                part
                for part in (row.get_source_display(), row.carrier, row.tracking_number, row.failure_message)
                if part
            ),
            actor=row.created_by,
            results=frozenset({ended.get(ShipmentState(row.state), _OPEN)}),
        )
        for row in Shipment.objects.filter(merchant=order.merchant_id, order=order).order_by("-pk")[
            :ROWS_OF_EACH
        ]
    ]


def _reports(order: Order) -> list[Event]:
    rows = ShipStationNotice.objects.filter(merchant=order.merchant_id, order=order).order_by("-pk")
    return [
        Event(
            row.created_at,
            HistoryKind.PARCELS,
            f"ShipStation reported parcel {row}: {_small(row.get_state_display())}",
            row,
            body=" · ".join(part for part in (row.carrier, row.service, row.message, row.hint) if part),
            actor="ShipStation",
            results=frozenset({_report_result(NoticeState(row.state))}),
        )
        for row in rows[:ROWS_OF_EACH]
    ]


def _report_result(state: NoticeState) -> HistoryResult:
    if state in OPEN_NOTICES:
        return _BAD
    return _OPEN if state == NoticeState.WAITING else _OK


def _small(label: str) -> str:
    """A label within a sentence; names in it keep their capitals."""
    return label[:1].lower() + label[1:]
