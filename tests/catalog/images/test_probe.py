"""From a written product to a judged one: notes, the job, repeats, and the SKUs that are judged anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.actions.csv_targets import NewSku, list_new
from catalog.actions.images import PROBE, ask_probe, look_again, store_looks
from catalog.actions.product import update_variant
from catalog.actions.targets import refresh_targets
from catalog.bulk import reserve_ids
from catalog.enums import ImageState, Readiness
from catalog.images import Look, hash_of
from catalog.models import ImageFact, ImageUse, Listing
from catalog.queries.errors import gap_groups
from catalog.queries.images import users_of
from jetsync.enums import JobState
from jetsync.exceptions import InvalidInput
from jetsync.models import Job, LogEntry, Merchant
from tests.catalog.images.pictures import PAGE, layered, picture
from tests.catalog.rows import make_variant

DUE = timedelta(seconds=1)


def image_gaps(variant):
    listing = Listing.objects.get(variant=variant)
    return [(gap["field"], gap["rule"], gap["level"]) for gap in listing.gaps if "image" in gap["field"]]


def fact(url: str) -> ImageFact:
    return ImageFact.objects.get(url=url)


def make_due(drain) -> None:
    """The next look, without waiting for it."""
    ImageFact.objects.update(due_at=timezone.now() - DUE)
    ask_probe(Merchant.objects.get())
    drain()


@pytest.mark.feature("SIM-06")
def test_pictures_of_a_new_sku_are_fetched_and_what_is_too_small_blocks(shop, pictures, drain):
    main = pictures.put("small.jpg", picture(150, 180))
    wide = pictures.put("wide.jpg", picture(1600, 1600))
    variant = make_variant(shop, main_image_url=main, alternate_image_urls=[wide])

    assert ImageFact.objects.filter(state=ImageState.WAITING).count() == 2
    assert Job.objects.filter(kind=PROBE).count() == 1
    assert image_gaps(variant) == []
    drain()

    seen = fact(main)
    assert (seen.state, seen.width, seen.height, seen.format, seen.verdict) == (
        "fine",
        150,
        180,
        "JPEG",
        "small",
    )
    assert seen.due_at > timezone.now() + timedelta(days=29)
    assert image_gaps(variant) == [("main_image_url", "area", "blocks")]
    listing = Listing.objects.get(variant=variant)
    assert listing.readiness == Readiness.NOT_READY
    gap = listing.gaps[0]
    assert gap["value"] == main
    assert gap["message"] == "Main image is 150 x 180 pixels, an area of 27,000; at least 40,000 is needed."
    assert fact(wide).verdict == "fine"


@pytest.mark.feature("SIM-06")
@pytest.mark.parametrize(
    ("body", "rule"), [(layered("PNG"), "layers"), (layered("TIFF"), "layers"), (picture(kind="GIF"), "gif")]
)
def test_formats_that_jet_refuses_block(shop, pictures, drain, body, rule):
    variant = make_variant(shop, main_image_url=pictures.put("kettle.png", body))
    drain()
    assert image_gaps(variant) == [("main_image_url", rule, "blocks")]


@pytest.mark.feature("SIM-05")
def test_same_bytes_under_two_addresses_block(shop, pictures, drain):
    body = picture(1600, 1600)
    main, twin = pictures.put("front.jpg", body), pictures.put("copy.jpg", body)
    variant = make_variant(shop, main_image_url=main, alternate_image_urls=[twin])
    drain()
    assert image_gaps(variant) == [("alternate_image1", "same_picture", "blocks")]

    pictures.put("copy.jpg", picture(1600, 1600, shade=9))
    make_due(drain)
    assert image_gaps(variant) == []
    assert Listing.objects.get(variant=variant).readiness == Readiness.READY


@pytest.mark.feature("SIM-06")
def test_picture_that_is_not_there_blocks_at_the_second_try_and_recovers(shop, pictures, drain):
    url = pictures.url("later.jpg")
    variant = make_variant(shop, main_image_url=url)
    drain()
    first = fact(url)
    assert (first.state, first.tries, first.message) == ("waiting", 1, "The server answers 404 Not Found.")
    assert image_gaps(variant) == []
    job = Job.objects.get(kind=PROBE)
    assert job.state == JobState.QUEUED
    assert timedelta() < job.not_before - timezone.now() <= timedelta(minutes=1)

    make_due(drain)
    assert fact(url).state == "unreachable"
    assert image_gaps(variant) == [("main_image_url", "unreachable", "blocks")]
    assert Listing.objects.get(variant=variant).readiness == Readiness.NOT_READY
    causes = {group.label: (group.level, group.skus, group.example) for group in gap_groups(shop)}
    assert causes["Main image: cannot be reached"] == (
        "blocks",
        1,
        "Main image cannot be reached. The server answers 404 Not Found.",
    )

    pictures.put("later.jpg", picture())
    make_due(drain)
    assert (fact(url).state, fact(url).tries, fact(url).message) == ("fine", 0, "")
    assert image_gaps(variant) == []
    assert pictures.seen == ["later.jpg"] * 3


def test_pictures_of_imported_skus_are_noted(shop, pictures):
    url = pictures.url("csv.jpg")
    variant = make_variant(shop, refresh=False, main_image_url=url)
    list_new(shop, [NewSku(variant.pk, variant.product_id, variant.sku, {"main_image_url": url})])
    assert list(ImageUse.objects.values_list("variant", "slot", "fact__url")) == [(variant.pk, 0, url)]
    assert Job.objects.filter(kind=PROBE).count() == 1


def test_picture_that_a_rival_notes_meanwhile_is_noted_once(shop, pictures, monkeypatch):
    from catalog.actions import images

    url = pictures.url("both.jpg")

    def rival_first(model, count):
        ImageFact.objects.create(merchant=shop, url_hash=hash_of(url), url=url, due_at=timezone.now())
        return reserve_ids(model, count)

    monkeypatch.setattr(images, "reserve_ids", rival_first)
    variant = make_variant(shop, main_image_url=url)
    assert list(ImageUse.objects.values_list("variant", "slot", "fact__url")) == [(variant.pk, 0, url)]
    assert ImageFact.objects.count() == 1


def test_web_page_instead_of_a_picture_blocks_at_the_second_try(shop, pictures, drain):
    variant = make_variant(shop, main_image_url=pictures.put("kettle.jpg", PAGE))
    drain()
    assert image_gaps(variant) == []
    make_due(drain)
    assert image_gaps(variant) == [("main_image_url", "not_image", "blocks")]


def test_shared_picture_is_fetched_once_and_judges_all_its_skus(shop, pictures, drain):
    url = pictures.put("shared.jpg", picture(120, 120))
    variants = [make_variant(shop, main_image_url=url) for _number in range(3)]
    drain()
    assert pictures.seen == ["shared.jpg"]
    assert [image_gaps(variant) for variant in variants] == [[("main_image_url", "area", "blocks")]] * 3
    users = users_of(shop, [fact(url).pk])[fact(url).pk]
    assert (users.count, len(users.shown)) == (3, 3)


def test_pictures_are_not_fetched_again_before_their_time(shop, pictures, drain):
    variant = make_variant(shop, main_image_url=pictures.put("kettle.jpg", picture()))
    drain()
    refresh_targets(shop, [variant.pk])
    drain()
    assert pictures.seen == ["kettle.jpg"]
    assert not Job.objects.filter(kind=PROBE, state=JobState.QUEUED).exists()


def test_new_address_replaces_the_old_one_which_then_sleeps(shop, pictures, drain, actor):
    old, new = pictures.put("old.jpg", picture()), pictures.put("new.jpg", picture(1500, 1500))
    variant = make_variant(shop, main_image_url=old)
    drain()
    update_variant(variant, {"main_image_url": new}, actor=actor)
    drain()
    assert list(ImageUse.objects.values_list("slot", "fact__url")) == [(0, new)]
    make_due(drain)
    assert pictures.seen == ["old.jpg", "new.jpg", "new.jpg"]
    assert fact(old).due_at is None

    update_variant(variant, {"main_image_url": old}, actor=actor)
    drain()
    assert pictures.seen[-1] == "old.jpg"


def test_noting_costs_the_same_queries_for_few_and_many(shop, pictures):
    def cost(count: int) -> int:
        made = [
            make_variant(
                shop,
                refresh=False,
                main_image_url=f"https://img.example.com/{count}/{number}.jpg",
                alternate_image_urls=[f"https://img.example.com/{count}/{number}-{n}.jpg" for n in range(3)],
            ).pk
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            refresh_targets(shop, made)
        assert ImageUse.objects.filter(variant__in=made).count() == 4 * count
        return len(queries)

    cost(2)  # makes the job that later ones join
    assert cost(1) == cost(12)


def test_unchanged_skus_cost_two_queries_more(shop, pictures, settings):
    variant = make_variant(shop, main_image_url="https://img.example.com/1.jpg")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            refresh_targets(shop, [variant.pk])
        return len(queries)

    with_images = cost()
    settings.PROBE_IMAGES = False
    assert with_images - cost() == 2


def test_nothing_is_noted_where_probing_is_off(shop, pictures, settings, actor, drain):
    settings.PROBE_IMAGES = False
    make_variant(shop, main_image_url=pictures.put("kettle.jpg", picture()))
    drain()
    assert (ImageFact.objects.count(), Job.objects.filter(kind=PROBE).count(), pictures.seen) == (0, 0, [])
    with pytest.raises(InvalidInput) as caught:
        look_again(shop, [1], actor=actor)
    assert caught.value.code == "probing_off"


def test_person_asks_to_look_again(shop, pictures, drain, actor):
    url = pictures.put("kettle.jpg", picture(100, 100))
    variant = make_variant(shop, main_image_url=url)
    drain()
    pictures.put("kettle.jpg", picture(1200, 1200))
    assert look_again(shop, [fact(url).pk], actor=actor) == 1
    drain()
    assert image_gaps(variant) == []
    assert LogEntry.objects.get(action="catalog.images.look_again").message == "1 picture is looked at again."


def test_job_goes_on_in_batches_until_all_are_seen(shop, pictures, drain, monkeypatch):
    monkeypatch.setattr("catalog.sync.images.BATCH", 2)
    for number in range(5):
        make_variant(shop, main_image_url=pictures.put(f"{number}.jpg", picture(shade=number)))
    drain()
    assert sorted(pictures.seen) == [f"{number}.jpg" for number in range(5)]
    assert set(ImageFact.objects.values_list("verdict", flat=True)) == {"fine"}


def test_looks_are_stored_by_the_same_queries_for_few_and_many(shop, pictures):
    for number in range(6):
        make_variant(shop, main_image_url=f"https://img.example.com/{number}.jpg")
    ids = list(ImageFact.objects.values_list("pk", flat=True))

    def cost(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as queries:
            store_looks(shop, {pk: Look(ImageState.FINE, 10, 10, 10, "JPEG") for pk in some})
        return len(queries)

    assert cost(ids[:1]) == cost(ids)
    assert store_looks(shop, {ids[0]: Look(ImageState.FINE, 10, 10, 10, "JPEG")}) == [ids[0]]


def test_no_transaction_is_open_while_a_picture_is_fetched(shop, pictures, drain, monkeypatch):
    from catalog.sync import images

    asked = []
    monkeypatch.setattr(images, "refuse_open_transaction", lambda *words: asked.append(words))
    make_variant(shop, main_image_url=pictures.put("kettle.jpg", picture()))
    drain()
    assert asked == [("GET", "a picture")]
