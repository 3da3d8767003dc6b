"""Cancelling what goes as files: it ends, what Jet has taken keeps its result, and nothing more is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.actions import publish
from catalog.models import BulkFile, Variant
from catalog.sync import files
from jetsync.actions.operation import NOT_SENT, cancel_operation
from jetsync.models import Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import finish, listing_of, spoil

pytestmark = pytest.mark.django_db
Make = Callable[..., Variant]
Drain = Callable[..., int]
HALF_WAY = "Accepted by Jet as far as it was sent; the rest was cancelled."


def result(operation: Operation) -> tuple[str, list[tuple[str, str]]]:
    rows = OperationRow.objects.filter(operation=operation).order_by("pk").values_list("state", "message")
    return Operation.objects.get(pk=operation.pk).state, list(rows)


def file_types() -> list[str]:
    return list(BulkFile.objects.order_by("pk").values_list("file_type", flat=True))


def cancel_when(monkeypatch: pytest.MonkeyPatch, file_type: str, *, after: bool = False) -> None:
    """Somebody presses the button while the worker makes the first file of this type, or once it is announced."""
    real = files.send_file

    def send(context: Any, kind: Any, ids: Any, operation: Any = None) -> BulkFile | None:
        if not after and kind == file_type and operation.cancel_requested_at is None:
            cancel_operation(operation, actor=SYSTEM)
        row = real(context, kind, ids, operation)
        if after and kind == file_type and not Operation.objects.get().cancel_requested_at:
            cancel_operation(operation, actor=SYSTEM)
        return row

    monkeypatch.setattr(files, "send_file", send)


def test_files_at_jet_are_waited_for_and_end_it(
    by_files: Merchant, sandbox: Any, kettle: Make, drain: Drain
) -> None:
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    drain()
    assert file_types() == ["MerchantSKUs", "MerchantSKUs"]

    cancel_operation(operation, actor=SYSTEM)
    assert result(operation)[0] == "running"  # Jet has not spoken yet
    finish(drain, sandbox)

    assert result(operation) == ("cancelled", [("done", HALF_WAY)] * 3)
    assert set(BulkFile.objects.filter(operation=operation).values_list("state", flat=True)) == {"done"}
    # What Jet has taken is not left without price and quantity: the deltas send them.
    assert all(listing_of(row).price_sent for row in variants)


def test_a_row_that_went_in_a_file_does_not_end_as_unsent(
    by_files: Merchant, sandbox: Any, kettle: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    cancel_when(monkeypatch, "Variation")  # none of them leads a group
    finish(drain, sandbox)

    assert result(operation) == ("cancelled", [("done", HALF_WAY)] * 3)


def test_rows_of_no_file_yet_are_cancelled(
    by_files: Merchant, sandbox: Any, kettle: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    cancel_when(monkeypatch, "MerchantSKUs", after=True)
    finish(drain, sandbox)

    ends = [("done", HALF_WAY), ("done", HALF_WAY), ("cancelled", NOT_SENT)]
    assert result(operation) == ("cancelled", ends)
    assert [listing_of(row).content_sent_at is not None for row in variants] == [True, True, False]


def test_a_refused_row_keeps_jets_words(
    by_files: Merchant, sandbox: Any, kettle: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, "HF-1")
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    operation = publish.upload(by_files, [row.pk for row in variants], actor=SYSTEM)
    drain()
    cancel_operation(operation, actor=SYSTEM)
    finish(drain, sandbox)

    state, ends = result(operation)
    assert (state, [row for row, _words in ends]) == ("cancelled", ["failed", "done", "done"])
    assert ends[0][1].startswith("HF-1: Jet refused the content: ")
