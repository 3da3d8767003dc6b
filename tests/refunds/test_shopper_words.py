"""What people wrote about the shopper is read only by those who may see shoppers, wherever it stands."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jetsync.models import Job, LogEntry, Notice
from jetsync.tenancy.context import merchant_scope
from jetsync.tenancy.rights import Right
from refunds.actions.creating import mark_create_failed
from refunds.models import Refund, RefundLine
from returns.actions.settling import mark_settle_failed
from returns.models import Return
from tests import factories
from tests.downloads import csv_rows
from tests.returns.rows import make_order, make_return
from tests.returns.test_api import address, token_of
from tests.returns.test_pages import page

WORDS = "Ida Marsh of 48 Quarry Lane called"
HIDDEN_WORDS = "••• of ••• called"


@pytest.fixture
def returned(merchant) -> Return:
    account = factories.make_account(merchant)
    with merchant_scope(merchant):
        order = make_order(merchant, account, ship_to_address1="48 Quarry Lane")
        returned = make_return(order, status="completed", raw={"comment": WORDS})
        returned.lines.update(notes=WORDS, quantity_returned=1, quantity_refunded=1)
        return returned


@pytest.fixture
def refund(merchant, returned) -> Refund:
    with merchant_scope(merchant):
        refund = Refund.objects.create(
            merchant=merchant,
            account=returned.account,
            order=returned.order,
            merchant_order_id=returned.merchant_order_id,
            alt_refund_id="R-1",
            send_state="sent",
            raw={"comment": WORDS},
        )
        RefundLine.objects.create(
            merchant=merchant, parent=refund, order_item_id="item", reason="x", notes=WORDS
        )
        return refund


def test_pages_hide_the_words_of_notes(client_for, merchant, returned, refund):
    client_for("fulfilment").post(page("note", merchant, returned.pk), {"text": WORDS})
    refund_url = f"/m/{merchant.slug}/refunds/{refund.pk}/"
    for url in (page("return-detail", merchant, returned.pk), refund_url):
        shown = {role: client_for(role).get(url).content.decode() for role in ("owner", "analyst")}
        assert shown["analyst"].count(HIDDEN_WORDS) == shown["owner"].count(WORDS) > 1
        assert "Quarry Lane" not in shown["analyst"]


def test_log_of_a_note_tells_that_it_was_written_and_not_its_words(client_for, merchant, returned):
    client_for("fulfilment").post(page("note", merchant, returned.pk), {"text": WORDS})
    with merchant_scope(merchant):
        entry = LogEntry.objects.get(action="returns.return.noted")
    assert entry.message == f"A note was written on return {returned}."


@pytest.mark.parametrize("name", ["return", "refund"])
def test_api_hides_them_from_a_token_without_the_right(client, merchant, returned, refund, name):
    right = {"return": Right.RETURNS_VIEW, "refund": Right.REFUNDS_VIEW}[name]
    pk = {"return": returned, "refund": refund}[name].pk
    for rights, words in (([right, Right.BUYERS_VIEW], WORDS), ([right], HIDDEN_WORDS)):
        headers = token_of(merchant, *rights)
        (listed,) = client.get(address(f"{name}-list", merchant), headers=headers).json()["results"]
        detail = client.get(address(f"{name}-detail", merchant, pk), headers=headers).json()
        found = (listed["lines"][0]["notes"], detail["lines"][0]["notes"], detail["raw"]["comment"])
        assert found == (words, words, words)


@pytest.mark.parametrize("name", ["returns", "refunds"])
def test_files_hide_them(client_for, merchant, returned, refund, name):
    shown = {}
    for role in ("owner", "analyst"):
        url = f"/m/{merchant.slug}/{name}/?download=csv"
        (row,) = csv_rows(client_for(role), url)
        shown[role] = row["Notes for Jet"]
    assert shown == {"owner": WORDS, "analyst": "•••"}


def test_lists_read_no_json(client_for, client, merchant, returned, refund):
    headers = token_of(merchant, Right.RETURNS_VIEW, Right.REFUNDS_VIEW, Right.BUYERS_VIEW)
    panel = client_for("owner")
    with CaptureQueriesContext(connection) as queries:
        for name, row in (("return", returned), ("refund", refund)):
            assert str(row) in panel.get(f"/m/{merchant.slug}/{name}s/").content.decode()
            assert client.get(address(f"{name}-list", merchant), headers=headers).json()["results"]
    assert [query["sql"] for query in queries if '"raw"' in query["sql"].split(" FROM ")[0]] == []


def test_notices_of_what_did_not_get_through_name_no_shopper(merchant, returned, refund):
    """Jet's refusal may quote him."""
    with merchant_scope(merchant):
        for row, mark_failed in ((returned, mark_settle_failed), (refund, mark_create_failed)):
            type(row).objects.filter(pk=row.pk).update(send_state="queued")
            mark_failed(
                Job.objects.create(
                    merchant=merchant, kind="x", key=str(row.pk), queue="default", message=WORDS
                )
            )

        assert list(Notice.objects.values_list("body", flat=True)) == [HIDDEN_WORDS, HIDDEN_WORDS]
