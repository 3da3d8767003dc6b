"""Jet's listing statuses and sub-statuses in plain words: what it means, whose move it is. See the protocol notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.enums import ListingStatus

Mover = Literal["you", "jet", "nobody"]
MOVER_WORDS: dict[str, str] = {"you": "Your move", "jet": "Jet's move", "nobody": "Nobody has to act"}
# Jet reviewed by hand (M: 1 to 2 weeks).
REVIEW_DAYS = (7, 14)


@dataclass(frozen=True)
class Word:
    """`section` names the editor section that mends it."""

    meaning: str
    mover: Mover
    todo: str = ""
    section: str = ""


STATUS_WORDS: dict[str, Word] = {
    ListingStatus.NOT_UPLOADED: Word(
        "Jet does not know this SKU.", "you", "Fill the checklist, then upload it."
    ),
    ListingStatus.UPLOADED: Word("Jet has accepted the data; its status has not been read yet.", "nobody"),
    ListingStatus.UNDER_REVIEW: Word(
        "Jet checks the data by hand, usually within 1 to 2 weeks; the sandbox takes about a minute. "
        "The review begins once the quantity is above 0.",
        "jet",
    ),
    ListingStatus.MISSING_DATA: Word(
        "Jet needs more before it lists the product. What is missing stands below.",
        "you",
        "Fill it and upload again.",
    ),
    ListingStatus.AVAILABLE: Word("Shoppers can find and buy it.", "nobody"),
    ListingStatus.ARCHIVED: Word(
        "Closed: nobody can buy it and Jet ignores further changes.",
        "nobody",
        "Un-archive it to sell it again.",
    ),
    ListingStatus.UNAUTHORIZED: Word(
        "Jet does not let you sell this brand or product.", "you", "Ask Jet's partner support for permission."
    ),
    ListingStatus.EXCLUDED: Word(
        "Jet does not want this category, brand or price.",
        "you",
        "Check category and brand, or archive the SKU.",
    ),
    ListingStatus.OTHER: Word(
        "Jet used a word that jetsync does not know; it is shown as Jet sent it.", "jet"
    ),
}

SUB_STATUS_WORDS: dict[str, Word] = {
    "missing variation information": Word(
        "The SKU belongs to a group, but lacks the attributes that tell its members apart.",
        "you",
        "Fill the variation attributes.",
        "attributes",
    ),
    "missing title": Word(
        "There is no usable title.", "you", "Give a title of 5 to 500 characters.", "details"
    ),
    "missing shipping weight": Word(
        "The weight is not known.", "you", "Give the weight in pounds.", "shipping"
    ),
    "missing price": Word(
        "Jet has no price, or finds it too high for this product.",
        "you",
        "Send the price, or lower it.",
        "stock",
    ),
    "missing image": Word(
        "There is no image, it cannot be reached, or it breaks the image rules.",
        "you",
        "Give another main image of at least 40,000 pixels (200 x 200), no GIF.",
        "images",
    ),
    "missing category": Word("No Jet category was sent.", "you", "Map or choose a category.", "category"),
    "missing brand": Word("No brand was sent.", "you", "Give the brand.", "details"),
    "missing attribute value": Word(
        "An attribute that the category asks for is empty.",
        "you",
        "Fill the attributes of the category.",
        "attributes",
    ),
    "invalid sku identifier": Word(
        "UPC, EAN, ISBN, GTIN or ASIN is wrong or belongs to another product.",
        "you",
        "Compare the code with the package.",
        "identifiers",
    ),
    "invalid category": Word(
        "The category does not exist or takes no products.", "you", "Choose a sub-category.", "category"
    ),
    "incorrect multipack quantity": Word(
        "The number of pieces does not fit the product that the code names.",
        "you",
        "Correct the multipack quantity.",
        "identifiers",
    ),
    "additional sku id needed": Word(
        "One code was not enough to recognise the product.",
        "you",
        "Add a second code or the ASIN.",
        "identifiers",
    ),
    "attribute data needed": Word(
        "More attributes would help; this does not keep it from being listed.", "nobody", "", "attributes"
    ),
    "price needed": Word("Jet has no price.", "you", "Send the price.", "stock"),
    "image needed": Word("Jet has no usable image.", "you", "Give another main image.", "images"),
    "excluded category or brand": Word(
        "Jet does not want this category or brand.",
        "you",
        "Choose another category or archive the SKU.",
        "category",
    ),
}
UNKNOWN = Word("Jet used a word that jetsync does not know.", "jet")


def status_word(status: str) -> Word:
    return STATUS_WORDS.get(status, STATUS_WORDS[ListingStatus.OTHER])


def sub_status_word(text: str) -> Word:
    """Jet's spelling varied; case and blanks do not matter."""
    return SUB_STATUS_WORDS.get(" ".join(text.lower().split()), UNKNOWN)
