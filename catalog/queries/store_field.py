"""Reads of the store's own fields: the registry behind pickers, and what one SKU carries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.enums import StoreFieldKind
from catalog.facts import VariantFacts
from catalog.models import StoreField, Variant
from catalog.queries.listing import load_facts
from catalog.queries.product import all_variants, search_variants
from catalog.store_values import BUILT_IN, FIELD, keys_of, plain_text, read_source, source_label
from jetsync.exceptions import NotFound
from jetsync.models import Merchant

# A picker with more lines helps nobody; the others are found by example.
MOST_OFFERED = 400
SHOWN_HITS = 8
SAMPLE_SHOWN = 24
# Longer searches find nothing but cost time.
SEARCHED = 120


@dataclass(frozen=True)
class SourceGroup:
    """One heading of a picker; `choices` are pairs of key and label."""

    label: str
    choices: tuple[tuple[str, str], ...]


def store_fields(merchant: Merchant) -> list[StoreField]:
    """What is known of the store's own fields and options, by name."""
    return list(StoreField.objects.filter(merchant=merchant).order_by("kind", "name")[:MOST_OFFERED])


def source_groups(merchant: Merchant, chosen: Iterable[str] = ()) -> list[SourceGroup]:
    """All sources a value can be read from, in groups; keys in use stay choosable when no product has them. One query."""
    own: dict[str, list[tuple[str, str]]] = {kind: [] for kind in StoreFieldKind.values}
    for row in store_fields(merchant):
        own[row.kind].append((str(row), _with_sample(row)))
    groups = [
        SourceGroup("Of every product", tuple((key, built_in.label) for key, built_in in BUILT_IN.items())),
        SourceGroup("Fields of your store", tuple(own[StoreFieldKind.FIELD])),
        SourceGroup("Variation options", tuple(own[StoreFieldKind.OPTION])),
    ]
    known = {key for group in groups for key, _label in group.choices}
    unseen = sorted({key for key in chosen if key} - known)
    groups.append(SourceGroup("Not seen on any product", tuple((key, source_label(key)) for key in unseen)))
    return [group for group in groups if group.choices]


def _with_sample(row: StoreField) -> str:
    """ "material (e.g. Copper)": the value tells more than the name."""
    sample = " ".join(row.sample.split())
    cut = sample if len(sample) <= SAMPLE_SHOWN else f"{sample[: SAMPLE_SHOWN - 1]}…"
    return f"{row.name} (e.g. {cut})" if cut else row.name


@dataclass(frozen=True)
class SkuField:
    """A field with the value of one SKU. `place`: "sku" and "product" are the store's own, "" is built in or an option."""

    key: str
    name: str
    label: str
    value: str
    place: str = ""
    product_value: str = ""


def fields_of(facts: VariantFacts) -> list[SkuField]:
    """Every field of the SKU with its value, the store's own first. A SKU's own field hides its product's."""
    found = []
    for key in sorted(keys_of(facts), key=lambda key: key in BUILT_IN):
        name = key.removeprefix(FIELD) if key.startswith(FIELD) else key.partition(":")[2]
        place = "" if not key.startswith(FIELD) else "sku" if name in facts.data else "product"
        shared = plain_text(facts.product_data.get(name)) if place else ""
        found.append(SkuField(key, name, source_label(key), read_source(facts, key), place, shared))
    return found


def get_facts(merchant: Merchant, variant_id: int) -> VariantFacts:
    """Raises NotFound for a SKU of another merchant as for one that does not exist."""
    found = load_facts(merchant, [variant_id])
    if not found:
        raise NotFound("There is no such product.")
    return found[0]


def example_variant(merchant: Merchant, variant_id: int, profile_id: int | None = None) -> Variant | None:
    """The SKU that somebody chose as an example, else the newest (of the profile); None in an empty store."""
    rows = all_variants(merchant)
    chosen = rows.filter(pk=variant_id).first() if variant_id else None
    if chosen is not None:
        return chosen
    if profile_id is not None:
        mine = rows.filter(product__profile=profile_id).order_by("-pk").first()
        if mine is not None:
            return mine
    return rows.order_by("-pk").first()


def typed_words(text: str) -> str:
    """A search as typed, without the characters that no database takes."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[:SEARCHED]


def find_examples(merchant: Merchant, words: str) -> list[Variant]:
    """SKUs by a part of their SKU or title, or a whole code; the newest where nothing is asked for."""
    rows = search_variants(all_variants(merchant), merchant, typed_words(words))
    return list(rows.order_by("-pk")[:SHOWN_HITS])
