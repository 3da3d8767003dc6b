"""What is said of a picture by its measures: SIM-05 and SIM-06 without database or network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.enums import ImageState
from catalog.facts import ImageFacts, ListingInput, Taxonomy, VariantFacts
from catalog.images import (
    ImageVerdict,
    Look,
    addresses_of,
    after_look,
    findings,
    same_pictures,
    verdict_of,
)
from catalog.listing import BLOCKS, HINT, Gap, build_listing

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAIN = "https://img.example.com/kettle/1.jpg"
SIDE, BACK = "https://img.example.com/kettle/side.jpg", "https://img.example.com/kettle/back.jpg"
FINE = ImageFacts(ImageState.FINE, 1600, 1600, "JPEG", content_hash="a" * 64)


def facts(main: str = MAIN, *alternates: str) -> VariantFacts:
    values = dict.fromkeys(VariantFacts._fields, None)
    values |= {"kind": "simple", "sku": "HF-1", "codes": [], "attributes": [], "options": [], "bullets": []}
    values |= dict.fromkeys(("own_title", "asin", "mfr_part_number", "map_implementation", "brand"), "")
    values |= dict.fromkeys(("type_of_unit_for_price_per_unit", "legal_disclaimer_description"), "")
    values |= dict.fromkeys(("country_of_origin", "safety_warning", "product_title", "description"), "")
    values |= {"manufacturer": "", "multipack_quantity": 1, "prop_65": False, "is_active": True}
    values |= {"data": {}, "product_data": {}, "sells_on_jet": True, "pk": 1, "product_id": 1}
    return VariantFacts(**{**values, "main_image_url": main, "alternate_image_urls": list(alternates)})


def image_gaps(images: dict[str, ImageFacts], *alternates: str) -> list[Gap]:
    given = ListingInput(facts(MAIN, *alternates), Decimal(1), 1, Taxonomy(), images=images)
    return [gap for gap in build_listing(given).gaps if gap.section == "images"]


@pytest.mark.parametrize(
    ("width", "height", "rule", "message"),
    [
        (199, 200, "area", "Main image is 199 x 200 pixels, an area of 39,800; at least 40,000 is needed."),
        (600, 99, "side", "Main image is 600 x 99 pixels; each side needs at least 100."),
        (99, 4000, "side", "Main image is 99 x 4,000 pixels; each side needs at least 100."),
    ],
)
def test_small_picture_blocks_with_its_measure(width, height, rule, message):
    gaps = image_gaps({MAIN: ImageFacts(ImageState.FINE, width, height, "JPEG")})
    assert [(gap.rule, gap.message, gap.level, gap.value) for gap in gaps] == [(rule, message, BLOCKS, MAIN)]
    assert gaps[0].fix
    assert (gaps[0].section, gaps[0].anchor) == ("images", "id_main_image_url")


@pytest.mark.parametrize(("width", "height"), [(1000, 100), (1000, 1000), (4000, 100)])
def test_picture_at_the_limits_has_no_gap(width, height):
    assert image_gaps({MAIN: ImageFacts(ImageState.FINE, width, height, "JPEG")}) == []


def test_narrow_main_image_warns_and_does_not_block():
    gaps = image_gaps({MAIN: ImageFacts(ImageState.FINE, 999, 1400, "PNG")})
    assert [(gap.rule, gap.level) for gap in gaps] == [("narrow", HINT)]
    assert gaps[0].message == "Main image is 999 pixels wide, at least 1,000 are recommended."


@pytest.mark.parametrize(("side", "rules"), [(499, ["small_alternate"]), (500, []), (1500, [])])
def test_alternate_below_500_warns(side, rules):
    gaps = image_gaps({MAIN: FINE, SIDE: ImageFacts(ImageState.FINE, side, 1500, "JPEG")}, SIDE)
    assert [gap.rule for gap in gaps] == rules
    assert all(gap.level == HINT and gap.anchor == "id_alternate_image1" for gap in gaps)


@pytest.mark.parametrize(
    ("image", "rule"),
    [
        (ImageFacts(ImageState.FINE, 900, 900, "GIF"), "gif"),
        (ImageFacts(ImageState.FINE, 900, 900, "PNG", is_layered=True), "layers"),
        (ImageFacts(ImageState.FINE, 900, 900, "TIFF", is_layered=True), "layers"),
        (ImageFacts(ImageState.NOT_IMAGE, message="The address answers with a web page."), "not_image"),
        (ImageFacts(ImageState.UNREACHABLE, message="The server answers 404 Not Found."), "unreachable"),
    ],
)
def test_picture_that_jet_refuses_blocks_and_says_why(image, rule):
    gaps = image_gaps({MAIN: FINE, BACK: image, SIDE: FINE}, SIDE, BACK)
    blocking = [gap for gap in gaps if gap.rule == rule]
    assert [(gap.level, gap.field, gap.value) for gap in blocking] == [(BLOCKS, "alternate_image2", BACK)]
    assert image.message in blocking[0].message
    assert blocking[0].key == f"blocks:alternate_image_urls:{rule}"


def test_waiting_and_unmeasured_pictures_are_hints():
    waiting = image_gaps({MAIN: ImageFacts(ImageState.WAITING)})
    assert [(gap.level, gap.message) for gap in waiting] == [(HINT, "Main image has not been looked at yet.")]
    failed = image_gaps({MAIN: ImageFacts(ImageState.WAITING, message="The server answers 404 Not Found.")})
    assert [(gap.level, gap.message) for gap in failed] == [
        (
            HINT,
            "Main image could not be fetched so far. The server answers 404 Not Found. It is tried again within minutes.",
        )
    ]
    large = image_gaps({MAIN: ImageFacts(ImageState.FINE, message="It is larger than 25 MB.")})
    assert [(gap.level, gap.rule) for gap in large] == [(HINT, "unmeasured")]


def test_same_picture_under_two_addresses_blocks():
    twin = ImageFacts(ImageState.FINE, 1600, 1600, "JPEG", content_hash="b" * 64)
    gaps = image_gaps({MAIN: FINE, SIDE: FINE, BACK: twin}, SIDE, BACK)
    assert [(gap.rule, gap.level, gap.value) for gap in gaps] == [("same_picture", BLOCKS, SIDE)]
    assert gaps[0].message == (
        "Alternate image 1 shows the same picture as the main image, under another address."
    )
    among = list(same_pictures([(0, MAIN), (1, SIDE), (2, BACK)], {MAIN: FINE, SIDE: twin, BACK: twin}))
    assert [(slot, url) for slot, url, _finding in among] == [(2, BACK)]


def test_nothing_is_said_of_pictures_nobody_knows():
    assert image_gaps({}, SIDE) == []


def test_addresses_that_cannot_be_fetched_are_left_out():
    given = facts("not an address", SIDE, " ", "ftp://img.example.com/a.jpg", BACK)
    assert list(addresses_of(given)) == [(1, SIDE), (3, BACK)]


def test_first_failure_keeps_what_was_known_and_the_second_counts():
    broken = Look(ImageState.UNREACHABLE, message="The server answers 500 Internal Server Error.")
    first = after_look(ImageState.FINE, ImageVerdict.FINE, 0, broken, NOW)
    assert (first.state, first.verdict, first.tries, first.look) == (
        ImageState.FINE,
        ImageVerdict.FINE,
        1,
        None,
    )
    second = after_look(first.state, first.verdict, first.tries, broken, NOW)
    assert (second.state, second.verdict, second.tries) == (
        ImageState.UNREACHABLE,
        ImageVerdict.UNREACHABLE,
        2,
    )


def test_failures_come_back_ever_later_and_a_success_after_thirty_days():
    broken = Look(ImageState.NOT_IMAGE)
    waits = [
        after_look(ImageState.WAITING, ImageVerdict.WAITING, tries, broken, NOW).due_at - NOW
        for tries in range(7)
    ]
    assert waits == [
        timedelta(minutes=1),
        timedelta(minutes=10),
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(days=1),
        timedelta(days=30),
        timedelta(days=30),
    ]
    fine = after_look(
        ImageState.UNREACHABLE, ImageVerdict.UNREACHABLE, 4, Look(ImageState.FINE, 1200, 900), NOW
    )
    assert (fine.state, fine.tries, fine.due_at - NOW) == (ImageState.FINE, 0, timedelta(days=30))


def test_own_trouble_says_nothing_of_the_picture():
    trouble = Look(ImageState.WAITING, message="cannot be looked up", is_own_trouble=True)
    stands = after_look(ImageState.WAITING, ImageVerdict.WAITING, 1, trouble, NOW)
    assert (stands.state, stands.tries, stands.due_at - NOW) == (
        ImageState.WAITING,
        1,
        timedelta(minutes=10),
    )


def test_findings_and_verdict_never_disagree_about_blocking():
    for width in (0, 50, 150, 400, 1200):
        for image_format in ("JPEG", "GIF", "PNG"):
            for is_layered in (False, True):
                image = ImageFacts(ImageState.FINE, width, 500, image_format, is_layered)
                blocks = any(finding.blocks for finding in findings(image, 0))
                assert blocks == (
                    verdict_of(image) in {ImageVerdict.SMALL, ImageVerdict.GIF, ImageVerdict.LAYERED}
                )
