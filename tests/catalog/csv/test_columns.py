"""Files whose columns are not named as ours: asked once, remembered, and told in the preview."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.actions.csv_upload import map_columns, start_import
from catalog.csv_columns import VARIATION_COLUMNS, folded
from catalog.csv_mapping import guess_columns
from catalog.enums import CsvKind, CsvState
from catalog.models import CsvUpload
from catalog.pages import page_url
from catalog.queries.csv_header import columns_as_before
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.context import merchant_scope
from tests.catalog import rows
from tests.catalog.csv.test_pages import url
from tests.factories import make_merchant

ClientFor = Callable[..., Client]
UploadCsv = Callable[..., CsvUpload]
FOREIGN = b"Seller SKU;Qty;Price, USD;Notes;Farbe\nA;7;12,50;=1+2;blau\nB;1;1;x;y\n"


def test_columns_are_guessed_by_name_other_shops_words_and_likeness() -> None:
    header = ["Variant SKU", "Product Name", "inventroy", "On hand", "Weight", "field:Glaze", "", "PRICE"]

    assert guess_columns(header, CsvKind.PRODUCTS) == [
        "sku",
        "product_title",
        "",
        "",
        "",
        "field:Glaze",
        "",
        "",
    ]
    assert guess_columns(header, CsvKind.PRICE_INVENTORY) == ["sku", "", "", "inventory", "", "", "", "price"]


def test_names_of_marketplaces_other_languages_and_single_words_are_guessed() -> None:
    def guessed(*header: str, kind: CsvKind = CsvKind.PRODUCTS) -> list[str]:
        return guess_columns(header, kind)

    assert guessed(
        "item_sku", "item_name", "brand_name", "part_number", "bullet_point1", "external_product_id"
    ) == [*("sku", "product_title", "brand", "mfr_part_number", "bullet1", "standard_product_code1")]
    assert guessed("Artikelnummer", "Titel", "Marke", "Hersteller") == [
        *("sku", "product_title", "brand", "manufacturer")
    ]
    prices = CsvKind.PRICE_INVENTORY
    assert guessed("Our SKU no.", "Web price today", "Total stock now", kind=prices) == [
        "sku",
        "price",
        "inventory",
    ]
    # What the words say of something else, or of two things at once, is left to the merchant.
    assert guessed("Price per unit", "Stock status", "SKU price", kind=prices) == ["", "", ""]


def test_a_column_of_ours_is_proposed_once_and_the_merchants_own_choice_goes_first() -> None:
    header = ["Stock", "Qty", "sku"]

    assert guess_columns(header, CsvKind.PRICE_INVENTORY) == ["inventory", "", "sku"]
    assert guess_columns(header, CsvKind.PRICE_INVENTORY, {"Qty": "inventory"}) == ["", "inventory", "sku"]


def test_numbered_columns_with_one_rule_are_explained_in_one_line() -> None:
    assert [(column.name, column.need) for column in folded(VARIATION_COLUMNS)] == [
        ("sku", "**"),
        ("relationship", "**"),
        ("group_title", ""),
        ("variation_refinement1", "**"),
        ("variation_refinement2 to variation_refinement5", ""),
        ("child_sku1", "**"),
        ("child_sku2 to child_sku50", ""),
    ]


@pytest.mark.django_db
@pytest.mark.feature("CSV-40")
def test_a_file_with_unknown_columns_is_mapped_checked_and_imported(
    shop: Merchant, actor: Actor, client_for: ClientFor, drain: Callable[..., int]
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(12), quantity=1)
    client = client_for("owner")
    file = SimpleUploadedFile("stock.csv", FOREIGN)

    asked = client.post(url(shop, "csv/upload/"), {"kind": "price_inventory", "file": file}, follow=True)
    upload = CsvUpload.objects.get()
    page = asked.content.decode()

    assert upload.state == CsvState.MAPPING
    assert upload.header == ["Seller SKU", "Qty", "Price, USD", "Notes", "Farbe"]
    assert "In the file: “A”, “B”" in page
    assert '<option value="sku" selected>' in page
    assert '<option value="inventory" selected>' in page

    chosen = dict(zip(["column_0", "column_1", "column_2"], ["sku", "inventory", "price"], strict=True))
    told = client.post(url(shop, f"csv/{upload.pk}/columns/"), chosen, follow=True).content.decode()
    drain()
    preview = client.get(url(shop, f"csv/{upload.pk}/")).content.decode()
    upload.refresh_from_db()
    start_import(upload, actor=actor)
    drain()
    kettle.refresh_from_db()

    assert "2 columns left out. Nothing is stored yet." in told
    assert "Notes, Farbe" in preview
    assert upload.preview["changed"] == 1  # a formula in a column that is left out is no fault
    assert (kettle.price, kettle.quantity) == (Decimal("12.50"), 7)


@pytest.mark.django_db
def test_the_next_file_with_the_same_header_is_read_without_asking(
    shop: Merchant, actor: Actor, upload_csv: UploadCsv, drain: Callable[..., int]
) -> None:
    kettle = rows.make_variant(shop, sku="A", price=Decimal(12), quantity=1)
    first = upload_csv(FOREIGN, CsvKind.PRICE_INVENTORY, may_ask=True)
    map_columns(first, ["sku", "inventory", "price", "", ""], actor=actor)

    second = upload_csv(FOREIGN.replace(b"12,50", b"13,50"), CsvKind.PRICE_INVENTORY, may_ask=True)
    drain()
    kettle.refresh_from_db()

    assert second.columns == ["sku", "inventory", "price", "", ""]
    assert (second.left_out, second.state) == (["Notes", "Farbe"], CsvState.IMPORTING)
    assert kettle.price == Decimal("13.50")


@pytest.mark.django_db
def test_another_merchants_choice_is_not_taken(shop: Merchant, actor: Actor, upload_csv: UploadCsv) -> None:
    map_columns(
        upload_csv(FOREIGN, CsvKind.PRICE_INVENTORY, may_ask=True),
        ["sku", "inventory", "price", "", ""],
        actor=actor,
    )
    header = CsvUpload.objects.get().header
    other = make_merchant("Other")
    assert columns_as_before(shop, CsvKind.PRICE_INVENTORY, header) is not None

    with merchant_scope(other):
        assert columns_as_before(other, CsvKind.PRICE_INVENTORY, header) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["inventory", "price", "", "", ""], "Column “sku” is missing"),
        (["sku", "price", "price", "", ""], "Column “price” stands 2 times; keep one."),
        (["sku", "", "", "", ""], "Neither “price” nor “inventory” is there"),
        (["sku", "price"], "The file has 5 columns, 2 were named."),
    ],
)
def test_a_choice_that_cannot_work_is_told_and_the_file_waits_on(
    shop: Merchant, actor: Actor, upload_csv: UploadCsv, columns: list[str], message: str
) -> None:
    upload = upload_csv(FOREIGN, CsvKind.PRICE_INVENTORY, may_ask=True)

    with pytest.raises(InvalidInput, match=message):
        map_columns(upload, columns, actor=actor)

    upload.refresh_from_db()
    assert (upload.state, set(upload.columns)) == (CsvState.MAPPING, {""})


@pytest.mark.django_db
def test_columns_are_not_changed_under_a_running_import(
    shop: Merchant, actor: Actor, upload_csv: UploadCsv
) -> None:
    upload = upload_csv(b"sku,price\nA,1\n", CsvKind.PRICE_INVENTORY)

    with pytest.raises(StateConflict, match="cannot be read by other columns: it is being imported"):
        map_columns(upload, ["sku", "inventory"], actor=actor)

    upload.refresh_from_db()
    assert upload.columns == ["sku", "price"]


@pytest.mark.django_db
def test_the_api_takes_the_meaning_of_columns_with_the_file(shop: Merchant, client_for: ClientFor) -> None:
    client = client_for("owner")
    address = f"/api/v1/m/{shop.slug}/catalog/csv-uploads/"

    def send(columns: str) -> tuple[int, str]:
        file = SimpleUploadedFile("stock.csv", FOREIGN)
        data = {"kind": "price_inventory", "file": file, "preview": "true"}
        answer = client.post(address, data | ({"columns": columns} if columns else {}))
        return answer.status_code, answer.content.decode()

    assert send("")[0] == 400
    assert send("[1]")[0] == 400
    assert CsvUpload.objects.count() == 0
    names = {"seller sku": "sku", "Qty": "inventory", "Price, USD": "price", "Notes": "", "Farbe": ""}
    assert send(json.dumps(names))[0] == 202
    assert CsvUpload.objects.get().columns == ["sku", "inventory", "price", "", ""]


@pytest.mark.feature("CSV-01")
def test_a_file_of_the_wrong_kind_is_read_as_another_one(
    shop: Merchant, client_for: Callable[..., Client], drain: Callable[..., int]
) -> None:
    variant = rows.make_variant(shop, sku="HF-1", quantity=1)
    client = client_for("owner")
    file = SimpleUploadedFile("stock.csv", b"sku,quantity\nHF-1,7\n")
    client.post(page_url(shop, "csv-upload"), {"kind": "products", "level": "new", "file": file})
    upload = CsvUpload.objects.get()
    assert upload.state == CsvState.MAPPING

    moved = client.post(page_url(shop, "csv-decide", pk=upload.pk, key="as_price_inventory"))
    upload.refresh_from_db()
    assert (upload.kind, upload.state) == (CsvKind.PRICE_INVENTORY, CsvState.MAPPING)
    assert moved["Location"] == page_url(shop, "csv-columns", pk=upload.pk)

    map_columns(upload, ["sku", "inventory"], actor=SYSTEM)
    drain()
    upload.refresh_from_db()
    assert (upload.state, upload.preview["changed"]) == (CsvState.CHECKED, 1)
    client.post(page_url(shop, "csv-decide", pk=upload.pk, key="import"))
    drain()
    variant.refresh_from_db()
    assert variant.quantity == 7
    late = client.post(page_url(shop, "csv-decide", pk=upload.pk, key="as_products"), follow=True)
    assert "cannot be read as another kind: it is imported." in late.content.decode()
    assert client.post(page_url(shop, "csv-decide", pk=upload.pk, key="as_x")).status_code == 404
