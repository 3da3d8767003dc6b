"""Answers of API writes, kept so that a repeated request is replayed and not done twice."""

from __future__ import annotations

from django.db import models

from jetsync.tenancy.managers import TenantModel


class IdempotencyKey(TenantModel):
    """`status` is null while the first request is still at work: a second one then gets 409."""

    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant", "key"], name="request_key_once")]
        indexes = [models.Index(fields=["created_at"], name="request_key_age")]

    def __str__(self) -> str:
        return self.key
