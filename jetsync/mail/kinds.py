"""Kinds of mail. Apps declare theirs in a module `mail`, which is loaded at start.

register_mail(MailKind("orders.new", "New orders", ..., template="mail/orders/new", items=read_orders, sample=...))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jetsync.models import Merchant
from jetsync.tenancy.rights import Right

# A mail names this many objects; what is beyond is counted and linked, so that a flood stays readable.
SHOWN = 50


@dataclass(frozen=True)
class Event:
    """One thing that happened: the id of the object it is about, and facts the object does not keep."""

    object_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class MailItem:
    """What a mail lists: a heading with its page, `side` beside it (an amount), `lines` and smaller `notes` below.

    All in plain words; templates escape them. `about` (type, id) ties the mail to the object's time line.
    """

    label: str
    url: str = ""
    side: str = ""
    lines: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    about: tuple[str, int] | None = None


# Reads the objects of the events as they are now, in few queries; one that is gone, or no longer needs telling, is
# left out.
ReadItems = Callable[[Merchant, Sequence[Event]], Sequence[MailItem]]


@dataclass(frozen=True)
class MailKind:
    """One kind of mail.

    `template`: path without ending; `.html` and `.txt` render the section with `items`, `total` (how many happened),
    `more` (how many are not listed), `list_url` and `list_label`. `recipients`: the option with the addresses, empty
    means the owners; "" = the owners whatever the options say. `switch`: the option that turns it off, "" = always on.
    `headline(items, total)` is subject and heading. `useful_for`: after this time the mail is no longer sent. `recent`:
    real events for the preview. `sample`: invented items of the same shape, shown as such.
    """

    name: str
    label: str
    explanation: str
    position: int
    right: Right
    template: str
    headline: Callable[[Sequence[Any], int], str]
    items: ReadItems
    sample: Callable[[Merchant], Sequence[MailItem]]
    recent: Callable[[Merchant], Sequence[Event]] = lambda _merchant: ()
    list_url: Callable[[Merchant], str] = lambda _merchant: ""
    list_label: str = "Open the list"
    recipients: str = "notification_emails"
    switch: str = ""
    may_wait: bool = True
    useful_for: timedelta | None = None


_kinds: dict[str, MailKind] = {}


def register_mail(*kinds: MailKind) -> None:
    for kind in kinds:
        _kinds[kind.name] = kind


def mail_kind(name: str) -> MailKind | None:
    return _kinds.get(name)


def all_mail_kinds() -> list[MailKind]:
    return sorted(_kinds.values(), key=lambda kind: (kind.position, kind.name))


# Mails that are no kind of their own.
SUMMARY, TEST, SUPPORT = "summary", "test", "support"
_OTHERS = {SUMMARY: "Summary", SUPPORT: "Message to support"}


def mail_label(name: str) -> str:
    kind = _kinds.get(name)
    return kind.label if kind else _OTHERS.get(name, name)
