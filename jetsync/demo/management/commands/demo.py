"""`manage.py demo`: makes the demo tenant if it is missing and prints how to log in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jetsync.demo.tenant import ensure_demo


class Command(BaseCommand):
    help = "Make the demo store (goods, mappings, sandbox account). Local use only."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError("The demo has a published password, so it only runs with JETSYNC_LOCAL=1.")
        demo = ensure_demo()
        self.stdout.write(f"Demo log-in: {demo.email} / {demo.password}")
