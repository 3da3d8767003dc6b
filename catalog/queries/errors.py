"""Refusals and readiness gaps by cause, with how many SKUs each concerns. Constant queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet

from catalog.enums import ErrorCode, Readiness, Step
from catalog.error_groups import attribute_named, cause_of, sku_named
from catalog.jet_fields import JET_FIELDS
from catalog.listing import BLOCKS, HINT, NEVER_LIVE, Gap
from catalog.models import Listing, SkuError, Variant
from catalog.queries.shared_codes import count_sharing, sharing_variants
from catalog.shared_codes import SHARED_FIX, SHARED_GAP
from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.wording import counted

# Causes on one page, the heaviest first.
MOST_GROUPS = 200
# As a list's own selection.
MOST_SELECTED = 200_000
# A person, an import or a rule has changed the SKU after Jet refused it.
TOUCHED = (
    Q(code=ErrorCode.CHANGED_SINCE)
    | Q(listing__variant__updated_at__gt=F("created_at"))
    | Q(listing__variant__product__updated_at__gt=F("created_at"))
)
LEVELS = {BLOCKS: "Cannot be sent", NEVER_LIVE: "Will not go live", HINT: "Worth knowing"}
_ORDER = {BLOCKS: 0, NEVER_LIVE: 1, HINT: 2}


@dataclass(frozen=True)
class ErrorGroup:
    """One cause: `skus` SKUs in `files` files; `direct` of the errors came from direct calls.

    `changed`: of the SKUs, those that somebody has changed after Jet refused them.
    """

    key: str
    label: str
    step: str
    field: str
    fix: str
    skus: int
    files: int
    direct: int
    newest: datetime
    changed: int = 0
    code: str = ""
    said: str = ""

    @property
    def cause(self) -> str:
        """Its page of the guide."""
        return guide_code(self.code, self.step, self.said)

    @property
    def changed_words(self) -> str:
        """ "2 of them changed since", "" while none is."""
        if not self.changed:
            return ""
        return "Changed since." if self.changed == self.skus else f"{self.changed:,} of them changed since."

    @property
    def words(self) -> str:
        """ "143 SKUs in 9 files and by direct calls"."""
        places = [f"in {counted(self.files, 'file')}"] if self.files else []
        places += ["by direct call" if self.direct == 1 else "by direct calls"] if self.direct else []
        return f"{counted(self.skus, 'SKU')} {' and '.join(places)}"


def guide_code(code: str, step: str, words: str) -> str:
    """What the guide calls the cause of an error: by its own code, else by Jet's words."""
    return code if code in {*ErrorCode} else cause_of(step, words).code


def cause_of_listing(listing: Listing) -> str:
    """As `guide_code`, of the trouble that the SKU itself keeps."""
    return guide_code(listing.error_code, listing.error_code.removesuffix("_refused"), listing.error_message)


def open_errors(merchant: Merchant) -> QuerySet[SkuError]:
    return SkuError.objects.filter(merchant=merchant, resolved_at=None)


def refused(step: Step) -> Exists:
    """For listings: Jet has refused this step of the SKU, and what it refused has not changed since."""
    rows = SkuError.objects.filter(
        merchant=OuterRef("merchant"), listing=OuterRef("pk"), resolved_at=None, step=step
    )
    return Exists(rows.filter(code=f"{step}_refused"))


def refused_as_file(step: Step, since: datetime) -> Exists:
    """For listings: a file of this step was refused after `since` without a word on which SKU it was about."""
    rows = SkuError.objects.filter(
        merchant=OuterRef("merchant"), listing=OuterRef("pk"), resolved_at=None, step=step
    )
    return Exists(rows.filter(code=ErrorCode.FILE_REFUSED, created_at__gt=since))


def unreadable_since(since: datetime) -> Exists:
    """For listings: Jet did not show the SKU when it was last asked for, after `since`."""
    rows = SkuError.objects.filter(
        merchant=OuterRef("merchant"), listing=OuterRef("pk"), resolved_at=None, step=Step.STATUS
    )
    return Exists(rows.filter(created_at__gte=since))


def error_groups(merchant: Merchant, key: str = "") -> list[ErrorGroup]:
    """Open errors by cause, most SKUs first. One query."""
    rows = open_errors(merchant)
    if key:
        rows = rows.filter(group_key=key)
    found = (
        rows.values("group_key")
        .annotate(
            label=Min("group_label"),
            of_step=Min("step"),
            of_field=Min("field"),
            fix=Min("hint"),
            refusal=Min("code"),
            said=Min("message"),
            skus=Count("listing", distinct=True),
            files=Count("file", distinct=True),
            errors=Count("pk"),
            in_files=Count("file"),
            newest=Max("created_at"),
            changed=Count("listing", distinct=True, filter=TOUCHED),
        )
        .order_by("-skus", "label")[:MOST_GROUPS]
    )
    return [
        ErrorGroup(
            row["group_key"],
            row["label"],
            row["of_step"],
            row["of_field"],
            row["fix"],
            row["skus"],
            row["files"],
            row["errors"] - row["in_files"],
            row["newest"],
            row["changed"],
            row["refusal"],
            row["said"],
        )
        for row in found
    ]


def get_error_group(merchant: Merchant, key: str) -> ErrorGroup:
    """Raises NotFound when no error of this cause is open any more."""
    found = error_groups(merchant, key)
    if not found:
        raise NotFound("No error of this cause is open.", hint="Jet may have taken the products meanwhile.")
    return found[0]


def group_count(merchant: Merchant) -> int:
    """How many causes are open, for the menu."""
    return open_errors(merchant).aggregate(causes=Count("group_key", distinct=True))["causes"] or 0


def errors_of_group(merchant: Merchant, key: str) -> QuerySet[SkuError]:
    """With all that a row of the group's page shows."""
    rows = open_errors(merchant).filter(group_key=key)
    return rows.select_related("listing__variant__product", "file").defer(
        "listing__live_body",
        "listing__content_sent_body",
        "listing__gaps",
        "file__manifest",
        "file__errors",
        "file__upload_url",
    )


def variant_ids(rows: QuerySet[SkuError]) -> list[int]:
    ids = rows.order_by("listing__variant__sku").values_list("listing__variant_id", flat=True)
    return list(dict.fromkeys(ids))


def changed_since_refusal(rows: QuerySet[SkuError]) -> int:
    """SKUs that a person, an import or a rule has changed after Jet refused them. One query."""
    return changed_errors(rows).values("listing").distinct().count()


def changed_errors(rows: QuerySet[SkuError]) -> QuerySet[SkuError]:
    """Of these errors, those of such SKUs."""
    return rows.filter(TOUCHED)


def state_of(error: SkuError) -> str:
    """What becomes of an open error, in a line. Expects the listing with its variant and product."""
    listing = error.listing
    variant = listing.variant
    is_changed = error.code == ErrorCode.CHANGED_SINCE
    if not is_changed and max(variant.updated_at, variant.product.updated_at) <= error.created_at:
        return "As Jet refused it."
    # Prices and quantities go whatever the product data lack.
    if listing.readiness == Readiness.NOT_READY and (not is_changed or error.step == Step.CONTENT):
        return "Changed since, but not ready yet."
    if is_changed:
        return "Changed since: it is sent by itself."
    return "Changed since: it goes with the next upload, or press “Send again”."


def value_of(variant: Variant, field: str, words: str = "") -> str:
    """Today's value of the field that an error is about, as text; "" when it has none or the field is no value.

    `words`: Jet's own. They may name one attribute of several, or another SKU of the group, whose value is not this one's.
    """
    if sku_named(words) not in {"", variant.sku}:
        return ""
    if field == "codes":
        return ", ".join(f"{code.get('type', '')} {code.get('code', '')}".strip() for code in variant.codes)
    if field == "attributes":
        wanted = attribute_named(words)
        chosen = [item for item in variant.attributes if not wanted or item.get("id") == wanted]
        return ", ".join(str(item.get("value", "")) for item in chosen)
    if field == "category":
        return str(variant.product.jet_node_id or "")
    owner: Any = variant if hasattr(variant, field) and getattr(variant, field) else variant.product
    value = getattr(owner, field, None) if field else None
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


_FIELD_WORDS = {
    **{spec.gap_field: spec.label for spec in JET_FIELDS.values()},
    "codes": "Product code",
    "category": "Jet category",
    "main_image_url": "Main image",
    "alternate_image_urls": "More images",
    "attributes": "Attributes of the category",
    "variation": "Variation attributes",
    "kind": "Kind of product",
}
_RULE_WORDS = {
    "required": "missing",
    "kind": "not supported",
    "identifier": "missing",
    "missing": "some missing",
    "none": "none filled",
    "option": "the Jet category has none for an option",
    "shared": "another SKU has it",
    "check_digit": "check digit is wrong",
    "digits": "not only digits",
    "length": "wrong length",
    "range": "outside its limits",
    "number": "not a number",
    "decimals": "too many decimals",
    "url": "not a full address",
    "choice": "not one of the allowed values",
    "listed": "not a value that Jet lists",
    "unit": "unit is wrong or missing",
    "duplicate": "stands there twice",
    "unknown": "not known",
    "unreachable": "cannot be reached",
    "not_image": "not a picture",
    "area": "too small",
    "side": "too small",
    "layers": "several layers",
    "gif": "a GIF",
    "same_picture": "the same picture twice",
    "pair": "half of a pair",
}


@dataclass(frozen=True)
class GapGroup:
    """Readiness gaps of one cause. `key` as Gap.key; `example` is one SKU's own message."""

    key: str
    level: str
    field: str
    rule: str
    skus: int
    example: str
    fix: str

    @property
    def label(self) -> str:
        return gap_label(self.key)

    @property
    def level_word(self) -> str:
        return LEVELS.get(self.level, "Worth knowing")


def gap_label(key: str) -> str:
    """ "blocks:main_image_url:required" -> "Main image: missing"."""
    _level, _, rest = key.partition(":")
    field, _, rule = rest.partition(":")
    if not rule:
        return key
    label = _FIELD_WORDS.get(field) or field.replace("_", " ").capitalize()
    return f"{label}: {_RULE_WORDS.get(rule) or rule.replace('_', ' ')}"


def causes_in(listings: QuerySet[Listing], level: str) -> list[tuple[str, int]]:
    """What stands against these SKUs at this level: `(cause in words, SKUs)`, the most frequent first. One query."""
    keys = Func(F("gap_keys"), function="unnest", output_field=CharField(), set_returning=True)
    rows = listings.order_by().annotate(gap=keys).values("gap").annotate(skus=Count("pk"))
    found = [(row["gap"], row["skus"]) for row in rows if row["gap"].startswith(f"{level}:")]
    return [(gap_label(key), skus) for key, skus in sorted(found, key=lambda pair: (-pair[1], pair[0]))]


def gap_groups(merchant: Merchant) -> list[GapGroup]:
    """What keeps SKUs from Jet or from going live, by cause; what blocks comes first. Three queries."""
    keys = Func(F("gap_keys"), function="unnest", output_field=CharField(), set_returning=True)
    rows = Listing.objects.filter(merchant=merchant).exclude(gap_keys=[]).annotate(gap=keys)
    counted = list(
        rows.values("gap").annotate(skus=Count("pk"), sample=Min("pk")).order_by("-skus", "gap")[:MOST_GROUPS]
    )
    samples = _samples(merchant, (row["sample"] for row in counted))
    groups = [_gap_group(row["gap"], row["skus"], samples.get(row["sample"], [])) for row in counted]
    groups += _shared_codes(merchant)
    return sorted(groups, key=lambda group: (_ORDER.get(group.level, 3), -group.skus, group.key))


def with_gap(rows: QuerySet[Variant], merchant: Merchant, key: str) -> QuerySet[Variant]:
    """Those of the rows that have a gap of this cause."""
    if key == SHARED_GAP:
        return rows.filter(pk__in=sharing_variants(merchant).values("pk"))
    return rows.filter(listing__gap_keys__contains=[key])


def variants_with_gap(merchant: Merchant, key: str) -> list[int]:
    """Variant ids by SKU, at most as many as one operation takes."""
    rows = with_gap(Variant.objects.filter(merchant=merchant), merchant, key)
    return list(rows.order_by("sku").values_list("pk", flat=True)[:MOST_SELECTED])


def _shared_codes(merchant: Merchant) -> list[GapGroup]:
    """A cause that no SKU has alone, so it is counted here and not noted with any."""
    skus, example = count_sharing(merchant)
    return [GapGroup(SHARED_GAP, HINT, "codes", "shared", skus, example, SHARED_FIX)] if skus else []


def _samples(merchant: Merchant, ids: Iterable[int]) -> dict[int, list[Gap]]:
    rows = Listing.objects.filter(merchant=merchant, pk__in=set(ids)).values_list("pk", "gaps")
    return {pk: [Gap.from_json(stored) for stored in gaps] for pk, gaps in rows}


def _gap_group(key: str, skus: int, gaps: Iterable[Gap]) -> GapGroup:
    level, _, rest = key.partition(":")
    field, _, rule = rest.partition(":")
    gap = next((gap for gap in gaps if gap.key == key), None)
    return GapGroup(key, level, field, rule, skus, gap.message if gap else "", gap.fix if gap else "")
