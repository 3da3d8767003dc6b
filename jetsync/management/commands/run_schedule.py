"""Starts one regular job of a merchant, for a cron of the operator's own."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jetsync.actions.schedule import run_from_outside
from jetsync.exceptions import DomainError
from jetsync.models import Merchant, Schedule
from jetsync.sync.registry import all_schedules, schedule_of
from jetsync.tenancy.context import merchant_scope


class Command(BaseCommand):
    help = "Start a merchant's regular job now. The workers do it; this command only asks for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("merchant", help="The merchant as in the panel's addresses, e.g. harrow-finch.")
        parser.add_argument("schedule", help=f"One of: {', '.join(kind.name for kind in all_schedules())}.")

    def handle(self, *_args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"], suspended_at=None).first()
        if merchant is None:
            raise CommandError(f"There is no merchant “{options['merchant']}”, or it is suspended.")
        with merchant_scope(merchant):
            schedule = Schedule.objects.filter(merchant=merchant, kind=options["schedule"]).first()
            kind = schedule_of(options["schedule"])
            if schedule is None or kind is None:
                names = ", ".join(known.name for known in all_schedules())
                raise CommandError(f"There is no schedule “{options['schedule']}”. Known are: {names}.")
            schedule.merchant = merchant
            try:
                run_from_outside(schedule, "the command")
            except DomainError as error:
                raise CommandError(f"{error.message} {error.hint}") from error
        self.stdout.write(f"Started: {kind.label}.")
