"""SKUs with the same product code: whatever its spelling, on both pages, among the causes and before an import."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from catalog.actions.csv_check import run_check
from catalog.actions.targets import refresh_targets
from catalog.csv_preview import Preview
from catalog.identifiers import expand_upc_e
from catalog.models import Listing, Variant
from catalog.pages import section_url
from catalog.queries.errors import gap_groups
from catalog.queries.shared_codes import SAME_CODE_SQL, KnownCodes, sharing_variants, twins_of
from catalog.shared_codes import SHARED_GAP, code_key, spellings
from jetsync.models import Merchant
from jetsync.tenancy.context import merchant_scope
from tests import factories
from tests.catalog import rows

ClientFor = Callable[..., Client]
KETTLE = "036000291452"
SAME = [
    ("UPC", KETTLE),
    ("UPC", "0-36000-29145-2"),
    ("EAN", f"0{KETTLE}"),
    ("GTIN-14", f"00{KETTLE}"),
    ("UPC", "042100005264"),
    ("UPC-E", "04252614"),
    ("ISBN-10", "0306406152"),
    ("ISBN-13", "9780306406157"),
    ("EAN", "9780306406157"),
    ("ISBN-10", "080442957X"),
]


def make(shop: Merchant, sku: str, *codes: tuple[str, str], **extra: Any) -> Variant:
    given_codes = [{"type": kind, "code": code} for kind, code in codes]
    return rows.make_variant(shop, sku=sku, codes=given_codes, **extra)


def in_sql(codes: list[dict[str, str]]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {SAME_CODE_SQL} FROM jsonb_array_elements(%s::jsonb) item",  # noqa: S608 -- a constant
            [json.dumps(codes)],
        )
        return [row[0] for row in cursor.fetchall()]


def test_one_article_has_one_key_however_it_is_written() -> None:
    assert [code_key(*pair) for pair in SAME] == [
        *["0003600029145"] * 4,
        *["0004210000526"] * 2,
        *["0978030640615"] * 3,
        "0978080442957",
    ]
    assert code_key("UPC", "036000291453") == code_key("EAN", KETTLE) == code_key("ASIN", "x") == ""


@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda text: text.strip("0")))
def test_every_spelling_leads_back_to_its_key(key: str) -> None:
    kinds = {14: "GTIN-14", 13: "EAN", 12: "UPC", 10: "ISBN-10", 8: "UPC-E"}
    found = list(spellings(key))

    assert found[0] == key + ean.calc_check_digit(key)
    assert {code_key(kinds[len(text)], text) for text in found} == {key}


def test_each_way_of_writing_is_looked_for() -> None:
    assert set(spellings("0004210000526")) == {"00042100005264", "0042100005264", "042100005264", "04252614"}
    assert set(spellings("0978030640615")) == {"09780306406157", "9780306406157", "0306406152"}


@pytest.mark.django_db
def test_the_database_makes_the_same_keys() -> None:
    bodies = ("0123450", "0123453", "0123454", "0123456", "1543210")
    short = [("UPC-E", body + ean.calc_check_digit(expand_upc_e(f"{body}0")[:-1])) for body in bodies]
    pairs = [*SAME, *short]
    assert all(code_key(*pair) for pair in pairs)

    keys = in_sql([{"type": kind, "code": code} for kind, code in pairs])

    assert keys == [code_key(*pair) for pair in pairs]


def test_twins_are_found_in_every_spelling_but_not_packs_and_not_other_merchants(shop: Merchant) -> None:
    kettle = make(shop, "HF-1", ("UPC", KETTLE))
    as_ean = make(shop, "HF-2", ("EAN", f"0{KETTLE}"))
    as_gtin = make(shop, "HF-3", ("EAN", "4006381333931"), ("GTIN-14", f"00{KETTLE}"))
    make(shop, "HF-PACK", ("UPC", KETTLE), multipack_quantity=6)
    make(shop, "HF-OTHER", ("UPC", "042100005264"))
    make(shop, "HF-NONE")
    other = factories.make_merchant("Other Shop")
    with merchant_scope(other):
        make(other, "HF-9", ("UPC", KETTLE))

    assert [(twin.variant, twin.code) for twin in twins_of(kettle)] == [
        (as_ean, f"UPC {KETTLE}"),
        (as_gtin, f"UPC {KETTLE}"),
    ]
    assert [twin.variant.sku for twin in twins_of(as_gtin)] == ["HF-1", "HF-2"]
    assert twins_of(Variant.objects.get(sku="HF-NONE")) == twins_of(Variant.objects.get(sku="HF-PACK")) == []
    sharing = sharing_variants(shop).order_by("sku").values_list("sku", flat=True)
    assert list(sharing) == ["HF-1", "HF-2", "HF-3"]


def test_both_pages_name_the_other_sku_and_nothing_is_blocked(shop: Merchant, client_for: ClientFor) -> None:
    first, second = make(shop, "HF-1", ("UPC", KETTLE)), make(shop, "HF-2", ("EAN", f"0{KETTLE}"))
    client = client_for("analyst")
    base = f"/m/{shop.slug}/catalog"

    for own, other, code in ((first, second, f"UPC {KETTLE}"), (second, first, f"EAN 0{KETTLE}")):
        link = f'{base}/products/{other.product_id}/?variant={other.pk}">{other.sku}</a>'
        for address in (f"{base}/products/{own.product_id}/", section_url(shop, own.pk, "identifiers")):
            page = client.get(address).content.decode()
            assert f"{code} is also that of" in page
            assert link in page
        assert Listing.objects.get(variant=own).readiness == "ready"
    refresh_targets(shop, [first.pk])
    Variant.objects.filter(pk=second.pk).update(codes=[{"type": "UPC", "code": "042100005264"}])
    assert "is also that of" not in client.get(f"{base}/products/{first.product_id}/").content.decode()


def test_the_product_page_costs_the_same_with_three_twins(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    kettle = make(shop, "HF-1", ("UPC", KETTLE))
    client, url = client_for("owner"), f"/m/{shop.slug}/catalog/products/{kettle.product_id}/"
    client.get(url)
    alone = count_queries(client, url)
    for number in (2, 3, 4):
        make(shop, f"HF-{number}", ("UPC", KETTLE))

    assert count_queries(client, url) == alone


def test_shared_codes_are_a_cause_that_opens_the_grid(shop: Merchant, client_for: ClientFor) -> None:
    for number in (1, 2):
        make(shop, f"HF-{number}", ("UPC", KETTLE))
    make(shop, "HF-3", ("UPC", "042100005264"))

    group = next(group for group in gap_groups(shop) if group.key == SHARED_GAP)
    client = client_for("owner")
    page = client.get(f"/m/{shop.slug}/catalog/errors/gaps/").content.decode()
    grid = client.get(f"/m/{shop.slug}/catalog/products/?gap={SHARED_GAP}").content.decode()

    assert (group.level, group.skus, group.label) == ("hint", 2, "Product code: another SKU has it")
    assert group.example == f"HF-1: UPC {KETTLE} is also that of SKU HF-2."
    assert f"?gap={SHARED_GAP}" in page
    assert [sku in grid for sku in ("HF-1", "HF-2", "HF-3")] == [True, True, False]
    Variant.objects.filter(sku="HF-2").update(multipack_quantity=2)
    assert SHARED_GAP not in [group.key for group in gap_groups(shop)]


def test_codes_of_a_file_are_held_against_the_store_and_the_rows_above(shop: Merchant) -> None:
    make(shop, "HF-1", ("UPC", KETTLE))
    known = KnownCodes(shop)

    def owner(sku: str, code: str, pack: int = 1) -> str:
        return known.owner_of(sku, [{"type": "EAN", "code": code}], pack)

    assert owner("HF-1", f"0{KETTLE}") == ""
    assert owner("NEW-1", f"0{KETTLE}") == "HF-1"
    assert owner("NEW-1", f"0{KETTLE}", 6) == ""
    assert [owner(sku, "4006381333931") for sku in ("NEW-2", "NEW-2", "NEW-3")] == ["", "", "NEW-2"]


@pytest.mark.feature("CSV-01")
def test_the_preview_of_a_file_tells_codes_that_another_sku_has(
    shop: Merchant, client_for: ClientFor, upload_csv: Callable[..., Any]
) -> None:
    from tests.catalog.csv.test_products import GOOD

    code = {"standard_product_code_type1": "UPC", "standard_product_code1": KETTLE}
    make(shop, "HF-1", ("UPC", KETTLE))
    lines = [{**GOOD, **code, "sku": "NEW-1"}, {**GOOD, **code, "sku": "NEW-2", "multipack_quantity": "6"}]
    upload = upload_csv(lines, preview=True)
    run_check(upload)

    preview = Preview.from_json(upload.preview)
    page = client_for("owner").get(f"/m/{shop.slug}/catalog/csv/{upload.pk}/").content.decode()

    assert (preview.shared, preview.shared_rows) == (1, [{"line": 2, "sku": "NEW-1", "owner": "HF-1"}])
    assert preview.wrong == 0
    assert "Product codes that another SKU has" in page
