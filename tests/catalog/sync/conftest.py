"""A merchant with a sandbox account and sendable kettles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from catalog.models import JetAttribute, JetCategory, JetCategoryAttribute, TaxonomyVersion, Variant
from jetsync.models import Merchant, Options
from tests.catalog import rows

KETTLES, COLOR = 41001003, 101


@pytest.fixture
def shop(sandbox: object, scoped: Merchant) -> Merchant:
    version = TaxonomyVersion.objects.create(name="small", is_current=True)
    JetCategory.objects.create(
        version=version, node_id=KETTLES, name="Tea Kettles", path="Kitchen > Cookware > Tea Kettles", level=2
    )
    JetAttribute.objects.create(
        version=version, attribute_id=COLOR, name="Color", free_text=1, is_variant=True
    )
    JetCategoryAttribute.objects.create(version=version, node_id=KETTLES, attribute_id=COLOR)
    return scoped


@pytest.fixture
def kettle(shop: Merchant) -> Callable[..., Variant]:
    def make(sku: str, **extra: object) -> Variant:
        product = rows.make_product(shop, jet_node_id=KETTLES, **extra.pop("product", {}))  # type: ignore[arg-type]
        return rows.make_variant(
            shop, product, sku=sku, attributes=[{"id": COLOR, "value": "Copper", "unit": ""}], **extra
        )

    return make


@pytest.fixture
def by_files(shop: Merchant) -> Merchant:
    """Everything over two products travels as files of two."""
    Options.objects.update(direct_upload_limit=2, skus_per_file=30)
    Options.objects.update(skus_per_file=2)
    return shop
