"""Stored columns that PostgreSQL keeps: does target differ from sent, and live from sent?"""

from __future__ import annotations

from typing import Any

from django.db import models


class IsDistinctFrom(models.Func):
    """`a IS DISTINCT FROM b`: null is a value like any other, unlike with `<>`."""

    template = "(%(expressions)s)"
    arg_joiner = " IS DISTINCT FROM "
    output_field = models.BooleanField()


class DirtyField(models.GeneratedField):
    def __init__(self, target: str = "", sent: str = "", **kwargs: Any) -> None:
        if target:
            kwargs = {
                "expression": IsDistinctFrom(models.F(target), models.F(sent)),
                "output_field": models.BooleanField(),
                "db_persist": True,
            }
        super().__init__(**kwargs)


class ShownOtherwise(models.Func):
    """True where Jet has shown a value (`live`) other than the one it accepted last (`sent`)."""

    template = "(coalesce(%(expressions)s, false))"
    arg_joiner = " <> "
    output_field = models.BooleanField()


class DriftField(models.GeneratedField):
    """Does what Jet shows differ from what it accepted? Whether a new value is on its way, `DirtyField` tells."""

    def __init__(self, live: str = "", sent: str = "", **kwargs: Any) -> None:
        if live:
            kwargs = {
                "expression": ShownOtherwise(models.F(live), models.F(sent)),
                "output_field": models.BooleanField(),
                "db_persist": True,
            }
        super().__init__(**kwargs)
