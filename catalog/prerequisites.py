"""The catalogue's lines on the page of prerequisites."""

from __future__ import annotations

from django.db.models import Count, Q

from catalog.enums import ImageState
from catalog.models import CategoryMapping, ImageFact, Product, Variant
from catalog.queries.category import unmapped_categories
from jetsync.models import Merchant
from jetsync.panel.setup.prerequisites import Check, Finding, State

PRODUCTS = "catalog:product-list"
IMAGES = "catalog:image-list"
MAPPING = "catalog:category-mapping"


def _categories(merchant: Merchant) -> Finding:
    mapped = CategoryMapping.objects.filter(merchant=merchant).count()
    total = mapped + unmapped_categories(merchant).count()
    own = Product.objects.filter(merchant=merchant, jet_node_id__isnull=False).exists()
    if not mapped and not own:
        return Finding("missing", "No store category is mapped to a Jet category.", MAPPING, "Map categories")
    if mapped < total:
        return Finding(
            "warning", f"{mapped} of {total} store categories are mapped.", MAPPING, "Map the rest"
        )
    text = f"All {total} store categories are mapped." if total else "Products have their own Jet category."
    return Finding("ok", text, MAPPING, "See mapping")


def _images(merchant: Merchant) -> Finding:
    """From what the background has fetched and measured; a picture that Jet cannot fetch keeps a SKU from selling."""
    variants = Variant.objects.filter(merchant=merchant)
    if not variants.exists():
        return Finding("warning", "There is no product yet.", PRODUCTS, "See products")
    if not variants.exclude(main_image_url="").exists():
        return Finding("missing", "No SKU has a main image.", PRODUCTS, "See products")
    bad_states = (ImageState.UNREACHABLE, ImageState.NOT_IMAGE)
    counts = ImageFact.objects.filter(merchant=merchant).aggregate(
        bad=Count("pk", Q(state__in=bad_states)), seen=Count("pk", ~Q(state=ImageState.WAITING))
    )
    if not counts["seen"]:
        text = "No picture has been looked at yet; that happens in the background."
        return Finding("warning", text, IMAGES, "See images")
    if counts["bad"]:
        text = f"{counts['bad']:,} of {counts['seen']:,} pictures could not be fetched or are none."
        state: State = "missing" if counts["bad"] == counts["seen"] else "warning"
        return Finding(state, text, IMAGES, "See images")
    return Finding("ok", f"All {counts['seen']:,} pictures looked at could be fetched.", IMAGES, "See images")


categories_check = Check("categories", 50, "Mapped categories", _categories)
images_check = Check("images", 60, "Images", _images)
