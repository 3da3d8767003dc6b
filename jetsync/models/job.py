"""The outbox. What must reach Jet is a Job written in the transaction of the change (docs/adr/0002)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from jetsync.enums import OPEN_JOB_STATES, FailureEnd, JobState, Priority, Queue
from jetsync.tenancy.managers import TenantModel


class Job(TenantModel):
    """One open job per (merchant, kind, key): ten edits of a price are one push of the newest value.

    `changed_in_flight` is set when the same work is asked for while the job runs; it then runs once more.
    `maybe_arrived` says that an earlier try may have reached Jet without us knowing: handlers look first.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    queue = models.CharField(max_length=8, choices=Queue.choices)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    changed_in_flight = models.BooleanField(default=False)
    maybe_arrived = models.BooleanField(default=False)
    failure_end = models.CharField(max_length=10, choices=FailureEnd.choices, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    data = models.JSONField(default=dict)
    operation = models.ForeignKey(
        "jetsync.Operation", on_delete=models.SET_NULL, null=True, related_name="jobs"
    )
    schedule = models.ForeignKey(
        "jetsync.Schedule", on_delete=models.SET_NULL, null=True, related_name="jobs"
    )
    object_type = models.CharField(max_length=60, blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "kind", "key"],
                condition=models.Q(state__in=OPEN_JOB_STATES),
                name="job_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["merchant", "queue", "priority", "not_before", "id"],
                condition=models.Q(state=JobState.QUEUED),
                name="job_due",
            ),
            models.Index(
                fields=["queue", "not_before"],
                condition=models.Q(state=JobState.QUEUED),
                name="job_due_queue",
            ),
            models.Index(
                fields=["queue", "not_before"],
                condition=models.Q(state=JobState.QUEUED, priority=Priority.NOW),
                name="job_due_now",
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state=JobState.RUNNING), name="job_lease"
            ),
            models.Index(fields=["merchant", "-created_at"], name="job_recent"),
            models.Index(fields=["merchant", "object_type", "object_id", "-created_at"], name="job_object"),
            models.Index(fields=["merchant", "state", "-created_at"], name="job_state"),
            models.Index(
                fields=["merchant", "schedule", "-finished_at"],
                condition=models.Q(schedule__isnull=False, finished_at__isnull=False),
                name="job_last_of_schedule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_JOB_STATES

    @property
    def failure_shown(self) -> str:
        """The end of its last try for a badge: passing trouble that outlasted every try is not tried again."""
        if self.state == JobState.FAILED and self.failure_end == FailureEnd.RETRY:
            return "gave_up"
        return self.failure_end


class JobRequest(TenantModel):
    """Asks for a job that many transactions ask for at once; only ever inserted, so that none waits for another.

    `jetsync.sync.requests` turns it into the job after its transaction stands, and the beat does when that was lost.
    """

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=120)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    not_before = models.DateTimeField(default=timezone.now)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["merchant", "kind", "key", "id"], name="job_request_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Attempt(TenantModel):
    """One HTTP exchange of a job, secrets removed, bodies cut. Trimmed by age (docs/operations.md)."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="calls", null=True)
    try_number = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    duration_ms = models.PositiveIntegerField(default=0)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=80, blank=True, default="")
    error = models.CharField(max_length=300, blank=True, default="")
    request_cut = models.TextField(blank=True, default="")
    answer_cut = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "job", "id"], name="attempt_job"),
            models.Index(fields=["started_at"], name="attempt_age"),
            models.Index(fields=["merchant", "-started_at", "-id"], name="attempt_recent"),
            models.Index(fields=["merchant", "path"], name="attempt_path"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status or self.error}"

    @property
    def is_ok(self) -> bool:
        """Answered, and not refused."""
        return self.status is not None and self.status < 400  # noqa: PLR2004 -- HTTP


class QueueTurn(models.Model):
    """When a merchant was last served in a queue. The claim takes the longest-waiting merchant first."""

    merchant = models.ForeignKey("jetsync.Merchant", on_delete=models.CASCADE, related_name="+")
    queue = models.CharField(max_length=8, choices=Queue.choices)
    served_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "merchant"], name="queue_turn_once")]
        indexes = [models.Index(fields=["queue", "served_at"], name="queue_turn_order")]

    def __str__(self) -> str:
        return f"{self.queue}: merchant {self.merchant_id}"
