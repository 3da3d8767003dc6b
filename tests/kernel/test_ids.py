"""Ids named as text: read up to 64 bits, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from jetsync.ids import parse_id


@pytest.mark.parametrize(
    ("value", "number"),
    [("7", 7), (7, 7), ("007", 7), ("9223372036854775807", 2**63 - 1)],
)
def test_an_id_is_read(value: Any, number: int) -> None:
    assert parse_id(value) == number


@pytest.mark.parametrize(
    "value", ["", None, "0", "-1", "1.0", " 7", "٣", "²", "x", "9223372036854775808", "9" * 5000, True]
)
def test_anything_else_is_no_id(value: Any) -> None:
    assert parse_id(value) == 0
