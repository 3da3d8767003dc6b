"""The pages of refunds: what they show, what they take, and who may."""

from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from jetsync.actions.log import record
from jetsync.models import Job, LogEntry
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from orders.models import Order
from refunds.actions.creating import create_refund
from refunds.models import Refund
from refunds.wording import WHEN_USED
from returns.money import Amounts
from tests import factories
from tests.refunds.test_create import give
from tests.returns.rows import make_order, make_return
from tests.returns.test_pages import words_of


@pytest.fixture
def account(merchant):
    return factories.make_account(merchant)


@pytest.fixture
def order(merchant, account) -> Order:
    with merchant_scope(merchant):
        return make_order(merchant, account)


@pytest.fixture
def refund(merchant, order) -> Refund:
    with merchant_scope(merchant):
        return create_refund(order, [give(order)], actor=SYSTEM)


def page(name: str, merchant, pk: int | None = None) -> str:
    more = {} if pk is None else {"pk": pk}
    return reverse(f"refunds:{name}", kwargs={"merchant_slug": merchant.slug, **more})


def request_for(order: Order, **changes) -> dict[str, str]:
    """One unit, goods and shipping."""
    with merchant_scope(order.merchant):
        prefix = f"line-{order.lines.get().pk}-"
    values = {
        "is_chosen": "on",
        "quantity_returned": "1",
        "quantity_refunded": "1",
        "reason": "Unwanted gift",
        "feedback": "Restocking fee",
        "principal": "24.99",
        "tax": "0.00",
        "shipping_cost": "3.50",
        "shipping_tax": "0.00",
        **changes,
    }
    return {f"{prefix}{name}": value for name, value in values.items() if value is not None}


@pytest.mark.feature("RFD-02")
def test_list_shows_what_the_manuals_name(client_for, merchant, order, refund):
    client = client_for("owner")
    columns = [
        "pk",
        "jet_id",
        "merchant_order_id",
        "item_ids",
        "returned",
        "refunded",
        "status",
        "amount",
        "items",
    ]
    client.post(page("refund-list", merchant), {"do": "columns", "columns": columns})
    html = client.get(page("refund-list", merchant)).content.decode()
    for heading in (
        "ID",
        "Refund Id",
        "Merchant Order Id",
        "Order Item Id",
        "Qty Returned",
        "Qty Refund",
        "Status",
        "Amount to refund",
        "Products",
    ):
        assert heading in html
    for value in (str(refund), order.merchant_order_id, "item-", "KETTLE-", "$24.99", "Sending"):
        assert value in html


@pytest.mark.feature("RFD-01")
def test_empty_list_explains_what_refunds_are_for(client_for, merchant):
    html = client_for("owner").get(page("refund-list", merchant)).content.decode()
    assert "A refund is for goods that came back to you, or were lost, without a return at Jet." in html
    assert "Create new refund" in html


@pytest.mark.feature("RFD-01")
def test_form_explains_when_a_refund_is_used(client_for, merchant, order):
    for url in (page("refund-create", merchant, order.pk), page("choose-order", merchant)):
        assert WHEN_USED in unescape(client_for("owner").get(url).content.decode())


@pytest.mark.feature("RFD-03")
def test_only_completed_orders_are_offered_and_found_by_merchant_order_id(
    client_for, merchant, account, order
):
    with merchant_scope(merchant):
        other = make_order(merchant, account)
        running = make_order(merchant, account, state="inprogress")
        returned = make_return(other)
    client = client_for("owner")
    html = client.get(page("choose-order", merchant)).content.decode()
    assert [str(row) in html for row in (order, other, running)] == [True, True, False]
    assert f"Return {returned}" in html
    html = client.get(page("choose-order", merchant), {"q": order.merchant_order_id}).content.decode()
    assert [str(row) in html for row in (order, other)] == [True, False]


@pytest.mark.parametrize("name", ["refund-list", "choose-order", "refund-detail", "refund-create"])
def test_queries_do_not_grow_with_rows(client_for, count_queries, merchant, account, order, refund, name):  # noqa: PLR0917
    pk = {"refund-detail": refund.pk, "refund-create": order.pk}.get(name)
    url, client = page(name, merchant, pk), client_for("owner")
    client.get(url)
    few = count_queries(client, url)
    with merchant_scope(merchant):
        for _number in range(3):
            more = make_order(merchant, account)
            create_refund(more, [give(more)], actor=SYSTEM)
    assert count_queries(client, url) == few
    assert few == {"refund-detail": 14, "refund-create": 13, "refund-list": 12}.get(name, 10)


@pytest.mark.feature("RFD-06", "RFD-07", "RFD-08")
def test_form_shows_counters_prices_and_fields(client_for, merchant, order, refund):
    html = client_for("owner").get(page("refund-create", merchant, order.pk)).content.decode()
    for label in (
        "Shop order id",
        "Merchant order id",
        "Order item id",
        "Qty requested",
        "Qty already refunded",
        "Qty available for refund",
        "Base price",
        "Item tax",
        "Shipping cost",
        "Shipping tax",
        "Agree for refund",
        "Quantity returned",
        "Quantity refunded",
        "Refund amount",
        "Refund tax",
        "Refund shipping cost",
        "Refund shipping tax",
        "Refund feedback",
        "Refund reason",
        "Refund notes",
        "Better price found elsewhere",
        "Item damaged",
    ):
        assert label in html, label
    assert f">Refund {refund}</a>: " in html  # the ledger names what went back before
    assert 'value="24.99"' in html  # the unit that is left
    shown = words_of(client_for("owner").get(page("refund-create", merchant, order.pk)))
    with merchant_scope(merchant):
        line = order.lines.get()
    for pair in (
        f"Shop order id {order.reference_order_id}",
        f"Merchant order id {order.merchant_order_id}",
        f"Order item id {line.order_item_id}",
        "Qty requested 2",
        "Qty already refunded 1",
        "Qty available for refund 1",
        "Base price $24.99",
        "Item tax $3.31",
        "Shipping cost $3.50",
        "Shipping tax $0.00",
    ):
        assert pair in shown, pair


@pytest.mark.feature("RFD-05", "RFD-07")
def test_form_creates_the_refund_of_chosen_items_without_notes(client_for, merchant, order):
    client = client_for("owner")
    response = client.post(page("refund-create", merchant, order.pk), request_for(order), follow=True)
    with merchant_scope(merchant):
        refund = Refund.objects.get()
        assert refund.lines.get().amounts == Amounts(Decimal("24.99"), shipping_cost=Decimal("3.50"))
        job = Job.objects.get(kind="refunds.create")
        assert (job.key, job.object_type, job.object_id) == (str(refund.pk), "refunds.refund", refund.pk)
        assert LogEntry.objects.filter(action="refunds.refund.created").count() == 1
    assert f"Refund {refund} of $28.49 is on its way to Jet." in response.content.decode()


@pytest.mark.feature("RFD-06")
@pytest.mark.parametrize(
    "name", ["quantity_returned", "quantity_refunded", "principal", "shipping_tax", "feedback", "reason"]
)
def test_required_fields_of_a_chosen_item(client_for, merchant, order, name):
    data = request_for(order, **{name: ""})
    response = client_for("owner").post(page("refund-create", merchant, order.pk), data)
    assert (response.status_code, "Needed for every item that is refunded." in response.content.decode()) == (
        400,
        True,
    )
    with merchant_scope(merchant):
        assert (Refund.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.feature("RFD-05")
def test_nothing_chosen_creates_nothing(client_for, merchant, order):
    data = request_for(order, is_chosen=None)
    response = client_for("owner").post(page("refund-create", merchant, order.pk), data)
    assert (response.status_code, "Choose at least one item to refund." in response.content.decode()) == (
        400,
        True,
    )
    with merchant_scope(merchant):
        assert Refund.objects.count() == 0


@pytest.mark.feature("RFD-09")
def test_form_shows_limits_beside_their_fields(client_for, merchant, order):
    data = request_for(order, quantity_refunded="3", principal="80.00")
    html = client_for("owner").post(page("refund-create", merchant, order.pk), data).content.decode()
    assert "At most 2: 2 shipped, 0 already refunded." in html
    assert "Refund amount" in html
    assert "Principal may be at most $49.98 here." in html


@pytest.mark.feature("RFD-10")
def test_page_of_an_order_with_a_return_names_and_links_it(client_for, merchant, order):
    with merchant_scope(merchant):
        returned = make_return(order)
    client = client_for("owner")
    html = client.get(page("refund-create", merchant, order.pk)).content.decode()
    assert f"Order {order} has the return {returned}, so it cannot be refunded as well." in html
    assert f'href="/m/{merchant.slug}/returns/{returned.pk}/"' in html
    response = client.post(page("refund-create", merchant, order.pk), request_for(order))
    assert response.status_code == 409
    with merchant_scope(merchant):
        assert Refund.objects.count() == 0


@pytest.mark.feature("RFD-12")
def test_detail_shows_the_refund(client_for, merchant, order, refund):
    html = client_for("owner").get(page("refund-detail", merchant, refund.pk)).content.decode()
    for value in (
        str(refund),
        order.merchant_order_id,
        "Unwanted gift",
        "Restocking fee",
        "$24.99",
        "Ida Marsh",
    ):
        assert value in html, value


@pytest.mark.feature("RFD-04")
def test_update_status_asks_jet(client_for, merchant, refund):
    client = client_for("owner")
    response = client.post(page("update-status", merchant), follow=True)
    assert "Asking Jet for the status of all open refunds." in response.content.decode()
    client.post(page("refresh", merchant, refund.pk))
    with merchant_scope(merchant):
        assert set(Job.objects.values_list("kind", "key")) == {
            ("refunds.create", str(refund.pk)),
            ("refunds.status", "schedule"),
            ("refunds.refresh", str(refund.pk)),
        }


@pytest.mark.parametrize("role", ["fulfilment", "analyst"])
def test_roles_without_the_right_look_and_change_nothing(client_for, merchant, order, refund, role):
    client = client_for(role)
    assert client.get(page("refund-list", merchant)).status_code == 200
    assert client.get(page("refund-detail", merchant, refund.pk)).status_code == 200
    assert client.get(page("choose-order", merchant)).status_code == 403
    assert client.post(page("refund-create", merchant, order.pk), request_for(order)).status_code == 403
    for name in ("take-back", "refresh"):
        assert client.post(page(name, merchant, refund.pk)).status_code == 403
    assert client.post(page("update-status", merchant)).status_code == 403
    with merchant_scope(merchant):
        assert (Refund.objects.count(), Job.objects.count()) == (1, 1)


def test_refund_of_another_merchant_does_not_exist(client_for, merchant, order, refund):
    stranger = factories.make_merchant()
    client = client_for("owner", of=stranger)
    assert client.get(page("refund-detail", stranger, refund.pk)).status_code == 404
    assert client.get(page("refund-create", stranger, order.pk)).status_code == 404
    assert client.post(page("refund-create", stranger, order.pk), request_for(order)).status_code == 404
    assert client.get(page("refund-detail", merchant, refund.pk)).status_code == 404


def test_the_raw_answer_hides_the_shopper_from_those_who_may_not_see_buyers(client_for, merchant, refund):
    with merchant_scope(merchant):
        Refund.objects.update(raw={"buyer": {"name": "Zelda Fitz"}, "refund_status": "created"})

    shown = {
        role: client_for(role).get(page("refund-detail", merchant, refund.pk)).content.decode()
        for role in ("owner", "analyst")
    }

    assert "Zelda" in shown["owner"]
    assert "Zelda" not in shown["analyst"]
    assert all("&quot;refund_status&quot;" in html for html in shown.values())


def test_time_line_hides_the_shopper_from_those_who_may_not_see_buyers(client_for, merchant, refund):
    with merchant_scope(merchant):
        name = refund.order.buyer_name
        record(merchant, "refunds.refund.noted", f"Called {name} today", actor=SYSTEM, about=refund)
        assert len(name) > 2

    shown = {
        role: client_for(role).get(page("refund-detail", merchant, refund.pk)).content.decode()
        for role in ("owner", "analyst")
    }

    assert f"Called {name} today" in shown["owner"]
    assert "Called ••• today" in shown["analyst"]
    assert name not in shown["analyst"]
