"""The lists of orders: columns, filters, search, and how many queries they cost."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jetsync.enums import FailureEnd, JobState
from jetsync.models import Job, Merchant, Operation, Schedule
from jetsync.sync.queue import enqueue
from jetsync.sync.registry import SCHEDULE_KEY
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from orders.queries.clock import Pulse, pulse
from tests.downloads import csv_rows
from tests.orders.pages import headings_of, links_of, page, run_decisions, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db


@pytest.mark.feature("ORD-01", "ORD-09")
def test_list_shows_order_with_its_countdown(merchant, order_of, client_for) -> None:
    order = order_of(line(quantity=2), ready_at=timezone.now() - timedelta(minutes=5))
    html = text_of(client_for("owner"), page(merchant, "order-list"))

    assert order.reference_order_id in html
    assert "KETTLE-1" in html
    assert "Ida Marsh" in html
    assert "data-countdown" in html
    shown = ("Order", "Status", "SKU", "Customer", "Total", "Deliver by", "Date added", "Actions")
    assert [name for name in headings_of(html) if name in shown] == list(shown)
    offered = ("Store order id", "Merchant Order Id", "Order Item Id", "Date modified", "ID")
    assert all(f'<span class="form-check-label">{name}</span>' in html for name in offered)


@pytest.mark.feature("ORD-09")
def test_ready_orders_stand_nearest_first_and_say_urgent_below_five_minutes(
    merchant, order_of, client_for
) -> None:
    now = timezone.now()
    calm = order_of(ready_at=now - timedelta(minutes=2))
    urgent = order_of(ready_at=now - timedelta(minutes=11))
    near = order_of(ready_at=now - timedelta(minutes=7))
    client = client_for("owner")
    ready = text_of(client, page(merchant, "order-list") + "?view=ready")
    places = [ready.index(f"/orders/{order.pk}/") for order in (urgent, near, calm)]
    assert places == sorted(places)
    assert " left, urgent</time>" in ready

    every = text_of(client, page(merchant, "order-list"))
    assert '3 orders wait for your answer</a>, the first: <time class="countdown countdown-urgent' in every
    home = text_of(client, f"/m/{merchant.slug}/")
    places = [home.index(f"/orders/{order.pk}/") for order in (urgent, near, calm)]
    assert places == sorted(places)


@pytest.mark.feature("ORD-10")
@pytest.mark.parametrize(
    ("word", "label"),
    [
        ("ready", "Ready"),
        ("acknowledged", "Acknowledged"),
        ("inprogress", "In progress"),
        ("complete", "Completed"),
    ],
)
def test_status_of_jet_is_shown_by_its_label(merchant, order_of, client_for, word, label) -> None:
    order, client = order_of(status=word), client_for("owner")

    listed = re.findall(
        r'data-label="Status">(.*?)</td>', text_of(client, page(merchant, "order-list")), re.DOTALL
    )
    (cell,) = listed
    assert re.search(rf">\s*{label}\s*<", cell), cell
    detail = text_of(client, page(merchant, "order-detail", pk=order.pk))
    assert re.search(rf">\s*{label}\s*<", detail.split('class="page-subtitle')[1])


def fetched(merchant: Merchant, *, ok: bool = True, message: str = "No new orders.") -> None:
    with merchant_scope(merchant):
        values = {"last_finished_at": timezone.now(), "last_ok": ok, "last_message": message}
        Schedule.objects.update_or_create(
            merchant=merchant,
            kind="orders.fetch",
            defaults={"interval_seconds": 600, "next_due_at": timezone.now(), **values},
        )


@pytest.mark.feature("CFG-13")
@pytest.mark.parametrize("name", ["orders:order-list", "returns:return-list", "refunds:refund-list"])
def test_list_of_a_store_without_keys_leads_to_them(merchant, client_for, name) -> None:
    address = reverse(name, kwargs={"merchant_slug": merchant.slug})
    html = client_for("owner").get(address).content.decode()
    assert "There are no API keys for test mode: nothing is fetched from Jet." in html
    keys = reverse("panel:account", kwargs={"merchant_slug": merchant.slug})
    assert f'<a href="{keys}">Enter the keys</a>' in html
    assert "first look is still to come" not in html


@pytest.mark.feature("SCH-12")
def test_list_and_schedules_say_that_jet_does_not_answer_while_it_is_tried(
    merchant, order_of, client_for
) -> None:
    order_of()
    fetched(merchant)
    client, address = client_for("owner"), page(merchant, "order-list")
    schedules = reverse("panel:schedule-list", kwargs={"merchant_slug": merchant.slug})
    with merchant_scope(merchant):
        schedule = Schedule.objects.get(kind="orders.fetch")
        job = enqueue(merchant, "orders.fetch", SCHEDULE_KEY, schedule=schedule)
        Job.objects.filter(pk=job.pk).update(
            state=JobState.QUEUED, failure_end=FailureEnd.RETRY, attempts=3,
            message="Jet has trouble of its own (503).", not_before=timezone.now() + timedelta(minutes=1),
        )  # fmt: skip
    text = text_of(client, address)
    assert "Jet has trouble of its own (503). It has been tried since" in text
    assert "Last look at Jet" in text
    listed = client.get(schedules).content.decode()
    assert "Trying again" in listed
    assert "Jet has trouble of its own (503)." in listed
    detail = client.get(reverse("panel:schedule-detail", args=[merchant.slug, schedule.pk])).content.decode()
    assert "Jet has trouble of its own (503)." in detail
    with merchant_scope(merchant):
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE, failure_end="", finished_at=timezone.now())
    assert "It has been tried since" not in text_of(client, address)
    assert "Trying again" not in client.get(schedules).content.decode()


def test_list_says_when_jet_was_asked_and_how_many_orders_came(merchant, order_of, client_for) -> None:
    client, address = client_for("owner"), page(merchant, "order-list")
    with merchant_scope(merchant):
        Schedule.objects.filter(kind="orders.fetch").delete()
    assert "the first look is still to come" in text_of(client, address)
    order_of()
    order_of()
    with merchant_scope(merchant):
        old = order_of()
        Order.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=2))
    fetched(merchant)

    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    for html in (text_of(client, address), part):
        assert "Last look at Jet <time" in html
        assert "2 new orders in the last hour." in html
        assert "No new orders." not in html
    assert 'id="freshness" hx-swap-oob="true"' in part

    fetched(merchant, ok=False, message="Jet did not answer.")
    assert "The last look at Jet failed" in text_of(client, address)


@pytest.mark.parametrize("name", ["order-list", "order-failed"])
def test_lists_cost_the_same_with_one_and_three_rows(
    merchant, order_of, client_for, count_queries, name
) -> None:
    client = client_for("owner")
    rejected = {"status": "complete", "acknowledgement_status": "rejected - other"}
    values = rejected if name == "order-failed" else {"status": "acknowledged"}
    order_of(line(), line(), **values)
    fetched(merchant)
    with CaptureQueriesContext(connection) as queries:
        html = text_of(client, page(merchant, name))
    assert "KETTLE-1" in html
    # Jet's JSON is the largest column there is, and no list shows it.
    assert [row["sql"] for row in queries if '"raw"' in row["sql"]] == []
    one = count_queries(client, page(merchant, name))
    order_of(line(), **values)
    order_of(line(), line(), line(), **values)

    assert count_queries(client, page(merchant, name)) == one
    assert one <= 12


def test_part_of_the_list_without_orders_says_its_own_words(merchant, order_of, client_for) -> None:
    order_of(line(), status="acknowledged")
    address = page(merchant, "order-list")

    html = text_of(client_for("owner"), f"{address}?view=ready")
    assert "No orders in this part" in html
    assert "Nothing matches these filters" not in html
    assert "Nothing matches these filters" in text_of(client_for("owner"), f"{address}?view=ready&q=zzz")


def test_pulse_counts_what_waits_and_what_is_new_in_one_query(
    merchant, order_of, django_assert_num_queries
) -> None:
    since = timezone.now() - timedelta(hours=1)
    with merchant_scope(merchant), django_assert_num_queries(1):
        assert pulse(merchant, since) == Pulse(0, None, 0)
    first = order_of(line(), ready_at=timezone.now() - timedelta(minutes=5))
    order_of(line())
    order_of(line(), status="acknowledged")

    with merchant_scope(merchant), django_assert_num_queries(1):
        assert pulse(merchant, since) == Pulse(2, first.ack_due_at, 3)


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

    assert [name for name, order in orders.items() if f"/{order.pk}/" in links_of(html)] == found


@pytest.mark.parametrize("words", ["reference", "sku", "buyer"])
def test_search_finds_by_id_sku_and_buyer(merchant, order_of, client_for, words) -> None:
    order = order_of(line("TEAPOT-7"), buyer={"name": "Zelda Fitz"})
    order_of()
    text = {"reference": order.reference_order_id, "sku": "teapot", "buyer": "zelda"}[words]

    html = text_of(client_for("owner"), f"{page(merchant, 'order-list')}?q={text}")

    assert links_of(html) == page(merchant, "order-detail", pk=order.pk)


@pytest.mark.feature("ORD-03", "FAI-01", "FAI-02", "FAI-03", "FAI-05")
def test_failed_orders_stand_apart_with_reason_and_what_to_do(merchant, order_of, client_for) -> None:
    good = order_of()
    rejected = order_of(
        line("CUP-2", order_item_acknowledgement_status="nonfulfillable - no inventory"),
        status="complete",
        acknowledgement_status="rejected - item level error",
    )
    html = text_of(client_for("owner"), page(merchant, "order-failed"))

    assert links_of(html) == page(merchant, "order-detail", pk=rejected.pk)
    assert str(good) not in html
    assert f'href="{page(merchant, "order-list")}"' in html
    assert links_of(text_of(client_for("owner"), f"{page(merchant, 'order-failed')}?state=rejected")) != ""
    assert links_of(text_of(client_for("owner"), f"{page(merchant, 'order-failed')}?state=expired")) == ""
    cause = f'href="/m/{merchant.slug}/help/order-rejected-elsewhere/"'
    assert cause in html
    assert cause in text_of(client_for("owner"), page(merchant, "order-detail", pk=rejected.pk))
    for words in (
        "Rejected outside jetsync",
        "rejected - item level error, nonfulfillable - no inventory",
        "Somebody answered this order at Jet",
        "CUP-2",
        rejected.reference_order_id,
    ):
        assert words in html
    with merchant_scope(merchant):
        item = rejected.lines.get()
    (row,) = csv_rows(client_for("owner"), f"{page(merchant, 'order-failed')}?download=csv")
    assert (row["Order"], row["Order item id"], row["Problem"]) == (
        rejected.reference_order_id,
        item.order_item_id,
        "Rejected outside jetsync",
    )


@pytest.mark.feature("ORD-07")
def test_bulk_acknowledge_goes_through_a_confirm_page(merchant, order_of, client_for) -> None:
    orders = [order_of(), order_of()]
    client = client_for("owner")
    ticked = {"bulk": "acknowledge", "ids": [order.pk for order in orders]}
    asked = client.post(page(merchant, "order-list"), ticked, follow=True)
    confirm = asked.redirect_chain[-1][0]
    assert "Acknowledge 2 orders" in asked.content.decode()

    client.post(confirm)
    run_decisions(merchant)

    with merchant_scope(merchant):
        assert Operation.objects.get().title == "Acknowledge 2 orders"
        assert set(Order.objects.values_list("planned_answer", flat=True)) == {"accepted"}


def test_orders_of_the_other_mode_stay_out_of_the_list(merchant, order_of, client_for) -> None:
    order = order_of()
    client = client_for("owner")
    assert str(order) in text_of(client, page(merchant, "order-list"))

    Merchant.objects.filter(pk=merchant.pk).update(mode="live")

    assert str(order) not in text_of(client, page(merchant, "order-list"))


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


def test_fetch_button_starts_the_job_and_says_so(merchant, account, client_for) -> None:
    response = client_for("fulfilment").post(page(merchant, "order-fetch"), follow=True)

    assert "Asking Jet for new orders. This list shows them by itself." in response.content.decode()
    with merchant_scope(merchant):
        assert Job.objects.get().kind == "orders.fetch"


def test_fetch_without_keys_names_the_settings(merchant, client_for) -> None:
    response = client_for("owner").post(page(merchant, "order-fetch"), follow=True)

    assert "Enter API user and secret" in response.content.decode()
