"""Bounds of the repricer: per SKU, per profile, for many at once, and by file; an empty one is never zero."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from catalog.models import Profile, Variant
from jetsync.actions.operation import undo_operation
from jetsync.enums import RowState
from jetsync.models import LogEntry, Merchant, Operation, OperationRow
from jetsync.tenancy.actor import SYSTEM
from repricer.actions.rules import set_profile_rule, set_rule, set_rules
from repricer.actions.rules_file import import_bounds, set_by_percent
from repricer.models import ProfileRule, RepriceRule
from repricer.queries.rules import load_bounds
from repricer.rules import ProfileValues
from tests import factories
from tests.catalog import rows
from tests.downloads import csv_rows

pytestmark = pytest.mark.django_db
FULL = {"min_price": Decimal("30.00"), "max_price": Decimal("45.00"), "bid": Decimal("1.00")}


@pytest.fixture
def shop(plain_shop: Merchant) -> Merchant:
    return plain_shop


def page(merchant: Merchant, name: str, **kwargs: Any) -> str:
    return reverse(f"repricer:{name}", kwargs={"merchant_slug": merchant.slug, **kwargs})


def stored(variant: Variant) -> dict[str, Decimal | None] | None:
    row = RepriceRule.objects.filter(variant=variant).first()
    return row.values.as_dict() if row else None


@pytest.mark.feature("REP-02")
def test_tab_takes_the_three_values_and_says_what_is_missing(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    client, address = client_for("owner"), page(shop, "bounds", pk=variant.pk)
    html = client.get(address).content.decode()
    for words in ("Min Price", "Max Price", "Bidding Amount", "This product is not repriced"):
        assert words in html
    answer = client.post(
        address, {"min_price": "$30", "max_price": "45", "bid": "1.00", "cost": ""}, follow=True
    )
    html = answer.content.decode()
    assert "HF-1: bounds of the repricer saved." in html
    assert "This product is not repriced" not in html
    assert stored(variant) == {**FULL, "cost": None}
    assert LogEntry.objects.get(action="repricer.rule.changed").message == (
        "HF-1: Min Price 30.00, Max Price 45.00, Bidding Amount 1.00"
    )
    client.post(address, {"min_price": "", "max_price": "45", "bid": "1.00", "cost": ""})
    assert (stored(variant) or {})["min_price"] is None
    assert "Min Price is empty." in client.get(address).content.decode()


@pytest.mark.feature("REP-02")
@pytest.mark.parametrize(
    ("given_values", "field", "words"),
    [
        ({"min_price": "46", "max_price": "45"}, "min_price", "Min Price 46.00 is above Max Price 45.00."),
        ({"bid": "0"}, "bid", "Bidding Amount is 0, at least 0.01 USD is needed."),
        ({"bid": "-1"}, "bid", "Bidding Amount is -1, at least 0.01 USD is needed."),
        ({"min_price": "1.005"}, "min_price", "at most two decimals"),
        ({"cost": "dear"}, "cost", "“dear” is not a number. Type it like 1234.50, digits only."),
    ],
)
def test_wrong_bounds_are_refused_and_nothing_is_stored(
    shop: Merchant, client_for: Callable[..., Client], given_values: dict[str, str], field: str, words: str
) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    answer = client_for("owner").post(page(shop, "bounds", pk=variant.pk), given_values)
    assert answer.status_code == 400
    assert words in " ".join(answer.context["form"].errors[field])
    assert stored(variant) is None


def test_database_takes_no_crossed_bounds_either(shop: Merchant) -> None:
    variant = rows.make_variant(shop)
    with pytest.raises(IntegrityError), transaction.atomic():
        RepriceRule.objects.create(merchant=shop, variant=variant, min_price=2, max_price=1)


def test_emptying_everything_leaves_no_row(shop: Merchant) -> None:
    variant = rows.make_variant(shop)
    set_rule(variant, FULL, actor=SYSTEM)
    set_rule(variant, dict.fromkeys(FULL), actor=SYSTEM)
    assert stored(variant) is None


@pytest.mark.feature("SIM-01")
def test_product_page_has_every_tab(shop: Merchant, client_for: Callable[..., Client]) -> None:
    variant = rows.make_variant(shop)
    address = reverse("catalog:product-detail", kwargs={"merchant_slug": shop.slug, "pk": variant.product_id})
    client = client_for("owner")
    tabs = {tab.label: tab.url for tab in client.get(address).context["tabs"]}
    wanted = {
        "Jet attributes",
        "Store fields",
        "Price and stock",
        "Shipping exceptions",
        "Return exceptions",
        "Auto Repricing",
        "Data on Jet",
    }
    assert wanted <= tabs.keys()
    assert {label: client.get(tabs[label]).status_code for label in wanted} == dict.fromkeys(wanted, 200)


def test_own_value_wins_over_the_profile_field_by_field(shop: Merchant) -> None:
    profile = Profile.objects.create(merchant=shop, name="Kettles")
    product = rows.make_product(shop, profile=profile)
    variant = rows.make_variant(shop, product, price=Decimal("40.00"))
    set_profile_rule(profile, ProfileValues(Decimal(90), Decimal(110), Decimal("0.50")), actor=SYSTEM)
    found = load_bounds(shop, [variant.pk])[variant.pk]
    assert (found.min_price, found.max_price, found.bid) == (
        Decimal("36.00"),
        Decimal("44.00"),
        Decimal("0.50"),
    )
    set_rule(variant, {"min_price": Decimal("38.00")}, actor=SYSTEM)
    found = load_bounds(shop, [variant.pk])[variant.pk]
    assert (found.min_price, found.max_price, found.gap) == (Decimal("38.00"), Decimal("44.00"), "")
    set_profile_rule(profile, ProfileValues(), actor=SYSTEM)
    assert not ProfileRule.objects.exists()


def test_profile_page_stores_percentages_and_refuses_crossed_ones(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    profile = Profile.objects.create(merchant=shop, name="Kettles")
    client, address = client_for("owner"), page(shop, "profile-bounds", pk=profile.pk)
    crossed = client.post(address, {"min_percent": "110", "max_percent": "90", "bid": "1"})
    assert crossed.status_code == 400
    assert not ProfileRule.objects.exists()
    client.post(address, {"min_percent": "90", "max_percent": "110", "bid": "1"})
    assert ProfileRule.objects.get().values == ProfileValues(
        Decimal("90.00"), Decimal("110.00"), Decimal("1.00")
    )
    assert "90.00%" in client.get(page(shop, "profile-list")).content.decode()


def test_file_stores_good_rows_and_names_the_bad_ones_with_their_lines(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    good, crossed = rows.make_variant(shop, sku="HF-1"), rows.make_variant(shop, sku="HF-2")
    text = (
        "sku,min_price,max_price,bidding_amount,cost\r\n"
        "HF-1,30.00,45.00,1.00,\r\n"
        "HF-2,50.00,45.00,1.00,\r\n"
        "HF-1,1.00,2.00,1.00,\r\n"
        "NEVER,30.00,45.00,1.00,\r\n"
        "HF-3,cheap,45.00,1.00,\r\n"
    )
    file = SimpleUploadedFile("bounds.csv", text.encode())
    answer = client_for("owner").post(page(shop, "upload"), {"file": file}, follow=True)
    assert "bounds.csv: bounds of 1 SKU stored. Not stored: 4 rows." in answer.content.decode()
    assert stored(good) == {**FULL, "cost": None}
    assert stored(crossed) is None
    failed = OperationRow.objects.filter(state=RowState.FAILED).order_by("line", "pk")
    assert [(row.line, row.label, row.code) for row in failed] == [
        (3, "HF-2", "order"),
        (4, "HF-1", "twice"),
        (5, "NEVER", "unknown"),
        (6, "HF-3", "number"),
    ]
    address = {"merchant_slug": shop.slug, "pk": failed[0].operation_id}
    client = client_for("owner")
    page_of_it = client.get(reverse("panel:operation-detail", kwargs=address), {"state": "failed"})
    headings = [heading.column.key for heading in page_of_it.context["list"].headings]
    assert headings[:3] == ["label", "line", "state"]
    lines = csv_rows(client, reverse("panel:operation-failed-rows", kwargs=address))
    assert min((row["line"], row["object"]) for row in lines) == ("3", "HF-2")


def test_operation_without_a_file_has_no_column_of_lines(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    operation = set_rules(shop, {variant.pk: {"bid": Decimal("1.00")}}, title="Bids", actor=SYSTEM)
    url = reverse("panel:operation-detail", kwargs={"merchant_slug": shop.slug, "pk": operation.pk})
    found = client_for("owner").get(url).context["list"]
    assert "line" not in [heading.column.key for heading in found.headings]


def test_rows_of_a_file_find_their_sku_whatever_its_capitals(shop: Merchant) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    content = b"sku,min_price\nhf-1,30.00\nHF-1,31.00\n"

    operation = import_bounds(shop, io.BytesIO(content), name="b.csv", size=len(content), actor=SYSTEM)

    [failed] = operation.rows.filter(state=RowState.FAILED)
    assert (failed.line, failed.data["message"]) == (3, "SKU HF-1 stands in line 2 already, written hf-1.")
    assert RepriceRule.objects.get(variant=variant).min_price == Decimal("30.00")


def imported(shop: Merchant, content: bytes) -> tuple[list[str], list[tuple[int | None, str]]]:
    """The SKUs whose bounds a file has set, and line and code of the rows that failed."""
    operation = import_bounds(shop, io.BytesIO(content), name="b.csv", size=len(content), actor=SYSTEM)
    failed = operation.rows.filter(state=RowState.FAILED).order_by("line")
    done = operation.rows.filter(state=RowState.DONE).order_by("label")
    return [row.label for row in done], [(row.line, row.code) for row in failed]


@pytest.mark.parametrize("bad", [b"\x81", b"\x00", b"\xff"])
def test_a_byte_that_cannot_be_read_fails_its_own_row(shop: Merchant, bad: bytes) -> None:
    for sku in ("HF-1", "HF-2", "KÜHL"):
        rows.make_variant(shop, sku=sku)
    lines = [b"sku,min_price", b"HF-1,30.00", b"HF-2,3" + bad + b"1.00", "KÜHL,31.00".encode(), b""]

    assert imported(shop, b"\n".join(lines)) == (["HF-1", "KÜHL"], [(3, "characters")])


def test_a_number_with_an_unquoted_comma_is_not_cut_in_two(shop: Merchant) -> None:
    """`30,50` in a file of commas would set 30, and a third cell would move into the next bound."""
    for sku in ("HF-1", "HF-2", "HF-3"):
        rows.make_variant(shop, sku=sku)
    content = b"sku,min_price,max_price\nHF-1,30,50,45,00\nHF-2,30.00,45.00,,\nHF-3,30.00\n"

    assert imported(shop, content) == (["HF-2"], [(2, "cells"), (4, "cells")])


def test_file_with_a_wrong_header_is_refused_as_a_whole(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    client = client_for("owner")
    for text, words in (
        ("sku,lowest\nHF-1,3\n", "Column “lowest” is not known."),
        ("min_price\n3\n", "Column “sku” is missing"),
        ("", "empty"),
        ("sku,bidding_amount\n", "no rows below its header"),
    ):
        answer = client.post(page(shop, "upload"), {"file": SimpleUploadedFile("b.csv", text.encode())})
        assert answer.status_code == 400, text
        assert words in answer.content.decode(), text
    assert stored(variant) is None
    assert not Operation.objects.exists()


def test_list_as_file_comes_back_without_a_change(shop: Merchant, client_for: Callable[..., Client]) -> None:
    first, second = rows.make_variant(shop, sku="HF-1"), rows.make_variant(shop, sku="-HF-2")
    set_rule(first, {**FULL, "cost": Decimal("20.00")}, actor=SYSTEM)
    set_rule(second, {"bid": Decimal("0.25")}, actor=SYSTEM)
    answer: Any = client_for("analyst").get(page(shop, "bounds-list"), {"download": "csv"})
    content = b"".join(answer.streaming_content)
    (row,) = [row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))) if row["sku"] == "HF-1"]
    assert row == {
        "sku": "HF-1",
        "min_price": "30.00",
        "max_price": "45.00",
        "bidding_amount": "1.00",
        "cost": "20.00",
    }
    operation = import_bounds(shop, io.BytesIO(content), name="b.csv", size=len(content), actor=SYSTEM)
    assert (operation.done, operation.failed, operation.skipped) == (0, 0, 2)


def test_empty_cell_empties_and_missing_column_leaves(shop: Merchant) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    set_rule(variant, FULL, actor=SYSTEM)
    content = b"sku;min_price\nHF-1;\n"
    import_bounds(shop, io.BytesIO(content), name="b.csv", size=len(content), actor=SYSTEM)
    assert stored(variant) == {**FULL, "min_price": None, "cost": None}


def test_bounds_of_many_are_set_around_the_price_and_undone(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    first, second = (
        rows.make_variant(shop, price=Decimal("40.00")),
        rows.make_variant(shop, price=Decimal("10.00")),
    )
    set_rule(first, FULL, actor=SYSTEM)
    client = client_for("owner")
    grid = reverse("catalog:product-list", kwargs={"merchant_slug": shop.slug})
    ticked = client.post(grid, {"bulk": "bounds", "ids": [first.pk, second.pk]})
    assert client.post(ticked["Location"], {}).status_code == 400
    client.post(ticked["Location"], {"below": "10", "above": "5", "bid": "0.50"})
    assert stored(first) == {
        "min_price": Decimal("36.00"),
        "max_price": Decimal("42.00"),
        "bid": Decimal("0.50"),
        "cost": None,
    }
    assert (stored(second) or {})["min_price"] == Decimal("9.00")
    set_rule(second, {"bid": Decimal("0.75")}, actor=SYSTEM)
    undoing = undo_operation(Operation.objects.get(kind="repricer.set_rules"), actor=SYSTEM)
    assert stored(first) == {**FULL, "cost": None}
    assert (stored(second) or {})["bid"] == Decimal("0.75"), "changed since, so it stays"
    undoing.refresh_from_db()
    assert (undoing.done, undoing.skipped) == (1, 1)


def test_bulk_set_leaves_what_is_not_given(shop: Merchant) -> None:
    variant = rows.make_variant(shop, price=Decimal("40.00"))
    set_rule(variant, FULL, actor=SYSTEM)
    set_by_percent(shop, [variant.pk], below=None, above=None, bid=Decimal("2.00"), actor=SYSTEM)
    assert stored(variant) == {**FULL, "bid": Decimal("2.00"), "cost": None}


def test_list_of_bounds_costs_the_same_with_one_row_and_three(
    shop: Merchant, client_for: Callable[..., Client], count_queries: Any
) -> None:
    client = client_for("owner")
    profile = Profile.objects.create(merchant=shop, name="Kettles")
    set_profile_rule(profile, ProfileValues(Decimal(90), Decimal(110), Decimal(1)), actor=SYSTEM)
    set_rule(rows.make_variant(shop), FULL, actor=SYSTEM)
    one = count_queries(client, page(shop, "bounds-list"))
    rows.make_variant(shop, rows.make_product(shop, profile=profile))
    rows.make_variant(shop)
    assert count_queries(client, page(shop, "bounds-list")) == one


def test_api_sets_and_lists_bounds(shop: Merchant, client_for: Callable[..., Client]) -> None:
    rows.make_variant(shop, sku="HF-1")
    address = reverse("api:reprice-rule-list", kwargs={"merchant_slug": shop.slug})
    client = client_for("owner")
    wrong = client.post(
        address, {"sku": "HF-1", "min_price": "9", "max_price": "8"}, content_type="application/json"
    )
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["min_price"])
    made = client.post(
        address,
        {"sku": "HF-1", "min_price": "8", "max_price": "9", "bid": "0.10"},
        content_type="application/json",
    )
    assert made.json()["min_price"] == "8.00"
    client.post(address, {"sku": "HF-1", "bid": None}, content_type="application/json")
    (row,) = client.get(address).json()["results"]
    assert (row["sku"], row["max_price"], row["bid"]) == ("HF-1", "9.00", None)
    assert (
        client_for("analyst").post(address, {"sku": "HF-1"}, content_type="application/json").status_code
        == 403
    )


def test_bounds_of_another_merchant_are_not_reached(
    shop: Merchant, client_for: Callable[..., Client]
) -> None:
    variant = rows.make_variant(shop, sku="HF-1")
    set_rule(variant, FULL, actor=SYSTEM)
    other = factories.make_merchant(name="Larkspur")
    theirs = client_for("owner", other)
    assert theirs.get(page(other, "bounds", pk=variant.pk)).status_code == 404
    assert theirs.post(page(other, "bounds", pk=variant.pk), {"bid": "9"}).status_code == 404
    address = reverse("api:reprice-rule-list", kwargs={"merchant_slug": other.slug})
    assert (
        theirs.post(address, {"sku": "HF-1", "bid": "9"}, content_type="application/json").status_code == 400
    )
    assert stored(variant) == {**FULL, "cost": None}
