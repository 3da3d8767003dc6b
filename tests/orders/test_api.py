"""Orders over the API: the same rules as the pages, JSON in and out, repeats answered from memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jetsync.models import Job, Merchant, Options
from jetsync.tenancy.context import merchant_scope
from orders.models import Order, Shipment
from tests import factories
from tests.catalog.rows import make_product, make_variant
from tests.orders.rows import line, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def order_of(merchant: Merchant):
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        Options.objects.filter(merchant=merchant).update(auto_acknowledge=False)
        make_variant(merchant, make_product(merchant), sku="KETTLE-1", quantity=50)

    def make(*lines, **values) -> Order:
        with merchant_scope(merchant):
            return make_order(merchant, account, *lines, **values)

    return make


def address(merchant: Merchant, rest: str = "") -> str:
    return f"/api/v1/m/{merchant.slug}/orders/{rest}"


def post(client: Client, url: str, data: dict, **headers: str):
    return client.post(url, data, content_type="application/json", headers=headers)


def test_list_and_detail(merchant, order_of, client_for) -> None:
    ready, done = order_of(line(quantity=2)), order_of(status="complete")
    client = client_for("owner")

    listed = client.get(address(merchant)).json()
    assert [row["id"] for row in listed["results"]] == [done.pk, ready.pk]
    assert [row["id"] for row in client.get(address(merchant, "?state=ready")).json()["results"]] == [
        ready.pk
    ]
    shown = client.get(address(merchant, f"{ready.pk}/")).json()
    assert (shown["merchant_order_id"], shown["state"], shown["buyer"]) == (
        ready.merchant_order_id,
        "ready",
        "Ida Marsh",
    )
    assert [(row["sku"], row["quantity"], row["base_price"]) for row in shown["lines"]] == [
        ("KETTLE-1", 2, "24.99")
    ]
    assert shown["shipments"] == []


def test_list_costs_the_same_with_one_and_three_rows(merchant, order_of, client_for, count_queries) -> None:
    client = client_for("owner")
    order_of(line(), line())
    one = count_queries(client, address(merchant))
    order_of()
    order_of(line(), line(), line())

    assert count_queries(client, address(merchant)) == one


def test_buyer_is_masked_without_the_right(merchant, order_of, client_for) -> None:
    order = order_of()
    body = client_for("analyst").get(address(merchant, f"{order.pk}/")).json()

    assert (body["buyer"], body["email"]) == ("I••• M•••", "")
    assert body["ship_to"] == ["I••• M•••", "NJ 070•••"]


def test_acknowledge_is_replayed_for_the_same_key(merchant, order_of, client_for) -> None:
    order = order_of()
    client, url = client_for("fulfilment"), address(merchant, f"{order.pk}/acknowledge/")

    first = post(client, url, {}, **{"Idempotency-Key": "ack-1"})
    again = post(client, url, {}, **{"Idempotency-Key": "ack-1"})
    other = post(client, url, {})

    assert (first.status_code, first.json()["planned_answer"]) == (202, "accepted")
    assert (again.status_code, again.json()) == (202, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "state_conflict")
    with merchant_scope(merchant):
        assert Job.objects.filter(kind="orders.acknowledge").count() == 1


def test_reject_checks_items_and_pairing(merchant, order_of, client_for) -> None:
    order = order_of()
    with merchant_scope(merchant):
        item = order.lines.get().order_item_id
    client, url = client_for("owner"), address(merchant, f"{order.pk}/reject/")

    unknown = post(
        client,
        url,
        {"answer": "rejected - other", "items": [{"order_item_id": "x", "status": "fulfillable"}]},
    )
    unpaired = post(client, url, {"answer": "rejected - item level error"})
    assert (unknown.status_code, unknown.json()["fields"]) == (
        400,
        {"items": ["x is no item of this order."]},
    )
    assert (unpaired.status_code, list(unpaired.json()["fields"])) == (400, ["items"])

    items = [{"order_item_id": item, "status": "nonfulfillable - no inventory"}]
    done = post(client, url, {"answer": "rejected - item level error", "items": items})
    assert (done.status_code, done.json()["planned_answer"]) == (202, "rejected - item level error")


def test_ship_stores_the_shipment_or_names_the_fields(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    with merchant_scope(merchant):
        pk = order.lines.get().pk
    client, url = client_for("fulfilment"), address(merchant, f"{order.pk}/ship/")
    now = timezone.now()
    data = {
        "carrier": "UPS",
        "tracking_number": "1Z999",
        "shipped_at": now.isoformat(),
        "expected_delivery_at": (now + timedelta(days=3)).isoformat(),
        "pick_up_at": now.isoformat(),
        "lines": [{"line": pk, "quantity": 2}],
    }

    wrong = post(client, url, {**data, "tracking_number": "", "lines": [{"line": pk, "quantity": 4}]})
    assert wrong.status_code == 400
    assert sorted(wrong.json()["fields"]) == [f"line-{pk}-quantity", "tracking_number"]

    foreign = post(client, url, {**data, "method": "FedExGround"})
    assert foreign.json()["fields"] == {"method": ["FedEx Ground is a method of FedEx, not of UPS."]}
    late = post(client, url, {**data, "expected_delivery_at": (now + timedelta(days=9)).isoformat()})
    assert sorted(late.json()["fields"]) == ["confirms_late"]

    done = post(client, url, data)
    assert done.status_code == 202
    with merchant_scope(merchant):
        shipment = Shipment.objects.get()
    assert (done.json()["id"], done.json()["state"], done.json()["alt_shipment_id"]) == (
        shipment.pk,
        "queued",
        shipment.alt_shipment_id,
    )

    rest = post(client, address(merchant, f"{order.pk}/cancel/"), {})
    assert [(row["quantity"], row["cancel_quantity"]) for row in rest.json()["lines"]] == [(0, 1)]


def test_fetch_starts_the_job(merchant, order_of, client_for) -> None:
    answer = post(client_for("owner"), address(merchant, "fetch/"), {})

    with merchant_scope(merchant):
        assert (answer.status_code, answer.json()) == (
            202,
            {"job": Job.objects.get(kind="orders.fetch").pk, "state": "queued"},
        )


def test_rights_and_strangers(merchant, order_of, client_for) -> None:
    order = order_of()
    analyst = client_for("analyst")
    for rest in ("acknowledge/", "reject/", "ship/", "cancel/"):
        assert post(analyst, address(merchant, f"{order.pk}/{rest}"), {}).status_code == 403
    other = factories.make_merchant()
    assert client_for("owner", of=other).get(address(merchant, f"{order.pk}/")).status_code == 404
    assert client_for("owner", of=other).get(address(other, f"{order.pk}/")).status_code == 404
