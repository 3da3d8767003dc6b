"""Variations in the browser: groups, the family's tab, combinations, archiving with the parent."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.actions.product import update_variant
from catalog.actions.variation import make_group
from catalog.models import Listing, Product, Variant, VariationGroup
from jetsync.models import Merchant, Operation
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import LEAF, SIZE
from tests.catalog.variations.families import blocking, children, group_of, make_family, sized, sku

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def text_of(answer: Any) -> str:
    return answer.content.decode()


def select(client: Client, shop: Merchant, names: list[str], bulk: str) -> str:
    """Ticks SKUs in the grid and presses a bulk button; returns where it leads."""
    ids = [str(sku(shop, name).pk) for name in names]
    answer = client.post(url(shop, "products/"), {"ids": ids, "bulk": bulk})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def loose(shop: Merchant, name: str, size: str, **extra: Any) -> Variant:
    return rows.make_variant(shop, sku=name, attributes=sized(size), **extra)


# --- groups ------------------------------------------------------------------------------------------------------


@pytest.mark.feature("VAR-08", "CSV-35")
def test_ticked_skus_become_a_group(shop: Merchant, client_for: ClientFor) -> None:
    for name in ("A", "B", "C"):
        loose(shop, name, name)
    client = client_for("manager")

    address = select(client, shop, ["A", "B", "C"], "group")
    page = text_of(client.get(address))
    answer = client.post(
        address, {"parent": str(sku(shop, "B").pk), "group_title": "Kettles", "refinements": [str(SIZE)]}
    )

    assert "Make a variation group of 3 SKUs" in page
    assert "Size" in page
    group = group_of(shop, "B")
    assert answer.headers["Location"] == url(shop, f"variations/{group.pk}/")
    assert (children(group), group.refinements, group.group_title) == (["A", "C"], [SIZE], "Kettles")


def test_one_sku_is_no_group(shop: Merchant, client_for: ClientFor) -> None:
    loose(shop, "A", "1")
    client = client_for("manager")
    address = select(client, shop, ["A"], "group")

    answer = client.post(address, {"parent": str(sku(shop, "A").pk)})

    assert answer.status_code == 409
    assert "A group takes at least two SKUs; tick more." in text_of(answer)
    assert not VariationGroup.objects.exists()


@pytest.mark.feature("VAR-02", "VAR-03", "CAT-16")
def test_the_page_names_what_is_missing_and_links_to_the_input(shop: Merchant, client_for: ClientFor) -> None:
    loose(shop, "A", "1")
    odd = rows.make_variant(
        shop, rows.make_product(shop, brand="Other", jet_node_id=LEAF + 1), sku="B", attributes=[]
    )
    group = make_group(shop, [sku(shop, "A").pk, odd.pk], refinements=[SIZE], actor=SYSTEM)

    page = text_of(client_for("analyst").get(url(shop, f"variations/{group.pk}/")))

    assert "Not sent yet: something is missing" in page
    for message, section in (
        ("SKU B is in Kitchen &gt; Tea &gt; Teapots", "category/#id_category"),
        ("SKU B has the brand “Other”", "details/#id_brand"),
        ("SKU B has no Size.", f"attributes/#id_attribute_{SIZE}"),
    ):
        assert message in page
        assert url(shop, f"products/variants/{odd.pk}/{section}") in page


def test_the_list_shows_state_problem_and_error(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M")
    make_group(shop, [loose(shop, "A", "1").pk, loose(shop, "B", "1").pk], refinements=[SIZE], actor=SYSTEM)
    client = client_for("analyst")

    page = text_of(client.get(url(shop, "variations/")))
    only = text_of(client.get(url(shop, "variations/?state=incomplete")))
    found = text_of(client.get(url(shop, "variations/?q=HF-M")))

    assert "HF-S" in page
    assert "Waits for its SKUs" in page
    assert "SKU B has the same values as A: Size 1." in page
    assert "HF-S" not in re.sub(r"(?s)<nav.*?</nav>", "", only)
    assert "HF-S" in found
    assert "has the same values" not in found


def test_the_empty_list_says_how_groups_come(shop: Merchant, client_for: ClientFor) -> None:
    page = text_of(client_for("analyst").get(url(shop, "variations/")))

    assert "No variation group yet" in page
    assert "Make variation group" in page


def test_the_list_costs_the_same_for_one_group_and_three(
    shop: Merchant, client_for: ClientFor, count_queries: Callable[[Client, str], int]
) -> None:
    client = client_for("owner")
    make_family(shop, "S", "M")
    client.get(url(shop, "variations/"))
    one = count_queries(client, url(shop, "variations/"))
    make_family(shop, "1", "2", "3", stem="Y")
    make_family(shop, "1", "2", stem="Z")

    assert count_queries(client, url(shop, "variations/")) == one


def form_of(group: VariationGroup, **changes: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "group_title": group.group_title,
        "parent": str(group.parent_id),
        "refinements": [str(pk) for pk in group.refinements],
        "added": "",
    }
    for place, member in enumerate(group.members.all(), 1):
        data[f"order_{member.variant_id}"] = str(place)
    return {**data, **changes}


def test_a_group_is_edited_on_its_page(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M", "L")
    loose(shop, "X", "XL")
    group = group_of(shop, "HF-S")
    changes = {
        "group_title": "All sizes",
        f"order_{sku(shop, 'HF-L').pk}": "1",
        f"order_{sku(shop, 'HF-M').pk}": "2",
        "added": "X",
    }

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    assert answer.status_code == 302
    group.refresh_from_db()
    assert (children(group), group.group_title, group.origin) == (["HF-L", "HF-M", "X"], "All sizes", "panel")


def test_children_are_taken_out_and_the_parent_changes(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M", "L")
    group = group_of(shop, "HF-S")
    changes = {"parent": str(sku(shop, "HF-M").pk), f"remove_{sku(shop, 'HF-L').pk}": "on"}

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    other = group_of(shop, "HF-M")
    assert answer.headers["Location"] == url(shop, f"variations/{other.pk}/")
    assert children(other) == ["HF-S"]
    assert VariationGroup.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"added": "NOPE"}, "Not among your products: NOPE."),
        ({"added": "TAKEN"}, "SKU TAKEN is in the group of OTHER already."),
        ({"group_title": "x" * 501}, "The title has 501 characters, at most 500 are allowed."),
    ],
)
def test_a_wrong_edit_is_shown_at_its_field(
    shop: Merchant, client_for: ClientFor, changes: dict[str, str], message: str
) -> None:
    make_family(shop, "S", "M")
    make_group(
        shop, [loose(shop, "OTHER", "1").pk, loose(shop, "TAKEN", "2").pk], refinements=[SIZE], actor=SYSTEM
    )
    group = group_of(shop, "HF-S")

    answer = client_for("manager").post(url(shop, f"variations/{group.pk}/"), form_of(group, **changes))

    assert answer.status_code == 400
    assert message in text_of(answer)
    group.refresh_from_db()
    assert (children(group), group.origin) == (["HF-M"], "product")


@pytest.mark.feature("VAR-08")
def test_dissolving_asks_first_and_the_product_can_form_it_again(
    shop: Merchant, client_for: ClientFor
) -> None:
    product = make_family(shop, "S", "M")
    client = client_for("manager")
    address = url(shop, f"variations/{group_of(shop, 'HF-S').pk}/dissolve/")

    asked = text_of(client.get(address))
    client.post(address)
    tab = text_of(client.get(url(shop, f"products/variants/{sku(shop, 'HF-S').pk}/variations/")))
    gone = VariationGroup.objects.count()
    client.post(url(shop, f"products/{product.pk}/group/"))

    assert "Dissolve the group of HF-S" in asked
    assert gone == 0
    assert "Form the group again" in tab
    assert children(group_of(shop, "HF-S")) == ["HF-M"]


def test_an_analyst_sees_the_form_and_cannot_use_it(shop: Merchant, client_for: ClientFor) -> None:
    make_family(shop, "S", "M")
    group = group_of(shop, "HF-S")
    client = client_for("analyst")

    page = text_of(client.get(url(shop, f"variations/{group.pk}/")))
    answer = client.post(url(shop, f"variations/{group.pk}/"), form_of(group, group_title="Mine"))

    assert "your role may not change it" in page
    assert answer.status_code == 403


# --- the family's tab --------------------------------------------------------------------------------------------


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
        ("price", "cheap", "Enter a number."),
        ("price", "-1", "Price is -1, at least 0.01 USD is needed."),
        ("quantity", "1.5", "Enter a whole number."),
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
        ((("Size", "S", "four", "", ""),), "Enter a number."),
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
