"""The pages of returns: what they show, what they take, and who may."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from jetsync.actions.log import record
from jetsync.models import Job, LogEntry, Operation
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.context import merchant_scope
from returns.actions.settling import ledgers_for, settle_return
from returns.enums import SendState
from returns.models import Return, ReturnNote
from returns.money import Amounts
from returns.queries import get_return, return_lines
from returns.sync import complete_body
from returns.validators import full_decision
from tests import factories
from tests.returns.rows import make_order, make_return


@pytest.fixture
def account(merchant):
    return factories.make_account(merchant)


@pytest.fixture
def returned(merchant, account) -> Return:
    with merchant_scope(merchant):
        return make_return(make_order(merchant, account))


def words_of(response) -> str:
    """The page's text, without its tags."""
    text = re.sub(r"<[^>]*>", " ", unescape(response.content.decode()))
    return " ".join(text.split())


def page(name: str, merchant, pk: int | None = None) -> str:
    more = {} if pk is None else {"pk": pk}
    return reverse(f"returns:{name}", kwargs={"merchant_slug": merchant.slug, **more})


def answer(returned: Return, **changes) -> dict[str, str]:
    """What the untouched form sends."""
    with merchant_scope(returned.merchant):
        line = returned.lines.get()
    data = {
        "agree_to_return_charge": "yes",
        f"line-{line.pk}-is_included": "on",
        f"line-{line.pk}-quantity_returned": "1",
        f"line-{line.pk}-quantity_refunded": "1",
        f"line-{line.pk}-principal": "24.99",
        f"line-{line.pk}-tax": "0.00",
        f"line-{line.pk}-shipping_cost": "3.50",
        f"line-{line.pk}-shipping_tax": "0.00",
    }
    return data | {name.replace("line-", f"line-{line.pk}-"): value for name, value in changes.items()}


@pytest.mark.feature("RET-01")
def test_list_shows_what_the_manuals_name(client_for, merchant, returned):
    client = client_for("owner")
    columns = [
        "pk",
        "merchant_order_id",
        "item_ids",
        "quantity",
        "status",
        "items",
        "customer",
        "opened",
        "action",
    ]
    client.post(page("return-list", merchant), {"do": "columns", "columns": columns})
    html = client.get(page("return-list", merchant)).content.decode()
    for heading in (
        "ID",
        "Return Id",
        "Merchant Order Id",
        "Order Item Id",
        "Qty Returned",
        "Status",
        "Customer",
        "Product",
        "Date added",
        "Action",
    ):
        assert heading in html
    for value in (str(returned), returned.merchant_order_id, "Ida Marsh", "KETTLE-", "item-", "Answer"):
        assert value in html


def test_list_searches_and_filters(client_for, merchant, account, returned):
    with merchant_scope(merchant):
        other = make_return(
            make_order(merchant, account), status="completed", jet_status="completed by merchant"
        )
    client = client_for("owner")
    found = client.get(page("return-list", merchant), {"q": str(returned)}).content.decode()
    assert (str(returned) in found, str(other) in found) == (True, False)
    found = client.get(page("return-list", merchant), {"status": "completed"}).content.decode()
    assert (str(returned) in found, str(other) in found) == (False, True)


def test_empty_list_says_what_to_do(client_for, merchant):
    html = client_for("owner").get(page("return-list", merchant)).content.decode()
    assert "No returns yet" in html
    assert "Fetch returns" in html


@pytest.mark.parametrize("name", ["return-list", "return-detail"])
def test_queries_do_not_grow_with_rows(client_for, count_queries, merchant, account, returned, name):  # noqa: PLR0917
    url = page(name, merchant, returned.pk if name == "return-detail" else None)
    client = client_for("owner")
    client.get(url)
    few = count_queries(client, url)
    with merchant_scope(merchant):
        for _number in range(3):
            make_return(make_order(merchant, account))
            make_return(returned.order)
    assert count_queries(client, url) == few
    assert few == {"return-list": 13, "return-detail": 16}[name]  # two of them before the first fetch only


@pytest.mark.feature("RET-05", "RET-07", "RET-08", "RET-10")
def test_detail_shows_header_lines_money_and_the_meaning_of_the_choice(client_for, merchant, returned):
    html = client_for("owner").get(page("return-detail", merchant, returned.pk)).content.decode()
    for label in (
        "Return id",
        "Merchant order id",
        "Refund without return",
        "Reference order id",
        "Alternate order id",
        "Return date",
        "Shipping carrier",
        "Tracking number",
        "Merchant return charge",
        "Qty shipped",
        "Qty to be returned",
        "Reason",
        "Order item id",
        "Qty returned",
        "Qty refunded",
        "Principal",
        "Tax",
        "Shipping cost",
        "Shipping tax",
        "Return refund feedback",
        "Notes",
        "Agree to return",
        "Still possible",
    ):
        assert label in html, label
    assert "you pay the whole return charge of this notice" in html
    assert 'value="24.99"' in html
    assert 'value="0.00"' in html  # tax that was not charged


@pytest.mark.feature("RET-07", "RET-08")
def test_detail_shows_the_values_beside_their_labels(client_for, merchant, returned):
    with merchant_scope(merchant):
        Return.objects.update(
            refund_without_return=True,
            alt_order_id="SO-20418",
            shipping_carrier="FedEx",
            tracking_number="794611002233",
            return_date=datetime(2017, 3, 4, 17, tzinfo=UTC),
            completed_date=datetime(2017, 3, 9, 17, tzinfo=UTC),
            status="not_accepted",
            jet_status="completed by merchant",
        )
        returned.lines.update(
            quantity_returned=1,
            quantity_refunded=1,
            feedback="Restocking fee",
            notes="lid missing",
            principal="20.00",
            tax="1.25",
            shipping_cost="3.10",
            shipping_tax="0.15",
        )
    shown = words_of(client_for("owner").get(page("return-detail", merchant, returned.pk)))
    for pair in (
        f"Return id {returned.merchant_return_authorization_id}",
        f"Merchant order id {returned.merchant_order_id}",
        f"Reference order id {returned.reference_order_id}",
        "Alternate order id SO-20418",
        "Refund without return Yes",
        "Shipping carrier FedEx",
        "Tracking number 794611002233",
        "Merchant return charge $6.85",
        "Return date Mar 4, 2017",
        "Completed Mar 9, 2017",
        "Unwanted gift Restocking fee “lid missing” 1 1 1 $28.49 $24.50",
        "$20.00 goods, $1.25 tax, $3.10 shipping, $0.15 shipping tax",
    ):
        assert pair in shown, pair


@pytest.mark.feature("RET-04")
def test_disputed_return_is_shown_as_not_accepted_beside_jets_word(client_for, merchant, returned):
    with merchant_scope(merchant):
        Return.objects.update(status="not_accepted", jet_status="completed by merchant")
    client = client_for("owner")
    assert "Not accepted Jet: completed by merchant" in words_of(client.get(page("return-list", merchant)))
    detail = words_of(client.get(page("return-detail", merchant, returned.pk)))
    assert "Not accepted Jet: completed by merchant Opened" in detail


@pytest.mark.feature("RET-09", "RET-15")
def test_form_stores_the_answer_and_says_so(client_for, merchant, returned):
    client = client_for("fulfilment")
    response = client.post(page("settle", merchant, returned.pk), answer(returned), follow=True)
    assert f"The answer to return {returned} is on its way to Jet." in response.content.decode()
    with merchant_scope(merchant):
        returned.refresh_from_db()
        assert returned.send_state == SendState.QUEUED
        assert returned.lines.get().settled == Amounts(Decimal("24.99"), shipping_cost=Decimal("3.50"))
        job = Job.objects.get(kind="returns.complete")
        assert (job.key, job.object_type, job.object_id) == (str(returned.pk), "returns.return", returned.pk)
        assert LogEntry.objects.filter(action="returns.return.settled", object_id=returned.pk).count() == 1


@pytest.mark.feature("RET-06", "RET-11")
def test_form_shows_faults_beside_their_fields_and_keeps_what_was_typed(client_for, merchant, returned):
    client = client_for("owner")
    data = answer(
        returned, **{"agree_to_return_charge": "no", "line-principal": "20.00", "line-notes": "lid missing"}
    )
    response = client.post(page("settle", merchant, returned.pk), data)
    html = response.content.decode()
    assert response.status_code == 400
    assert "Say why you do not agree: choose one of the six reasons." in html
    assert "Less than the full amount is refunded: say why." in html
    assert 'value="20.00"' in html
    assert "lid missing" in html
    with merchant_scope(merchant):
        assert Job.objects.count() == 0


@pytest.mark.feature("RET-12", "RET-13")
def test_form_asks_before_a_line_is_left_out(client_for, merchant, account, returned):
    with merchant_scope(merchant):
        line = returned.lines.get()
        line.pk, line.order_item_id, line.order_line = None, "second", None
        line.save()
        first = returned.lines.order_by("pk").first()
    data = {
        "agree_to_return_charge": "yes",
        f"line-{first.pk}-is_included": "on",
        f"line-{first.pk}-quantity_returned": "1",
        f"line-{first.pk}-quantity_refunded": "1",
        f"line-{first.pk}-principal": "24.99",
        f"line-{first.pk}-shipping_cost": "3.50",
    }
    client = client_for("owner")
    response = client.post(page("settle", merchant, returned.pk), data)
    assert (response.status_code, "these lines can never be answered" in response.content.decode()) == (
        400,
        True,
    )
    response = client.post(page("settle", merchant, returned.pk), {**data, "confirms_left_out": "on"})
    assert response.status_code == 302


@pytest.mark.feature("RET-17")
def test_note_is_kept_with_author_and_time_and_not_sent(client_for, merchant, returned):
    client = client_for("fulfilment")
    response = client.post(page("note", merchant, returned.pk), {"text": "Called the shopper."}, follow=True)
    html = response.content.decode()
    with merchant_scope(merchant):
        note = ReturnNote.objects.select_related("parent").get()
        assert Job.objects.count() == 0
        settle_return(returned, full_decision(return_lines(returned), ledgers_for(returned)), actor=SYSTEM)
        body = complete_body(get_return(merchant, returned.pk), return_lines(returned))
    assert "Called the shopper." in html
    assert note.author_label in html
    assert (note.parent, note.created_at is not None) == (returned, True)
    assert "Called the shopper." not in str(body)  # what goes to Jet afterwards


def test_analyst_sees_the_form_but_may_not_send_it(client_for, merchant, returned):
    client = client_for("analyst")
    html = client.get(page("return-detail", merchant, returned.pk)).content.decode()
    assert "You do not have the right: Settle returns." in html
    assert "Ida Marsh" not in html
    for name in ("settle", "take-back", "refresh", "note"):
        assert client.post(page(name, merchant, returned.pk), answer(returned)).status_code == 403
    assert client.post(page("fetch", merchant)).status_code == 403
    with merchant_scope(merchant):
        assert (Job.objects.count(), ReturnNote.objects.count()) == (0, 0)


def test_return_of_another_merchant_does_not_exist(client_for, merchant, returned):
    stranger = factories.make_merchant()
    client = client_for("owner", of=stranger)
    for name in ("return-detail", "settle", "take-back", "refresh", "note"):
        response = client.post(page(name, stranger, returned.pk), answer(returned))
        assert response.status_code in {404, 405}
    assert client.get(page("return-detail", stranger, returned.pk)).status_code == 404
    assert client.get(page("return-detail", merchant, returned.pk)).status_code == 404


@pytest.mark.feature("RET-02")
def test_fetch_button_starts_the_fetch(client_for, merchant, account):
    response = client_for("owner").post(page("fetch", merchant), follow=True)
    assert "Asking Jet for new returns. This list shows them by itself." in response.content.decode()
    with merchant_scope(merchant):
        assert Job.objects.get().kind == "returns.fetch"


def test_accept_in_full_confirms_and_starts_an_operation(client_for, merchant, returned):
    client = client_for("owner")
    response = client.post(page("return-list", merchant), {"bulk": "settle", "ids": [returned.pk]})
    html = client.get(response.url).content.decode()
    assert "Shoppers get back what they asked for: $28.49." in html
    assert "You pay the return charges: $6.85." in html
    client.post(response.url)
    with merchant_scope(merchant):
        assert Operation.objects.get().kind == "returns.settle"
        assert Job.objects.get().kind == "returns.settle_many"


def test_other_modes_return_takes_no_answer(client_for, merchant, returned):
    merchant.mode = "live"
    merchant.save(update_fields=["mode"])
    client = client_for("owner")
    assert str(returned) not in client.get(page("return-list", merchant)).content.decode()
    assert (
        "it belongs to Test mode."
        in client.get(page("return-detail", merchant, returned.pk)).content.decode()
    )
    client.post(page("settle", merchant, returned.pk), answer(returned))
    with merchant_scope(merchant):
        assert Job.objects.filter(kind="returns.complete").count() == 0


def test_the_raw_answer_hides_the_shopper_from_those_who_may_not_see_buyers(client_for, merchant, account):
    raw = {"hash_email": "q7@customer.jet.com", "return_location": {"city": "Hoboken"}}
    with merchant_scope(merchant):
        returned = make_return(make_order(merchant, account), raw=raw)

    shown = {
        role: client_for(role).get(page("return-detail", merchant, returned.pk)).content.decode()
        for role in ("owner", "analyst")
    }

    assert "q7@customer.jet.com" in shown["owner"]
    assert "q7@customer.jet.com" not in shown["analyst"]
    assert all("&quot;return_location&quot;" in html for html in shown.values())


def test_time_line_hides_the_shopper_from_those_who_may_not_see_buyers(client_for, merchant, returned):
    with merchant_scope(merchant):
        name = returned.order.buyer_name
        record(merchant, "returns.return.noted", f"Called {name} today", actor=SYSTEM, about=returned)
        assert len(name) > 2

    shown = {
        role: client_for(role).get(page("return-detail", merchant, returned.pk)).content.decode()
        for role in ("owner", "analyst")
    }

    assert f"Called {name} today" in shown["owner"]
    assert "Called ••• today" in shown["analyst"]
    assert name not in shown["analyst"]
