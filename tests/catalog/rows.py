"""Catalogue rows for tests: each function returns what it made, inside the merchant's open scope."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from django_scopes import scopes_disabled

from catalog.actions.category import map_paths
from catalog.actions.targets import refresh_targets
from catalog.actions.variation_targets import recount_groups
from catalog.models import (
    JetAttribute,
    JetAttributeValue,
    JetCategory,
    JetCategoryAttribute,
    Listing,
    NodeStock,
    Product,
    StoreCategory,
    TaxonomyVersion,
    Variant,
    VariationGroup,
)
from catalog.queries.stock import Shelves
from jetsync.models import FulfillmentNode, Merchant
from jetsync.queries.settings import default_node
from jetsync.tenancy.actor import SYSTEM

_numbers = count(1)
LEAF = 13000645
MIDDLE = 13000600
ROOT = 13000000
COLOR, SIZE, WEIGHT = 119, 50, 23


def make_taxonomy(name: str = "2017-02", *, is_current: bool = True) -> TaxonomyVersion:
    """Kitchen > Tea > Kettles with a listed Color, a free Size and a Weight with units."""
    version = TaxonomyVersion.objects.create(name=name, is_current=is_current)
    nodes = [(ROOT, "Kitchen", "Kitchen", 0, 0), (MIDDLE, "Tea", "Kitchen > Tea", ROOT, 1)]
    nodes.append((LEAF, "Kettles", "Kitchen > Tea > Kettles", MIDDLE, 2))
    nodes.append((LEAF + 1, "Teapots", "Kitchen > Tea > Teapots", MIDDLE, 2))
    for node_id, own, path, parent, level in nodes:
        JetCategory.objects.create(
            version=version, node_id=node_id, name=own, path=path, parent_id=parent, level=level
        )
    for attribute_id, label, free_text, is_variant in (
        (COLOR, "Color", 0, True),
        (SIZE, "Size", 1, True),
        (WEIGHT, "Item Weight", 2, False),
    ):
        JetAttribute.objects.create(
            version=version, attribute_id=attribute_id, name=label, free_text=free_text, is_variant=is_variant
        )
        JetCategoryAttribute.objects.create(version=version, node_id=LEAF, attribute_id=attribute_id)
    for value in ("Copper", "Black"):
        JetAttributeValue.objects.create(version=version, attribute_id=COLOR, value=value)
    for unit in ("Pounds", "OUNCE"):
        JetAttributeValue.objects.create(version=version, attribute_id=WEIGHT, unit=unit)
    return version


def true_group_states() -> dict[str, tuple[str, int, int]]:
    """SKU of the parent -> (state, children, SKUs that Jet has not taken) of every group, from the rows they follow from."""
    found = {}
    with scopes_disabled():
        groups = VariationGroup.objects.select_related("parent__listing")
        for group in groups.prefetch_related("members__variant__listing"):
            children = [member.variant for member in group.members.all()]
            skus = [group.parent, *children]
            unsent = sum(
                getattr(getattr(row, "listing", None), "content_sent_at", None) is None for row in skus
            )
            found[group.parent.sku] = (_true_state(group, len(children), unsent), len(children), unsent)
    return found


def _true_state(group: VariationGroup, children: int, unsent: int) -> str:
    if not children:
        return "dissolving"
    if not group.target:
        return "incomplete"
    if group.error_at is not None:
        return "refused"
    if group.target == group.sent:
        return "sent"
    return "waiting" if unsent else "queued"


def stored_group_states() -> dict[str, tuple[str, int, int]]:
    """The same as the groups' own columns tell it."""
    with scopes_disabled():
        rows = VariationGroup.objects.values_list("parent__sku", "state", "child_count", "unsent_count")
        return {sku: (state, children, unsent) for sku, state, children, unsent in rows}


def true_stock_drift() -> set[str]:
    """SKUs of which Jet shows another quantity than it accepted at a node in use, with none on its way, row by row."""
    with scopes_disabled():
        stock = NodeStock.objects.select_related("variant", "node__account", "merchant")
        return {
            row.variant.sku
            for row in stock.exclude(quantity_live=None).exclude(quantity_sent=None)
            if row.node.account.mode == row.merchant.mode
            and row.quantity_live != row.quantity_sent == row.quantity_target
            and (row.quantity_sent_at is None or row.quantity_live_at > row.quantity_sent_at)
        }


def stored_stock_drift() -> set[str]:
    """The same as the listings tell it."""
    with scopes_disabled():
        rows = Listing.objects.filter(stock_drift=True)
        return set(rows.values_list("variant__sku", flat=True))


def make_product(merchant: Merchant, **extra: Any) -> Product:
    values = {
        "title": f"Copper Whistling Kettle {next(_numbers)}",
        "description": "A kettle of rolled copper that whistles.",
        "brand": "Harrow & Finch",
        "manufacturer": "Harrow & Finch Works",
        "bullets": ["Rolled copper body"],
        "jet_node_id": LEAF,
        **extra,
    }
    return Product.objects.create(merchant=merchant, **values)


def make_variant(merchant: Merchant, product: Product | None = None, **extra: Any) -> Variant:
    """A variant that is ready for Jet, with its listing. `refresh=False` leaves the targets to the test."""
    refresh = extra.pop("refresh", True)
    values: dict[str, Any] = {
        "sku": f"HF-KET-{next(_numbers)}",
        "price": Decimal("38.50"),
        "quantity": 12,
        "codes": [{"type": "UPC", "code": "036000291452"}],
        "shipping_weight_pounds": Decimal("3.25"),
        "main_image_url": "https://img.example.com/kettle/1.jpg",
        "attributes": [{"id": COLOR, "value": "Copper", "unit": ""}],
        **extra,
    }
    variant = Variant.objects.create(merchant=merchant, product=product or make_product(merchant), **values)
    if refresh:
        refresh_targets(merchant, [variant.pk])
    return variant


def make_node(merchant: Merchant, name: str = "Reno") -> FulfillmentNode:
    default = default_node(merchant)
    assert default is not None
    return FulfillmentNode.objects.create(
        merchant=merchant,
        account=default.account,
        node_id=f"{next(_numbers):032x}",
        name=name,
        zip_code="89502",
    )


def mark_listed(variant: Variant) -> Listing:
    """As after a successful upload: Jet has accepted content, price and quantities as they are now."""
    from django.db.models import F
    from django.utils import timezone

    Listing.objects.filter(merchant=variant.merchant_id, variant=variant).update(
        is_wanted=True,
        content_sent=F("content_target"),
        content_sent_at=timezone.now(),
        price_sent=F("price_target"),
        status="uploaded",
    )
    NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant).update(
        quantity_sent=F("quantity_target")
    )
    recount_groups(variant.merchant, [variant.pk])
    return Listing.objects.get(merchant=variant.merchant_id, variant=variant)


def offered(variant: Variant) -> dict[str, int]:
    """Node name -> the quantity Jet should have."""
    rows = NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant)
    return dict(rows.values_list("node__name", "quantity_target"))


def available_quantity(variant: Variant, node: FulfillmentNode | None = None) -> int:
    """What is left to sell of one SKU, at one node or at all of them together."""
    return Shelves.of(variant.merchant, [variant]).left(variant.pk, node)


def map_categories(merchant: Merchant, category_ids: list[int], jet_node_id: int) -> None:
    """As a request to the API maps them."""
    categories = StoreCategory.objects.filter(merchant=merchant, pk__in=category_ids)
    map_paths(merchant, list(categories.values_list("path", flat=True)), jet_node_id, actor=SYSTEM)
