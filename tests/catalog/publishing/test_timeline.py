"""The time line of a SKU and of a group tells what was sent by calls and files, and what Jet answered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions import publish
from catalog.actions.bulk_edit import SET, BulkChange, run_edit, start_bulk_edit, undo_edit
from catalog.actions.targets import refresh_targets
from catalog.models import BulkFile, Listing, SkuError, Variant, VariationGroup
from catalog.views.timeline import group_timeline, product_timeline
from jetsync.models import LogEntry, Options
from jetsync.tenancy.actor import SYSTEM
from tests.catalog.publishing.steps import finish, listing_of

pytestmark = pytest.mark.django_db


def page_of(client: Client, shop: Any, variant: Any) -> str:
    response = client.get(f"/m/{shop.slug}/catalog/products/{variant.product_id}/?variant={variant.pk}")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def listed(shop, sandbox, kettle, drain):
    """Three kettles that Jet knows."""
    variants = [kettle(f"HF-{number}") for number in (1, 2, 3)]
    publish.upload(shop, [row.pk for row in variants], actor=SYSTEM)
    drain()
    return variants


def change(shop: Any, variants: list[Variant], **values: Any) -> None:
    Variant.objects.filter(pk__in=[row.pk for row in variants]).update(**values)
    refresh_targets(shop, [row.pk for row in variants])


@pytest.mark.feature("PRD-16")
def test_changes_sent_by_direct_calls_stand_in_the_time_line(
    shop, sandbox, listed, drain, client_for: Callable[..., Client]
):
    first = listed[0]
    change(shop, [first], price=Decimal("42.50"), quantity=7)
    drain()
    sandbox.control.fault("status", path="merchant-skus/HF-1/price$", method="PUT", status=400)
    change(shop, [first], price=Decimal("43.00"))
    drain()

    told = LogEntry.objects.filter(object_id=first.pk, action__startswith="catalog.listing.").order_by("pk")
    assert {(row.message, row.old.get("price"), row.new.get("price")) for row in told[:2]} == {
        ("HF-1: price sent.", "38.50", "42.50"),
        ("HF-1: quantity sent.", None, None),
    }
    assert [row.new["quantity"] for row in told if "quantity" in row.new] == [7]
    assert told[2].message.startswith("HF-1: Jet refused the price")
    page = page_of(client_for("analyst"), shop, first)
    assert "HF-1: price sent." in page
    assert "HF-1: Jet refused the price" in page
    assert "HF-1: price sent." not in page_of(client_for("analyst"), shop, listed[1])


@pytest.mark.feature("PRD-16")
def test_changes_sent_in_a_file_stand_in_the_time_line_with_jets_answer(
    shop, sandbox, listed, drain, client_for: Callable[..., Client]
):
    Options.objects.update(direct_upload_limit=1)
    change(shop, listed[:2], price=Decimal("42.50"))
    drain()
    file = BulkFile.objects.get()
    client = client_for("analyst")
    under_way = page_of(client, shop, listed[0])
    finish(drain, sandbox)
    SkuError.objects.create(
        merchant=shop, listing=listing_of(listed[1]), file=file, step="price", message="too dear"
    )

    assert "Prices in a bulk file: $42.50" in under_way
    assert "Jet has not answered yet." in under_way
    taken = page_of(client, shop, listed[0])
    assert "Prices in a bulk file: $42.50" in taken
    assert "Jet took it." in taken
    assert f"/catalog/files/{file.pk}/" in taken
    assert "Jet refused it: too dear" in page_of(client, shop, listed[1])
    assert "in a bulk file" not in page_of(client, shop, listed[2])


def test_a_group_shows_when_jet_took_it_and_every_refusal(shop, listed):
    group = VariationGroup.objects.create(merchant=shop, parent=listed[0], target="new")
    assert group_timeline(shop, group) == []
    SkuError.objects.create(
        merchant=shop, listing=listing_of(listed[0]), step="variation", message="HF-2 lacks attribute 101"
    )
    VariationGroup.objects.update(sent="old", sent_at=Listing.objects.first().content_sent_at)

    group.refresh_from_db()
    entries = group_timeline(shop, group)
    assert [(row.title, row.body) for row in entries] == [
        ("Jet refused the group", "HF-2 lacks attribute 101"),
        ("An older version of the group was taken by Jet.", ""),
    ]


@pytest.mark.feature("PRD-16")
def test_a_direct_upload_is_told_once(shop, listed):
    """Its line is about the SKU, its row about the listing: they are one thing that happened."""
    first = listed[0]

    told = product_timeline(shop, first.product, first, listing_of(first))

    assert [row.title for row in told if "pload" in row.title or "Sent" in row.title] == [
        "HF-1: Sent: product data, price, quantity."
    ]


def test_what_was_done_to_many_stands_in_the_time_line_of_each(
    shop, listed, actor, client_for: Callable[..., Client]
):
    ids = [row.pk for row in listed[:2]]
    edit = start_bulk_edit(shop, ids, BulkChange("brand", SET, "Harrow"), title="Brand of 2", actor=actor)
    edit = run_edit(edit)
    undoing = undo_edit(edit, actor)
    run_edit(undoing)

    listing = listing_of(listed[0])
    told = product_timeline(shop, listed[0].product, listed[0], listing)
    mine = {entry.title: entry for entry in told if entry.extra.get("url", "").endswith(f"/{edit.pk}/")}
    assert list(mine) == ["Brand of 2"]
    assert mine["Brand of 2"].changes == [("brand", "Harrow & Finch", "Harrow")]
    assert mine["Brand of 2"].actor == actor.label
    assert undoing.title in [entry.title for entry in told]

    page = page_of(client_for("analyst"), shop, listed[0])
    assert "Brand of 2" in page
    assert "Brand of 2" not in page_of(client_for("analyst"), shop, listed[2])
