"""Menu entries, palette search and set-up steps of the catalogue."""

from __future__ import annotations

from catalog import about as _about  # noqa: F401 -- importing registers the pages of what the log names
from catalog import closing as _closing  # noqa: F401 -- importing registers what a deletion leaves open
from catalog import dashboard as _dashboard  # noqa: F401 -- importing registers the card
from catalog import home as _home  # noqa: F401 -- importing registers the cards
from catalog import menu as _menu  # noqa: F401 -- importing registers the entries of each subject
from catalog import statuses as _statuses  # noqa: F401 -- importing registers the badges
from catalog.enums import ListingStatus
from catalog.models import CategoryMapping, Listing
from catalog.pages import variant_url
from catalog.queries.drift import drift_count
from catalog.queries.errors import group_count
from catalog.queries.files import rejected_count
from catalog.queries.product import all_variants, listing_of, search_variants, title_of
from jetsync.models import Merchant
from jetsync.panel.home import SetupStep, register_step
from jetsync.panel.items import MenuItem, register
from jetsync.panel.palette import PaletteHit, register_provider
from jetsync.sync.quoting import register_without_shoppers
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right

PALETTE_LIMIT = 6


register_without_shoppers("catalog")
register(
    MenuItem(
        "Products",
        "Products",
        "catalog:product-list",
        Right.PRODUCTS_VIEW,
        10,
        (
            "manage products",
            "jet products",
            "upload products",
            "archive",
            "sync",
            "jet upload",
            "mass category assign",
        ),
    ),
    MenuItem(
        "Products",
        "Bulk files",
        "catalog:file-list",
        Right.PRODUCTS_VIEW,
        20,
        ("rejected files", "upload error file", "uploaded files error", "fetch rejected files", "resubmit"),
        rejected_count,
    ),
    MenuItem(
        "Products",
        "Mass upload",
        "catalog:mass-upload",
        Right.PRODUCTS_PUBLISH,
        15,
        (
            "mass upload by product",
            "mass upload by category",
            "bulk upload",
            "bulk archive",
            "bulk unarchive",
        ),
    ),
    MenuItem(
        "Products",
        "Errors",
        "catalog:errors",
        Right.PRODUCTS_VIEW,
        22,
        ("error groups", "refused products", "not ready", "fetch errors", "clear errors"),
        group_count,
    ),
    MenuItem(
        "Products",
        "Drift",
        "catalog:drift",
        Right.PRODUCTS_VIEW,
        24,
        ("differs at jet", "send ours", "take theirs", "live data"),
        drift_count,
    ),
    MenuItem(
        "Products",
        "CSV upload",
        "catalog:csv-list",
        Right.PRODUCTS_VIEW,
        30,
        ("import", "spreadsheet", "price and inventory", "template", "bulk upload"),
    ),
    MenuItem(
        "Mapping",
        "Categories",
        "catalog:category-mapping",
        Right.MAPPING_VIEW,
        10,
        ("category mapping", "jet categories", "map categories to jet", "taxonomy"),
    ),
)
register_step(
    SetupStep(
        "categories",
        50,
        "Map your categories",
        "Each store category needs its counterpart at Jet; its products follow.",
        "catalog:category-mapping",
        Right.MAPPING_EDIT,
        lambda merchant: CategoryMapping.objects.filter(merchant=merchant).exists(),
    )
)
register_step(
    SetupStep(
        "upload",
        60,
        "Upload the first products",
        "Fill the checklist of a product until it is ready, then send it to Jet.",
        "catalog:product-list",
        Right.PRODUCTS_PUBLISH,
        lambda merchant: (
            Listing.objects.filter(merchant=merchant).exclude(status=ListingStatus.NOT_UPLOADED).exists()
        ),
    )
)


@register_provider
def find_products(merchant: Merchant, actor: Actor, text: str) -> list[PaletteHit]:
    """By SKU, title, product code and ASIN."""
    if not actor.may(Right.PRODUCTS_VIEW):
        return []
    found = search_variants(all_variants(merchant), merchant, text).order_by("sku")[:PALETTE_LIMIT]
    hits = []
    for row in found:
        listing = listing_of(row)
        status = listing.get_status_display() if listing else "Not uploaded"
        hits.append(
            PaletteHit(
                label=title_of(row),
                url=variant_url(merchant, row),
                hint=f"{row.sku} · {status}",
                icon="package",
                group="Products",
            )
        )
    return hits
