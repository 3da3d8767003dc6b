"""The shipment form and the pages of cancelling."""

from __future__ import annotations

import re
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from jetsync.models import FulfillmentNode, Job, LogEntry, Options, ReturnLocation
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.actions.shipment import mark_sent, ship_order
from orders.dates import next_business_day
from orders.models import Shipment, ShipmentLine
from orders.validators import LineInput
from tests.orders.pages import line_pk, page, ship_data, text_of
from tests.orders.rows import line, parcel

pytestmark = pytest.mark.django_db


@pytest.mark.feature("SHP-01")
def test_shipment_form_has_all_fields_filled_and_locked(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3, cancel=1), status="acknowledged", jet_request_directed_cancel=True)
    html = text_of(client_for("owner"), page(merchant, "order-ship", pk=order.pk))
    pk = line_pk(merchant, order)

    for words in (
        "Order for fulfilment node",
        "Shipping carrier used",
        "Request service level",
        "Tracking number",
        "Ship date",
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
    assert (
        '<option value="FedExGround" selected data-family="FedEx" title="FedExGround">FedEx Ground</option>'
        in html
    )


@pytest.mark.parametrize("name", ["order-ship", "order-detail"])
def test_wish_to_cancel_says_what_not_to_ship_also_without_units(
    merchant, order_of, client_for, name
) -> None:
    wishes = {"status": "acknowledged", "jet_request_directed_cancel": True}
    named, unnamed = order_of(line(quantity=3, cancel=1), **wishes), order_of(line(), **wishes)
    client = client_for("owner")

    assert "Do not ship 1 of KETTLE-1 (ship 2)." in text_of(client, page(merchant, name, pk=named.pk))
    assert "Do not ship them." in text_of(client, page(merchant, name, pk=unnamed.pk))


def cells_of(html: str) -> dict[str, str]:
    """The words of the table's cells by the heading that each names; the last row wins."""
    cells = re.findall(r'<td data-label="([^"]+)"[^>]*>(.*?)</td>', html, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", cell).split()) for name, cell in cells}


@pytest.mark.feature("SHP-02", "SHP-05")
def test_form_and_order_page_show_the_values_of_parcel_and_units(merchant, order_of, client_for) -> None:
    """With a value in each of them: a page that shows dashes does not pass."""
    order = order_of(
        line(quantity=4, cancel=1),
        status="acknowledged",
        jet_request_directed_cancel=True,
        alt_order_id="WC-10233",
    )
    client, pk = client_for("owner"), line_pk(merchant, order)
    place = {"address1": "5 Dock Road", "address2": "", "city": "Newark", "state": "NJ", "zip_code": "07102"}
    with merchant_scope(merchant):
        sent = parcel(
            order,
            0,
            lines=(
                LineInput(
                    pk,
                    2,
                    1,
                    rma_number="RMA-77-A1",
                    days_to_return=21,
                    return_location=place,
                    wants_location=True,
                ),
            ),
            confirms_cancel=True,
        )
        shipment = ship_order(order, sent, actor=SYSTEM)
        Shipment.objects.update(state="sent", jet_shipment_id="b3f5c1d2")

    form = text_of(client, page(merchant, "order-ship", pk=order.pk))
    shown = cells_of(form)
    assert {
        name: shown[name] for name in ("Ordered", "Asked to cancel", "Shipped", "Cancelled", "Remains")
    } == {
        "Ordered": "4",
        "Asked to cancel": "1",
        "Shipped": "2",
        "Cancelled": "1",
        "Remains": "1",
    }
    assert "KETTLE-1" in shown["SKU"]

    html = text_of(client, page(merchant, "order-detail", pk=order.pk))
    for words in (
        "WC-10233",
        f"{order}-{shipment.pk}",
        "FedEx · FedEx Ground",
        '<span class="code">612999aa10ba</span>',
        "2 shipped 1 cancelled",
        "RMA RMA-77-A1, 21 days to return",
        '<span class="code">b3f5c1d2</span>',
    ):
        assert words in html, words
    for moment in (sent.shipped_at, sent.expected_delivery_at, sent.pick_up_at):
        assert f'datetime="{moment.isoformat()}"' in html or moment.strftime("%Y-%m-%dT%H:%M") in html
    assert "07030" in html.split('id="shipment-')[1]


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


@pytest.mark.feature("CFG-32")
def test_shipment_stored_while_sending_is_off_says_that_it_waits(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    with merchant_scope(merchant):
        Options.objects.update(send_tracking=False)
    response = client_for("fulfilment").post(
        page(merchant, "order-ship", pk=order.pk), ship_data(merchant, order), follow=True
    )

    with merchant_scope(merchant):
        shipment = Shipment.objects.get()
        assert not Job.objects.filter(kind="orders.ship").exists()
        logged = LogEntry.objects.get(action="orders.shipment.created").message
    assert (
        logged == f"Shipment of order {order}: 3 shipped; it waits: sending shipments to Jet is switched off."
    )
    text = response.content.decode()
    assert (
        f"{shipment} of order {order} is stored; it waits until “Send shipments to Jet” is switched on."
        in text
    )
    assert "is on its way to Jet." not in text


def test_faults_stand_beside_their_fields_and_nothing_is_stored(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    pk = line_pk(merchant, order)
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
    pk = line_pk(merchant, order)
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)
    cancel = {f"line-{pk}-quantity": 2, f"line-{pk}-cancel_quantity": 1}

    asked = client.post(address, ship_data(merchant, order, **cancel))
    assert asked.status_code == 400
    html = asked.content.decode()
    assert "Cancelling lowers your performance" in html
    assert "Of your 1 order of the last 30 days 0 (0.0 %)" in html

    done = client.post(address, ship_data(merchant, order, **cancel, confirms_cancel="on"))
    assert done.status_code == 302


def test_method_of_another_carrier_is_refused_by_name(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")

    response = client_for("owner").post(
        page(merchant, "order-ship", pk=order.pk), ship_data(merchant, order, method="USPSPriorityMail")
    )

    assert response.status_code == 400
    assert "USPS Priority Mail is a method of USPS, not of FedEx." in response.content.decode()
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()


def test_delivery_after_the_promise_asks_first(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=3), status="acknowledged")
    client, address = client_for("owner"), page(merchant, "order-ship", pk=order.pk)
    late = {"expected_delivery_at": (timezone.now() + timedelta(days=9)).date().isoformat()}
    assert "Later than promised" not in text_of(client, address)

    asked = client.post(address, ship_data(merchant, order, **late))
    assert asked.status_code == 400
    assert "Later than promised" in asked.content.decode()
    with merchant_scope(merchant):
        assert not Shipment.objects.exists()

    done = client.post(address, ship_data(merchant, order, **late, confirms_late="on"))
    assert done.status_code == 302


def test_form_warns_when_even_its_own_proposal_is_late(merchant, order_of, client_for) -> None:
    order = order_of(status="acknowledged", ready_at=timezone.now() - timedelta(days=8))

    assert "Later than promised" in text_of(client_for("owner"), page(merchant, "order-ship", pk=order.pk))


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
    pk = line_pk(merchant, order)
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
        ship_data(merchant, order, **{f"line-{line_pk(merchant, order)}-quantity": 1}),
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


def test_refused_shipment_can_be_sent_again_from_the_page(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=1), status="acknowledged")
    client = client_for("owner")
    with merchant_scope(merchant):
        from jetsync.tenancy.actor import SYSTEM
        from tests.orders.rows import parcel

        shipment = ship_order(order, parcel(order, 1), actor=SYSTEM)
        Job.objects.all().delete()
        Shipment.objects.update(state="refused", failure_message="Jet said no.")

    assert "Jet said no." in text_of(client, page(merchant, "order-detail", pk=order.pk))
    client.post(page(merchant, "shipment-resend", pk=shipment.pk))

    with merchant_scope(merchant):
        assert Shipment.objects.get().state == "queued"
        assert Job.objects.get(kind="orders.ship").key == str(shipment.pk)


@pytest.mark.feature("SHP-03")
def test_form_is_filled_with_the_nodes_zip_zone_and_cut_off(merchant, account, order_of, client_for) -> None:
    with merchant_scope(merchant):
        node = FulfillmentNode.objects.get(account=account)
    address = reverse("panel:node-edit", kwargs={"merchant_slug": merchant.slug, "pk": node.pk})
    client = client_for("owner")
    values = {"node_id": node.node_id, "name": node.name, "zip_code": "94103", "cutoff": "00:00"}
    saved = client.post(address, {**values, "time_zone": "America/Los_Angeles"})
    assert saved.status_code == 302
    order = order_of(line(quantity=3), status="acknowledged")

    html = text_of(client, page(merchant, "order-ship", pk=order.pk))

    today = timezone.now().astimezone(ZoneInfo("America/Los_Angeles")).date()
    proposed = next_business_day(today + timedelta(days=1))
    assert 'name="ship_from_zip" value="94103"' in html
    assert f'name="shipped_at" value="{proposed.isoformat()}"' in html
    assert client.post(address, {**values, "time_zone": "Mars/Base"}).status_code in {200, 400}
    with merchant_scope(merchant):
        node.refresh_from_db()
        assert (node.cutoff, node.time_zone) == (time(0), "America/Los_Angeles")
