"""Words that come from Jet, from shoppers or from files stay words on every page that shows them."""

from __future__ import annotations

import csv
import io

import pytest

from jetsync.actions.log import notify
from jetsync.actions.operation import RowSpec, finish_rows, start_operation
from jetsync.enums import FailureEnd, JobState, Queue, RowState
from jetsync.models import Attempt, Job, LogEntry, OperationRow
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.orders.rows import line, make_order

pytestmark = pytest.mark.django_db

EVIL = "\"'><script>alert(1)</script>{{ 7|add:35 }}{% now 'Y' %}<img src=x onerror=a>"


@pytest.fixture
def paths(merchant, actor) -> list[str]:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        order = make_order(
            merchant,
            account,
            line(sku="SKU" + EVIL, product_title=EVIL),
            buyer={"name": EVIL, "phone_number": "1"},
            status="acknowledged",
        )
        job = Job.objects.create(
            merchant=merchant,
            kind="orders.import",
            key=EVIL,
            queue=Queue.URGENT,
            state=JobState.FAILED,
            failure_end=FailureEnd.PERMANENT,
            message=EVIL,
            hint=EVIL,
            data={"text": EVIL},
        )
        Attempt.objects.create(
            merchant=merchant, job=job, method="GET", path=EVIL, error=EVIL, request_cut=EVIL, answer_cut=EVIL
        )
        operation = start_operation(
            merchant,
            "orders.acknowledge",
            EVIL[:100],
            actor=actor,
            rows=[RowSpec("orders.order", order.pk, label=EVIL)],
        )
        row = OperationRow.objects.get(merchant=merchant, operation=operation)
        finish_rows(operation, [row.pk], RowState.FAILED, code="=1+1", message=f"={EVIL}", hint=EVIL)
        notify(merchant, "x", EVIL, body=EVIL)
        LogEntry.objects.create(
            merchant=merchant,
            action="x.y",
            message=EVIL,
            actor_label=EVIL,
            object_label=EVIL,
            old={"a": EVIL},
            new={"a": 1},
        )
        merchant.name = f"Shop {EVIL}"[:120]
        merchant.save()
    return [
        "", "orders/", f"orders/{order.pk}/", f"orders/{order.pk}/ship/", f"orders/{order.pk}/cancel/",
        "jobs/", f"jobs/{job.pk}/", "calls/", "operations/", f"operations/{operation.pk}/",
        f"operations/{operation.pk}/undo/", "log/", "notices/", "bell/", "search/?q=SKU", "settings/",
        "settings/members/",
    ]  # fmt: skip


def test_texts_are_never_markup_nor_template(merchant, paths, client_for) -> None:
    client = client_for("owner")
    shown, wrong = 0, []
    for path in paths:
        response = client.get(f"/m/{merchant.slug}/{path}")
        assert response.status_code == 200, path
        text = response.content.decode()
        shown += "alert(1)" in text
        if "<script>alert" in text or "<img src=x" in text or "</script>42" in text or "&gt;42" in text:
            wrong.append(path)
    assert wrong == []
    assert shown >= 12


def test_downloads_hold_no_formula(merchant, paths, client_for) -> None:
    path = next(path for path in paths if path.endswith("/undo/")).replace("undo/", "failed.csv")
    response = client_for("owner").get(f"/m/{merchant.slug}/{path}")
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert [cell[:2] for cell in rows[1][2:4]] == ["'=", "'="]
