"""Reads of profiles: the list with its numbers, what a profile fills, and which SKUs do not fit as codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet

from catalog.facts import Taxonomy
from catalog.jet_fields import JET_FIELDS, value_problem
from catalog.listing import HINT, Gap, ListingResult
from catalog.models import JetAttribute, Product, Profile, StoreCategory, Variant
from catalog.queries.listing import listings_of
from catalog.queries.product import title_of
from catalog.queries.taxonomy import in_use, load_taxonomy
from jetsync.exceptions import NotFound
from jetsync.models import Merchant

PREVIEWED = 5
# SKUs looked at for the length check: enough to see that a choice is wrong, quick enough for a page.
CHECKED_SKUS = 2000
SHOWN_MISFITS = 5
# Names offered while somebody types.
SUGGESTED = 50
WITHOUT = "No profile"


def profiles(merchant: Merchant) -> QuerySet[Profile]:
    """All of the merchant, by name, each with `product_count`."""
    rows = Profile.objects.filter(merchant=merchant)
    return rows.annotate(product_count=Count("products")).order_by("name", "pk")


def profile_names(merchant: Merchant, words: str) -> list[str]:
    """Names that hold the words, at most as many as a list of suggestions shows. One query."""
    rows = Profile.objects.filter(merchant=merchant, name__icontains=words.strip())
    return list(rows.order_by("name").values_list("name", flat=True)[:SUGGESTED])


def products_with_profile(merchant: Merchant, name: str) -> Q:
    """Condition on SKUs: the profile of this name, else those whose name holds it; `WITHOUT` for those without one."""
    text = name.strip()
    exact = Profile.objects.filter(merchant=merchant, name__iexact=text)
    found = Q(product__profile__name__iexact=text)
    found |= Q(product__profile__name__icontains=text) & ~Q(Exists(exact))
    return found | Q(product__profile=None) if text == WITHOUT else found


def get_profile(merchant: Merchant, pk: int) -> Profile:
    """With `product_count`. Raises NotFound for another merchant's profile as for one that does not exist."""
    row = profiles(merchant).filter(pk=pk).first()
    if row is None:
        raise NotFound("There is no such profile.", hint="It may have been deleted.")
    return row


def product_count(profile: Profile) -> int:
    """Asked for again after a change: the annotation of `profiles` is as old as its row."""
    return Product.objects.filter(merchant=profile.merchant_id, profile=profile.pk).count()


def products_of_variants(merchant: Merchant, variant_ids: Sequence[int]) -> QuerySet[Product]:
    """The products behind a selection of SKUs."""
    wanted = Variant.objects.filter(merchant=merchant, pk__in=variant_ids)
    return Product.objects.filter(merchant=merchant, pk__in=wanted.values("product"))


def products_to_assign(
    merchant: Merchant, *, store_category: int | None = None, without_profile: bool = False
) -> QuerySet[Product]:
    """The products of one store category, or those that have no profile yet, or both at once."""
    rows = Product.objects.filter(merchant=merchant)
    if store_category is not None:
        rows = rows.filter(store_category=store_category)
    return rows.filter(profile=None) if without_profile else rows


def present_profiles(products: QuerySet[Product]) -> dict[str, int]:
    """Name of the profile that products have now -> how many; "" counts those without."""
    rows = products.order_by().values_list("profile__name").annotate(found=Count("pk"))
    return {name or "": found for name, found in sorted(rows, key=lambda row: (-row[1], row[0] or ""))}


def store_category_choices(merchant: Merchant) -> list[StoreCategory]:
    """Store categories that hold products, with their number as `product_count`, by path."""
    rows = StoreCategory.objects.filter(merchant=merchant).annotate(product_count=Count("products"))
    return list(rows.filter(product_count__gt=0).order_by("path"))


def taxonomy_of(merchant: Merchant, values: Mapping[str, Any]) -> Taxonomy:
    """The part of Jet's taxonomy that a profile's values name."""
    node_id = values.get("jet_node_id")
    attribute_ids = [int(item["id"]) for item in values.get("attributes", ())]
    return load_taxonomy(merchant, [node_id] if node_id else [], attribute_ids)


@dataclass(frozen=True)
class FilledValue:
    """One value of the message. `member` of an attribute is `attribute:<id>`."""

    member: str
    label: str
    value: str
    origin: str

    @property
    def is_attribute(self) -> bool:
        return self.member.startswith("attribute:")


@dataclass(frozen=True)
class PreviewRow:
    """One SKU of the profile: what the profile gives it, and what it could not give."""

    variant: Variant
    title: str
    values: list[FilledValue]
    problems: list[Gap]


def preview(profile: Profile) -> list[PreviewRow]:
    """What the profile fills for the newest of its SKUs, one per product, at most five. Constant queries."""
    merchant = profile.merchant
    firsts = Variant.objects.filter(merchant=merchant, product__profile=profile.pk, position=0)
    variants = list(firsts.select_related("product").order_by("-pk")[:PREVIEWED])
    results = listings_of(merchant, [row.pk for row in variants])
    seen = {pk for result in results.values() for pk in attribute_ids(result)}
    labels = attribute_names(merchant, seen)
    mark = f"from profile {profile.name}"
    return [
        PreviewRow(
            variant=row,
            title=title_of(row),
            values=[value for value in filled_values(results[row.pk], labels) if mark in value.origin],
            problems=[
                gap for gap in results[row.pk].gaps if gap.level == HINT and f"It comes {mark}" in gap.message
            ],
        )
        for row in variants
    ]


def attribute_names(merchant: Merchant, attribute_ids: Iterable[int]) -> dict[int, str]:
    """Jet's names of attributes in the taxonomy in use; one query, none for none."""
    wanted = set(attribute_ids)
    if not wanted:
        return {}
    rows = JetAttribute.objects.filter(version=in_use(merchant).values("pk"), attribute_id__in=wanted)
    return dict(rows.values_list("attribute_id", "name"))


def attribute_ids(result: ListingResult) -> list[int]:
    """The attributes of a message."""
    return [item["attribute_id"] for item in result.payload.get("attributes_node_specific", ())]


def filled_values(result: ListingResult, attribute_names: Mapping[int, str]) -> list[FilledValue]:
    """Every value of the message with its origin, one line per attribute. Lists are written out for reading."""
    found = []
    for member, value in result.payload.items():
        if member == "attributes_node_specific":
            found += [_attribute_value(result, item, attribute_names) for item in value]
            continue
        label = JET_FIELDS[member].label if member in JET_FIELDS else member
        found.append(FilledValue(member, label, _written(value), result.origins.get(member, "")))
    return found


def _attribute_value(result: ListingResult, item: Mapping[str, Any], names: Mapping[int, str]) -> FilledValue:
    attribute_id = item["attribute_id"]
    words = f"{item['attribute_value']} {item.get('attribute_value_unit', '')}".strip()
    key = f"attribute:{attribute_id}"
    label = names.get(attribute_id, f"Attribute {attribute_id}")
    return FilledValue(key, label, words, result.origins.get(key, ""))


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_written(item) for item in value)
    if isinstance(value, dict):
        code = value.get("standard_product_code")
        kind = value.get("standard_product_code_type", "")
        return f"{kind} {code}" if code else str(value.get("image_url", value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@dataclass(frozen=True)
class SkuFit:
    """How well SKUs serve as codes of a type. `misfits`: pairs of a SKU and the rule it breaks."""

    code_type: str
    checked: int
    bad: int
    misfits: tuple[tuple[str, str], ...]


def sku_fit(merchant: Merchant, code_type: str, profile_id: int | None = None) -> SkuFit:
    """Tries the SKUs of the profile's products, or of the whole store where it has none, as codes of this type."""
    rows = Variant.objects.filter(merchant=merchant).order_by("pk")
    mine = rows.filter(product__profile=profile_id) if profile_id else rows.none()
    skus = list(mine.values_list("sku", flat=True)[:CHECKED_SKUS])
    skus = skus or list(rows.values_list("sku", flat=True)[:CHECKED_SKUS])
    spec = JET_FIELDS[code_type]
    broken = [(sku, problem.message) for sku in skus if (problem := value_problem(spec, sku.strip()))]
    return SkuFit(code_type, len(skus), len(broken), tuple(broken[:SHOWN_MISFITS]))
