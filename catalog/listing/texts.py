"""Title, brand, description, bullets and the small print."""

from __future__ import annotations

from catalog import validators
from catalog.enums import ProductKind
from catalog.facts import ListingInput
from catalog.listing.result import HINT, ListingResult


def add_texts(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    # A simple product has one title; what its only SKU may carry beside it must not hide an edit.
    own = facts.own_title.strip() if facts.kind == ProductKind.VARIABLE else ""
    title = own or facts.product_title.strip()
    put_text(
        result, "title", "product_title", title, "from variant" if own else "from product", required=True
    )
    put_text(result, "brand", "brand", facts.brand.strip(), "from product", required=True)
    if len(facts.brand.strip()) >= validators.BRAND_HINT_FROM:
        result.lack(
            "brand", "hint", "Brand has more than 50 characters; Jet's older rules cut it there.", level=HINT
        )
    put_text(
        result, "description", "product_description", facts.description.strip(), "from product", required=True
    )
    put_text(result, "manufacturer", "manufacturer", facts.manufacturer.strip(), "from product")


def add_bullets(given: ListingInput, result: ListingResult) -> None:
    bullets = [bullet.strip() for bullet in given.facts.bullets if bullet.strip()]
    if len(bullets) > validators.MOST_BULLETS:
        result.lack(
            "bullets",
            "count",
            f"There are {len(bullets)} bullets, at most {validators.MOST_BULLETS} are allowed.",
        )
        return
    problems = [
        validators.text_problem("bullets", text, label=f"Bullet {n}") for n, text in enumerate(bullets, 1)
    ]
    if all([result.take(problem, "bullets") for problem in problems]) and bullets:  # noqa: C419 -- all must be told
        result.put("bullets", bullets, "from product")


def add_small(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    if facts.prop_65:
        result.put("prop_65", True, "from variant")
    for name in ("legal_disclaimer_description", "country_of_origin", "safety_warning"):
        put_text(result, name, name, getattr(facts, name).strip(), "from variant")


def put_text(
    result: ListingResult, name: str, member: str, value: str, origin: str, *, required: bool = False
) -> None:
    if not value:
        if required:
            label = validators.TEXT_RULES[name].label
            result.lack(name, "required", f"{label} is missing.", fix=f"Give a {label.lower()}.")
        return
    if result.take(validators.text_problem(name, value), name):
        result.put(member, value, origin)
