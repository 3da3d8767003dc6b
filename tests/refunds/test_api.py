"""Refunds over the API: the same rules as the page."""

import pytest

from jetsync.models import Job
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from orders.models import Order
from refunds.actions.creating import create_refund
from refunds.models import Refund
from tests import factories
from tests.refunds.test_create import give
from tests.returns.rows import make_order, make_return
from tests.returns.test_api import address, token_of


@pytest.fixture
def order(merchant) -> Order:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        return make_order(merchant, account)


def body(order: Order, **changes):
    with merchant_scope(order.merchant):
        line = order.lines.get()
    values = {
        "order_line": line.pk,
        "quantity_returned": 1,
        "quantity_refunded": 1,
        "reason": "Unwanted gift",
        "feedback": "Restocking fee",
        "amounts": {"principal": "24.99"},
    }
    return {"order": order.pk, "lines": [values | changes]}


def post(client, merchant, data, headers):
    return client.post(
        address("refund-list", merchant), data, content_type="application/json", headers=headers
    )


def test_create_once_for_one_key_then_list_and_detail(client, merchant, order):
    headers = token_of(merchant, Right.REFUNDS_VIEW, Right.REFUNDS_CREATE)
    keyed = {**headers, "Idempotency-Key": "refund-1"}
    answers = [post(client, merchant, body(order), keyed) for _try in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    with merchant_scope(merchant):
        refund = Refund.objects.get()
        assert Job.objects.get().key == str(refund.pk)
    listed = client.get(address("refund-list", merchant), headers=headers).json()["results"]
    shown = client.get(address("refund-detail", merchant, refund.pk), headers=headers).json()
    assert [row["id"] for row in listed] == [shown["id"]] == [refund.pk]
    assert shown["lines"][0]["amounts"]["principal"] == "24.99"


def test_create_names_the_fields_at_fault(client, merchant, order):
    headers = token_of(merchant, Right.REFUNDS_CREATE)
    data = body(order, amounts={"principal": "25.00"})
    answer = post(client, merchant, data, headers)
    line_id = data["lines"][0]["order_line"]
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [f"line-{line_id}-principal"]
    with merchant_scope(merchant):
        assert (Refund.objects.count(), Job.objects.count()) == (0, 0)


def test_order_with_a_return_is_a_conflict_that_names_it(client, merchant, order):
    with merchant_scope(merchant):
        returned = make_return(order)
    answer = post(client, merchant, body(order), token_of(merchant, Right.REFUNDS_CREATE))
    assert (answer.status_code, answer.json()["code"]) == (409, "order_has_return")
    assert str(returned) in answer.json()["message"]


def test_rights_and_tenants(client, merchant, order):
    with merchant_scope(merchant):
        refund = create_refund(order, [give(order)], actor=SYSTEM)
    assert post(client, merchant, body(order), token_of(merchant, Right.REFUNDS_VIEW)).status_code == 403
    stranger = factories.make_merchant()
    foreign = token_of(stranger, *Right)
    assert client.get(address("refund-detail", stranger, refund.pk), headers=foreign).status_code == 404
    assert post(client, stranger, body(order), foreign).status_code == 404
    assert client.get(address("refund-list", merchant), headers=foreign).status_code == 401
    with merchant_scope(merchant):
        assert Refund.objects.count() == 1


def test_status_updates_start_jobs(client, merchant, order):
    with merchant_scope(merchant):
        refund = create_refund(order, [give(order)], actor=SYSTEM)
    headers = token_of(merchant, Right.REFUNDS_CREATE)
    assert client.post(address("refund-update-status", merchant), headers=headers).status_code == 202
    assert client.post(address("refund-refresh", merchant, refund.pk), headers=headers).status_code == 202
    with merchant_scope(merchant):
        kinds = set(Job.objects.values_list("kind", flat=True))
    assert kinds == {"refunds.create", "refunds.status", "refunds.refresh"}
