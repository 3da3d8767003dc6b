"""A report that a person completes while nothing can be sent: what the page promises is true."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from jetsync.models import Job, Options
from jetsync.tenancy.context import merchant_scope
from orders.models import ShipStationNotice
from orders.shipstation import noticing
from tests.orders.pages import page, text_of
from tests.orders.rows import line
from tests.orders.shipstation.conftest import notice

pytestmark = pytest.mark.django_db
GIVEN = {"tracking_number": "1Z 55", "jet_carrier": "UPS"}
RESTS = "is going to be deleted; until then nothing is sent to Jet or fetched."


@pytest.fixture
def without_number(merchant, order_of, caller) -> ShipStationNotice:
    order = order_of(line(quantity=2), status="acknowledged")
    caller.post(notice(order, ("KETTLE-1", 2), tracking=""))
    with merchant_scope(merchant):
        return noticing.apply_notice(merchant, ShipStationNotice.objects.get().pk)


def put_to_rest(merchant) -> None:
    merchant.deletion_due_at = timezone.now() + timedelta(days=14)
    merchant.save(update_fields=["deletion_due_at"])


def told(client, url: str, data: dict[str, str]) -> str:
    return unescape(client.post(url, data, follow=True).content.decode())


def test_tracking_number_is_on_its_way_to_jet(merchant, without_number, client_for) -> None:
    url = page(merchant, "shipstation-notice", pk=without_number.pk)
    words = told(client_for("fulfilment"), url, GIVEN)
    assert f"The parcel of order {without_number.order} is on its way to Jet." in words


def test_tracking_number_waits_for_the_switch(merchant, without_number, client_for) -> None:
    with merchant_scope(merchant):
        Options.objects.update(send_tracking=False)
    url = page(merchant, "shipstation-notice", pk=without_number.pk)

    words = told(client_for("fulfilment"), url, GIVEN)

    order = without_number.order
    assert (
        f"The parcel of order {order} is stored; it waits until “Send shipments to Jet” is switched on."
        in words
    )
    assert "on its way to Jet" not in words


@pytest.mark.parametrize("state", ["needs_tracking", "refused"])
def test_nothing_is_promised_while_the_store_rests(merchant, without_number, client_for, state: str) -> None:
    with merchant_scope(merchant):
        ShipStationNotice.objects.update(state=state)
        before = list(Job.objects.values_list("pk", "state"))
    put_to_rest(merchant)
    client = client_for("fulfilment")
    url = page(merchant, "shipstation-notice", pk=without_number.pk)
    assert RESTS in text_of(client, url)

    words = [told(client, url, GIVEN)]
    if state == "refused":
        words.append(told(client, page(merchant, "shipstation-notice-retry", pk=without_number.pk), {}))

    assert all(RESTS in text and "on its way" not in text and "tried again" not in text for text in words)
    with merchant_scope(merchant):
        report = ShipStationNotice.objects.get()
        assert (report.state, report.tracking_number) == (state, "")
        assert list(Job.objects.values_list("pk", "state")) == before
