"""Who may not see buyers finds them nowhere: not in Jet's JSON, not in the record of the calls."""

from __future__ import annotations

import json

import pytest

from jetsync.enums import JobState, Queue
from jetsync.models import Attempt, Job
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from tests import factories
from tests.orders.rows import jet_order, store

pytestmark = pytest.mark.django_db

PERSONAL = ("Ida", "Marsh", "Quarry Lane", "2015550143", "customer.jet.com", "Montclair")


@pytest.fixture
def fetched(merchant) -> tuple[Order, Job]:
    """An order, and the job that fetched it with Jet's answer as it is recorded."""
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        data = jet_order()
        order = store(merchant, account, data)
        job = Job.objects.create(
            merchant=merchant, kind="orders.import", key="1", queue=Queue.URGENT, state=JobState.DONE
        )
        Attempt.objects.create(
            merchant=merchant,
            job=job,
            method="GET",
            path="/orders/withoutShipmentDetail/1",
            status=200,
            request_cut=json.dumps({"note": data["buyer"]}),
            answer_cut=json.dumps(data)[:2000],
        )
    return order, job


def found_in(text: str) -> list[str]:
    return [word for word in PERSONAL if word in text]


@pytest.mark.parametrize(("role", "sees"), [("owner", True), ("fulfilment", True), ("analyst", False)])
def test_call_bodies_are_for_those_who_may_see_buyers(merchant, fetched, client_for, role, sees) -> None:
    _order, job = fetched

    text = client_for(role).get(f"/m/{merchant.slug}/jobs/{job.pk}/").content.decode()

    assert "/orders/withoutShipmentDetail/1" in text
    assert bool(found_in(text)) is sees
    assert ("may name shoppers" in text) is not sees


@pytest.mark.parametrize("path", ["orders/", "orders/{pk}/", "search/?q=Ida", "log/", ""])
def test_pages_hide_buyers_from_analysts(merchant, fetched, client_for, path) -> None:
    order, _job = fetched

    response = client_for("analyst").get(f"/m/{merchant.slug}/" + path.format(pk=order.pk))

    assert response.status_code == 200
    text = response.content.decode().replace('value="Ida"', "").replace("?q=Ida", "").replace("“Ida”", "")
    assert found_in(text) == []


@pytest.mark.parametrize("path", ["", "{pk}/"])
def test_api_hides_buyers_from_analysts(merchant, fetched, client_for, path) -> None:
    order, _job = fetched

    response = client_for("analyst").get(f"/api/v1/m/{merchant.slug}/orders/" + path.format(pk=order.pk))

    assert response.status_code == 200
    assert found_in(response.content.decode()) == []
