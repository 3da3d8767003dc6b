"""The dry run shows what would be sent, sends nothing, and can be held to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from catalog.actions import publish, sending
from catalog.actions.product import update_variant
from catalog.actions.relations import refresh_exceptions
from catalog.models import BulkFile, Listing, ShippingException, Variant
from catalog.queries.dry_run import Expected, unpacked
from catalog.sync.dry_run import LeftOut, changes_between, rehearse
from jetsync.exceptions import StateConflict
from jetsync.models import FulfillmentNode, Job, LogEntry, Operation, OperationRow, Selection
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import calls, finish

pytestmark = pytest.mark.django_db


def states(shop: Any, variants: Any, kind: str = publish.UPLOAD) -> dict[str, list[tuple[str, str]]]:
    run = rehearse(shop, kind, [row.pk for row in variants])
    return {row.sku: [(str(call.step), call.state) for call in row.calls] for row in run.skus}


def test_dry_run_stores_and_sends_nothing(shop, sandbox, kettle, drain):
    variants = [kettle("HF-1"), kettle("HF-2", product={"brand": ""})]
    sandbox.control.clear_requests()
    run = rehearse(shop, publish.UPLOAD, [row.pk for row in variants])

    assert (run.sent, run.total, run.left_out_count) == (1, 2, 1)
    assert run.left_out == [LeftOut("Brand is missing.", 1, ["HF-2"])]
    assert [(call.method, call.path) for call in run.skus[0].calls] == [
        ("PUT", "/merchant-skus/HF-1"),
        ("PUT", "/merchant-skus/HF-1/price"),
        ("PATCH", "/merchant-skus/HF-1/inventory"),
    ]
    assert run.skus[0].calls[1].body == {"price": 38.5}
    assert not Operation.objects.exists()
    assert not Job.objects.exists()
    assert not LogEntry.objects.filter(action__startswith="catalog.upload").exists()
    assert sandbox.control.requests() == []
    assert set(Listing.objects.values_list("is_wanted", flat=True)) == {False}


def test_what_is_left_out_is_counted_by_reason(shop, sandbox, kettle, client_for):
    variants = [kettle("HF-0", product={"brand": "", "description": ""})]
    variants += [kettle(f"HF-{number}", product={"brand": ""}) for number in range(1, 8)]

    run = rehearse(shop, publish.UPLOAD, [row.pk for row in variants])

    first = [f"HF-{number}" for number in range(1, 6)]
    assert [(row.count, list(row.skus), row.more) for row in run.left_out] == [
        (7, first, 2),
        (1, ["HF-0"], 0),
    ]
    assert (run.left_out[0].reason, run.left_out_count) == ("Brand is missing.", 8)
    page = " ".join(re.sub(r"<[^>]+>", " ", dry_run_page(shop, client_for("owner"))).split())
    assert "7 Brand is missing. HF-1, HF-2, HF-3, HF-4, HF-5 and 2 more" in page


def test_bodies_are_those_that_leave(shop, sandbox, kettle, drain):
    variant = kettle("HF-1 x")
    run = rehearse(shop, publish.UPLOAD, [variant.pk])
    sandbox.control.clear_requests()
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    left = [row for row in sandbox.control.requests() if row["method"] in {"PUT", "PATCH"}]
    assert [(row["method"], row["path"].removeprefix("/api")) for row in left] == [
        (call.method, unquote(call.path)) for call in run.skus[0].calls
    ]
    assert [json.loads(row["body"]) for row in left] == [call.body for call in run.skus[0].calls]


def test_differences_are_those_to_what_jet_accepted_last(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    assert states(shop, [variant]) == {"HF-1": [("content", "new"), ("price", "new"), ("inventory", "new")]}
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    assert states(shop, [variant]) == {
        "HF-1": [("content", "same"), ("price", "same"), ("inventory", "same")]
    }
    update_variant(variant, {"price": Decimal("40.00"), "multipack_quantity": 2}, actor=SYSTEM)
    run = rehearse(shop, publish.UPLOAD, [variant.pk])
    changes = {str(call.step): [(c.member, c.old, c.new) for c in call.changes] for call in run.skus[0].calls}
    assert changes == {
        "content": [("multipack_quantity", 1, 2)],
        "price": [("price", 38.5, 40)],
        "inventory": [],
    }


def dry_run_page(shop: Any, client: Client) -> str:
    client.post(f"/m/{shop.slug}/catalog/products/", {"bulk": "upload", "scope": "all"})
    pk = Selection.objects.latest("pk").pk
    address = f"/m/{shop.slug}/catalog/publish/dry-run/?selection={pk}&do=upload"
    return client.get(address).content.decode()


def test_changed_exceptions_show_all_that_jet_would_have(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    """What Jet had is kept as a hash only; the body is the one that leaves."""
    variant = kettle("HF-1")
    exception = ShippingException.objects.create(
        merchant=shop,
        variant=variant,
        node=FulfillmentNode.objects.get(),
        service_level="Next Day",
        exception_type="restricted",
    )
    refresh_exceptions(shop, [variant.pk])
    assert states(shop, [variant])["HF-1"][-1] == ("shipping", "new")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    assert states(shop, [variant])["HF-1"][-1] == ("shipping", "same")
    ShippingException.objects.filter(pk=exception.pk).update(service_level="Second Day")
    refresh_exceptions(shop, [variant.pk])

    call = rehearse(shop, publish.UPLOAD, [variant.pk]).skus[0].calls[-1]
    assert (str(call.step), call.state) == ("shipping", "changed")
    assert {(row.member, row.old, row.new, row.is_old_known) for row in call.changes} == {
        ("fulfillment_nodes[0].fulfillment_node_id", None, sandbox.node_id, False),
        ("fulfillment_nodes[0].shipping_exceptions[0].service_level", None, "Second Day", False),
        ("fulfillment_nodes[0].shipping_exceptions[0].shipping_exception_type", None, "restricted", False),
    }
    page = dry_run_page(shop, client_for("owner"))
    assert "What Jet had is not kept, so this is all it would have" in page
    assert "<strong>Second Day</strong>" in page

    sandbox.control.clear_requests()
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    [left] = calls(sandbox, "PUT", "/shippingexception")
    assert json.loads(left["body"]) == call.body


def test_exceptions_that_would_be_taken_away_are_shown_as_none(
    shop, sandbox, kettle, drain, client_for: Callable[..., Client]
):
    variant = kettle("HF-1")
    ShippingException.objects.create(
        merchant=shop,
        variant=variant,
        node=FulfillmentNode.objects.get(),
        service_level="Next Day",
        exception_type="restricted",
    )
    refresh_exceptions(shop, [variant.pk])
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    ShippingException.objects.all().delete()
    refresh_exceptions(shop, [variant.pk])

    call = rehearse(shop, publish.UPLOAD, [variant.pk]).skus[0].calls[-1]

    assert [(row.member, row.new) for row in call.changes] == [
        ("fulfillment_nodes[0].fulfillment_node_id", sandbox.node_id),
        ("fulfillment_nodes[0].shipping_exceptions", []),
    ]
    page = dry_run_page(shop, client_for("owner"))
    assert "shipping_exceptions</span>: <strong>none</strong>" in page


def test_archive_shows_the_flag_and_leaves_the_target(shop, sandbox, kettle, drain):
    variant = kettle("HF-1")
    publish.upload(shop, [variant.pk], actor=SYSTEM)
    drain()
    run = rehearse(shop, publish.ARCHIVE, [variant.pk])
    assert [(call.path, call.body, call.state) for call in run.skus[0].calls] == [
        ("/merchant-skus/HF-1/status/archive", {"is_archived": True}, "changed")
    ]
    assert Listing.objects.get().archived_target is False


def test_changes_name_their_place():
    old = {"a": 1, "list": [{"b": 2}], "gone": "x"}
    new = {"a": 1, "list": [{"b": 3}, {"b": 4}]}
    assert [(row.member, row.old, row.new) for row in changes_between(old, new)] == [
        ("list[0].b", 2, 3),
        ("list[1].b", None, 4),
        ("gone", "x", None),
    ]


def test_send_exactly_this_is_refused_with_what_moved(shop, sandbox, kettle, drain):
    variants = [kettle("HF-1"), kettle("HF-2")]
    ids = [row.pk for row in variants]
    expects = rehearse(shop, publish.UPLOAD, ids).expected
    assert expects is not None
    update_variant(variants[0], {"price": Decimal("40.00")}, actor=SYSTEM)
    with pytest.raises(StateConflict, match=r"HF-1 \(price\)"):
        publish.upload(shop, ids, actor=SYSTEM, expects=expects)
    assert not Operation.objects.exists()

    expects = rehearse(shop, publish.UPLOAD, ids).expected
    operation = publish.upload(shop, ids, actor=SYSTEM, expects=expects)
    drain()
    operation.refresh_from_db()
    assert (operation.state, operation.done) == ("done", 2)


def test_send_exactly_this_is_sent_once_however_often_the_button_is_pressed(shop, sandbox, kettle, drain):
    ids = [kettle("HF-1").pk]
    expects = rehearse(shop, publish.UPLOAD, ids).expected
    operation = publish.upload(shop, ids, actor=SYSTEM, expects=expects)

    with pytest.raises(StateConflict, match="sends just this already") as caught:
        publish.upload(shop, ids, actor=SYSTEM, expects=expects)

    assert caught.value.code == "already_started"
    assert Operation.objects.get() == operation
    drain()
    assert len(calls(sandbox, "PUT", "/price")) == 1
    again = publish.upload(shop, ids, actor=SYSTEM, expects=rehearse(shop, publish.UPLOAD, ids).expected)
    assert again.pk != operation.pk


@pytest.mark.parametrize("way", [sending.Way.DIRECT, sending.Way.FILES])
def test_data_that_moves_before_it_is_sent_stays_here(shop, sandbox, kettle, drain, way):
    """Held to the dry run up to the call itself."""
    variants = [kettle("HF-1"), kettle("HF-2")]
    ids = [row.pk for row in variants]
    expects = rehearse(shop, publish.UPLOAD, ids).expected
    operation = publish.upload(shop, ids, actor=SYSTEM, expects=expects, way=way)
    update_variant(variants[0], {"price": Decimal("40.00")}, actor=SYSTEM)
    finish(drain, sandbox)
    operation.refresh_from_db()
    assert (operation.done, operation.failed) == (1, 1)
    row = OperationRow.objects.get(label="HF-1")
    assert (row.code, row.state) == ("data_moved", "failed")
    assert Listing.objects.get(variant=variants[0]).content_sent_at is None
    assert BulkFile.objects.exists() == (way == sending.Way.FILES)


@pytest.mark.parametrize("text", ["", "x", "!!!", "eJwDAAAAAAE=", "eJyrVkrOz0lVslIyVKoFAB3OBG4=", "é"])
def test_a_broken_expectation_is_none(text: str):
    found = unpacked(text)
    assert found is None or isinstance(found, Expected)
    assert unpacked(Expected({1: {"price": "abc"}}).packed()) == Expected({1: {"price": "abc"}})


def test_page_shows_the_calls_and_sends_exactly_them(
    shop, sandbox, kettle, client_for: Callable[..., Client], drain
):
    kettle("HF-1")
    client = client_for("owner")
    base = f"/m/{shop.slug}/catalog"
    confirm = client.post(f"{base}/products/", {"bulk": "upload", "scope": "all"}).url
    page = client.get(confirm).content.decode()
    address = re.search(r'href="([^"]*dry-run[^"]*)"', page)[1].replace("&amp;", "&")  # type: ignore[index]  # else the test fails
    shown = client.get(address).content.decode()
    for words in ("PUT /merchant-skus/HF-1/price", "New at Jet", "Send exactly this", "1 of 1 products"):
        assert words in shown
    data = dict(re.findall(r'name="(expects|fingerprint)" value="([^"]*)"', shown))

    kettle("HF-2")
    broken = client.post(address, {**data, "fingerprint": "x"})
    assert broken.status_code == 400
    update_variant(Variant.objects.get(sku="HF-1"), {"quantity": 3}, actor=SYSTEM)
    moved = client.post(address, data)
    assert moved.status_code == 409
    assert "HF-1 (quantity)" in moved.content.decode()
    data = dict(re.findall(r'name="(expects|fingerprint)" value="([^"]*)"', moved.content.decode()))
    assert client.post(address, data).status_code == 302
    drain()
    assert Operation.objects.get().state == "done"
    assert len(calls(sandbox, "PUT", "/price")) == 1


@pytest.mark.parametrize(
    "query", ["", "?selection=1", "?selection=x&do=upload", "?selection=99999999999999999999"]
)
def test_page_without_a_selection_is_not_found(shop, client_for: Callable[..., Client], query: str):
    assert client_for("owner").get(f"/m/{shop.slug}/catalog/publish/dry-run/{query}").status_code == 404


def test_page_of_an_unknown_action_is_not_found(shop, kettle, client_for: Callable[..., Client]):
    kettle("HF-1")
    client = client_for("owner")
    client.post(f"/m/{shop.slug}/catalog/products/", {"bulk": "upload", "scope": "all"})
    pk = Selection.objects.get().pk
    address = f"/m/{shop.slug}/catalog/publish/dry-run/?selection={pk}&do=burn"
    assert client.get(address).status_code == 404
