"""What the frame of every page must know, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce
from django.utils import timezone

from jetsync.models import JetAccount, Merchant, Schedule
from jetsync.queries.notices import unread_for
from jetsync.sync.registry import ScheduleKind, all_schedules, schedule_of
from jetsync.tenancy.actor import Actor


@dataclass(frozen=True)
class Shell:
    """`api_url` is the address of the account in use; empty before it is set up. `paused_kinds`: of vital schedules.
    `has_keys`: whether that account has API keys at all, good or not.
    """

    late_schedules: int = 0
    paused_kinds: Sequence[str] = ()
    open_notices: int = 0
    api_url: str = ""
    has_keys: bool = False

    @property
    def paused(self) -> list[ScheduleKind]:
        """Vital work that somebody paused, and may have forgotten."""
        return [kind for kind in map(schedule_of, self.paused_kinds) if kind is not None]


def shell_of(merchant: Merchant, actor: Actor) -> Shell:
    """Late schedules (more than an interval past due, none while the store rests), notices this person has not read,
    address of the Jet account.
    """
    due = ExpressionWrapper(
        F("next_due_at") + F("interval_seconds") * timedelta(seconds=1), output_field=DateTimeField()
    )
    at_work = Schedule.objects.filter(merchant__deletion_due_at=None, is_paused=False)
    late = at_work.filter(merchant=OuterRef("pk")).annotate(late_at=due)
    overdue = late.filter(late_at__lt=timezone.now()).order_by().values("merchant").annotate(n=Count("pk"))
    vital = [kind.name for kind in all_schedules() if kind.vital]
    paused = Schedule.objects.filter(
        merchant=OuterRef("pk"), merchant__deletion_due_at=None, is_paused=True, kind__in=vital
    ).order_by("kind")
    unread = unread_for(merchant, actor).order_by().values("merchant")
    account = JetAccount.objects.filter(Q(merchant=OuterRef("pk")), mode=merchant.mode)
    row = (
        Merchant.objects.filter(pk=merchant.pk)
        .values_list(
            Coalesce(Subquery(overdue.values("n")), Value(0)),
            ArraySubquery(paused.values("kind")),
            Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n")), Value(0)),
            Coalesce(Subquery(account.values("api_url")[:1]), Value("")),
            Exists(account.exclude(api_url="").exclude(api_user="").exclude(api_secret="")),
        )
        .first()
    )
    return Shell(*row) if row else Shell()
