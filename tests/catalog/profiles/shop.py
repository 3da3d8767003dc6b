"""Small functions of the profile tests: rows, addresses, and what stands on a page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from catalog.actions.profile import create_profile
from catalog.models import Product, Profile, Variant
from catalog.queries.listing import listings_of
from jetsync.models import Merchant
from jetsync.tenancy.actor import SYSTEM
from tests.catalog import rows


def url(shop: Merchant, path: str = "") -> str:
    return f"/m/{shop.slug}/catalog/{path}"


def make_profile(shop: Merchant, name: str = "Kitchen", **values: Any) -> Profile:
    return create_profile(shop, {"name": name, **values}, actor=SYSTEM)


def bare(shop: Merchant, **extra: Any) -> Variant:
    """A SKU that only lacks a brand."""
    product = {"brand": "", **extra.pop("product", {})}
    return rows.make_variant(shop, rows.make_product(shop, **product), **extra)


def text_of(response: Any) -> str:
    """What stands on the page, entities and tags resolved, blanks folded."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def profile_of(variant: Variant) -> str:
    product = Product.objects.select_related("profile").get(pk=variant.product_id)
    return product.profile.name if product.profile else ""


def body_of(shop: Merchant, variant: Variant) -> tuple[dict[str, Any], dict[str, str]]:
    result = listings_of(shop, [variant.pk])[variant.pk]
    return result.payload, result.origins
