"""What Jet asks of pictures (features SIM-05, SIM-06), and what follows from looking at one. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import TextChoices

from catalog import validators
from catalog.enums import ImageState
from catalog.facts import ImageFacts, VariantFacts

# Pixels. An area below the first is refused, a side below the second too; the rest is advice of Jet's guide.
LEAST_AREA = 40_000
LEAST_SIDE = 100
GOOD_MAIN_WIDTH = 1000
FAIR_ALTERNATE_SIDE = 500
GOOD_ALTERNATE_SIDE = 1500
# One failure may be a hiccup of the merchant's server; the second one counts.
TRIES_THAT_COUNT = 2
# So it comes soon: until then a SKU without a reachable picture counts as ready.
RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
LOOK_AGAIN_AFTER = timedelta(days=30)
# Our own trouble (names cannot be looked up) says nothing about the picture.
OWN_TROUBLE_WAIT = timedelta(minutes=10)
NOT_READABLE = (
    "jetsync cannot read pictures: check yourself that there is no text, logo or watermark in them."
)


class ImageVerdict(TextChoices):
    """The heaviest finding about a picture, whatever it is used for."""

    WAITING = "waiting", "Not seen yet"
    FINE = "fine", "Fine"
    NARROW = "narrow", "Below 1000 pixels wide"
    UNMEASURED = "unmeasured", "Too large to measure"
    SMALL = "small", "Too small"
    LAYERED = "layered", "Several layers"
    GIF = "gif", "GIF"
    NOT_IMAGE = "not_image", "Not a picture"
    UNREACHABLE = "unreachable", "Cannot be reached"


BLOCKING = (
    ImageVerdict.SMALL,
    ImageVerdict.LAYERED,
    ImageVerdict.GIF,
    ImageVerdict.NOT_IMAGE,
    ImageVerdict.UNREACHABLE,
)
GROUPS: Mapping[str, tuple[ImageVerdict, ...]] = {
    "blocks": BLOCKING,
    "warns": (ImageVerdict.NARROW, ImageVerdict.UNMEASURED),
    "fine": (ImageVerdict.FINE,),
    "waiting": (ImageVerdict.WAITING,),
}
GROUP_LABELS = {
    "blocks": "Jet refuses them",
    "warns": "Could be better",
    "fine": "Fine",
    "waiting": "Not seen yet",
}


@dataclass(frozen=True)
class Look:
    """What one fetch found. `is_own_trouble`: nothing can be said of the picture, try again soon."""

    state: ImageState
    width: int = 0
    height: int = 0
    byte_count: int = 0
    format: str = ""
    is_layered: bool = False
    content_hash: str = ""
    message: str = ""
    is_own_trouble: bool = False


@dataclass(frozen=True)
class Finding:
    """What is wrong with a picture where it is used. `message` holds the measured value."""

    rule: str
    message: str
    fix: str
    blocks: bool = True


@dataclass(frozen=True)
class Standing:
    """A picture's row after a look, by column; `due_at` is the next look."""

    state: ImageState
    verdict: ImageVerdict
    tries: int
    due_at: datetime
    look: Look | None


def hash_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def addresses_of(facts: VariantFacts) -> Iterator[tuple[int, str]]:
    """(slot, address) of what can be fetched: slot 0 is the main image, the others count the alternates from 1."""
    alternates = [url.strip() for url in facts.alternate_image_urls if url.strip()]
    main = facts.main_image_url.strip()
    if main and validators.image_problem(main) is None:
        yield 0, main
    for slot, url in enumerate(alternates[: validators.MOST_ALTERNATE_IMAGES], 1):
        if validators.image_problem(url) is None:
            yield slot, url


def slot_name(slot: int) -> str:
    return f"Alternate image {slot}" if slot else "Main image"


def verdict_of(look: Look | ImageFacts) -> ImageVerdict:
    """The heaviest finding; a picture that was fetched but not measured has no width."""
    if look.state != ImageState.FINE:
        return ImageVerdict(look.state.value)
    if look.format == "GIF":
        return ImageVerdict.GIF
    if not look.width:
        return ImageVerdict.UNMEASURED
    if look.is_layered:
        return ImageVerdict.LAYERED
    if look.width * look.height < LEAST_AREA or min(look.width, look.height) < LEAST_SIDE:
        return ImageVerdict.SMALL
    return ImageVerdict.NARROW if look.width < GOOD_MAIN_WIDTH else ImageVerdict.FINE


def after_look(state: ImageState, verdict: ImageVerdict, tries: int, look: Look, now: datetime) -> Standing:
    """How a picture that stood at `state` and `verdict` stands after a look.

    A first failure keeps what was known; the second makes it unreachable or no picture. Later ones come rarer, and a
    last time after 30 days.
    """
    if look.is_own_trouble:
        return Standing(state, verdict, tries, now + OWN_TROUBLE_WAIT, None)
    if look.state == ImageState.FINE:
        return Standing(look.state, verdict_of(look), 0, now + LOOK_AGAIN_AFTER, look)
    failures = tries + 1
    due = now + (RETRY_AFTER[failures - 1] if failures <= len(RETRY_AFTER) else LOOK_AGAIN_AFTER)
    if failures < TRIES_THAT_COUNT:
        return Standing(state, verdict, failures, due, None)
    return Standing(look.state, verdict_of(look), failures, due, look)


# Rule, message, fix, whether it blocks. Gaps in the text: name, size, format, said (by the server, or of the fetch).
_FOUND: Mapping[ImageVerdict, tuple[str, str, str, bool]] = {
    ImageVerdict.WAITING: ("waiting", "{name} has not been looked at yet.", "", False),
    ImageVerdict.UNREACHABLE: (
        "unreachable",
        "{name} cannot be reached. {said}",
        "Anybody must be able to open the address without logging in. Mend it, then look again.",
        True,
    ),
    ImageVerdict.NOT_IMAGE: (
        "not_image",
        "{name} is not a picture. {said}",
        "Give the address of the picture itself, not of a page around it.",
        True,
    ),
    ImageVerdict.GIF: (
        "gif",
        "{name} is a GIF of {size}, which Jet does not take.",
        "Use a JPEG or a single-layer PNG.",
        True,
    ),
    ImageVerdict.LAYERED: (
        "layers",
        "{name} is a {format} of {size} with several layers.",
        "Save it flattened, as a JPEG or a single-layer PNG.",
        True,
    ),
    ImageVerdict.UNMEASURED: (
        "unmeasured",
        "{name} was not measured. {said}",
        "Jet may take it; a picture of up to 25 MB can be checked here.",
        False,
    ),
}


def findings(image: ImageFacts, slot: int) -> list[Finding]:
    """What Jet or its guide says against this picture in this slot."""
    name, size = slot_name(slot), f"{image.width:,} x {image.height:,} pixels"
    verdict = verdict_of(image)
    if verdict == ImageVerdict.WAITING and image.message:
        said = f"{name} could not be fetched so far. {image.message} It is tried again within minutes."
        return [Finding("waiting", said, "", blocks=False)]
    if verdict in _FOUND:
        rule, text, fix, blocks = _FOUND[verdict]
        message = text.format(name=name, size=size, format=image.format, said=image.message)
        return [Finding(rule, message.strip(), fix, blocks)]
    if verdict == ImageVerdict.SMALL:
        return [_too_small(image, name, size)]
    return _advice(image, slot, size)


def _too_small(image: ImageFacts, name: str, size: str) -> Finding:
    area = image.width * image.height
    if area < LEAST_AREA:
        said = f"{name} is {size}, an area of {area:,}; at least {LEAST_AREA:,} is needed."
        return Finding(
            "area", said, "Use a picture of at least 40,000 pixels (200 x 200), better 1000 wide or more."
        )
    said = f"{name} is {size}; each side needs at least {LEAST_SIDE}."
    return Finding("side", said, f"Use a picture with no side below {LEAST_SIDE} pixels.")


def _advice(image: ImageFacts, slot: int, size: str) -> list[Finding]:
    name = slot_name(slot)
    if slot and min(image.width, image.height) < FAIR_ALTERNATE_SIDE:
        said = f"{name} is {size}, below the acceptable 500 x 500."
        return [Finding("small_alternate", said, "1500 x 1500 pixels are recommended.", blocks=False)]
    if not slot and image.width < GOOD_MAIN_WIDTH:
        said = f"{name} is {image.width:,} pixels wide, at least {GOOD_MAIN_WIDTH:,} are recommended."
        return [Finding("narrow", said, "Use a larger picture if there is one.", blocks=False)]
    return []


def same_pictures(
    slots: Sequence[tuple[int, str]], images: Mapping[str, ImageFacts]
) -> Iterator[tuple[int, str, Finding]]:
    """(slot, address, finding) of pictures whose bytes stand earlier in the same SKU under another address."""
    seen: dict[str, tuple[int, str]] = {}
    for slot, url in slots:
        content = images[url].content_hash if url in images else ""
        if not content:
            continue
        first, first_url = seen.setdefault(content, (slot, url))
        if first_url != url:
            other = slot_name(first).lower() if first else "the main image"
            said = f"{slot_name(slot)} shows the same picture as {other}, under another address."
            yield slot, url, Finding("same_picture", said, "Leave it out or use another picture.")
