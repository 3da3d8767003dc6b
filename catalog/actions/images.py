"""Notes which pictures SKUs show, asks for them to be looked at, and stores what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.bulk import batches, insert_rows, reserve_ids, update_rows
from catalog.codes import Code
from catalog.enums import ImageState
from catalog.facts import ImageFacts, VariantFacts
from catalog.images import ImageVerdict, Look, Standing, addresses_of, after_look
from catalog.models import ImageFact, ImageUse
from catalog.queries.images import KnownImage, hashes_of, is_probing, known_images
from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.sync.requests import request_job
from jetsync.tenancy.actor import Actor

PROBE = "catalog.probe_images"
# Ids in one statement.
BATCH = 5000
LOOK_COLUMNS = (
    *("state", "width", "height", "byte_count", "format", "is_layered", "content_hash", "message"),
    *("verdict", "tries", "due_at", "checked_at"),
)


def ask_probe(merchant: Merchant) -> None:
    """Asks for the job that looks at what is due."""
    request_job(merchant, PROBE, "all", priority=Priority.NORMAL)


def note_images(
    merchant: Merchant, rows: Iterable[VariantFacts], *, are_new: bool = False
) -> Mapping[str, ImageFacts]:
    """Brings the register of pictures up to date with these SKUs; returns what is known of those looked at.

    Unknown addresses become waiting rows and the job is asked for. Two queries where nothing is new, some more else.
    `are_new`: the SKUs were made in this transaction, so nothing can be noted of them. Belongs into the transaction that
    writes the SKUs' targets. Does nothing where probing is switched off.
    """
    if not is_probing():
        return {}
    slots = {facts.pk: dict(addresses_of(facts)) for facts in rows}
    hashes = hashes_of(url for used in slots.values() for url in used.values())
    known = known_images(merchant, hashes)
    new = {url: url_hash for url, url_hash in hashes.items() if url not in known}
    if new:
        known |= _note_new(merchant, new)
    if asleep := [image.pk for image in known.values() if image.sleeps]:
        _wake(merchant, asleep)
    wanted = {
        (variant_id, slot): known[url].pk
        for variant_id, used in slots.items()
        for slot, url in used.items()
        if url in known
    }
    _note_uses(merchant, wanted, {} if are_new else _stored_uses(merchant, slots))
    return {url: image.facts for url, image in known.items() if image.facts.state != ImageState.WAITING}


_NEVER_SEEN = ImageFacts(ImageState.WAITING)


def _note_new(merchant: Merchant, hashes: Mapping[str, str]) -> dict[str, KnownImage]:
    """In order of their hashes, so that two transactions that note the same addresses wait and never lock each other."""
    now, ids = timezone.now(), reserve_ids(ImageFact, len(hashes))
    made = dict(zip(hashes, ids, strict=True))
    rows = [{"id": pk, "url_hash": hashes[url], "url": url, "due_at": now} for url, pk in made.items()]
    count = insert_rows(ImageFact, merchant, ("id", "url_hash", "url", "due_at"), rows, skip_known=True)
    ask_probe(merchant)
    if count < len(rows):  # a rival has noted some of them meanwhile
        return known_images(merchant, hashes)
    return {url: KnownImage(pk, sleeps=False, facts=_NEVER_SEEN) for url, pk in made.items()}


def _wake(merchant: Merchant, fact_ids: Sequence[int]) -> None:
    """Pictures that were put aside are shown again: what is known of them may be old."""
    ImageFact.objects.filter(merchant=merchant, pk__in=fact_ids).update(due_at=timezone.now())
    ask_probe(merchant)


def _stored_uses(merchant: Merchant, variant_ids: Iterable[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """(Variant pk, slot) -> (use pk, picture pk)."""
    rows = ImageUse.objects.filter(merchant=merchant, variant__in=list(variant_ids))
    return {
        (variant_id, slot): (pk, fact_id)
        for pk, variant_id, slot, fact_id in rows.values_list("pk", "variant_id", "slot", "fact_id")
    }


def _note_uses(
    merchant: Merchant,
    wanted: Mapping[tuple[int, int], int],
    stored: Mapping[tuple[int, int], tuple[int, int]],
) -> None:
    gone = [pk for key, (pk, fact_id) in stored.items() if wanted.get(key) != fact_id]
    if gone:
        ImageUse.objects.filter(merchant=merchant, pk__in=gone).delete()
    new = [
        {"variant": variant_id, "slot": slot, "fact": fact_id}
        for (variant_id, slot), fact_id in sorted(wanted.items())
        if stored.get((variant_id, slot), (0, 0))[1] != fact_id
    ]
    insert_rows(ImageUse, merchant, ("variant", "slot", "fact"), new, skip_known=True)


def look_again(merchant: Merchant, fact_ids: Iterable[int], *, actor: Actor) -> int:
    """Makes these pictures due now, whatever was seen before; returns how many. Raises InvalidInput where probing is
    switched off."""
    if not is_probing():
        raise InvalidInput(
            "Pictures are not fetched in this installation.",
            hint="The operator has switched it off (JETSYNC_PROBE_IMAGES).",
            code=Code.PROBING_OFF,
        )
    with transaction.atomic():
        count = 0
        for batch in batches(fact_ids, BATCH):
            rows = ImageFact.objects.filter(merchant=merchant, pk__in=batch)
            count += rows.update(tries=0, due_at=timezone.now())
        if count:
            words = "1 picture is" if count == 1 else f"{count:,} pictures are"
            record(merchant, "catalog.images.look_again", f"{words} looked at again.", actor=actor)
            ask_probe(merchant)
    return count


@transaction.atomic
def store_looks(merchant: Merchant, looks: Mapping[int, Look], *, now: datetime | None = None) -> list[int]:
    """Writes what was seen, by fact pk; returns the pictures whose SKUs must be judged anew. Three queries.

    Those are all with a finding, those that had one, and those whose bytes have changed. Safe to repeat.
    """
    at = now or timezone.now()
    rows = ImageFact.objects.filter(merchant=merchant, pk__in=list(looks)).order_by("pk")
    written, changed = [], []
    for fact in rows.select_for_update(of=("self",)):
        look = looks[fact.pk]
        stands = after_look(ImageState(fact.state), ImageVerdict(fact.verdict), fact.tries, look, at)
        written.append({"id": fact.pk, "checked_at": at, **_values(fact, stands, look)})
        if _matters(fact, stands):
            changed.append(fact.pk)
    update_rows(ImageFact, merchant, LOOK_COLUMNS, written)
    return changed


def _values(fact: ImageFact, stands: Standing, look: Look) -> dict[str, Any]:
    """A look that counts replaces all that was measured; one that does not leaves its reason behind."""
    seen = stands.look
    return {
        "state": str(stands.state.value),
        "verdict": str(stands.verdict.value),
        "tries": stands.tries,
        "due_at": stands.due_at,
        "message": look.message[:300],
        "width": (seen.width or None) if seen else fact.width,
        "height": (seen.height or None) if seen else fact.height,
        "byte_count": (seen.byte_count or None) if seen else fact.byte_count,
        "format": seen.format if seen else fact.format,
        "is_layered": seen.is_layered if seen else fact.is_layered,
        "content_hash": seen.content_hash if seen else fact.content_hash,
    }


_QUIET = {ImageVerdict.WAITING, ImageVerdict.FINE}


def _matters(fact: ImageFact, stands: Standing) -> bool:
    if stands.look is None:
        return False
    if stands.verdict not in _QUIET or ImageVerdict(fact.verdict) not in _QUIET:
        return True
    return bool(fact.content_hash) and fact.content_hash != stands.look.content_hash


def sleep_unused(merchant: Merchant, fact_ids: Sequence[int]) -> list[int]:
    """Puts aside those of these pictures that no SKU shows any more; returns the ones that stay. Two queries.

    They are not deleted: a SKU that is being written at this moment may just have found one of them.
    """
    used = ImageUse.objects.filter(merchant=merchant, fact__in=fact_ids)
    kept = set(used.values_list("fact_id", flat=True))
    if len(kept) < len(fact_ids):
        unused = ImageFact.objects.filter(merchant=merchant, pk__in=set(fact_ids) - kept)
        unused.update(due_at=None)
    return [pk for pk in fact_ids if pk in kept]
