"""The order pages: what each role sees, what the forms do, and how many queries a list costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Job, Merchant, Operation, Options, ReturnLocation
from jetsync.panel.palette import search
from jetsync.tenancy.actor import member_actor
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import rights_of
from orders.actions.shipment import mark_sent, ship_order
from orders.models import Order, Shipment, ShipmentLine
from tests import factories
from tests.catalog.rows import make_product, make_variant
from tests.orders.rows import line, make_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(merchant: Merchant):
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        Options.objects.filter(merchant=merchant).update(auto_acknowledge=False)
        make_variant(merchant, make_product(merchant), sku="KETTLE-1", quantity=50)
    return account


@pytest.fixture
def order_of(merchant: Merchant, account):
    def make(*lines, **values) -> Order:
        with merchant_scope(merchant):
            return make_order(merchant, account, *lines, **values)

    return make


def page(merchant: Merchant, name: str, **kwargs: int) -> str:
    return reverse(f"orders:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


@pytest.mark.feature("ORD-01", "ORD-09")
def test_list_shows_order_with_its_countdown(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=2), ready_at=timezone.now() - timedelta(minutes=5))
    html = text_of(client_for("owner"), page(merchant, "order-list"))

    assert order.reference_order_id in html
    assert "KETTLE-1" in html
    assert "Ida Marsh" in html
    assert "data-countdown" in html
    for column in ("Order", "Status", "SKU", "Customer", "Total", "Deliver by", "Date added", "Actions"):
        assert f">{column}" in html or column in html
    offered = ("Store order id", "Merchant Order Id", "Order Item Id", "Date modified", "ID")
    assert all(f'<span class="form-check-label">{name}</span>' in html for name in offered)


@pytest.mark.parametrize("name", ["order-list", "order-failed"])
def test_lists_cost_the_same_with_one_and_three_rows(
    merchant, order_of, client_for, count_queries, name
) -> None:
    client = client_for("owner")
    rejected = {"status": "complete", "acknowledgement_status": "rejected - other"}
    values = rejected if name == "order-failed" else {"status": "acknowledged"}
    order_of(line(), line(), **values)
    one = count_queries(client, page(merchant, name))
    order_of(line(), **values)
    order_of(line(), line(), line(), **values)

    assert count_queries(client, page(merchant, name)) == one
    assert one <= 12


def test_detail_costs_the_same_with_more_lines(merchant, order_of, client_for, count_queries) -> None:
    client = client_for("owner")
    small, large = order_of(line()), order_of(line(), line(), line())
    one = count_queries(client, page(merchant, "order-detail", pk=small.pk))

    assert count_queries(client, page(merchant, "order-detail", pk=large.pk)) == one


@pytest.mark.feature("ORD-02")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("order_id={ready}", ["ready"]),
        ("state=acknowledged", ["open"]),
        ("placed_after=2017-01-01&placed_before=2017-01-31", ["old"]),
        ("customer=zelda", ["open"]),
        ("total_min=100", ["open"]),
        ("updated_after=2000-01-01", ["ready", "open", "old"]),
        ("updated_before=2000-01-01", []),
    ],
)
def test_filters(merchant, order_of, client_for, query, found) -> None:
    orders = {
        "ready": order_of(),
        "open": order_of(line(quantity=5), status="acknowledged", buyer={"name": "Zelda Fitz"}),
        "old": order_of(status="complete", ready_at=datetime(2017, 1, 15, tzinfo=UTC)),
    }
    address = f"{page(merchant, 'order-list')}?{query.format(ready=orders['ready'])}"
    html = text_of(client_for("owner"), address)

    assert [name for name, order in orders.items() if f"/{order.pk}/" in _links(html)] == found


def _links(html: str) -> str:
    return " ".join(re.findall(r'data-href="([^"]+)"', html))


@pytest.mark.parametrize("words", ["reference", "sku", "buyer"])
def test_search_finds_by_id_sku_and_buyer(merchant, order_of, client_for, words) -> None:
    order = order_of(line("TEAPOT-7"), buyer={"name": "Zelda Fitz"})
    order_of()
    text = {"reference": order.reference_order_id, "sku": "teapot", "buyer": "zelda"}[words]

    html = text_of(client_for("owner"), f"{page(merchant, 'order-list')}?q={text}")

    assert _links(html) == page(merchant, "order-detail", pk=order.pk)


def test_without_the_right_no_page_tells_the_buyer(merchant, order_of, client_for) -> None:
    order = order_of(line(), buyer={"name": "Zelda Fitz"}, status="acknowledged")
    client = client_for("analyst")
    list_page, detail = page(merchant, "order-list"), page(merchant, "order-detail", pk=order.pk)

    for address in (list_page, detail):
        html = text_of(client, address)
        assert "Z••• F•••" in html
        for secret in ("Zelda", "Quarry", "2015550143", "customer.jet.com"):
            assert secret not in html
        assert "Zelda" in text_of(client_for("fulfilment"), address)
    for query in ("q=zelda", "customer=zelda"):
        assert _links(text_of(client, f"{list_page}?{query}")) == ""


def test_palette_finds_orders_for_those_who_may(merchant, order_of, owner) -> None:
    order = order_of(line(), buyer={"name": "Zelda Fitz"})
    full = member_actor(owner, rights_of("owner"))
    masked = member_actor(owner, rights_of("analyst"))
    with merchant_scope(merchant):
        by_name = [hit for hit in search(merchant, full, "zelda") if hit.group == "Orders"]
        blind = [hit for hit in search(merchant, masked, "zelda") if hit.group == "Orders"]
        by_id = [hit for hit in search(merchant, masked, str(order)) if hit.group == "Orders"]

    assert [(hit.label, hit.hint) for hit in by_name] == [(f"Order {order}", "Ready · Zelda Fitz")]
    assert blind == []
    assert [hit.hint for hit in by_id] == ["Ready · Z••• F•••"]


@pytest.mark.feature("ORD-11")
def test_detail_shows_everything_about_the_order(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    html = text_of(client_for("owner"), page(merchant, "order-detail", pk=order.pk))

    for words in (
        "Acknowledged",
        "Hoboken",
        "FedEx Ground",
        "Standard",
        "48 Quarry Lane",
        "$90.44",
        "imported from Jet",
        order.merchant_order_id,
        order.customer_reference_order_id,
        "&quot;order_items&quot;",
    ):
        assert words in html, words


@pytest.mark.feature("ORD-03", "FAI-01", "FAI-02", "FAI-03", "FAI-05")
def test_failed_orders_stand_apart_with_reason_and_what_to_do(merchant, order_of, client_for) -> None:
    good = order_of()
    rejected = order_of(
        line("CUP-2", order_item_acknowledgement_status="nonfulfillable - no inventory"),
        status="complete",
        acknowledgement_status="rejected - item level error",
    )
    html = text_of(client_for("owner"), page(merchant, "order-failed"))

    assert _links(html) == page(merchant, "order-detail", pk=rejected.pk)
    assert str(good) not in html
    assert f'href="{page(merchant, "order-list")}"' in html
    assert _links(text_of(client_for("owner"), f"{page(merchant, 'order-failed')}?state=rejected")) != ""
    assert _links(text_of(client_for("owner"), f"{page(merchant, 'order-failed')}?state=expired")) == ""
    for words in (
        "Rejected outside jetsync",
        "rejected - item level error, nonfulfillable - no inventory",
        "Somebody answered this order at Jet",
        "CUP-2",
    ):
        assert words in html


def test_fetch_button_starts_the_job_and_says_so(merchant, account, client_for) -> None:
    response = client_for("fulfilment").post(page(merchant, "order-fetch"), follow=True)

    assert "Fetching orders from Jet." in response.content.decode()
    with merchant_scope(merchant):
        assert Job.objects.get().kind == "orders.fetch"


def test_fetch_without_keys_names_the_settings(merchant, client_for) -> None:
    response = client_for("owner").post(page(merchant, "order-fetch"), follow=True)

    assert "Enter API user and secret" in response.content.decode()


@pytest.mark.feature("ORD-06")
def test_accept_and_reject_from_the_page(merchant, order_of, client_for) -> None:
    client = client_for("fulfilment")
    first, second = order_of(), order_of()
    said = client.post(page(merchant, "order-accept", pk=first.pk), follow=True)
    item = f"item-{_line_pk(merchant, second)}"
    refused = client.post(
        page(merchant, "order-reject", pk=second.pk),
        {"answer": "rejected - item level error", item: "fulfillable"},
    )
    client.post(
        page(merchant, "order-reject", pk=second.pk), {"answer": "rejected - fraud", item: "fulfillable"}
    )

    assert f"Order {first} is accepted; Jet is being told." in said.content.decode()
    assert refused.status_code == 400
    with merchant_scope(merchant):
        assert Order.objects.get(pk=first.pk).planned_answer == "accepted"
        assert Order.objects.get(pk=second.pk).planned_answer == "rejected - fraud"


def _line_pk(merchant: Merchant, order: Order) -> int:
    with merchant_scope(merchant):
        return order.lines.get().pk


def test_accept_of_what_cannot_be_delivered_asks_once_more(merchant, order_of, client_for) -> None:
    order = order_of(line("GHOST-1"))
    client, address = client_for("owner"), page(merchant, "order-accept", pk=order.pk)

    assert client.post(address).status_code == 400
    assert client.post(address, {"despite_problems": "on"}).status_code == 302
    with merchant_scope(merchant):
        assert Order.objects.get(pk=order.pk).planned_answer == "accepted"


@pytest.mark.feature("ORD-07")
def test_bulk_acknowledge_goes_through_a_confirm_page(merchant, order_of, client_for) -> None:
    orders = [order_of(), order_of()]
    client = client_for("owner")
    ticked = {"bulk": "acknowledge", "ids": [order.pk for order in orders]}
    asked = client.post(page(merchant, "order-list"), ticked, follow=True)
    confirm = asked.redirect_chain[-1][0]
    assert "Acknowledge 2 orders" in asked.content.decode()

    client.post(confirm)

    with merchant_scope(merchant):
        assert Operation.objects.get().title == "Acknowledge 2 orders"
        assert set(Order.objects.values_list("planned_answer", flat=True)) == {"accepted"}


@pytest.mark.feature("SHP-01", "SHP-02", "SHP-05")
def test_shipment_form_has_all_fields_filled_and_locked(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3, cancel=1), status="acknowledged", jet_request_directed_cancel=True)
    html = text_of(client_for("owner"), page(merchant, "order-ship", pk=order.pk))
    pk = _line_pk(merchant, order)

    for words in (
        "Order for fulfilment node",
        "Shipping carrier used",
        "Request service level",
        "Tracking number",
        "Ship to date",
        "Expected delivery date",
        "Carrier pick up date",
        "Shipping method",
        "Asked to cancel",
        "Remains",
        "RMA number",
        "Days to return",
        "Jet asks to cancel units",
    ):
        assert words in html, words
    assert f'name="line-{pk}-quantity" value="2"' in html
    assert f'name="line-{pk}-cancel_quantity" value="1"' in html
    assert 'name="ship_from_zip" value="07030"' in html
    assert '<option value="FedExGround" selected>' in html


def ship_data(merchant: Merchant, order: Order, **values: object) -> dict[str, object]:
    pk = _line_pk(merchant, order)
    today = timezone.now().date()
    return {
        "carrier": "FedEx",
        "method": "FedExGround",
        "tracking_number": "612999aa10ba",
        "shipped_at": (today + timedelta(days=1)).isoformat(),
        "expected_delivery_at": (today + timedelta(days=5)).isoformat(),
        "pick_up_at": (today + timedelta(days=1)).isoformat(),
        "ship_from_zip": "07030",
        f"line-{pk}-quantity": 3,
        f"line-{pk}-cancel_quantity": 0,
        **values,
    }


def test_submitting_a_shipment_stores_it_and_enqueues_its_job(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    response = client_for("fulfilment").post(
        page(merchant, "order-ship", pk=order.pk), ship_data(merchant, order), follow=True
    )

    with merchant_scope(merchant):
        shipment, job = Shipment.objects.get(), Job.objects.get(kind="orders.ship")
        assert (shipment.tracking_number, shipment.ship_from_zip) == ("612999aa10ba", "07030")
        assert shipment.shipped_at.astimezone().utcoffset() is not None
        assert (ShipmentLine.objects.get().quantity, job.key) == (3, str(shipment.pk))
    assert f"Shipment {shipment} of order {order} is on its way to Jet." in response.content.decode()


def test_faults_stand_beside_their_fields_and_nothing_is_stored(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    pk = _line_pk(merchant, order)
    wrong = {"tracking_number": "", "ship_from_zip": "0703x", f"line-{pk}-quantity": 4}

    response = client_for("owner").post(
        page(merchant, "order-ship", pk=order.pk), ship_data(merchant, order, **wrong)
    )

    html = response.content.decode()
    assert response.status_code == 400
    assert "KETTLE-1: 4 to ship, but only 3 of 3 are left." in html
    assert "Give the tracking number" in html
    assert "Five digits, for example 07030" in html
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()


@pytest.mark.feature("SHP-09")
def test_cancelling_shows_the_rate_and_asks(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    pk = _line_pk(merchant, order)
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)
    cancel = {f"line-{pk}-quantity": 2, f"line-{pk}-cancel_quantity": 1}

    asked = client.post(address, ship_data(merchant, order, **cancel))
    assert asked.status_code == 400
    html = asked.content.decode()
    assert "Cancelling lowers your performance" in html
    assert "Of your 1 orders of the last 30 days 0 (0.0 %)" in html

    done = client.post(address, ship_data(merchant, order, **cancel, confirms_cancel="on"))
    assert done.status_code == 302


@pytest.mark.feature("SHP-10")
def test_own_return_address_makes_an_rma_number(merchant, account, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    with merchant_scope(merchant):
        place = ReturnLocation.objects.create(
            merchant=merchant,
            account=account,
            return_id="b" * 32,
            address1="9 Dock Street",
            city="Hoboken",
            state="NJ",
            zip_code="07030",
        )
    pk = _line_pk(merchant, order)
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)
    location = {f"line-{pk}-location": place.pk}

    assert client.post(address, ship_data(merchant, order, **location)).status_code == 400
    client.post(address, ship_data(merchant, order, **location, **{f"line-{pk}-days_to_return": 14}))

    with merchant_scope(merchant):
        row = ShipmentLine.objects.get()
    assert row.days_to_return == 14
    assert row.rma_number.startswith("RMA-")
    assert row.return_location["address1"] == "9 Dock Street"


@pytest.mark.feature("ORD-16", "ORD-17", "SHP-08")
def test_cancel_page_names_units_and_rate(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    client, address = client_for("owner"), page(merchant, "order-cancel", pk=order.pk)
    html = text_of(client, address)
    assert "KETTLE-1: 3 cancelled" in html
    assert "of the last 30 days" in html

    client.post(address)

    with merchant_scope(merchant):
        row = ShipmentLine.objects.get()
        assert (row.quantity, row.cancel_quantity) == (0, 3)
    ready = order_of()
    assert "Reject it instead" in text_of(client, page(merchant, "order-cancel", pk=ready.pk))
    assert page(merchant, "order-reject", pk=ready.pk) in text_of(client, page(merchant, "order-list"))


@pytest.mark.feature("SHP-12")
def test_shipped_order_is_read_only_with_all_values(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=1), status="acknowledged")
    client = client_for("owner")
    client.post(
        page(merchant, "order-ship", pk=order.pk),
        ship_data(merchant, order, **{f"line-{_line_pk(merchant, order)}-quantity": 1}),
    )
    with merchant_scope(merchant):
        shipment = Shipment.objects.get()
        mark_sent(merchant, shipment.pk)

    html = text_of(client, page(merchant, "order-detail", pk=order.pk))
    raw = shipment.shipped_at.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert "Completed" in html
    assert page(merchant, "order-ship", pk=order.pk) not in html
    assert page(merchant, "order-cancel", pk=order.pk) not in html
    assert "612999aa10ba" in html
    assert f'title="{raw}"' in html
    assert "Submit shipment" not in text_of(client, page(merchant, "order-ship", pk=order.pk))


@pytest.mark.feature("SHP-13")
def test_list_and_order_lead_to_the_same_form(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged")
    client, form = client_for("owner"), page(merchant, "order-ship", pk=order.pk)

    assert form in text_of(client, page(merchant, "order-list"))
    assert form in text_of(client, page(merchant, "order-detail", pk=order.pk))


def test_analyst_sees_no_way_to_act(merchant, order_of, client_for) -> None:
    ready, shippable = order_of(), order_of(status="acknowledged")
    client = client_for("analyst")
    html = text_of(client, page(merchant, "order-list"))

    assert page(merchant, "order-accept", pk=ready.pk) not in html
    assert page(merchant, "order-ship", pk=shippable.pk) not in html
    for name, order in (("order-accept", ready), ("order-reject", ready), ("order-ship", shippable)):
        assert client.post(page(merchant, name, pk=order.pk)).status_code == 403
    assert client.post(page(merchant, "order-fetch")).status_code == 403


def test_another_merchants_order_does_not_exist(merchant, order_of, client_for) -> None:
    order = order_of()
    other = factories.make_merchant()
    client = client_for("owner", of=other)
    for name in ("order-detail", "order-ship", "order-accept", "order-reject", "order-cancel"):
        assert client.get(page(other, name, pk=order.pk)).status_code == 404
        assert client.get(page(merchant, name, pk=order.pk)).status_code == 404


def test_orders_of_the_other_mode_stay_out_of_the_list(merchant, order_of, client_for) -> None:
    order = order_of()
    client = client_for("owner")
    assert str(order) in text_of(client, page(merchant, "order-list"))

    Merchant.objects.filter(pk=merchant.pk).update(mode="live")

    assert str(order) not in text_of(client, page(merchant, "order-list"))


def test_refused_shipment_can_be_sent_again_from_the_page(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=1), status="acknowledged")
    client = client_for("owner")
    with merchant_scope(merchant):
        from jetsync.tenancy.actor import SYSTEM
        from tests.orders.test_shipment import parcel

        shipment = ship_order(order, parcel(order, 1), actor=SYSTEM)
        Job.objects.all().delete()
        Shipment.objects.update(state="refused", failure_message="Jet said no.")

    assert "Jet said no." in text_of(client, page(merchant, "order-detail", pk=order.pk))
    client.post(page(merchant, "shipment-resend", pk=shipment.pk))

    with merchant_scope(merchant):
        assert Shipment.objects.get().state == "queued"
        assert Job.objects.get(kind="orders.ship").key == str(shipment.pk)


@pytest.mark.feature("ORD-13")
def test_delivery_date_is_red_when_near(merchant, order_of, client_for) -> None:
    near = order_of(status="acknowledged", ready_at=timezone.now() - timedelta(days=5))
    client = client_for("owner")
    html = text_of(client, page(merchant, "order-list"))
    assert "Deliver by" in html
    assert '<span class="text-red"><time' in html

    with merchant_scope(merchant):
        Order.objects.filter(pk=near.pk).update(deliver_by=timezone.now() + timedelta(days=6))
    assert '<span class="text-red"><time' not in text_of(client, page(merchant, "order-list"))


def test_home_shows_what_waits_and_what_is_near(merchant, order_of, client_for) -> None:
    ready = order_of()
    order_of(status="acknowledged", ready_at=timezone.now() - timedelta(days=5))
    html = text_of(client_for("owner"), reverse("panel:home", kwargs={"merchant_slug": merchant.slug}))

    assert page(merchant, "order-detail", pk=ready.pk) in html
    assert "data-countdown" in html
    assert "1 due within 2 days" in html
