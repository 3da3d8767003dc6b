"""Copying exceptions to many SKUs, undoing it, and files instead of single calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.actions import exceptions, publish
from catalog.actions.exceptions import save_return_exception, save_shipping_exception
from catalog.enums import FileType
from catalog.exceptions import ReturnValues, ShippingValues
from catalog.models import BulkFile, Listing, ReturnException, ShippingException, Variant
from jetsync.enums import JobState
from jetsync.models import (
    FulfillmentNode,
    Job,
    LogEntry,
    Operation,
    OperationRow,
    Options,
    ReturnLocation,
    Selection,
)
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.exceptions.conftest import Desk, make_location

pytestmark = pytest.mark.django_db
Make = Callable[..., Variant]


@pytest.fixture
def source(desk: Desk, kettle: Make, place: ReturnLocation) -> Variant:
    """A SKU with one exception of each kind."""
    variant = kettle("HF-SOURCE")
    ground = ShippingValues(desk.node.pk, "exclusive", shipping_method="UPS Ground")
    save_shipping_exception(variant, ground, actor=SYSTEM)
    save_return_exception(variant, ReturnValues((place.pk,), 14), actor=SYSTEM)
    return variant


def start(desk: Desk, targets: list[Variant], **values: Any) -> Any:
    """From the grid: tick, choose, confirm."""
    listed = f"/m/{desk.shop.slug}/catalog/products/"
    ticked = desk.client.post(listed, {"bulk": "exceptions", "ids": [str(row.pk) for row in targets]})
    assert ticked.status_code == 302, ticked.content.decode()
    return desk.client.post(ticked.url, {"parts": ["shipping", "returns"], **values})


def shipping(variant: Variant) -> list[str]:
    return [str(row) for row in ShippingException.objects.filter(variant=variant).order_by("pk")]


def last_operation() -> Operation:
    return Operation.objects.latest("pk")


def test_a_copy_replaces_reaches_jet_and_is_undone(desk: Desk, kettle: Make, source: Variant) -> None:
    other = kettle("HF-2")
    freight = ShippingValues(desk.node.pk, "restricted", service_level="Expedited")
    save_shipping_exception(other, freight, actor=SYSTEM)

    answer = start(desk, [desk.kettle, other], source="HF-SOURCE")
    desk.drain()

    operation = last_operation()
    assert answer.url == f"/m/{desk.shop.slug}/operations/{operation.pk}/"
    assert (operation.state, operation.done, operation.total) == ("done", 2, 2)
    assert shipping(desk.kettle) == shipping(other) == ["UPS Ground: exclusive"]
    assert desk.at_jet()[desk.node.node_id][0]["shipping_method"] == "UPS Ground"
    assert len(desk.returns_at_jet()) == 1

    undo = desk.client.post(f"/m/{desk.shop.slug}/operations/{operation.pk}/undo/")
    desk.drain()

    assert undo.status_code == 302
    assert last_operation().title == f"Undo: {operation.title}"
    assert (shipping(desk.kettle), shipping(other)) == ([], ["Expedited: restricted"])
    assert (desk.at_jet(), desk.returns_at_jet()) == ({}, [])
    assert not ReturnException.objects.exclude(variant=source).exists()


def test_undo_names_what_was_changed_since_and_leaves_it(desk: Desk, kettle: Make, source: Variant) -> None:
    other = kettle("HF-2")
    start(desk, [desk.kettle, other], source="HF-SOURCE")
    desk.drain()
    copied = last_operation()
    later = ShippingValues(desk.node.pk, "exclusive", shipping_method="Freight")
    save_shipping_exception(other, later, actor=SYSTEM)

    desk.client.post(f"/m/{desk.shop.slug}/operations/{copied.pk}/undo/")
    desk.drain()

    assert shipping(desk.kettle) == []
    assert sorted(shipping(other)) == ["Freight: exclusive", "UPS Ground: exclusive"]
    row = OperationRow.objects.get(operation=last_operation(), object_id=other.pk)
    assert (row.state, row.code) == ("skipped", "changed_since")


def test_only_the_ticked_part_is_copied(desk: Desk, source: Variant) -> None:
    save_shipping_exception(
        desk.kettle, ShippingValues(desk.node.pk, "exclusive", shipping_method="Freight"), actor=SYSTEM
    )

    start(desk, [desk.kettle], source="HF-SOURCE", parts=["returns"])
    desk.drain()

    assert shipping(desk.kettle) == ["Freight: exclusive"]
    assert ReturnException.objects.get(variant=desk.kettle).time_to_return == 14


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": "HF-NONE"}, "There is no SKU “HF-NONE”."),
        ({"source": "HF-1"}, "SKU HF-1 has no exceptions."),
        ({"source": "HF-SOURCE", "parts": []}, "This field is required."),
    ],
)
def test_a_wrong_source_is_refused_and_starts_nothing(
    desk: Desk, source: Variant, values: dict[str, Any], message: str
) -> None:
    before = Operation.objects.count()

    answer = start(desk, [desk.kettle], **values)

    assert answer.status_code == 400
    assert message.replace("“", "“") in answer.content.decode()
    assert Operation.objects.count() == before
    assert Selection.objects.exists()


@pytest.mark.feature("EXC-05")
def test_many_go_as_files_of_both_types_and_a_refusal_comes_back_to_its_sku(
    desk: Desk, kettle: Make, source: Variant, place: ReturnLocation
) -> None:
    others = [kettle(f"HF-F{number}") for number in range(3)]
    publish.upload(desk.shop, [row.pk for row in others], actor=SYSTEM)
    desk.drain()
    Options.objects.update(direct_upload_limit=0)
    unknown = rows.make_node(desk.shop)
    FulfillmentNode.objects.filter(pk=unknown.pk).update(node_id="f" * 32)
    desk.sandbox.control.clear_requests()

    start(desk, [desk.kettle, *others], source="HF-SOURCE")
    settle(desk)

    files = BulkFile.objects.filter(file_type=FileType.RETURNS_EXCEPTION)
    assert [row.state for row in files] == ["done"]
    assert desk.returns_at_jet("HF-F1") == [place.return_id]
    # Every message names the node that Jet does not know, so every SKU hears of it.
    assert BulkFile.objects.get(file_type=FileType.SHIPPING_EXCEPTION).state == "with_errors"
    listings = Listing.objects.filter(variant__in=[desk.kettle, *others])
    assert set(listings.values_list("error_code", flat=True)) == {"shipping_refused"}
    assert all("f" * 32 in row.error_message for row in listings)

    unknown.delete()
    settle(desk)
    assert desk.at_jet("HF-F0")[desk.node.node_id][0]["shipping_method"] == "UPS Ground"
    assert desk.sent("shippingexception") == []
    assert set(listings.values_list("error_code", flat=True)) == {""}


def settle(desk: Desk) -> None:
    """Until Jet has worked through its files and every job is done."""
    for _round in range(30):
        Job.objects.filter(state=JobState.QUEUED).update(not_before=timezone.now())
        if not desk.drain():
            return
        desk.sandbox.control.advance(60)


def test_a_new_node_and_a_removed_location_are_told_to_jet(
    desk: Desk, source: Variant, place: ReturnLocation
) -> None:
    second = make_location(desk.shop, desk.sandbox.control.add_return_location("demo-user", "Reno"))
    save_return_exception(desk.kettle, ReturnValues((place.pk, second.pk)), actor=SYSTEM)
    save_shipping_exception(
        desk.kettle, ShippingValues(desk.node.pk, "exclusive", shipping_method="Freight"), actor=SYSTEM
    )
    desk.drain()

    node = rows.make_node(desk.shop)
    node.node_id = desk.sandbox.control.add_node("demo-user", "Reno")
    node.save(update_fields=["node_id"])
    second.delete()
    desk.drain()

    assert desk.returns_at_jet() == [place.return_id]
    listing = Listing.objects.get(variant=desk.kettle)
    assert (listing.shipping_dirty, listing.returns_dirty) == (False, False)

    place.delete()
    desk.drain()
    assert desk.returns_at_jet() == []
    assert not ReturnException.objects.exists()
    assert not Listing.objects.get(variant=desk.kettle).returns_dirty


def test_return_exceptions_that_lost_their_last_location_end_with_few_log_lines(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exceptions, "LOGGED", 1)
    for number in (1, 2, 3):
        variant = rows.make_variant(desk.shop, sku=f"HF-LOST-{number}")
        ReturnException.objects.create(merchant=desk.shop, variant=variant, time_to_return=20)

    with CaptureQueriesContext(connection) as seen:
        assert exceptions.forget_places(desk.shop) == 3

    assert not ReturnException.objects.exists()
    told = LogEntry.objects.filter(action__startswith="catalog.exceptions").order_by("pk")
    assert list(told.values_list("message", flat=True)) == [
        "SKU HF-LOST-1: its return exception ended with the last of its return locations",
        "3 return exceptions ended with the last of their return locations",
    ]
    assert told[1].new == {"skus": ["HF-LOST-1", "HF-LOST-2", "HF-LOST-3"]}
    assert len([row for row in seen if row["sql"].startswith("DELETE")]) == 2  # and of its links to locations
