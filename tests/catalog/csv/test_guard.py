"""What an import holds back until it is confirmed, and what it counts, sends and blames nobody for."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.actions import csv_import
from catalog.actions.csv_upload import start_import
from catalog.actions.sheet import CellEdit, save_cells
from catalog.enums import CsvKind, ProductKind
from catalog.models import CsvUpload, Listing, NodeStock, Variant
from jetsync.models import Job, Merchant, Options
from jetsync.tenancy.actor import SYSTEM, Actor
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD, failures, stored

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]
ClientFor = Callable[..., Client]
SLIP = "Price 79.00 → 3.80: -95.2%, over the 20% of your price settings."
PRICES = b"sku,price\nA,3.80\nB,80.00\n"


@pytest.fixture
def pair(shop: Merchant) -> tuple[Variant, Variant]:
    return tuple(rows.make_variant(shop, sku=sku, price=Decimal(79)) for sku in "AB")


def prices() -> dict[str, Decimal | None]:
    return dict(Variant.objects.values_list("sku", "price"))


@pytest.mark.feature("CSV-40")
def test_a_large_price_step_fails_alone_and_comes_back_with_its_reason(
    shop: Merchant, pair: tuple[Variant, Variant], import_csv: ImportCsv, client_for: ClientFor
) -> None:
    upload = import_csv(PRICES, CsvKind.PRICE_INVENTORY)

    assert prices() == {"A": Decimal(79), "B": Decimal(80)}
    assert failures(upload) == [(2, f"price: {SLIP}")]
    page = client_for("owner").get(f"/m/{shop.slug}/catalog/csv/{upload.pk}/failed/")
    assert SLIP in b"".join(page.streaming_content).decode()


@pytest.mark.feature("CSV-01")
def test_the_preview_asks_for_large_price_steps_and_the_tick_takes_them(
    shop: Merchant,
    pair: tuple[Variant, Variant],
    upload_csv: ImportCsv,
    drain: Callable[..., int],
    client_for: ClientFor,
) -> None:
    upload = upload_csv(PRICES, CsvKind.PRICE_INVENTORY, preview=True)
    drain()
    upload.refresh_from_db()

    [held] = upload.preview["held_rows"]
    assert (upload.preview["held"], upload.preview["changed"]) == (1, 1)
    assert held == {"line": 2, "sku": "A", "old": "79.00", "new": "3.80", "percent": "-95.2%", "reason": SLIP}
    client, url = client_for("owner"), f"/m/{shop.slug}/catalog/csv/{upload.pk}/"
    page = client.get(url).content.decode()
    assert "-95.2%" in page
    assert 'name="confirmed_prices"' in page
    assert "1 row in all. The largest change is A: 79.00 → 3.80, -95.2%." in page

    client.post(f"{url}import/now/", {"confirmed_prices": "1"})
    drain()

    upload.refresh_from_db()
    assert (upload.updated_count, upload.failed_count) == (2, 0)
    assert prices() == {"A": Decimal("3.80"), "B": Decimal(80)}


@pytest.mark.feature("CSV-01")
def test_without_the_tick_the_checked_file_leaves_held_rows_out(
    pair: tuple[Variant, Variant], upload_csv: ImportCsv, drain: Callable[..., int], actor: Actor
) -> None:
    upload = upload_csv(PRICES, CsvKind.PRICE_INVENTORY, preview=True, confirms_prices=True)
    drain()
    upload.refresh_from_db()

    start_import(upload, actor=actor)
    drain()

    upload.refresh_from_db()
    assert (upload.updated_count, upload.failed_count) == (1, 1)
    assert prices() == {"A": Decimal(79), "B": Decimal(80)}


@pytest.mark.feature("CSV-16")
def test_a_product_file_asks_about_map_prices_above_the_price(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], client_for: ClientFor
) -> None:
    for sku, price in [("A", 40), ("B", 60)]:
        rows.make_variant(shop, sku=sku, price=Decimal(price))
    given = {**GOOD, "map_implementation": "102", "map_price": "45.00"}
    upload = upload_csv([{**given, "sku": sku} for sku in ("A", "B", "NEW")], preview=True)
    drain()
    upload.refresh_from_db()

    [held] = upload.preview["held_rows"]
    reason = "MAP price 45.00 is above the price 40.00."
    assert (held["sku"], held["old"], held["new"], held["reason"]) == ("A", "", "45.00", reason)
    assert (upload.preview["held"], upload.preview["below_map"], upload.preview["new"]) == (1, 1, 1)
    client, url = client_for("owner"), f"/m/{shop.slug}/catalog/csv/{upload.pk}/"
    assert "1 SKU would be sold below the MAP price." in client.get(url).content.decode()

    client.post(f"{url}import/now/", {})
    drain()

    upload.refresh_from_db()
    assert failures(upload) == [(2, f"map_price: {reason}")]
    assert dict(Variant.objects.values_list("sku", "map_price")) == {
        "A": None,
        "B": Decimal(45),
        "NEW": Decimal(45),
    }


@pytest.mark.feature("CSV-16")
def test_a_confirmed_map_price_of_a_product_file_is_stored(shop: Merchant, import_csv: ImportCsv) -> None:
    rows.make_variant(shop, sku="A", price=Decimal(40))
    row = {**GOOD, "sku": "A", "map_implementation": "102", "map_price": "45.00"}

    upload = import_csv([row], confirms_prices=True)

    assert (upload.updated_count, upload.failed_count) == (1, 0)
    # It is known now, so the next file with it asks nothing.
    assert import_csv([{**row, "brand": "Ostley"}]).failed_count == 0
    assert Variant.objects.get().map_price == Decimal(45)


def test_an_import_at_once_takes_large_steps_when_told(
    pair: tuple[Variant, Variant], import_csv: ImportCsv
) -> None:
    upload = import_csv(PRICES, CsvKind.PRICE_INVENTORY, confirms_prices=True)

    assert (upload.updated_count, upload.failed_count) == (2, 0)
    assert prices()["A"] == Decimal("3.80")


@pytest.mark.parametrize(
    ("setting", "limits", "held"),
    [
        ({}, {}, 0),
        ({"price_step_percent": 5}, {}, 1),
        ({"lowest_price": Decimal(75)}, {}, 1),
        ({}, {"price_floor": Decimal(75)}, 1),
        ({}, {"map_price": Decimal(75)}, 1),
        ({}, {"msrp": Decimal(65)}, 0),
    ],
)
def test_the_setting_and_the_limits_of_the_sku_decide(
    shop: Merchant,
    import_csv: ImportCsv,
    setting: dict[str, object],
    limits: dict[str, Decimal],
    held: int,
) -> None:
    Options.objects.filter(merchant=shop).update(**setting)
    rows.make_variant(shop, sku="A", price=Decimal(79), **limits)

    upload = import_csv(b"sku,price\nA,70.00\n", CsvKind.PRICE_INVENTORY)

    # Above the MSRP as before, and less than before: the merchant knows of that.
    assert (upload.updated_count, upload.failed_count) == (1 - held, held)


def test_a_first_price_is_no_step(shop: Merchant, import_csv: ImportCsv) -> None:
    rows.make_variant(shop, sku="A", price=None)

    upload = import_csv(b"sku,price\nA,3.80\n", CsvKind.PRICE_INVENTORY)

    assert (upload.updated_count, failures(upload)) == (1, [])


@pytest.mark.parametrize("batch", [1, 2500])
def test_two_prices_for_one_sku_are_both_held_back(
    pair: tuple[Variant, Variant], import_csv: ImportCsv, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(csv_import, "BATCH", batch)

    upload = import_csv(b"sku,price\nA,80.00\nB,81.00\nA,82.00\n", CsvKind.PRICE_INVENTORY)

    assert prices() == {"A": Decimal(79), "B": Decimal(81)}
    assert failures(upload) == [
        (2, "sku: SKU A stands in line 4 too, with other values."),
        (4, "sku: SKU A stands in line 2 too, with other values."),
    ]


def test_a_count_of_the_default_node_that_gives_way_is_shown_counted_and_sent(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], actor: Actor
) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=12)
    NodeStock.objects.update(quantity=3)
    Listing.objects.update(content_sent_at=kettle.updated_at)
    upload = upload_csv(b"sku,inventory\nA,12\n", CsvKind.PRICE_INVENTORY, preview=True)
    drain()
    upload.refresh_from_db()
    cells = [{"column": "inventory", "old": "3 counted at the default node", "new": "12"}]
    assert upload.preview["changed_rows"] == [{"line": 2, "sku": "A", "cells": cells}]
    assert upload.preview["unchanged"] == 0
    Job.objects.all().delete()

    start_import(upload, actor=actor)
    csv_import.run_import(upload)

    upload.refresh_from_db()
    assert (upload.updated_count, upload.unchanged_count) == (1, 0)
    assert rows.offered(kettle) == {"Hoboken": 12}
    assert Job.objects.filter(kind="catalog.push_inventory").exists()


def test_an_import_of_new_rows_pushes_too(
    upload_csv: ImportCsv, monkeypatch: pytest.MonkeyPatch, shop: Merchant
) -> None:
    pushed: list[Merchant] = []
    monkeypatch.setattr(csv_import, "push_deltas", pushed.append)

    upload = csv_import.run_import(upload_csv([GOOD]))

    assert (upload.created_count, upload.updated_count) == (1, 0)
    assert pushed == [shop]


def test_a_family_in_two_batches_is_not_blamed_on_somebody(
    shop: Merchant,
    upload_csv: ImportCsv,
    drain: Callable[..., int],
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = rows.make_product(shop, kind=ProductKind.VARIABLE)
    for sku in ("A", "B"):
        rows.make_variant(shop, product, sku=sku)
    monkeypatch.setattr(csv_import, "BATCH", 1)
    table = [{"sku": sku, "product_title": f"Kettle {sku}", "brand": "Ostley"} for sku in "AB"]
    needed = {
        name: GOOD[name] for name in ("multipack_quantity", "main_image_url", "standard_product_code_type1")
    }
    code = {"standard_product_code1": GOOD["standard_product_code1"]}
    upload = upload_csv([{**row, **needed, **code} for row in table], preview=True, is_on_jet=True)
    drain()
    upload.refresh_from_db()

    start_import(upload, actor=actor)
    drain()

    upload.refresh_from_db()
    assert (upload.updated_count, failures(upload)) == (2, [])
    assert stored("B").product.brand == "Ostley"
    assert "moved" not in upload.preview


def test_a_quantity_that_jumps_waits_for_the_same_tick(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], client_for: ClientFor
) -> None:
    for sku, quantity in (("A", 12), ("B", 12), ("C", 0), ("D", 5)):
        rows.make_variant(shop, sku=sku, price=Decimal(79), quantity=quantity)
    table = b"sku,price,inventory\nA,79,1200\nB,3.80,1200\nC,79,1200\nD,79,60\n"
    upload = upload_csv(table, CsvKind.PRICE_INVENTORY, preview=True)
    drain()
    upload.refresh_from_db()

    jump = "Inventory 12 → 1,200: 100 times what it was."
    [first, second] = upload.preview["held_rows"]
    assert (first["sku"], first["old"], first["new"], first["reason"]) == ("A", "12", "1200", jump)
    assert (second["sku"], second["reason"]) == ("B", f"{SLIP} {jump}")
    client, url = client_for("owner"), f"/m/{shop.slug}/catalog/csv/{upload.pk}/"
    assert "Yes, these 2 prices and quantities are right" in client.get(url).content.decode()

    client.post(f"{url}import/now/", {"confirmed_prices": "1"})
    drain()

    assert dict(Variant.objects.values_list("sku", "quantity")) == {"A": 1200, "B": 1200, "C": 1200, "D": 60}


def test_a_jump_that_is_not_confirmed_comes_back_as_a_failed_row(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    rows.make_variant(shop, sku="A", quantity=12)
    upload = import_csv(b"sku,inventory\nA,1200\n", CsvKind.PRICE_INVENTORY)
    assert failures(upload) == [(2, "inventory: Inventory 12 → 1,200: 100 times what it was.")]
    assert Variant.objects.get().quantity == 12


def test_a_table_edit_holds_a_quantity_that_jumps(shop: Merchant) -> None:
    kettle = rows.make_variant(shop, sku="A", quantity=12)
    edits = [CellEdit(kettle.pk, "quantity", "12", "1200")]

    asked = save_cells(shop, edits, actor=SYSTEM)
    assert Variant.objects.get().quantity == 12
    assert asked.asked is not None
    assert (asked.asked.title, asked.asked.reasons) == (
        "Is this right?",
        ("A: Quantity 12 → 1,200: 100 times what it was.",),
    )

    saved = save_cells(shop, edits, actor=SYSTEM, confirmed=asked.asked.mark)
    assert (saved.asked, Variant.objects.get().quantity) == (None, 1200)
