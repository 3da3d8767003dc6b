"""Kinds of mail for tests, and short words for what happens to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jetsync.actions.mail import post_mail
from jetsync.enums import JobState
from jetsync.mail import kinds as mail_kinds
from jetsync.mail.kinds import Event, MailItem, MailKind, register_mail
from jetsync.models import Job, Mail, Merchant, Options, User
from jetsync.tenancy.rights import Right


def as_items(_merchant: Merchant, events: list[Event]) -> list[MailItem]:
    return [
        MailItem(
            event.facts["label"],
            notes=("It fell <b>hard</b>.",),
            about=("jetsync.user", event.object_id) if event.object_id else None,
        )
        for event in events
        if not event.facts.get("gone")
    ]


def kind(name: str, **more: Any) -> MailKind:
    values: dict[str, Any] = {
        "label": name.title(),
        "explanation": "For tests.",
        "position": 10,
        "right": Right.ORDERS_VIEW,
        "template": "mail/orders/new",
        "headline": lambda _items, total: f"{total} {name}",
        "items": as_items,
        "sample": lambda _merchant: [MailItem("Sample")],
        **more,
    }
    return MailKind(name, **values)


@pytest.fixture(autouse=True)
def kinds_of_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_kinds, "_kinds", {})
    register_mail(
        kind("apples", switch="mail_new_orders", recipients="order_notice_emails"),
        kind("pears", position=20),
        kind("fires", may_wait=False, useful_for=timedelta(minutes=5)),
    )


@pytest.fixture
def options(scoped: Merchant, owner: User) -> Options:
    return Options.objects.get(merchant=scoped)


def tell(merchant: Merchant, name: str, *labels: str) -> None:
    for label in labels:
        post_mail(merchant, name, {"label": label})


def set_options(row: Options, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def letters() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("to", "subject"))


def due_now() -> None:
    Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
