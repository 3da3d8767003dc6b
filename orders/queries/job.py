"""Reads of the jobs behind orders, returns and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from jetsync.enums import JobState
from jetsync.models import Job, Merchant


@dataclass(frozen=True)
class Work:
    """A kind of job about one object. `key` where it is not the object's own number, as that of a shipment of an order."""

    kind: str
    model: type[Model]
    pk: int
    key: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """By the object, because the index of ended jobs begins with it."""
        return {
            "object_type": self.model._meta.label_lower,
            "object_id": self.pk,
            "kind": self.kind,
            "key": str(self.pk if self.key is None else self.key),
        }


def newest_job(merchant: Merchant, work: Work) -> Job | None:
    """The last job that was made for this work."""
    return Job.objects.filter(merchant=merchant, **work.columns).order_by("-pk").first()


def was_cancelled(merchant: Merchant, work: Work) -> bool:
    """Whether the newest job for this work was cancelled by a person, so that nothing may send it again by itself."""
    newest = newest_job(merchant, work)
    return newest is not None and newest.state == JobState.CANCELLED
