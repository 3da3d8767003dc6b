"""SKUs that differ in letter case alone: taken for the one that exists, never made a second time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from catalog.actions.children import save_children
from catalog.actions.csv_upload import start_import
from catalog.actions.product import add_variant, create_product, update_variant
from catalog.enums import CsvKind, ProductKind
from catalog.models import CsvUpload, Variant, VariationGroup
from catalog.pages import page_url
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM, Actor
from tests.catalog import rows
from tests.catalog.csv.test_products import GOOD, failures

pytestmark = pytest.mark.django_db
ImportCsv = Callable[..., CsvUpload]
OWN = "HF-KET-25"


def skus() -> list[str]:
    return sorted(Variant.objects.values_list("sku", flat=True))


@pytest.mark.feature("CSV-03")
def test_a_product_row_in_other_letter_case_changes_the_product_that_exists(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    import_csv([GOOD])

    done = import_csv([{**GOOD, "sku": OWN.lower(), "brand": "Ostley"}, {**GOOD, "sku": "HF-2"}])

    assert (done.created_count, done.updated_count, done.failed_count) == (1, 1, 0)
    assert skus() == ["HF-2", OWN]
    assert Variant.objects.get(sku=OWN).product.brand == "Ostley"


@pytest.mark.feature("CSV-03")
def test_the_preview_names_the_sku_that_a_row_is_taken_for(
    shop: Merchant, upload_csv: ImportCsv, drain: Callable[..., int], client_for: Callable[..., Client]
) -> None:
    rows.make_variant(shop, sku=OWN)
    upload = upload_csv([{**GOOD, "sku": OWN.lower()}], preview=True)
    drain()
    upload.refresh_from_db()

    assert (upload.preview["new"], upload.preview["respelled"]) == (0, 1)
    assert upload.preview["respelled_rows"] == [{"line": 2, "given": OWN.lower(), "sku": OWN}]
    page = client_for("owner").get(page_url(shop, "csv-detail", pk=upload.pk)).content.decode()
    assert "Only capitals differ, so these rows are taken for the SKU that you have" in page


@pytest.mark.feature("CSV-40")
def test_a_price_file_in_small_letters_reaches_the_products(shop: Merchant, import_csv: ImportCsv) -> None:
    variant = rows.make_variant(shop, sku=OWN, price=Decimal("38.50"))

    done = import_csv(f"sku,price\n{OWN.lower()},39.50\n".encode(), CsvKind.PRICE_INVENTORY)

    variant.refresh_from_db()
    assert (done.updated_count, variant.price) == (1, Decimal("39.50"))


def test_two_rows_that_differ_in_capitals_are_both_held_back(shop: Merchant, import_csv: ImportCsv) -> None:
    done = import_csv([GOOD, {**GOOD, "sku": OWN.lower(), "brand": "Ostley"}])

    assert skus() == []
    assert failures(done) == [
        (2, f"sku: SKU {OWN} stands in line 3, written {OWN.lower()}, too, with other values."),
        (3, f"sku: SKU {OWN.lower()} stands in line 2, written {OWN}, too, with other values."),
    ]


def test_skus_of_before_that_differ_in_capitals_are_told_apart_by_their_exact_name(
    shop: Merchant, import_csv: ImportCsv
) -> None:
    for sku in ("AB-1", "ab-1"):
        rows.make_variant(shop, sku=sku, quantity=1)

    done = import_csv(b"sku,inventory\nAB-1,2\nab-1,3\nAb-1,4\n", CsvKind.PRICE_INVENTORY)

    assert dict(Variant.objects.values_list("sku", "quantity")) == {"AB-1": 2, "ab-1": 3}
    [(line, message)] = failures(done)
    assert (line, "AB-1 and ab-1 are" in message) == (4, True)


def test_a_letter_that_has_no_capital_makes_another_sku(shop: Merchant, import_csv: ImportCsv) -> None:
    for sku in ("STRASSE", "CAFÉ"):
        rows.make_variant(shop, sku=sku, quantity=1)

    done = import_csv("sku,inventory\nstraße,9\ncafé,9\n".encode(), CsvKind.PRICE_INVENTORY)

    assert dict(Variant.objects.values_list("sku", "quantity")) == {"STRASSE": 1, "CAFÉ": 9}
    assert failures(done) == [(2, "sku: SKU straße is not among your products.")]


GROUP = b"sku,relationship,variation_refinement1,child_sku1,child_sku2\n"


@pytest.fixture
def kettles(shop: Merchant) -> None:
    for sku in (OWN, "HF-2", "HF-3"):
        size = [{"id": rows.SIZE, "value": sku, "unit": ""}]
        rows.mark_listed(rows.make_variant(shop, sku=sku, attributes=size))


@pytest.mark.feature("CSV-30")
@pytest.mark.usefixtures("kettles")
def test_a_variations_file_is_taken_whatever_its_capitals(
    upload_csv: ImportCsv, drain: Callable[..., int]
) -> None:
    upload = upload_csv(GROUP + b"hf-ket-25,Variation,50,hf-2,HF-3\n", CsvKind.VARIATIONS, preview=True)
    drain()
    upload.refresh_from_db()
    assert upload.preview["respelled_rows"] == [
        {"line": 2, "given": OWN.lower(), "sku": OWN},
        {"line": 2, "given": "hf-2", "sku": "HF-2"},
    ]

    start_import(upload, actor=SYSTEM)
    drain()

    upload.refresh_from_db()
    assert (upload.created_count, upload.failed_count, skus()) == (1, 0, ["HF-2", "HF-3", OWN])
    group = VariationGroup.objects.get(parent__sku=OWN)
    assert list(group.members.order_by("position").values_list("variant__sku", flat=True)) == ["HF-2", "HF-3"]


@pytest.mark.usefixtures("kettles")
def test_capitals_hide_no_child_that_stands_twice_or_is_the_parent(import_csv: ImportCsv) -> None:
    done = import_csv(
        GROUP + b"HF-KET-25,Variation,50,hf-2,HF-2\nHF-3,Variation,50,hf-3,HF-2\n", CsvKind.VARIATIONS
    )

    assert failures(done) == [
        (2, "child_sku2: child_sku2 repeats child_sku1."),
        (3, "child_sku1: child_sku1 is the parent itself; a SKU cannot be its own child."),
    ]


@pytest.mark.usefixtures("kettles")
def test_a_child_that_may_be_either_of_two_is_refused(shop: Merchant, import_csv: ImportCsv) -> None:
    for sku in ("AB-1", "ab-1"):
        rows.mark_listed(rows.make_variant(shop, sku=sku))

    done = import_csv(GROUP + b"HF-KET-25,Variation,50,Ab-1,HF-2\n", CsvKind.VARIATIONS)

    assert failures(done) == [(2, "child_sku1: SKU Ab-1 is not among your products, but AB-1 and ab-1 are.")]


def test_a_form_and_the_api_refuse_a_second_spelling_and_name_the_first(shop: Merchant, actor: Actor) -> None:
    variant = rows.make_variant(shop, sku=OWN)
    other = rows.make_variant(shop, sku="HF-2")
    values = {"sku": OWN.lower()}

    with pytest.raises(InvalidInput, match=f"alone from SKU {OWN}"):
        create_product(shop, {"title": "A copper kettle"}, values, kind=ProductKind.SIMPLE, actor=actor)
    with pytest.raises(InvalidInput, match=f"alone from SKU {OWN}"):
        add_variant(other.product, values, actor=actor)
    with pytest.raises(InvalidInput, match=f"alone from SKU {OWN}"):
        update_variant(other, values, actor=actor)
    with pytest.raises(InvalidInput) as refused:
        save_children(other.product, {other.pk: values}, actor=actor)

    assert "differs in letter case alone" in refused.value.data["cells"][other.pk]["sku"][0]
    assert skus() == ["HF-2", OWN]
    update_variant(variant, values, actor=actor)
    assert skus() == ["HF-2", OWN.lower()]
