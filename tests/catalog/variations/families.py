"""Variable products for tests."""

from __future__ import annotations

from typing import Any

from catalog.actions.targets import refresh_targets
from catalog.enums import ProductKind
from catalog.models import Product, Variant, VariationGroup
from jetsync.models import Merchant
from tests.catalog import rows
from tests.catalog.rows import COLOR, SIZE

UPCS = ("036000291452", "012345678905", "042100005264", "614141000036", "885909950805", "049000050103")


def make_family(merchant: Merchant, *sizes: str, **extra: Any) -> Product:
    """A kettle in several sizes: HF-S, HF-M, …, each with its option and the attribute Size."""
    stem, attribute = extra.pop("stem", "HF"), extra.pop("attribute", 0)
    product = rows.make_product(
        merchant, kind=ProductKind.VARIABLE, **{"title": "Copper Kettle", **extra.pop("product", {})}
    )
    made = [
        rows.make_variant(
            merchant,
            product,
            sku=f"{stem}-{size}",
            position=number,
            codes=[{"type": "UPC", "code": UPCS[number % len(UPCS)]}],
            options=[{"name": "Size", "value": size}],
            attributes=[{"id": attribute, "value": size, "unit": ""}] if attribute else sized(size),
            refresh=False,
            **extra,
        )
        for number, size in enumerate(sizes)
    ]
    refresh_targets(merchant, [row.pk for row in made])
    return product


def sized(size: str, color: str = "Copper") -> list[dict[str, Any]]:
    return [{"id": SIZE, "value": size, "unit": ""}, {"id": COLOR, "value": color, "unit": ""}]


def sku(merchant: Merchant, name: str) -> Variant:
    return Variant.objects.get(merchant=merchant, sku=name)


def group_of(merchant: Merchant, parent: str) -> VariationGroup:
    return VariationGroup.objects.get(merchant=merchant, parent__sku=parent)


def children(group: VariationGroup) -> list[str]:
    return [row.variant.sku for row in group.members.select_related("variant")]


def gaps(group: VariationGroup) -> list[str]:
    group.refresh_from_db()
    return [gap["message"] for gap in group.gaps]


def blocking(group: VariationGroup) -> list[str]:
    group.refresh_from_db()
    return [gap["message"] for gap in group.gaps if gap["level"] == "blocks"]
