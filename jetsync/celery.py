"""The Celery application. A message only says "look": job rows in PostgreSQL are the truth (docs/adr/0002)."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jetsync.settings")
if not settings.configured:  # the panel and the commands import this too, with their settings in place
    os.environ.setdefault("JETSYNC_PROCESS", "worker")

app = Celery("jetsync")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["jetsync.sync"])

app.conf.beat_schedule = {
    # Merchants whose schedule is due get a job; order fetch is one of these schedules (every 10 minutes).
    "start-due-schedules": {
        "task": "sync.start_due_schedules",
        "schedule": 10.0,
        "options": {"queue": "urgent", "expires": 30},
    },
    # What runs against a clock of minutes (the end of an order's window): one query each while nothing is near.
    "look-out": {
        "task": "sync.look_out",
        "schedule": 15.0,
        "options": {"queue": "urgent", "expires": 30},
    },
    # Wakes workers for due jobs whose message was lost, and for waits longer than a message may live.
    "wake-workers": {
        "task": "sync.wake_workers",
        "schedule": 5.0,
        "options": {"queue": "urgent", "expires": 15},
    },
    "free-lost-jobs": {
        "task": "sync.free_lost_jobs",
        "schedule": 15.0,
        "options": {"queue": "urgent", "expires": 30},
    },
    # Deletions of stores: the mail a day before, and the rows when the time has come.
    "delete-stores": {
        "task": "sync.delete_stores",
        "schedule": 60.0,
        "options": {"queue": "bulk", "expires": 120},
    },
    "trim-histories": {
        "task": "sync.trim_histories",
        "schedule": 3600.0,
        "options": {"queue": "bulk", "expires": 600},
    },
}


@setup_logging.connect
def keep_our_logging(**_kwargs: Any) -> None:
    """Django's LOGGING already configured structlog; stop Celery from replacing it."""
