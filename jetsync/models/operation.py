"""What a merchant started or a schedule ran: a frozen set of objects, their results, the way back."""

from __future__ import annotations

from django.db import models

from jetsync.enums import OPEN_OPERATION_STATES, OperationState, RowState
from jetsync.tenancy.managers import TenantModel


class Operation(TenantModel):
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=OperationState.choices, default=OperationState.QUEUED)
    actor = models.ForeignKey("jetsync.User", on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=150, default="jetsync")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    data = models.JSONField(default=dict)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="undoes")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "-created_at"], name="operation_recent"),
            models.Index(fields=["merchant", "state"], name="operation_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_OPERATION_STATES

    @property
    def left(self) -> int:
        return max(0, self.total - self.done - self.failed - self.skipped)

    @property
    def percent(self) -> int:
        return 100 if not self.total else int((self.total - self.left) * 100 / self.total)


class OperationRow(TenantModel):
    """One object of an operation. `before` holds what undo writes back."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="rows")
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=200)
    line = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=RowState.choices, default=RowState.WAITING)
    code = models.CharField(max_length=60, blank=True, default="")
    message = models.CharField(max_length=1000, blank=True, default="")
    hint = models.CharField(max_length=500, blank=True, default="")
    before = models.JSONField(default=dict)
    data = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["merchant", "operation", "state", "id"], name="operation_row_state"),
            models.Index(fields=["merchant", "object_type", "object_id"], name="operation_row_object"),
        ]

    def __str__(self) -> str:
        return self.label
