"""The tab of a product with several SKUs: its grid, its options and combinations, and taking a child out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions.product import update_variant
from catalog.models import Listing, Product, Variant
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import SIZE
from tests.catalog.variations.families import blocking, children, group_of, make_family, sized, sku
from tests.catalog.variations.test_pages import ClientFor, text_of, url

pytestmark = pytest.mark.django_db


def tab(shop: Merchant, name: str = "HF-S") -> str:
    return url(shop, f"products/variants/{sku(shop, name).pk}/variations/")


def grid(shop: Merchant, product: Product, **changes: str) -> dict[str, str]:
    """The grid as the browser sends it; changes as `HF_M__price`."""
    data = {"do": "grid"}
    for row in product.variants.all():
        codes = {code["type"]: code["code"] for code in row.codes}
        cells = {
            "option0": next((item["value"] for item in row.options), ""),
            "sku": row.sku,
            "mfr_part_number": row.mfr_part_number,
            "asin": row.asin,
            "upc": codes.get("UPC", ""),
            "ean": codes.get("EAN", ""),
            "price": str(row.price),
            "quantity": str(row.quantity),
        }
        for name, value in cells.items():
            data[f"c{row.pk}_{name}"] = changes.get(f"{row.sku.replace('-', '_')}__{name}", value)
    return data


@pytest.mark.feature("VAR-06")
def test_the_grid_has_a_row_per_child_and_saves_in_place(shop: Merchant, client_for: ClientFor) -> None:
    product = make_family(shop, "S", "M")
    client = client_for("manager")

    page = text_of(client.get(tab(shop)))
    changes = {
        "HF_M__option0": "Medium",
        "HF_M__upc": "042100005264",
        "HF_M__ean": "4006381333931",
        "HF_M__asin": "b00abc1234",
        "HF_M__mfr_part_number": "KET-M",
        "HF_M__price": "41.25",
        "HF_M__quantity": "0",
    }
    answer = client.post(tab(shop), grid(shop, product, **changes))

    for heading in ("Size", "SKU", "MPN", "ASIN", "UPC", "EAN", "Price", "Quantity", "Jet status"):
        assert f'<th scope="col">{heading}</th>' in page
    assert answer.status_code == 302
    row = sku(shop, "HF-M")
    assert row.options == [{"name": "Size", "value": "Medium"}]
    assert row.codes == [{"type": "UPC", "code": "042100005264"}, {"type": "EAN", "code": "4006381333931"}]
    assert (row.asin, row.mfr_part_number, row.price, row.quantity) == (
        "B00ABC1234",
        "KET-M",
        Decimal("41.25"),
        0,
    )
    assert sku(shop, "HF-S").updated_at < row.updated_at


@pytest.mark.feature("VAR-06")
@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        ("upc", "042100005265", "UPC 042100005265 ends in 5, its check digit should be 4."),
        ("ean", "12", "EAN has 2 digits, 13 expected."),
        ("asin", "short", "ASIN has 5 characters, 10 expected."),
        ("price", "cheap", "“cheap” is not a number. Type it like 1234.50, digits only."),
        ("price", "-1", "Price is -1, at least 0.01 USD is needed."),
        ("quantity", "1.5", "“1.5” is not a whole number. Type digits only, e.g. 12."),
        ("sku", "HF-S", "SKU HF-S is in use by another product."),
        ("sku", "a/b", "SKU contains “/”, which Jet cannot address."),
    ],
)
def test_a_wrong_cell_is_marked_and_nothing_is_stored(
    shop: Merchant, client_for: ClientFor, cell: str, value: str, message: str
) -> None:
    product = make_family(shop, "S", "M")
    before = sku(shop, "HF-S").updated_at
    changes = {f"HF_M__{cell}": value, "HF_S__quantity": "99"}

    answer = client_for("manager").post(tab(shop), grid(shop, product, **changes))

    assert answer.status_code == 400
    page = text_of(answer)
    assert message in page
    assert f'id="id_c{sku(shop, "HF-M").pk}_{cell}_error"' in page
    assert sku(shop, "HF-S").updated_at == before


@pytest.mark.feature("VAR-01")
def test_each_sku_has_its_ten_points(shop: Merchant, client_for: ClientFor) -> None:
    product = make_family(shop, "S", "M")
    bare = sku(shop, "HF-M")
    bare.codes, bare.main_image_url, bare.attributes = [], "", []
    bare.save()

    page = text_of(client_for("manager").get(tab(shop)))

    for label in (
        "Title",
        "Description",
        "Price",
        "Stock",
        "Image",
        "Category",
        "Identifier",
        "Same category",
        "Same brand",
        "Attributes",
    ):
        assert f'<th scope="col">{label}</th>' in page
    assert "10/10" in page
    assert "7/10" in page
    assert "Missing: Size." in page
    for section in ("images/#id_main_image_url", "identifiers/#id_codes", f"attributes/#id_attribute_{SIZE}"):
        assert url(shop, f"products/variants/{bare.pk}/{section}") in page
    assert product.variants.count() == 2


def option_rows(*rows_given: tuple[str, str, str, str, str], known: int = 0) -> dict[str, str]:
    """The options as the browser sends them; `known` rows were there when the page was made."""
    data = {
        "do": "options",
        "base-base_price": "38.50",
        "base-base_weight_pounds": "3.00",
        "option-TOTAL_FORMS": str(len(rows_given)),
        "option-INITIAL_FORMS": str(known),
    }
    for number, cells in enumerate(rows_given):
        for name, cell in zip(("name", "value", "price", "weight", "quantity"), cells, strict=True):
            data[f"option-{number}-{name}"] = cell
    return data


SIZES = (("Size", "S", "", "", "5"), ("", "L", "4.00", "0.75", "3"))


@pytest.mark.feature("VAR-05", "VAR-07")
def test_options_make_combinations_behind_a_preview(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_variant(shop, sku="KET", attributes=sized("S")).product
    client = client_for("manager")

    saved = client.post(tab(shop, "KET"), option_rows(*SIZES))
    address = url(shop, f"products/{product.pk}/combinations/")
    preview = text_of(client.get(address, {"pattern": "BASE-X-{Size}"}))
    unmade = product.variants.count()
    made = client.post(address, {"pattern": "BASE-X-{Size}"})

    assert saved.status_code == 302
    assert "KET-X-L" in preview
    assert "$42.50" in preview
    assert "The SKU the product has already" in preview
    assert unmade == 1
    assert made.status_code == 302
    child = sku(shop, "KET-X-L")
    assert (child.price, child.shipping_weight_pounds, child.quantity) == (
        Decimal("42.50"),
        Decimal("3.75"),
        3,
    )
    assert children(group_of(shop, "KET")) == ["KET-X-L"]


@pytest.mark.feature("VAR-07")
def test_a_changed_amount_says_how_many_follow(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_variant(shop, sku="KET", attributes=sized("S")).product
    client = client_for("manager")
    client.post(tab(shop, "KET"), option_rows(*SIZES))
    client.post(url(shop, f"products/{product.pk}/combinations/"), {"pattern": "BASE-{Size}"})

    dearer = (SIZES[0], ("", "L", "6.00", "0.75", "3"))
    answer = client.post(tab(shop, "KET"), option_rows(*dearer, known=2), follow=True)

    assert "Options saved. 1 SKU follows." in text_of(answer)
    assert sku(shop, "KET-L").price == Decimal("44.50")
    assert Listing.objects.get(variant__sku="KET-L").price_target == Decimal("44.50")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((("", "S", "", "", ""),), "Give the option this value belongs to."),
        ((("Size", "", "4", "", ""),), "Give the value these amounts belong to."),
        ((("Size", "S", "four", "", ""),), "“four” is not a number."),
        ((("Size", "S", "0.001", "", ""),), "at most two decimals are allowed"),
        ((("Size", "S", "", "", ""), ("", "s", "", "", "")), "Size s is given twice."),
    ],
)
def test_wrong_options_are_shown_at_their_row(
    shop: Merchant, client_for: ClientFor, given: Any, message: str
) -> None:
    rows.make_variant(shop, sku="KET")

    answer = client_for("manager").post(tab(shop, "KET"), option_rows(*given))

    assert answer.status_code == 400
    assert message in text_of(answer)
    assert Product.objects.get().options == []


def test_a_pattern_that_cannot_work_is_explained(shop: Merchant, client_for: ClientFor) -> None:
    product = rows.make_variant(shop, sku="KET").product
    client = client_for("manager")
    client.post(tab(shop, "KET"), option_rows(*SIZES))

    for method in (client.get, client.post):
        answer = method(url(shop, f"products/{product.pk}/combinations/"), {"pattern": "BASE"})
        assert answer.status_code == 400
        assert "The pattern has no place for Size" in text_of(answer)


@pytest.mark.feature("VAR-06")
def test_a_child_is_deleted_or_archived_behind_a_page_that_says_which(
    shop: Merchant, client_for: ClientFor
) -> None:
    make_family(shop, "S", "M", "L")
    known = sku(shop, "HF-L")
    rows.mark_listed(known)
    client = client_for("manager")
    unknown = url(shop, f"products/variants/{sku(shop, 'HF-M').pk}/delete/")
    listed = url(shop, f"products/variants/{known.pk}/delete/")

    asked, told = text_of(client.get(unknown)), text_of(client.get(listed))
    client.post(unknown)
    client.post(listed)

    assert "Delete HF-M" in asked
    assert "Jet has SKU HF-L open, so it is archived instead; then it can be deleted here." in told
    assert not Variant.objects.filter(sku="HF-M").exists()
    assert Listing.objects.get(variant=known).archived_target is True
    assert Operation.objects.filter(kind="catalog.archive").count() == 1


def test_the_family_costs_the_same_for_two_skus_and_for_five(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    make_family(shop, "S", "M")
    make_family(shop, "1", "2", "3", "4", "5", stem="Z")
    client = client_for("owner")
    client.get(tab(shop))

    assert count_queries(client, tab(shop)) == count_queries(client, tab(shop, "Z-1"))


def test_the_product_page_leads_to_the_tab(shop: Merchant, client_for: ClientFor) -> None:
    product = make_family(shop, "S", "M")

    page = text_of(client_for("analyst").get(url(shop, f"products/{product.pk}/")))

    assert tab(shop) in page
    assert blocking(group_of(shop, "HF-S")) == []


@pytest.mark.feature("CAT-16")
def test_the_overview_of_a_sku_says_what_its_group_lacks(shop: Merchant, client_for: ClientFor) -> None:
    product = make_family(shop, "S", "M")
    for row in product.variants.all():
        update_variant(row, {"options": [{"name": "Capacity", "value": row.sku}]}, actor=SYSTEM)
    simple = rows.make_variant(shop)
    client = client_for("manager")

    page = text_of(client.get(url(shop, f"products/{product.pk}/?variant={sku(shop, 'HF-M').pk}")))
    other = text_of(client.get(url(shop, f"products/{simple.product_id}/")))

    assert "A child of HF-S" in page
    assert "has no variation attribute for the option “Capacity”. It has: Color, Size." in page
    assert url(shop, f"variations/{group_of(shop, 'HF-S').pk}/#refinements") in page
    assert "Open the group" not in other
