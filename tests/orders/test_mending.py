"""Failed orders as a work list: the cause, Jet's words, what mends it, and trying again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from catalog.models import Variant
from jetsync.models import Job, LogEntry
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.context import merchant_scope
from orders.enums import FailureReason, OrderState
from orders.models import Order, OrderLine
from orders.queries.order import failed_today
from tests.catalog.rows import make_product, make_variant
from tests.orders.desk import Desk
from tests.orders.pages import links_of, page, text_of
from tests.orders.rows import line

pytestmark = pytest.mark.django_db


def buttons(html: str) -> set[str]:
    """Labels of the links and buttons of a page."""
    found = re.findall(r"<(?:a|button)\b[^>]*>(.*?)</(?:a|button)>", html, re.DOTALL)
    return {re.sub(r"<[^>]+>", "", label).strip() for label in found}


def change(order: Order, **values: Any) -> Order:
    with merchant_scope(order.merchant):
        Order.objects.filter(pk=order.pk).update(**values)
        return Order.objects.get(pk=order.pk)


@pytest.fixture
def troubled(merchant, order_of) -> Order:
    """Ready, with one item of each kind of trouble."""
    with merchant_scope(merchant):
        make_variant(merchant, make_product(merchant), sku="CUP-2", quantity=0)
        off = make_product(merchant)
        make_variant(merchant, off, sku="POT-3", quantity=9)
        type(off).objects.filter(pk=off.pk).update(is_active=False)
    return order_of(line("KETTLE-1"), line("CUP-2"), line("POT-3"), line("WOK 4&5"))


@pytest.mark.feature("FAI-04")
@pytest.mark.parametrize("name", ["order-failed", "order-detail"])
def test_each_cause_has_its_fix(merchant, troubled, client_for, name) -> None:
    address = page(merchant, name, **({"pk": troubled.pk} if name == "order-detail" else {}))
    html = text_of(client_for("owner"), address)

    with merchant_scope(merchant):
        cup, pot = (Variant.objects.get(sku=sku).pk for sku in ("CUP-2", "POT-3"))
    assert {
        "Create WOK 4&amp;5",
        "Search WOK 4&amp;5",
        "Raise the stock of CUP-2",
        "Enable POT-3",
        "Try again",
    } <= (buttons(html))
    assert "stock of KETTLE-1" not in html
    start = f"/m/{merchant.slug}/catalog/products"
    for link in (
        f"{start}/new/?sku=WOK+4%265",
        f"{start}/?q=WOK+4%265",
        f"{start}/variants/{cup}/stock/",
        f"{start}/variants/{pot}/details/",
        f"/orders/{troubled.pk}/retry/",
    ):
        assert link in html
    for words in (
        "SKU not in the store",
        "WOK 4&amp;5: SKU not in the store.",
        "Add the SKU under Products",
    ):
        assert words in html
    assert client_for("owner").get(f"{start}/variants/{cup}/stock/").status_code == 200


def test_new_product_starts_with_the_missing_sku(merchant, account, client_for) -> None:
    html = text_of(client_for("owner"), f"/m/{merchant.slug}/catalog/products/new/?sku=WOK+4%265")

    assert re.search(
        r'<input[^>]*name="sku"[^>]*value="WOK 4&amp;5"|value="WOK 4&amp;5"[^>]*name="sku"', html
    )


@pytest.mark.feature("FAI-01", "FAI-03")
def test_ready_orders_with_a_problem_are_in_the_work_list_and_healthy_ones_not(
    merchant, troubled, order_of, client_for
) -> None:
    order_of(line("KETTLE-1"))
    client = client_for("owner")

    for query in ("", "?state=ready"):
        html = text_of(client, page(merchant, "order-failed") + query)
        assert links_of(html) == page(merchant, "order-detail", pk=troubled.pk)
    assert "Still to answer" in html


@pytest.mark.parametrize(
    ("reason", "state", "label", "leads_to"),
    [
        (FailureReason.ANSWER_REFUSED, OrderState.READY, "Answer again", "/retry/"),
        (FailureReason.SHIPMENT_REFUSED, OrderState.ACKNOWLEDGED, "Correct the shipment", "/ship/"),
        (FailureReason.UNREADABLE, OrderState.FAILED, "Read again", "/refresh/"),
        (FailureReason.UNKNOWN_STATUS, OrderState.FAILED, "Read again", "/refresh/"),
        (FailureReason.WINDOW_MISSED, OrderState.EXPIRED, "Choose the fallback", "/settings/options/"),
    ],
)
def test_other_failures_have_their_button(  # noqa: PLR0917 -- fixtures and the table
    merchant, order_of, client_for, reason, state, label, leads_to
) -> None:
    order = change(order_of(), failure_reason=reason, state=state)
    for address in (page(merchant, "order-failed"), page(merchant, "order-detail", pk=order.pk)):
        html = text_of(client_for("owner"), address)
        assert label in buttons(html)
        assert leads_to in html


def test_nothing_is_tried_again_that_has_ended(merchant, order_of, client_for) -> None:
    order = change(
        order_of(line("WOK-4")), failure_reason=FailureReason.SKU_UNKNOWN, state=OrderState.REJECTED
    )
    html = text_of(client_for("owner"), page(merchant, "order-failed"))

    assert "Create WOK-4" in buttons(html)  # so that the next order is not rejected, too
    assert "Try again" not in html
    answer = client_for("owner").post(page(merchant, "order-retry", pk=order.pk), follow=True)
    assert "only ready orders can be accepted" in answer.content.decode()


def test_buttons_name_the_missing_right(merchant, troubled, client_for) -> None:
    html = text_of(client_for("analyst"), page(merchant, "order-failed"))

    assert "Not available: You do not have the right: Edit and import products." in html
    assert "/retry/" not in html
    for name in ("order-retry", "order-refresh"):
        assert client_for("analyst").post(page(merchant, name, pk=troubled.pk)).status_code == 403


@pytest.mark.feature("FAI-04")
def test_try_again_names_what_is_left_and_accepts_what_is_mended(desk: Desk, owner, client_for) -> None:
    desk.options(auto_acknowledge=False)
    variant = desk.sku("KETTLE-1", quantity=0)
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    assert desk.reload(order).failure_reason == FailureReason.OUT_OF_STOCK
    client, url = client_for("fulfilment", desk.merchant), page(desk.merchant, "order-retry", pk=order.pk)

    refused = client.post(url, follow=True).content.decode()
    assert "cannot be delivered as it stands. KETTLE-1: Out of stock." in refused
    assert not Job.objects.filter(kind="orders.acknowledge").exists()

    Variant.objects.filter(pk=variant.pk).update(quantity=5)
    done = client.post(url, follow=True).content.decode()
    desk.drain()

    assert f"Order {order} can be delivered now and is accepted" in done
    fresh = desk.reload(order)
    assert (fresh.state, fresh.failure_reason) == ("acknowledged", "")
    after = text_of(client, page(desk.merchant, "order-detail", pk=order.pk))
    assert f"Decided to accept order {order}" in after
    assert f"Order {order} acknowledged at Jet" in after
    assert f"/{order.pk}/" not in links_of(text_of(client, page(desk.merchant, "order-failed")))


def test_read_again_revives_an_unreadable_order_and_says_so(desk: Desk, actor: Actor, client_for) -> None:
    desk.options(auto_acknowledge=False)
    desk.sku("KETTLE-1")
    order = desk.import_order(desk.buy(("KETTLE-1", 1, 0))[0])
    Order.objects.filter(pk=order.pk).update(state="failed", failure_reason=FailureReason.UNREADABLE)
    client = client_for("owner", desk.merchant)

    told = client.post(page(desk.merchant, "order-refresh", pk=order.pk), follow=True).content.decode()
    desk.drain()

    assert f"Asking Jet for order {order} again." in told
    assert (desk.reload(order).state, desk.reload(order).failure_reason) == ("ready", "")
    assert f"Read order {order} again: Jet shows it as ready; it is now Ready." in text_of(
        client, page(desk.merchant, "order-detail", pk=order.pk)
    )
    assert LogEntry.objects.filter(action="orders.order.refresh_asked", object_id=order.pk).count() == 1


def test_work_list_costs_the_same_with_one_and_three_rows(
    merchant, troubled, order_of, client_for, count_queries
) -> None:
    client = client_for("owner")
    one = count_queries(client, page(merchant, "order-failed"))
    order_of(line("WOK-4"))
    order_of(line("CUP-2"), line("POT-3"))

    assert count_queries(client, page(merchant, "order-failed")) == one
    with merchant_scope(merchant):
        assert OrderLine.objects.exclude(problem="").count() == 6


@pytest.mark.feature("FAI-01")
def test_tabs_of_the_work_list_hold_every_row_between_them(merchant, troubled, order_of, client_for) -> None:
    change(order_of(), state=OrderState.ACKNOWLEDGED, failure_reason=FailureReason.PAYMENT_METHOD)
    change(order_of(), state=OrderState.COMPLETE, failure_reason=FailureReason.PAYMENT_METHOD)
    change(order_of(), state=OrderState.REJECTED, failure_reason=FailureReason.OUT_OF_STOCK)
    client, address = client_for("owner"), page(merchant, "order-failed")

    parts = [
        links_of(text_of(client, f"{address}?state={state}")).split()
        for state in ("ready", "accepted", "rejected", "expired", "failed")
    ]

    assert [len(part) for part in parts] == [1, 2, 1, 0, 0]
    found = [link for part in parts for link in part]
    assert sorted(found) == sorted(links_of(text_of(client, address)).split())
    with merchant_scope(merchant):
        assert failed_today(merchant) == 4
