"""Words of sales data and repricing."""

from __future__ import annotations

from django.db.models import TextChoices


class Standing(TextChoices):
    """Where our offer stands beside the best one."""

    BEHIND = "behind", "Dearer than the best"
    EQUAL = "equal", "Equal to the best"
    BEST = "best", "Cheaper than any other"
    NONE = "none", "No sales data"
