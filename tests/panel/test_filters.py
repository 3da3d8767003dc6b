"""Ranges of the filters: the wrong way round they say so, instead of finding nothing."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django_filters import RangeFilter

from jetsync.panel.filters import DateRangeFilter, DayRangeFilter, MomentRangeFilter, NumberRangeFilter

DAYS = ("2026-11-01", "2026-12-01")
RANGES = [
    (NumberRangeFilter, ("5", "100")),
    (DateRangeFilter, DAYS),
    (DayRangeFilter, DAYS),
    (MomentRangeFilter, ("2026-11-01T10:00", "2026-11-01T10:01")),
]


@pytest.mark.parametrize(("kind", "ends"), RANGES)
def test_range_the_wrong_way_round_is_refused_with_both_ends(
    kind: type[RangeFilter], ends: tuple[str, str]
) -> None:
    field = kind(field_name="x").field
    found = field.clean(list(ends))
    assert found.start < found.stop
    with pytest.raises(ValidationError, match="nothing can match"):
        field.clean(list(reversed(ends)))


@pytest.mark.parametrize(("kind", "ends"), RANGES)
def test_range_may_be_open_or_a_single_value(kind: type[RangeFilter], ends: tuple[str, str]) -> None:
    field = kind(field_name="x").field
    assert field.clean([ends[0], ""]).stop is None
    assert field.clean(["", ends[1]]).start is None
    assert field.clean([ends[0], ends[0]]).start is not None
