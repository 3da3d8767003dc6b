"""One search over everything that happened: changes, calls and mails, newest first.

Four tables, read side by side and merged by time; each goes on where the last page ended (keyset), so that a page costs
the same however far back it lies. A constant number of queries.

What was done to one object of many has no line in the log (a file carries 100,000 SKUs): it is read from the rows of the
operation, and only for objects that the words name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from jetsync.enums import MailState, RowState
from jetsync.models import Attempt, Job, LogEntry, Mail, Merchant, OperationRow, User
from jetsync.queries.mail import CONTENT
from jetsync.queries.named import objects_named

M = TypeVar("M", bound=Model)
CHANGE, CALL, MAIL, PART = "change", "call", "mail", "operation"
OK, BAD = "ok", "bad"
# Of the rows of an operation, those to whose object something has happened.
HAPPENED = (RowState.DONE, RowState.FAILED, RowState.SENT)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR = re.compile(r"(\d{1,19})((?:-\d{1,19}\.\d{1,19}){3})\Z")
# Where the moment of each kind stands.
_MOMENTS = {CHANGE: "created_at", CALL: "started_at", MAIL: "created_at", PART: "updated_at"}
_LAST = 2**63 - 1
_FAR = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty parts do not narrow. `until` is exclusive.

    `hidden_types`: kinds of objects whose entries hide words from this person, so that these words find none of them; "" for
    entries about no object. The action names nobody and is always searched.
    """

    words: str = ""
    person: str = ""
    kind: str = ""
    result: str = ""
    job: int = 0
    since: datetime | None = None
    until: datetime | None = None
    hidden_types: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Place:
    """Up to where each table has been read: the next page begins behind these rows."""

    log_id: int = _LAST
    call: tuple[datetime, int] = field(default=(_FAR, _LAST))
    mail: tuple[datetime, int] = field(default=(_FAR, _LAST))
    part: tuple[datetime, int] = field(default=(_FAR, _LAST))

    def __str__(self) -> str:
        timed = (f"{_micros(at)}.{pk}" for at, pk in (self.call, self.mail, self.part))
        return "-".join((str(self.log_id), *timed))

    @classmethod
    def parse(cls, text: str) -> Place:
        """The beginning for anything that is no place."""
        found = _CURSOR.match(text)
        if found is None:
            return cls()
        timed = (
            tuple(min(int(number), _LAST) for number in pair.split("."))
            for pair in found[2].removeprefix("-").split("-")
        )
        return cls(min(int(found[1]), _LAST), *((_moment(at), pk) for at, pk in timed))

    def behind(self, entry: Entry) -> Place:
        at = (entry.at, entry.row.pk)
        match entry.kind:
            case "call":
                return replace(self, call=at)
            case "mail":
                return replace(self, mail=at)
            case "operation":
                return replace(self, part=at)
        return replace(self, log_id=entry.row.pk)


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `row` is a LogEntry, an Attempt with its job, a Mail without its letter, or an OperationRow
    with its operation."""

    at: datetime
    kind: str
    row: LogEntry | Attempt | Mail | OperationRow


def trail(merchant: Merchant, wanted: Wanted, place: Place, limit: int) -> tuple[list[Entry], Place | None]:
    """The next `limit` entries behind `place`, and where the page after them begins; None when there is none."""
    tables = _tables(merchant, wanted, place)
    lists = [[_entry(kind, row) for row in rows[: limit + 1]] for kind, rows in tables.items()]
    merged = list(islice(merge(*lists, key=lambda entry: entry.at, reverse=True), limit + 1))
    shown = merged[:limit]
    for entry in shown:
        place = place.behind(entry)
    return shown, place if len(merged) > limit else None


def whole_trail(merchant: Merchant, wanted: Wanted, most: int, batch: int = 500) -> Iterator[list[Entry]]:
    """All of it in batches, up to `most` entries."""
    place: Place | None = Place()
    left = most
    while place is not None and left > 0:
        entries, place = trail(merchant, wanted, place, min(batch, left))
        left -= len(entries)
        yield entries


def _tables(merchant: Merchant, wanted: Wanted, place: Place) -> dict[str, QuerySet[Any]]:
    named = objects_named(merchant, wanted.words)
    found = {
        CHANGE: _changes(merchant, wanted, named).filter(pk__lt=place.log_id),
        CALL: _calls(merchant, wanted, named).filter(_behind("started_at", place.call)),
        MAIL: _mails(merchant, wanted, named).filter(_behind("created_at", place.mail)),
        PART: _parts(merchant, wanted, named).filter(_behind("updated_at", place.part)),
    }
    return {kind: rows for kind, rows in found.items() if _is_asked(kind, wanted) and _may_have(kind, wanted)}


def _is_asked(kind: str, wanted: Wanted) -> bool:
    """To a person, what was done to one of many is a change as any other."""
    return wanted.kind in {"", kind} or (kind == PART and wanted.kind == CHANGE)


def _may_have(kind: str, wanted: Wanted) -> bool:
    """A change has no result, and a mail belongs to no job that one would name."""
    return not (kind == CHANGE and wanted.result) and not (kind == MAIL and wanted.job)


def _changes(merchant: Merchant, wanted: Wanted, named: list[tuple[str, int]]) -> QuerySet[LogEntry]:
    rows = LogEntry.objects.filter(merchant=merchant).order_by("-id")
    if wanted.words:
        told = Q(message__icontains=wanted.words)
        if wanted.hidden_types:
            told &= ~Q(object_type__in=wanted.hidden_types)
        told |= Q(action__icontains=wanted.words)
        rows = rows.filter(told | Q(object_label__istartswith=wanted.words) | _about(named))
    if wanted.person:
        rows = rows.filter(_by(wanted.person, "actor"))
    if wanted.job:
        rows = rows.filter(job_id=wanted.job)
    return _within(rows, "created_at", wanted)


def _calls(merchant: Merchant, wanted: Wanted, named: list[tuple[str, int]]) -> QuerySet[Attempt]:
    rows = Attempt.objects.filter(merchant=merchant).select_related("job", "job__operation")
    rows = rows.defer("request_cut", "answer_cut").order_by("-started_at", "-id")
    if wanted.words:
        address = Q(path__icontains=quote(wanted.words, safe="")) | Q(path__icontains=wanted.words)
        rows = rows.filter(address | Q(job__key__istartswith=wanted.words) | _about(named, "job__"))
    if wanted.person:
        rows = rows.filter(_by(wanted.person, "job__operation__actor"))
    if wanted.job:
        rows = rows.filter(job_id=wanted.job)
    if wanted.result == OK:
        rows = rows.filter(status__lt=400)
    elif wanted.result == BAD:
        rows = rows.filter(Q(status__gte=400) | Q(status=None))
    return _within(rows, "started_at", wanted)


def _mails(merchant: Merchant, wanted: Wanted, named: list[tuple[str, int]]) -> QuerySet[Mail]:
    rows = Mail.objects.filter(merchant=merchant).defer(*CONTENT).order_by("-created_at", "-id")
    if wanted.words:
        about = Q(subject__icontains=wanted.words) | Q(to__icontains=wanted.words)
        for label, pk in named:
            about |= Q(named__contains=[[label, pk]])
        rows = rows.filter(about)
    if wanted.person:
        rows = rows.filter(Q(to__icontains=wanted.person) | Q(to__in=_addresses(merchant, wanted.person)))
    if wanted.result == OK:
        rows = rows.filter(state=MailState.SENT)
    elif wanted.result == BAD:
        rows = rows.filter(state__in=(MailState.FAILED, MailState.UNSURE))
    return _within(rows, "created_at", wanted)


def _parts(merchant: Merchant, wanted: Wanted, named: list[tuple[str, int]]) -> QuerySet[OperationRow]:
    """What happened to the named objects as some of many. An operation that wrote a line about one is told by that line."""
    told = LogEntry.objects.filter(
        merchant=merchant, operation=OuterRef("operation"), object_label=OuterRef("label")
    )
    states = {OK: [RowState.DONE], BAD: [RowState.FAILED]}.get(wanted.result, HAPPENED)
    rows = OperationRow.objects.filter(_about(named), ~Exists(told), merchant=merchant, state__in=states)
    rows = rows.select_related("operation").order_by("-updated_at", "-id")
    if wanted.person:
        rows = rows.filter(_by(wanted.person, "operation__actor"))
    if wanted.job:
        jobs = Job.objects.filter(merchant=merchant, pk=wanted.job)
        rows = rows.filter(operation__in=jobs.values("operation"))
    return _within(rows, "updated_at", wanted)


def _by(person: str, actor: str) -> Q:
    """Of one who is called so, or whose e-mail address holds the words."""
    return Q(**{f"{actor}_label__icontains": person}) | Q(**{f"{actor}__email__icontains": person})


def _addresses(merchant: Merchant, person: str) -> QuerySet[User, str]:
    """Of the members who are called so: mails name the address alone."""
    name = Concat("first_name", Value(" "), "last_name")
    users = User.objects.filter(memberships__merchant=merchant).annotate(name=name)
    return users.filter(name__icontains=person).values_list("email", flat=True)


def _about(named: list[tuple[str, int]], prefix: str = "") -> Q:
    """An empty list names nothing."""
    ids: dict[str, list[int]] = {}
    for label, pk in named:
        ids.setdefault(label, []).append(pk)
    found = Q(pk__in=[])
    for label, pks in ids.items():
        found |= Q(**{f"{prefix}object_type": label, f"{prefix}object_id__in": pks})
    return found


def _within(rows: QuerySet[M], column: str, wanted: Wanted) -> QuerySet[M]:
    if wanted.since is not None:
        rows = rows.filter(**{f"{column}__gte": wanted.since})
    if wanted.until is not None:
        rows = rows.filter(**{f"{column}__lt": wanted.until})
    return rows


def _behind(column: str, last: tuple[datetime, int]) -> Q:
    at, pk = last
    return Q(**{f"{column}__lt": at}) | Q(**{column: at, "pk__lt": pk})


def _entry(kind: str, row: Any) -> Entry:
    return Entry(getattr(row, _MOMENTS[kind]), kind, row)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return _FAR
