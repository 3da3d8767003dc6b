from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models


def hex_id() -> str:
    """An id as Jet writes them: 32 lower-case hex digits."""
    return uuid.uuid4().hex


class Row(models.Model):
    """Base of the sandbox's tables; names the manager so that types are known without a loaded registry."""

    id: int
    pk: int
    objects: ClassVar[models.Manager[Self]] = models.Manager()

    class Meta:
        abstract = True
        app_label = "sandbox"
