"""The bell: what a merchant should know, one open notice per key, and who has read it."""

from __future__ import annotations

from django.db import models

from jetsync.enums import NoticeLevel
from jetsync.models.merchant import User
from jetsync.tenancy.managers import LargeTenantModel, TenantModel


class Notice(TenantModel):
    """`right`: shown and counted only for those who hold it. `read_at`: the first read by anybody, from when on it
    does not grow. `done_at`: what it told of is over, so it is unread for nobody.
    """

    key = models.CharField(max_length=120)
    level = models.CharField(max_length=8, choices=NoticeLevel.choices, default=NoticeLevel.INFO)
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=500, blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    right = models.CharField(max_length=40, default="home.view")
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    read_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "key"], condition=models.Q(read_at=None), name="notice_one_open"
            )
        ]
        indexes = [models.Index(fields=["merchant", "-updated_at"], name="notice_recent")]

    def __str__(self) -> str:
        return self.title


class NoticeRead(LargeTenantModel):
    """One person has read one notice."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="reads")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "user", "notice"], name="notice_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} read by {self.user_id}"
