"""Reads for the activity pages. Each `get_*` raises Http404 for what is not this merchant's."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from django.utils import timezone

from jetsync.enums import OPEN_OPERATION_STATES, JobState
from jetsync.models import Attempt, Job, LogEntry, Merchant, Operation, OperationRow, Schedule

M = TypeVar("M", bound=Model)


def _one(queryset: QuerySet[M], pk: int, name: str) -> M:
    row = queryset.filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no such {name}; it may have been trimmed by age.")
    return row


def operations_of(merchant: Merchant) -> QuerySet[Operation]:
    return Operation.objects.filter(merchant=merchant)


def get_operation(merchant: Merchant, pk: int) -> Operation:
    """With the merchant and the operation that undid it."""
    return _one(operations_of(merchant).select_related("merchant", "undone_by"), pk, "operation")


def rows_of(operation: Operation) -> QuerySet[OperationRow]:
    return OperationRow.objects.filter(merchant=operation.merchant_id, operation=operation)


def jobs_of(merchant: Merchant) -> QuerySet[Job]:
    return Job.objects.filter(merchant=merchant)


def get_job(merchant: Merchant, pk: int) -> Job:
    """With its operation, schedule and merchant."""
    return _one(jobs_of(merchant).select_related("operation", "schedule", "merchant"), pk, "job")


def calls_of(merchant: Merchant) -> QuerySet[Attempt]:
    """What was said to Jet and the stores, with the job it was said for and the job's operation."""
    return Attempt.objects.filter(merchant=merchant).select_related("job__operation")


def get_call(merchant: Merchant, pk: int) -> Attempt:
    """With its job."""
    return _one(calls_of(merchant), pk, "call")


def log_of(merchant: Merchant) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(merchant=merchant)


def schedules_of(merchant: Merchant) -> QuerySet[Schedule]:
    return Schedule.objects.filter(merchant=merchant)


def get_schedule(merchant: Merchant, pk: int) -> Schedule:
    return _one(schedules_of(merchant).select_related("merchant"), pk, "schedule")


def open_operations(merchant: Merchant) -> int:
    return operations_of(merchant).filter(state__in=OPEN_OPERATION_STATES).count()


def failed_jobs_today(merchant: Merchant) -> int:
    """Jobs that failed within 24 hours, however old they are: what the menu counts."""
    since = timezone.now() - timedelta(days=1)
    return jobs_of(merchant).filter(state=JobState.FAILED, finished_at__gte=since).count()
