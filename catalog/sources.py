"""Where a value for Jet comes from: the product itself, its profile, the field mapping, a default. Pure.

A source is named by a key: `product.title` or `variant.sku` (what every store has), `field:material` (a field of this
store) or `option:Size` (a variation option). `fill` gives a SKU the values that it has not got of its own, in the order
product, profile, field mapping (features PRO-14), and says of each where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from catalog.facts import VariantFacts
from catalog.identifiers import CODE_TYPES
from catalog.problems import Problem
from catalog.validators import MOST_ALTERNATE_IMAGES, MOST_BULLETS, shown

FIELD, OPTION = "field:", "option:"
ASIN = "ASIN"
YES_WORDS = frozenset({"true", "yes", "1", "y"})


@dataclass(frozen=True)
class BuiltIn:
    """A store field that every product has."""

    label: str
    read: Callable[[VariantFacts], str]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


BUILT_IN: dict[str, BuiltIn] = {
    "product.title": BuiltIn("Product name", lambda facts: facts.product_title),
    "product.description": BuiltIn("Description", lambda facts: facts.description),
    "product.brand": BuiltIn("Brand", lambda facts: facts.brand),
    "product.manufacturer": BuiltIn("Manufacturer", lambda facts: facts.manufacturer),
    "product.store_category": BuiltIn("Store category", lambda facts: facts.store_category or ""),
    "variant.title": BuiltIn("Title of the SKU", lambda facts: facts.own_title),
    "variant.sku": BuiltIn("SKU", lambda facts: facts.sku),
    "variant.mfr_part_number": BuiltIn("Model (MPN)", lambda facts: facts.mfr_part_number),
    "variant.asin": BuiltIn("ASIN", lambda facts: facts.asin),
    "variant.price": BuiltIn("Regular price", lambda facts: _text(facts.price)),
    "variant.msrp": BuiltIn("MSRP", lambda facts: _text(facts.msrp)),
    "variant.weight": BuiltIn("Weight in pounds", lambda facts: _text(facts.shipping_weight_pounds)),
    "variant.length": BuiltIn("Length in inches", lambda facts: _text(facts.package_length_inches)),
    "variant.width": BuiltIn("Width in inches", lambda facts: _text(facts.package_width_inches)),
    "variant.height": BuiltIn("Height in inches", lambda facts: _text(facts.package_height_inches)),
    "variant.country_of_origin": BuiltIn("Country of origin", lambda facts: facts.country_of_origin),
    "variant.main_image_url": BuiltIn("Main image", lambda facts: facts.main_image_url),
}


def source_label(key: str) -> str:
    """As a person reads it: "Model (MPN)", "field material", "option Size"."""
    if key in BUILT_IN:
        return BUILT_IN[key].label
    kind, _, name = key.partition(":")
    return f"{kind} {name}" if name else key


def read_source(facts: VariantFacts, key: str) -> str:
    """The text behind a key, empty when the SKU has none. A SKU's own field wins over its product's."""
    built_in = BUILT_IN.get(key)
    if built_in is not None:
        return built_in.read(facts).strip()
    if key.startswith(FIELD):
        name = key.removeprefix(FIELD)
        return _text(facts.data.get(name)) or _text(facts.product_data.get(name))
    if key.startswith(OPTION):
        name = key.removeprefix(OPTION).lower()
        for option in facts.options:
            if str(option.get("name", "")).lower() == name:
                return _text(option.get("value"))
    return ""


@dataclass(frozen=True)
class JetField:
    """A field of Jet's message that a mapping can fill. `fact` is its name in VariantFacts; `kind`: text, decimal,
    whole, yes (TRUE or FALSE) or item (one of several, such as a bullet or a product code).
    """

    name: str
    label: str
    fact: str
    kind: str = "text"
    hint: str = ""
    default: str = ""


def _fields() -> Iterable[JetField]:
    yield JetField(
        "product_title", "Title", "product_title", hint="5 to 500 characters", default="product.title"
    )
    yield JetField("brand", "Brand", "brand", hint="1 to 100 characters", default="product.brand")
    yield JetField(
        "product_description",
        "Description",
        "description",
        hint="1 to 2,000 characters",
        default="product.description",
    )
    yield JetField(
        "manufacturer",
        "Manufacturer",
        "manufacturer",
        hint="1 to 100 characters",
        default="product.manufacturer",
    )
    yield JetField(
        "mfr_part_number",
        "Manufacturer part number",
        "mfr_part_number",
        hint="Up to 50 characters, one of a kind",
        default="variant.mfr_part_number",
    )
    yield JetField(ASIN, "ASIN", "asin", hint="10 characters", default="variant.asin")
    for code_type in CODE_TYPES:
        yield JetField(code_type, code_type, "codes", "item", hint="Digits; the check digit is tested")
    for slot in range(1, MOST_BULLETS + 1):
        yield JetField(f"bullet{slot}", f"Bullet {slot}", "bullets", "item", hint="Up to 500 characters")
    yield JetField(
        "main_image_url",
        "Main image",
        "main_image_url",
        hint="Full address, at least 200 x 200 pixels",
        default="variant.main_image_url",
    )
    for slot in range(1, MOST_ALTERNATE_IMAGES + 1):
        yield JetField(f"alternate_image{slot}", f"Alternate image {slot}", "alternate_image_urls", "item")
    yield JetField(
        "shipping_weight_pounds",
        "Shipping weight",
        "shipping_weight_pounds",
        "decimal",
        "Pounds, at least 0.01",
        "variant.weight",
    )
    for part in ("length", "width", "height"):
        yield JetField(
            f"package_{part}_inches",
            f"Package {part}",
            f"package_{part}_inches",
            "decimal",
            "Inches, at least 0.01",
            f"variant.{part}",
        )
    for part in ("length", "width", "height"):
        name = f"display_{part}_inches"
        yield JetField(name, f"Display {part}", name, "decimal", "Inches, of the unpacked product")
    yield JetField("msrp", "Manufacturer suggested retail price", "msrp", "decimal", "USD", "variant.msrp")
    yield JetField("map_price", "MAP price", "map_price", "decimal", "USD; for MAP policy 102")
    yield JetField("map_implementation", "MAP policy", "map_implementation", hint="101, 102 or 103")
    yield JetField("multipack_quantity", "Multipack quantity", "multipack_quantity", "whole", "1 to 128")
    yield JetField(
        "number_units_for_price_per_unit", "Number of units", "number_units_for_price_per_unit", "decimal"
    )
    yield JetField(
        "type_of_unit_for_price_per_unit",
        "Type of unit",
        "type_of_unit_for_price_per_unit",
        hint="For example can",
    )
    yield JetField("fulfillment_time", "Fulfilment time", "fulfillment_time", "whole", "Business days")
    yield JetField(
        "country_of_origin",
        "Country of origin",
        "country_of_origin",
        hint="Up to 50 characters",
        default="variant.country_of_origin",
    )
    yield JetField("safety_warning", "Safety warning", "safety_warning", hint="Up to 2,000 characters")
    yield JetField(
        "legal_disclaimer_description",
        "Legal disclaimer",
        "legal_disclaimer_description",
        hint="Up to 500 characters",
    )
    yield JetField("prop_65", "Proposition 65", "prop_65", "yes", "TRUE or FALSE")


JET_FIELDS: dict[str, JetField] = {spec.name: spec for spec in _fields()}
# The part of a profile called Item specifics (features PRO-07).
SPECIFICS = (
    "brand",
    "manufacturer",
    "country_of_origin",
    "safety_warning",
    "fulfillment_time",
    "map_price",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "shipping_weight_pounds",
    "msrp",
    "legal_disclaimer_description",
)
# What counts as "the product says nothing" where a column cannot be empty.
_UNSAID: dict[str, Any] = {"multipack_quantity": 1, "map_implementation": "101", "prop_65": False}


@dataclass(frozen=True)
class Choice:
    """A fixed value, or a source to read; the fixed value wins when both are set (features PRO-08)."""

    value: str = ""
    source: str = ""

    def read(self, facts: VariantFacts) -> str:
        return self.value or (read_source(facts, self.source) if self.source else "")


@dataclass(frozen=True)
class AttributeChoice:
    """A Jet attribute with a fixed value or a source. `values`: store value in lower case -> (Jet's value, unit)."""

    attribute_id: int
    choice: Choice
    unit: str = ""
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def read(self, facts: VariantFacts) -> tuple[str, str]:
        found = self.choice.read(facts)
        value, unit = self.values.get(found.lower(), (found, ""))
        return value, unit or self.unit


@dataclass(frozen=True)
class ProfileRules:
    pk: int
    name: str
    sku_as_part_number: bool = False
    sku_as_code: str = ""
    code_type: str = ""
    code_source: str = ""
    jet_node_id: int | None = None
    attributes: tuple[AttributeChoice, ...] = ()
    specifics: Mapping[str, Choice] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"from profile {self.name}"


@dataclass(frozen=True)
class FieldRule:
    """`overrides`: used even where the product has a value of its own."""

    jet_field: str
    choice: Choice
    overrides: bool = False

    @property
    def origin(self) -> str:
        where = "a fixed text" if self.choice.value else source_label(self.choice.source)
        return f"from the field mapping, {where}"


@dataclass(frozen=True)
class ValueRules:
    """All that a merchant has set up; `profiles` by pk."""

    profiles: Mapping[int, ProfileRules] = field(default_factory=dict)
    fields: tuple[FieldRule, ...] = ()
    attributes: tuple[AttributeChoice, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.profiles or self.fields or self.attributes)


@dataclass(frozen=True)
class Filled:
    """`origins` by name of the fact. `problems`: mapped values that are no number where one is needed."""

    facts: VariantFacts
    origins: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass
class _Filling:
    facts: VariantFacts
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def current(self, fact: str) -> Any:
        return self.values.get(fact, getattr(self.facts, fact))

    def is_said(self, fact: str) -> bool:
        value = self.current(fact)
        if isinstance(value, str):
            return bool(value.strip())
        return value not in (None, _UNSAID.get(fact), [], ())

    def put(self, fact: str, value: Any, origin: str) -> None:
        self.values[fact], self.origins[fact] = value, origin

    def take(self, spec: JetField, text: str, origin: str, *, overrides: bool = False) -> None:
        """Gives the fact this text, unless it is said already or the text is empty."""
        if not text:
            return
        if spec.kind == "item":
            self._take_item(spec, text, origin, overrides=overrides)
        elif overrides or not self.is_said(spec.fact):
            value = self._parsed(spec, text, origin)
            if value is not None:
                self.put(spec.fact, value, origin)

    def _take_item(self, spec: JetField, text: str, origin: str, *, overrides: bool) -> None:
        """Codes are told apart by their type; bullets and images are appended, unless the product has its own."""
        given = list(self.current(spec.fact))
        if spec.fact == "codes":
            others = [code for code in given if code.get("type") != spec.name]
            if len(others) == len(given) or overrides:
                self.put("codes", [*others, {"type": spec.name, "code": text}], origin)
        elif spec.fact in self.origins or not given:
            self.put(spec.fact, [*given, text], origin)

    def _parsed(self, spec: JetField, text: str, origin: str) -> Any:
        if spec.kind == "yes":
            return text.lower() in YES_WORDS
        if spec.kind == "text":
            return text
        try:
            number = Decimal(text.replace(",", "").lstrip("$ "))
            if not number.is_finite() or (spec.kind == "whole" and number != int(number)):
                raise InvalidOperation
        except InvalidOperation:
            what = "a whole number" if spec.kind == "whole" else "a number"
            message = f"{spec.label} {origin} is “{shown(text)}”, not {what}."
            self.problems.append(
                Problem(spec.fact, "mapped_number", shown(text), message, "Correct the field.")
            )
            return None
        return int(number) if spec.kind == "whole" else number


def fill(facts: VariantFacts, rules: ValueRules) -> Filled:
    """The SKU with every value that its profile and the mappings add to its own."""
    if rules.is_empty:
        return Filled(facts)
    work = _Filling(facts)
    for rule in rules.fields:
        if rule.overrides:
            work.take(JET_FIELDS[rule.jet_field], rule.choice.read(facts), rule.origin, overrides=True)
    profile = rules.profiles.get(facts.profile_id or 0)
    if profile is not None:
        _fill_from_profile(work, profile)
    for rule in rules.fields:
        if not rule.overrides:
            work.take(JET_FIELDS[rule.jet_field], rule.choice.read(facts), rule.origin)
    _fill_attributes(work, profile, rules.attributes)
    if not work.values:
        return Filled(facts, problems=tuple(work.problems))
    whole = facts._replace(**work.values)  # noqa: SLF001 -- NamedTuple's documented API
    return Filled(whole, work.origins, tuple(work.problems))


def _fill_from_profile(work: _Filling, profile: ProfileRules) -> None:
    facts, origin = work.facts, profile.origin
    for name, choice in profile.specifics.items():
        work.take(JET_FIELDS[name], choice.read(facts), origin)
    if profile.sku_as_part_number:
        work.take(JET_FIELDS["mfr_part_number"], facts.sku, f"{origin}, the SKU")
    if not work.is_said("codes") and not work.is_said("asin"):
        code_type = profile.sku_as_code or profile.code_type
        text = facts.sku if profile.sku_as_code else read_source(facts, profile.code_source)
        if code_type:
            work.take(JET_FIELDS[code_type], text, f"{origin}, the SKU" if profile.sku_as_code else origin)
    if profile.jet_node_id and not facts.own_node_id:
        work.put("own_node_id", profile.jet_node_id, origin)


def _fill_attributes(work: _Filling, profile: ProfileRules | None, mapped: Iterable[AttributeChoice]) -> None:
    """Attributes that the SKU has not got itself. Those of mappings carry their origin: they are sent only where the
    category knows them, because one mapping serves products of many categories.
    """
    given = list(work.facts.attributes)
    known = {item.get("id") for item in given}
    chosen = [(choice, profile.origin) for choice in profile.attributes] if profile else []
    chosen += [(choice, f"from the mapping of {source_label(choice.choice.source)}") for choice in mapped]
    added = False
    for choice, origin in chosen:
        value, unit = choice.read(work.facts)
        if value and choice.attribute_id not in known:
            known.add(choice.attribute_id)
            given.append({"id": choice.attribute_id, "value": value, "unit": unit, "origin": origin})
            added = True
    if added:
        work.put("attributes", given, "")
