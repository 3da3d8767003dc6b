"""Options make children with a price and weight of their own, and the children follow their amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.actions import children as children_actions
from catalog.actions.children import save_children
from catalog.actions.deleting import delete_all
from catalog.actions.options import make_combinations, plan_combinations, set_options
from catalog.enums import ProductKind
from catalog.models import Listing, NodeStock, Product, StoreField, Variant
from catalog.queries.product import variants_of
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import LogEntry, Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows
from tests.catalog.rows import COLOR, SIZE
from tests.catalog.variations.families import blocking, children, group_of, make_family, sku

pytestmark = pytest.mark.django_db


def value(name: str, price: str = "", weight: str = "", quantity: int | None = None) -> dict[str, Any]:
    return {"value": name, "price": price, "weight": weight, "quantity": quantity}


OPTIONS = [
    {"name": "Color", "values": [value("Copper", quantity=9), value("Black", "-1.50")]},
    {"name": "Size", "values": [value("S", quantity=5), value("L", "4.00", "0.75", 3)]},
]


def kettle(shop: Merchant, **extra: Any) -> Product:
    return rows.make_variant(shop, sku="KET", quantity=7, **extra).product


def offer(product: Product, options: list[dict[str, Any]] = OPTIONS, price: str = "38.50") -> Any:
    return set_options(
        product, options, base_price=Decimal(price), base_weight_pounds=Decimal("3.00"), actor=SYSTEM
    )


def made(product: Product) -> list[tuple[str, Decimal | None, Decimal | None, int | None]]:
    found = product.variants.order_by("position", "pk")
    return [(row.sku, row.price, row.shipping_weight_pounds, row.quantity) for row in found]


@pytest.mark.feature("VAR-05", "VAR-07")
def test_combinations_make_children_with_their_own_price_weight_and_stock(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)

    skus = make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)

    assert skus == ["KET", "KET-COPPER-L", "KET-BLACK-S", "KET-BLACK-L"]
    assert made(product) == [
        ("KET", Decimal("38.50"), Decimal("3.00"), 7),
        ("KET-COPPER-L", Decimal("42.50"), Decimal("3.75"), 3),
        ("KET-BLACK-S", Decimal("37.00"), Decimal("3.00"), 5),
        ("KET-BLACK-L", Decimal("41.00"), Decimal("3.75"), 3),
    ]
    row = sku(shop, "KET-BLACK-L")
    assert row.options == [{"name": "Color", "value": "Black"}, {"name": "Size", "value": "L"}]
    assert {item["id"]: item["value"] for item in row.attributes} == {COLOR: "Black", SIZE: "L"}
    assert row.title.endswith(", Black, L")
    assert Product.objects.get().kind == ProductKind.VARIABLE
    assert Listing.objects.get(variant=row).price_target == Decimal("41.00")
    assert sum(NodeStock.objects.filter(variant=row).values_list("quantity_target", flat=True)) == 3
    group = group_of(shop, "KET")
    assert (children(group), group.refinements) == (
        ["KET-COPPER-L", "KET-BLACK-S", "KET-BLACK-L"],
        [COLOR, SIZE],
    )
    assert blocking(group) == [
        f"SKU {name} has no product code and no ASIN."
        for name in ("KET-COPPER-L", "KET-BLACK-S", "KET-BLACK-L")
    ]


@pytest.mark.feature("VAR-05")
def test_only_what_is_missing_is_made(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)
    make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)
    more = [OPTIONS[0], {"name": "Size", "values": [*OPTIONS[1]["values"], value("XL")]}]
    offer(product, more)

    skus = make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)

    assert skus == ["KET-COPPER-XL", "KET-BLACK-XL"]
    with pytest.raises(InvalidInput, match="Every combination has its SKU already"):
        make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("BASE-{Color}", "The pattern has no place for Size"),
        ("BASE-{Color}-{Size}-{Shape}", "The pattern names “shape”, which is no option"),
        ("{Color}/{Size}", "SKU contains “/”"),
        ("TAKEN-{Color}-{Size}", "SKU TAKEN-COPPER-L exists already"),
    ],
)
def test_a_pattern_that_cannot_work_makes_nothing(shop: Merchant, pattern: str, message: str) -> None:
    product = kettle(shop)
    offer(product)
    rows.make_variant(shop, sku="TAKEN-COPPER-L")

    with pytest.raises(InvalidInput, match=message):
        make_combinations(Product.objects.get(pk=product.pk), pattern, actor=SYSTEM)

    assert product.variants.count() == 1


def test_the_preview_names_sku_price_and_what_is_wrong(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)
    rows.make_variant(shop, sku="KET-BLACK-S")

    plan = plan_combinations(Product.objects.get(pk=product.pk), variants_of(product), "BASE-{Color}-{Size}")

    assert [(row.sku, row.price, row.problem.message if row.problem else "") for row in plan] == [
        ("KET", Decimal("38.50"), ""),
        ("KET-COPPER-L", Decimal("42.50"), ""),
        ("KET-BLACK-S", Decimal("37.00"), "SKU KET-BLACK-S exists already."),
        ("KET-BLACK-L", Decimal("41.00"), ""),
    ]


@pytest.mark.feature("VAR-07")
def test_changing_an_amount_updates_the_children_made_from_it(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)
    make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)
    by_hand = sku(shop, "KET-BLACK-L")
    by_hand.price = Decimal("99.00")
    by_hand.save()
    dearer = [OPTIONS[0], {"name": "Size", "values": [value("S", quantity=5), value("L", "6.00", "0.75", 3)]}]

    followed = offer(product, dearer)

    assert (followed.changed, followed.kept) == (1, 1)
    assert {name: price for name, price, *_ in made(product)} == {
        "KET": Decimal("38.50"),
        "KET-COPPER-L": Decimal("44.50"),
        "KET-BLACK-S": Decimal("37.00"),
        "KET-BLACK-L": Decimal("99.00"),
    }
    entry = LogEntry.objects.filter(action="catalog.options.changed").latest("pk")
    assert entry.message.endswith("1 of its SKUs follow")


@pytest.mark.feature("VAR-07")
def test_stock_follows_only_a_changed_quantity(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)
    make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)
    Variant.objects.filter(sku="KET-COPPER-L").update(quantity=1)  # two were sold

    offer(product, price="40.00")
    assert sku(shop, "KET-COPPER-L").quantity == 1

    more = [OPTIONS[0], {"name": "Size", "values": [value("S", quantity=5), value("L", "4.00", "0.75", 8)]}]
    offer(product, more, price="40.00")
    assert sku(shop, "KET-COPPER-L").quantity == 8


@pytest.mark.parametrize(
    ("options", "base", "field", "message"),
    [
        ([{"name": "Size", "values": [value("S", "-99")]}], "38.50", "options", "Price is -60.50"),
        ([{"name": "Size", "values": [value("S", "0.001")]}], "38.50", "option_0_0_price", "two decimals"),
        ([{"name": "Size", "values": [value("S"), value("s")]}], "38.50", "option_0_1_value", "given twice"),
        (
            [{"name": "Size", "values": [value("S")]}, {"name": "size", "values": [value("M")]}],
            "38.50",
            "option_1_0_name",
            "given twice",
        ),
        ([{"name": str(n), "values": [value("S")]} for n in range(6)], "38.50", "options", "at most 5"),
        (
            [{"name": "Size", "values": [value(str(n)) for n in range(52)]}],
            "38.50",
            "options",
            "52 values, at most 50",
        ),
        (
            [{"name": str(n), "values": [value(str(m)) for m in range(8)]} for n in range(2)],
            "38.50",
            "options",
            "64 combinations",
        ),
        (
            [{"name": "Size", "values": [value("S", quantity=-1)]}],
            "38.50",
            "option_0_0_quantity",
            "0 or more",
        ),
        ([{"name": "Size", "values": [value("S")]}], "0", "base_price", "at least 0.01"),
    ],
)
def test_bad_options_are_refused_at_their_field(
    shop: Merchant, options: list[dict[str, Any]], base: str, field: str, message: str
) -> None:
    product = rows.make_variant(shop, sku="S1", price=None, options=[{"name": "Size", "value": "S"}]).product

    with pytest.raises(InvalidInput) as caught:
        offer(product, options, base)

    assert message in " ".join(caught.value.fields[field])
    product.refresh_from_db()
    assert product.options == []


@pytest.mark.feature("VAR-06")
def test_the_grid_saves_many_cells_at_once(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    small, medium = sku(shop, "HF-S"), sku(shop, "HF-M")

    count = save_children(
        product,
        {
            small.pk: {"price": Decimal("40.00"), "quantity": 3, "sku": "HF-XS"},
            medium.pk: {"asin": "B00ABC1234", "mfr_part_number": medium.mfr_part_number},
        },
        actor=SYSTEM,
    )

    assert count == 2
    small.refresh_from_db()
    assert (small.sku, small.price, small.quantity) == ("HF-XS", Decimal("40.00"), 3)
    assert Listing.objects.get(variant=small).price_target == Decimal("40.00")
    assert sku(shop, "HF-M").asin == "B00ABC1234"
    entry = LogEntry.objects.get(action="catalog.children.changed")
    assert entry.new == {
        "HF-S": {"price": "40.00", "quantity": 3, "sku": "HF-XS"},
        "HF-M": {"asin": "B00ABC1234"},
    }


@pytest.mark.feature("VAR-06")
def test_one_bad_cell_saves_nothing_and_is_named(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    small, medium = sku(shop, "HF-S"), sku(shop, "HF-M")
    rows.mark_listed(medium)

    with pytest.raises(InvalidInput) as caught:
        save_children(
            product,
            {
                small.pk: {"price": Decimal(-1), "asin": "short", "sku": "HF-M"},
                medium.pk: {"quantity": 4, "sku": "HF-NEW"},
            },
            actor=SYSTEM,
        )

    cells = caught.value.data["cells"]
    assert sorted(cells[small.pk]) == ["asin", "price"]
    assert cells[medium.pk] == {
        "sku": ["Jet knows this SKU; it cannot be renamed. Archive it and make a new one."]
    }
    medium.refresh_from_db()
    assert medium.quantity == 12


def test_two_skus_may_not_share_a_name(shop: Merchant) -> None:
    product = make_family(shop, "S", "M")
    rows.make_variant(shop, sku="OTHER")

    for name in ("HF-M", "OTHER"):
        with pytest.raises(InvalidInput) as caught:
            save_children(product, {sku(shop, "HF-S").pk: {"sku": name}}, actor=SYSTEM)
        assert caught.value.data["cells"][sku(shop, "HF-S").pk]["sku"] == [
            f"SKU {name} is in use by another product. Give another SKU."
        ]


def test_options_of_combinations_and_of_the_grid_can_be_mapped(shop: Merchant) -> None:
    product = kettle(shop)
    offer(product)
    assert not StoreField.objects.filter(kind="option").exists()

    make_combinations(Product.objects.get(), "BASE-{Color}-{Size}", actor=SYSTEM)

    assert set(map(str, StoreField.objects.filter(kind="option"))) == {"option:Color", "option:Size"}

    row = sku(shop, "KET")
    save_children(
        product,
        {row.pk: {"options": [*row.options, {"name": "Finish", "value": "Matt"}]}},
        actor=SYSTEM,
    )

    assert StoreField.objects.get(kind="option", name="Finish").sample == "Matt"


def test_skus_of_a_family_swap_their_names(shop: Merchant) -> None:
    product = make_family(shop, "S", "M", "L")
    small, medium, large = (sku(shop, f"HF-{size}") for size in "SML")

    save_children(
        product,
        {small.pk: {"sku": "HF-M"}, medium.pk: {"sku": "HF-L"}, large.pk: {"sku": "HF-S"}},
        actor=SYSTEM,
    )

    found = dict(Variant.objects.filter(product=product).values_list("pk", "sku"))
    assert found == {small.pk: "HF-M", medium.pk: "HF-L", large.pk: "HF-S"}


def test_a_sku_that_a_rival_makes_after_the_check_is_named(
    shop: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_family(shop, "S", "M")
    small = sku(shop, "HF-S")
    check = children_actions._check_skus

    def rival_after(*args: Any) -> None:
        check(*args)
        monkeypatch.setattr(children_actions, "_check_skus", check)
        rows.make_variant(shop, sku="HF-NEW", refresh=False)

    monkeypatch.setattr(children_actions, "_check_skus", rival_after)

    with pytest.raises(InvalidInput) as caught:
        save_children(product, {small.pk: {"sku": "HF-NEW", "quantity": 3}}, actor=SYSTEM)

    assert caught.value.data["cells"] == {
        small.pk: {"sku": ["SKU HF-NEW is in use by another product. Give another SKU."]}
    }
    small.refresh_from_db()
    assert (small.sku, small.quantity) == ("HF-S", 12)


@pytest.mark.feature("VAR-06")
def test_a_child_that_jet_does_not_know_is_deleted(shop: Merchant) -> None:
    make_family(shop, "S", "M", "L")

    delete_all(shop, [sku(shop, "HF-M").pk], actor=SYSTEM)

    assert children(group_of(shop, "HF-S")) == ["HF-L"]
    assert not Variant.objects.filter(sku="HF-M").exists()


@pytest.mark.feature("VAR-06")
def test_a_child_that_jet_knows_is_kept_with_the_reason(shop: Merchant) -> None:
    make_family(shop, "S", "M")
    child = sku(shop, "HF-M")
    rows.mark_listed(child)

    with pytest.raises(StateConflict, match="SKU HF-M stays: Jet has it"):
        delete_all(child.merchant, [child.pk], actor=SYSTEM)

    assert Variant.objects.filter(sku="HF-M").exists()
