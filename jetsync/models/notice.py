"""The bell: what a merchant should know, one open notice per key."""

from __future__ import annotations

from django.db import models

from jetsync.enums import NoticeLevel
from jetsync.tenancy.managers import TenantModel


class Notice(TenantModel):
    key = models.CharField(max_length=120)
    level = models.CharField(max_length=8, choices=NoticeLevel.choices, default=NoticeLevel.INFO)
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=500, blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "key"], condition=models.Q(read_at=None), name="notice_one_open"
            )
        ]
        indexes = [models.Index(fields=["merchant", "-updated_at"], name="notice_recent")]

    def __str__(self) -> str:
        return self.title
