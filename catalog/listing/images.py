"""Main and alternate images."""

from __future__ import annotations

from catalog import validators
from catalog.facts import ListingInput
from catalog.images import Finding, addresses_of, findings, same_pictures
from catalog.listing.result import BLOCKS, HINT, ListingResult


def add_images(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    main = facts.main_image_url.strip()
    if not main:
        result.lack(
            "main_image_url", "required", "Main image is missing.", fix="Give the full address of a picture."
        )
    elif result.take(validators.image_problem(main), "main_image_url"):
        result.put("main_image_url", main, "from variant")
        if validators.looks_like_no_picture(main):
            result.lack(
                "main_image_url", "placeholder", "Main image looks like a “no image” picture.", level=HINT
            )
    _add_alternates(given, result, main)
    if given.images:
        _add_findings(given, result)


def _add_alternates(given: ListingInput, result: ListingResult, main: str) -> None:
    alternates = [url.strip() for url in given.facts.alternate_image_urls if url.strip()]
    if len(alternates) > validators.MOST_ALTERNATE_IMAGES:
        result.lack(
            "alternate_image_urls",
            "count",
            f"There are {len(alternates)} alternate images, Jet takes {validators.MOST_ALTERNATE_IMAGES}.",
        )
        return
    good = [
        result.take(validators.image_problem(url, label=f"Alternate image {slot}"), "alternate_image_urls")
        for slot, url in enumerate(alternates, 1)
    ]
    good.append(result.take(validators.same_image_problem(main, alternates), "alternate_image_urls"))
    if alternates and all(good):
        body = [{"image_slot_id": slot, "image_url": url} for slot, url in enumerate(alternates, 1)]
        result.put("alternate_images", body, "from variant")


def _add_findings(given: ListingInput, result: ListingResult) -> None:
    """What was seen behind the addresses."""
    slots = list(addresses_of(given.facts))
    for slot, url in slots:
        if url in given.images:
            for finding in findings(given.images[url], slot):
                _lack(result, slot, url, finding)
    for slot, url, finding in same_pictures(slots, given.images):
        _lack(result, slot, url, finding)


def _lack(result: ListingResult, slot: int, url: str, finding: Finding) -> None:
    result.lack(
        f"alternate_image{slot}" if slot else "main_image_url",
        finding.rule,
        finding.message,
        value=url,
        level=BLOCKS if finding.blocks else HINT,
        fix=finding.fix,
    )
