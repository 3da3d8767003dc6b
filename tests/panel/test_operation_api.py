"""Operations and jobs over the API: what was started can be followed to the end, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.actions.merchant import create_token
from jetsync.actions.operation import RowSpec, finish_rows, refresh_progress, start_operation
from jetsync.enums import OperationState, RowState
from jetsync.models import Merchant, Operation, OperationRow, User
from jetsync.sync import registry
from jetsync.tenancy.actor import SYSTEM, member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right, rights_of
from tests.factories import make_merchant
from tests.panel.conftest import make_call, make_job

ClientFor = Callable[..., Client]


def make_operation(merchant: Merchant, labels: str = "ABC", *, kind: str = "test.upload") -> Operation:
    with merchant_scope(merchant):
        rows = [
            RowSpec("test.thing", number, f"HF-{label}", line=number + 2)
            for number, label in enumerate(labels)
        ]
        return start_operation(merchant, kind, "Upload things", actor=SYSTEM, rows=rows)


def end(operation: Operation, failed: str = "") -> Operation:
    """All rows done but the failed ones, named by the letter of their label."""
    with merchant_scope(operation.merchant):
        rows = OperationRow.objects.filter(operation=operation)
        bad = [row.pk for row in rows if row.label[-1] in failed]
        finish_rows(
            operation, bad, RowState.FAILED, code="upc", message="UPC has 11 digits.", hint="Add one."
        )
        finish_rows(operation, list(rows.values_list("pk", flat=True)), RowState.DONE)
        return refresh_progress(operation)


def address(name: str, merchant: Merchant, **kwargs: object) -> str:
    return reverse(f"api:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def get(client: Client, name: str, merchant: Merchant, query: str = "", **kwargs: object) -> Any:
    answer = client.get(address(name, merchant, **kwargs) + query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_operation_says_how_it_ended_and_where_its_rows_are(
    merchant: Merchant, client_for: ClientFor
) -> None:
    operation = end(make_operation(merchant), failed="B")
    client = client_for("analyst")

    shown = get(client, "operation-detail", merchant, pk=operation.pk)
    rows = client.get(shown["rows"]).json()["results"]

    assert (shown["title"], shown["kind"], shown["state"]) == ("Upload things", "test.upload", "partly")
    assert [shown[name] for name in ("total", "done", "failed", "skipped")] == [3, 2, 1, 0]
    assert (shown["started_by"], shown["can_undo"], shown["undone_by"]) == ("jetsync", False, None)
    assert shown["finished_at"] is not None
    assert [(row["label"], row["line"], row["state"]) for row in rows] == [
        ("HF-A", 2, "done"),
        ("HF-B", 3, "failed"),
        ("HF-C", 4, "done"),
    ]
    assert [rows[1][name] for name in ("code", "message", "hint")] == [
        "upc",
        "UPC has 11 digits.",
        "Add one.",
    ]
    assert {"before", "data"} & (set(rows[0]) | set(shown)) == set()


def test_operation_says_whether_it_can_be_undone(
    merchant: Merchant, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_undo", {"test.upload": lambda operation, _actor: operation})
    monkeypatch.setattr(registry, "_no_undo", {"test.send": "What was sent stays sent."})
    running, ended = make_operation(merchant), end(make_operation(merchant))
    sent = end(make_operation(merchant, kind="test.send"))
    undone = end(make_operation(merchant))
    with merchant_scope(merchant):
        Operation.objects.filter(pk=undone.pk).update(undone_by=ended)
    client = client_for("analyst")

    shown = {
        row.pk: get(client, "operation-detail", merchant, pk=row.pk) for row in (running, ended, sent, undone)
    }

    assert [row["can_undo"] for row in shown.values()] == [False, True, False, False]
    assert shown[sent.pk]["no_undo"] == "What was sent stays sent."
    assert shown[undone.pk]["undone_by"] == ended.pk


def test_lists_filter_and_name_a_wrong_state(merchant: Merchant, client_for: ClientFor) -> None:
    partly, other = end(make_operation(merchant), failed="A"), make_operation(merchant, kind="test.other")
    client = client_for("analyst")

    def ids(query: str) -> list[int]:
        return [row["id"] for row in get(client, "operation-list", merchant, query)["results"]]

    assert ids("") == [other.pk, partly.pk]
    assert ids("?state=partly") == [partly.pk]
    assert ids("?kind=test.other") == [other.pk]
    assert ids("?created_after=2999-01-01T00:00:00Z") == []
    failed = get(client, "operation-rows", merchant, "?state=failed", pk=partly.pk)["results"]
    assert [row["label"] for row in failed] == ["HF-A"]
    assert get(client, "operation-rows", merchant, "?code=sku", pk=partly.pk)["results"] == []
    wrong = client.get(address("operation-list", merchant) + "?state=finished")
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["state"])


def test_rows_are_paged_in_their_order(merchant: Merchant, client_for: ClientFor) -> None:
    operation = make_operation(merchant, "ABCDE")
    client = client_for("analyst")
    page = get(client, "operation-rows", merchant, "?page_size=2", pk=operation.pk)
    labels = [row["label"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        labels += [row["label"] for row in page["results"]]
    assert labels == ["HF-A", "HF-B", "HF-C", "HF-D", "HF-E"]


def test_job_says_what_went_wrong_and_what_to_do(merchant: Merchant, client_for: ClientFor) -> None:
    operation = make_operation(merchant)
    job = make_job(
        merchant,
        state="failed",
        failure_end="settings",
        code="keys",
        message="Jet refused the keys.",
        hint="Enter them again.",
        operation=operation,
        finished_at=timezone.now(),
    )
    shown = get(client_for("analyst"), "job-detail", merchant, pk=job.pk)
    assert [shown[name] for name in ("state", "failure_end", "code", "message", "hint")] == [
        "failed",
        "settings",
        "keys",
        "Jet refused the keys.",
        "Enter them again.",
    ]
    assert (shown["key"], shown["operation"], bool(shown["finished_at"])) == (job.key, operation.pk, True)
    assert {"data", "lease_token"} & set(shown) == set()


def test_job_hides_the_shopper_that_jet_quotes(merchant: Merchant, client_for: ClientFor) -> None:
    job = make_job(merchant, state="failed", message="No street for Dora Vane.")
    make_call(merchant, job, answer_cut='{"recipient": {"name": "Dora Vane"}}')
    seen = get(client_for("owner"), "job-detail", merchant, pk=job.pk)["message"]
    hidden = get(client_for("analyst"), "job-detail", merchant, pk=job.pk)["message"]
    assert seen == "No street for Dora Vane."
    assert hidden.startswith("No street for ")
    assert "Vane" not in hidden


def test_work_of_another_store_does_not_exist(merchant: Merchant, client_for: ClientFor) -> None:
    other = make_merchant("Other Goods")
    theirs, job = make_operation(other), make_job(other)
    client = client_for("owner")
    assert get(client, "operation-list", merchant)["results"] == []
    for name, pk in (("operation-detail", theirs.pk), ("operation-rows", theirs.pk), ("job-detail", job.pk)):
        assert client.get(address(name, merchant, pk=pk)).status_code == 404
        assert client.get(address(name, other, pk=pk)).status_code == 404


def test_token_needs_the_right_to_see_activity(merchant: Merchant, owner: User) -> None:
    operation, job = make_operation(merchant), make_job(merchant)
    actor = member_actor(owner, rights_of("owner"))
    answers: dict[Right, list[int]] = {}
    for right in (Right.ACTIVITY_VIEW, Right.ORDERS_VIEW):
        with merchant_scope(merchant):
            secret = create_token(merchant, right.value, [right], actor=actor)[1]
        urls = [
            address("operation-list", merchant),
            address("operation-detail", merchant, pk=operation.pk),
            address("operation-rows", merchant, pk=operation.pk),
            address("job-detail", merchant, pk=job.pk),
        ]
        headers = {"Authorization": f"Bearer {secret}"}
        answers[right] = [Client().get(url, headers=headers).status_code for url in urls]
    assert answers == {Right.ACTIVITY_VIEW: [200] * 4, Right.ORDERS_VIEW: [403] * 4}


def test_lists_cost_the_same_for_any_number_of_rows(
    merchant: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    few, many = end(make_operation(merchant, "A")), end(make_operation(merchant, "ABCDEF"), failed="C")
    rows = [address("operation-rows", merchant, pk=row.pk) for row in (few, few, many)]
    _first, one, six = (count_queries(client, url) for url in rows)
    two = count_queries(client, address("operation-list", merchant))
    for _ in range(3):
        end(make_operation(merchant))
    assert (one, two) == (six, count_queries(client, address("operation-list", merchant)))


def test_nothing_can_be_written(merchant: Merchant, client_for: ClientFor) -> None:
    operation, job = make_operation(merchant), make_job(merchant)
    client = client_for("owner")
    one = {"operation-detail": operation.pk, "operation-rows": operation.pk, "job-detail": job.pk}
    urls = [
        address("operation-list", merchant),
        *(address(name, merchant, pk=pk) for name, pk in one.items()),
    ]
    for url in urls:
        for method in (client.post, client.patch, client.put, client.delete):
            assert method(url).status_code == 405, url
    with merchant_scope(merchant):
        assert Operation.objects.get(pk=operation.pk).state == OperationState.QUEUED
