"""The menu's entry for images, their badges, and the card on the product's page."""

from __future__ import annotations

from catalog.images import ImageVerdict
from catalog.slots import ProductCard, register_card
from catalog.views.images import TWIN, images_card
from jetsync.panel.items import MenuItem, register
from jetsync.panel.statuses import Colour, Status, register_statuses
from jetsync.tenancy.rights import Right

register(
    MenuItem(
        "Products",
        "Images",
        "catalog:image-list",
        Right.PRODUCTS_VIEW,
        40,
        ("pictures", "photos", "image size", "missing image", "image check", "no image"),
    )
)
_BADGES: dict[ImageVerdict, tuple[Colour, str]] = {
    ImageVerdict.WAITING: (
        "secondary",
        "It is fetched in the background; nothing is said against it so far.",
    ),
    ImageVerdict.FINE: ("green", "Fetched, measured, nothing against it."),
    ImageVerdict.NARROW: ("yellow", "Jet takes it; 1000 pixels and more are recommended."),
    ImageVerdict.UNMEASURED: ("yellow", "It was fetched and is too large to be measured here."),
    ImageVerdict.SMALL: ("red", "Jet asks for an area of 40,000 pixels, and no side below 100."),
    ImageVerdict.LAYERED: ("red", "Jet does not take pictures with several layers."),
    ImageVerdict.GIF: ("red", "Jet does not take GIFs."),
    ImageVerdict.NOT_IMAGE: ("red", "Something else stands behind the address."),
    ImageVerdict.UNREACHABLE: ("red", "It could not be fetched, twice or more."),
}
register_statuses(
    {
        f"image.{verdict.value}": Status(str(verdict.label), colour, "", text)
        for verdict, (colour, text) in _BADGES.items()
    }
)
register_statuses(
    {
        f"image.{TWIN}": Status(
            "Same picture twice", "red", "", "Main and alternate images of a SKU must differ from each other."
        )
    }
)
register_card(ProductCard("images", 20, "catalog/images/card.html", images_card))
