"""The message Jet gets for one SKU, where each value comes from, and what is missing. Pure.

`build_listing` never raises on bad data: what cannot be sent becomes a gap that names the field and the rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog import validators
from catalog.attributes import attribute_problem, in_jets_spelling
from catalog.enums import ProductKind, Readiness
from catalog.facts import CategoryFacts, ListingInput, VariantFacts
from catalog.identifiers import CODE_LENGTHS, codes_problem, sendable_code
from catalog.problems import Problem

BLOCKS, NEVER_LIVE, HINT = LEVELS = ("blocks", "never_live", "hint")
# Only nodes of this level or deeper take products.
LEAF_LEVEL = 2

# The editor section that mends a field.
SECTIONS = {
    "title": "details",
    "description": "details",
    "brand": "details",
    "manufacturer": "details",
    "bullets": "details",
    "kind": "details",
    "is_active": "details",
    "sku": "identifiers",
    "codes": "identifiers",
    "asin": "identifiers",
    "mfr_part_number": "identifiers",
    "multipack_quantity": "identifiers",
    "price": "stock",
    "quantity": "stock",
    "msrp": "stock",
    "map_price": "stock",
    "map_implementation": "stock",
    "attributes": "attributes",
    "options": "attributes",
    "main_image_url": "images",
    "alternate_image_urls": "images",
    "category": "category",
    "taxonomy": "category",
}
# Inputs whose id is not simply that of the field.
ANCHORS = {
    "title": "id_product_title",
    "alternate_image_urls": "id_alternate_image1",
    "attributes": "attributes",
    "options": "attributes",
    "taxonomy": "id_category",
}


@dataclass(frozen=True)
class Gap:
    """`level`: "blocks" = cannot be sent, "never_live" = can be sent but will not be sold, "hint" = worth knowing."""

    field: str
    rule: str
    value: str
    message: str
    level: str = BLOCKS
    fix: str = ""

    @property
    def blocks(self) -> bool:
        return self.level == BLOCKS

    @property
    def section(self) -> str:
        return SECTIONS.get(self.field, "shipping")

    @property
    def fix_url_name(self) -> str:
        """The page that mends it: `catalog:variant-edit` with the variant's pk and `section`."""
        return "catalog:variant-edit"

    @property
    def anchor(self) -> str:
        return ANCHORS.get(self.field, f"id_{self.field}")

    def as_json(self) -> dict[str, str]:
        return {
            "field": self.field,
            "rule": self.rule,
            "value": self.value,
            "message": self.message,
            "level": self.level,
            "fix": self.fix,
        }

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> Gap:
        """A gap as `Listing.gaps` keeps it."""
        return cls(
            **{
                name: str(stored.get(name, ""))
                for name in ("field", "rule", "value", "message", "level", "fix")
            }
        )


@dataclass
class ListingResult:
    """`payload` is the body of PUT merchant-skus; `origins` says per member where its value comes from."""

    payload: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def readiness(self) -> Readiness:
        levels = {gap.level for gap in self.gaps}
        if BLOCKS in levels:
            return Readiness.NOT_READY
        return Readiness.NEVER_LIVE if NEVER_LIVE in levels else Readiness.READY

    def put(self, member: str, value: Any, origin: str) -> None:
        self.payload[member] = value
        self.origins[member] = origin

    def lack(
        self, name: str, rule: str, message: str, *, value: str = "", level: str = BLOCKS, fix: str = ""
    ) -> None:
        self.gaps.append(Gap(name, rule, value, message, level, fix))

    def take(self, problem: Problem | None, name: str, *, level: str = BLOCKS) -> bool:
        """Adds the problem as a gap of `name`; True when there was none."""
        if problem is None:
            return True
        self.gaps.append(Gap(name, problem.rule, problem.value, problem.message, level, problem.fix))
        return False


def number(value: Decimal) -> int | float:
    """A JSON number that prints as the decimal does: columns hold at most 12 digits, a float keeps 15."""
    whole = int(value)
    return whole if whole == value else float(value)


def content_hash(payload: dict[str, Any]) -> str:
    """Equal payloads give equal hashes, whatever the order of their members."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def build_listing(given: ListingInput) -> ListingResult:
    """Every check runs, so that a merchant sees all that is missing at once, what blocks first."""
    result = ListingResult()
    facts = given.facts
    if facts.kind == ProductKind.UNSUPPORTED:
        result.lack("kind", "kind", "Only simple and variable products can be listed on Jet.")
    if not facts.is_active:
        result.lack(
            "is_active",
            "active",
            "The product is switched off in the store, so Jet gets quantity 0.",
            level=HINT,
        )
    for part in (_texts, _category, _identity, _bullets, _measures, _prices, _small, _attributes, _images):
        part(given, result)
    _offer(given, result)
    result.gaps.sort(key=lambda gap: LEVELS.index(gap.level))
    return result


def _texts(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    # A simple product has one title; what its only SKU may carry beside it must not hide an edit.
    own = facts.own_title.strip() if facts.kind == ProductKind.VARIABLE else ""
    title = own or facts.product_title.strip()
    _text(result, "title", "product_title", title, "from variant" if own else "from product", required=True)
    _text(result, "brand", "brand", facts.brand.strip(), "from product", required=True)
    if len(facts.brand.strip()) >= validators.BRAND_HINT_FROM:
        result.lack(
            "brand", "hint", "Brand has more than 50 characters; Jet's older rules cut it there.", level=HINT
        )
    _text(
        result, "description", "product_description", facts.description.strip(), "from product", required=True
    )
    _text(result, "manufacturer", "manufacturer", facts.manufacturer.strip(), "from product")


def _text(
    result: ListingResult, name: str, member: str, value: str, origin: str, *, required: bool = False
) -> None:
    if not value:
        if required:
            label = validators.TEXT_RULES[name].label
            result.lack(name, "required", f"{label} is missing.", fix=f"Give a {label.lower()}.")
        return
    if result.take(validators.text_problem(name, value), name):
        result.put(member, value, origin)


def _category(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    node_id = facts.jet_node_id
    if node_id is None:
        where = (
            f"The store category “{facts.store_category}” is not mapped"
            if facts.store_category
            else "None is set"
        )
        result.lack(
            "category", "required", f"Jet category is missing. {where}.", fix="Choose or map a Jet category."
        )
        return
    problem = category_problem(
        given.taxonomy.categories.get(node_id), node_id, known=bool(given.taxonomy.version)
    )
    if result.take(problem, "category"):
        origin = "from product" if facts.own_node_id else f"from the mapping of {facts.store_category}"
        result.put("jet_browse_node_id", node_id, origin)
    if not given.taxonomy.version:
        result.lack(
            "taxonomy", "unknown", "No Jet taxonomy is imported, so the category is not checked.", level=HINT
        )


def category_problem(
    category: CategoryFacts | None, node_id: int, *, known: bool = True, column: str = "category"
) -> Problem | None:
    """Only sub-level nodes that the taxonomy in use knows. `known` is False when no taxonomy was imported."""
    if not known:
        return None
    if category is None:
        return Problem(
            column,
            "unknown",
            str(node_id),
            f"Jet category {node_id} is not in the taxonomy in use.",
            "Choose another category.",
        )
    if category.level < LEAF_LEVEL:
        return Problem(
            column,
            "level",
            str(node_id),
            f"Jet category {node_id} “{category.path}” is a top-level node; products go into its sub-categories.",
            "Choose one of its sub-categories.",
        )
    if not category.is_active:
        return Problem(
            column,
            "inactive",
            str(node_id),
            f"Jet has closed category {node_id} “{category.path}”.",
            "Choose another category.",
        )
    return None


def _identity(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    pairs = [(str(code.get("type", "")), str(code.get("code", ""))) for code in facts.codes]
    codes_ok = result.take(codes_problem(pairs), "codes")
    if pairs and codes_ok:
        sendable = [sendable_code(*pair) for pair in pairs]
        body = [{"standard_product_code": c.code, "standard_product_code_type": c.type} for c in sendable]
        result.put("standard_product_codes", body, "from variant")
        if any(code_type not in CODE_LENGTHS for code_type, _code in pairs):
            result.origins["standard_product_codes"] = "from variant, UPC-E written out as UPC"
    asin = facts.asin.strip()
    if asin and result.take(validators.asin_problem(asin), "asin"):
        result.put("ASIN", asin, "from variant")
    if facts.mfr_part_number.strip():
        _text(result, "mfr_part_number", "mfr_part_number", facts.mfr_part_number.strip(), "from variant")
    if not pairs and not asin:
        _no_identifier(facts, result)
    if result.take(validators.multipack_problem(facts.multipack_quantity), "multipack_quantity"):
        result.put("multipack_quantity", facts.multipack_quantity, "from variant")


def _no_identifier(facts: VariantFacts, result: ListingResult) -> None:
    if facts.brand.strip() and facts.mfr_part_number.strip():
        result.lack(
            "codes",
            "identifier",
            "Only brand and part number identify it: Jet takes it but it will never go live.",
            level=NEVER_LIVE,
            fix="Add a UPC, EAN, ISBN, GTIN-14 or ASIN.",
        )
        return
    result.lack(
        "codes",
        "required",
        "A product code or ASIN is missing.",
        fix="Add a UPC, EAN, ISBN, GTIN-14 or ASIN; brand and part number alone can be sent but never go live.",
    )


def _bullets(given: ListingInput, result: ListingResult) -> None:
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


_MEASURES = (
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "msrp",
    "map_price",
    "number_units_for_price_per_unit",
)


def _measures(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    for name in _MEASURES:
        value: Decimal | None = getattr(facts, name)
        if value is not None and result.take(validators.number_problem(name, value), name):
            result.put(name, number(value), "from variant")
    if facts.shipping_weight_pounds is None:
        result.lack(
            "shipping_weight_pounds",
            "required",
            "Shipping weight is missing; Jet holds the product back as “Missing shipping weight”.",
            level=NEVER_LIVE,
            fix="Give the weight in pounds.",
        )


def _prices(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    implementation = facts.map_implementation
    problem = validators.map_problem(implementation, facts.map_price)
    if result.take(
        problem, "map_price" if problem and problem.field == "map_price" else "map_implementation"
    ):
        origin = "default, no restriction" if implementation == "101" else "from variant"
        result.put("map_implementation", implementation, origin)
    unit = facts.type_of_unit_for_price_per_unit.strip()
    pair = ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit")
    problem = validators.unit_price_problem(facts.number_units_for_price_per_unit, unit, columns=pair)
    if problem is not None:
        result.payload.pop(pair[0], None)
        result.take(problem, problem.field)
    elif unit:
        _text(result, pair[1], pair[1], unit, "from variant")


def _small(given: ListingInput, result: ListingResult) -> None:
    facts = given.facts
    if facts.prop_65:
        result.put("prop_65", True, "from variant")
    for name in ("legal_disclaimer_description", "country_of_origin", "safety_warning"):
        _text(result, name, name, getattr(facts, name).strip(), "from variant")


def _attributes(given: ListingInput, result: ListingResult) -> None:
    facts, taxonomy = given.facts, given.taxonomy
    sendable: list[dict[str, Any]] = []
    seen: set[int] = set()
    for item in facts.attributes:
        attribute_id, value, unit = _attribute_parts(item)
        rule = taxonomy.attributes.get(attribute_id)
        if taxonomy.version or attribute_id <= 0:
            problem = attribute_problem(rule, attribute_id, value, unit)
        else:
            problem = validators.attribute_text_problem(value)
        if not result.take(problem, "attributes"):
            continue
        if attribute_id in seen:
            result.lack(
                "attributes", "duplicate", f"Attribute {rule.name if rule else attribute_id} is given twice."
            )
            continue
        seen.add(attribute_id)
        sendable.append(in_jets_spelling(rule, attribute_id, value, unit).as_message())
    if len(sendable) > validators.MOST_ATTRIBUTES:
        result.lack(
            "attributes",
            "count",
            f"There are {len(sendable)} attributes, Jet takes at most {validators.MOST_ATTRIBUTES}.",
            fix="Remove those a buyer needs least.",
        )
    elif sendable:
        result.put("attributes_node_specific", sendable, "from variant")
    _category_attributes(given, seen, result)


def _attribute_parts(item: Any) -> tuple[int, str, str]:
    try:
        attribute_id = int(item.get("id", 0))
    except (TypeError, ValueError):
        attribute_id = 0
    return attribute_id, str(item.get("value", "")), str(item.get("unit", "") or "")


def _category_attributes(given: ListingInput, seen: set[int], result: ListingResult) -> None:
    """Attributes against the category: which are foreign to it, and whether any is given where Jet asks for some."""
    node_id = given.facts.jet_node_id
    category = given.taxonomy.categories.get(node_id) if node_id else None
    if category is None or not category.attribute_ids:
        return
    names: Callable[[int], str] = lambda pk: given.taxonomy.attributes[pk].name  # noqa: E731 -- local shorthand
    foreign = [
        names(pk)
        for pk in sorted(seen)
        if pk not in category.attribute_ids and pk in given.taxonomy.attributes
    ]
    if foreign:
        result.lack(
            "attributes", "foreign", f"{category.path} does not ask for {', '.join(foreign)}.", level=HINT
        )
    if not given.facts.attributes:
        result.lack(
            "attributes",
            "none",
            f"None of the {len(category.attribute_ids)} attributes of {category.path} is filled.",
            level=HINT,
            fix="Fill those a buyer would filter by.",
        )


def _images(given: ListingInput, result: ListingResult) -> None:
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
    alternates = [url.strip() for url in facts.alternate_image_urls if url.strip()]
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


def _offer(given: ListingInput, result: ListingResult) -> None:
    """Price and quantity travel in messages of their own, but belong to the checklist (SIM-03)."""
    if given.price is None:
        result.lack("price", "required", "Price is missing.", fix="Give a price of at least 0.01 USD.")
    if given.quantity is None:
        result.lack(
            "quantity", "required", "Quantity is not known.", fix="Give the quantity, 0 if there is none."
        )
    elif given.quantity == 0:
        result.lack(
            "quantity", "zero", "Quantity for Jet is 0; Jet begins its review when it is above 0.", level=HINT
        )
