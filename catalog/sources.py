"""Where a value for Jet comes from: the product itself, its profile, the field mapping, a default. Pure.

`fill` gives a SKU the values that it has not got of its own, in the order product, profile, field mapping (features
PRO-14), and says of each where it came from. A value that breaks the rule of its field is not used and becomes a problem.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from catalog.facts import VariantFacts
from catalog.identifiers import code_problem, sendable_code
from catalog.jet_fields import (
    ASIN,
    CODE_SIZES,
    GROUPS,
    JET_FIELDS,
    SPECIFICS,
    STANDARD_CODES,
    JetField,
    parsed,
    value_problem,
)
from catalog.problems import Problem
from catalog.store_values import BUILT_IN, FIELD, OPTION, is_source, read_source, source_label

__all__ = [
    "ASIN",
    "BUILT_IN",
    "CODE_SIZES",
    "FIELD",
    "GROUPS",
    "JET_FIELDS",
    "OPTION",
    "SPECIFICS",
    "STANDARD_CODES",
    "AttributeChoice",
    "Choice",
    "FieldRule",
    "Filled",
    "JetField",
    "ProfileRules",
    "ValueRules",
    "fill",
    "is_source",
    "read_source",
    "source_label",
]
# What counts as "the product says nothing" where a column cannot be empty.
_UNSAID: dict[str, Any] = {"multipack_quantity": 1, "map_implementation": "101", "prop_65": False}
# Where the items of a list come from when the SKU has them itself.
_OWN_ITEMS = {"codes": "from variant", "bullets": "from product", "alternate_image_urls": "from variant"}


@dataclass(frozen=True)
class Choice:
    """A fixed value, or a source to read; the fixed value wins when both are set (features PRO-08)."""

    value: str = ""
    source: str = ""

    def read(self, facts: VariantFacts) -> str:
        return self.value.strip() or (read_source(facts, self.source) if self.source else "")

    @property
    def where(self) -> str:
        """ ", field material" behind the name of the rule; nothing behind a fixed value."""
        return "" if self.value.strip() or not self.source else f", {source_label(self.source)}"


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
    """`sku_as_code` and `code_type` are one of `STANDARD_CODES` or empty; the SKU goes before the field."""

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
        return f"from the field mapping{self.choice.where or ', a fixed text'}"


@dataclass(frozen=True)
class ValueRules:
    """All that a merchant has set up; `profiles` by pk."""

    profiles: Mapping[int, ProfileRules] = field(default_factory=dict)
    fields: tuple[FieldRule, ...] = ()
    attributes: tuple[AttributeChoice, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.profiles or self.fields or self.attributes)


class Filled(NamedTuple):
    """`origins` by name of the fact. `problems`: values of profile and mapping that their field cannot take."""

    facts: VariantFacts
    origins: Mapping[str, str] = MappingProxyType({})
    problems: tuple[Problem, ...] = ()


@dataclass
class _Filling:
    """`items`: fact -> [(what it is, origin)] of list items that were added. `slots`: fact -> slot -> text."""

    facts: VariantFacts
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    items: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    slots: dict[str, dict[int, tuple[JetField, str, str]]] = field(default_factory=dict)

    def current(self, fact: str) -> Any:
        return self.values.get(fact, getattr(self.facts, fact))

    def is_said(self, fact: str) -> bool:
        if fact in self.origins:
            return True
        value = self.current(fact)
        if isinstance(value, str) and fact not in _UNSAID:
            return bool(value.strip())
        return value not in (None, _UNSAID.get(fact), [], ())

    def put(self, fact: str, value: Any, origin: str) -> None:
        self.values[fact], self.origins[fact] = value, origin

    def take(self, spec: JetField, text: str, origin: str, *, overrides: bool = False) -> None:
        """Gives the fact this text, unless it is said already, the text is empty, or the field cannot take it."""
        if not text or not self._wants(spec, overrides=overrides):
            return
        value = parsed(spec, text)
        if spec.kind == "decimal" and value is not None and not value:
            return  # stores write 0 for "not measured"
        problem = value_problem(spec, text)
        if problem is not None:
            self.problems.append(replace(problem, message=f"{problem.message} It comes {origin}."))
        elif spec.kind == "code":
            self._add_code(spec, value, origin)
        elif spec.kind == "slot":
            self.slots.setdefault(spec.fact, {})[spec.slot] = (spec, value, origin)
        else:
            self.put(spec.fact, value, origin)
            if spec.fact == "product_title":
                self.values["own_title"] = ""  # a variant's own title would hide it

    def _wants(self, spec: JetField, *, overrides: bool) -> bool:
        if spec.kind == "slot":
            own = getattr(self.facts, spec.fact)
            has_own = len(own) >= spec.slot and bool(str(own[spec.slot - 1]).strip())
            return spec.slot not in self.slots.get(spec.fact, {}) and (overrides or not has_own)
        if spec.kind == "code":
            return overrides or all(code.get("type") != spec.name for code in self.current("codes"))
        return overrides or not self.is_said(spec.fact)

    def _add_code(self, spec: JetField, code: str, origin: str) -> None:
        """Beside codes of other types. One that only says the same again (UPC-E and UPC) is left out."""
        others = [given for given in self.current("codes") if given.get("type") != spec.name]
        pairs = [(str(given.get("type", "")), str(given.get("code", ""))) for given in others]
        known = {sendable_code(*pair) for pair in pairs if code_problem(*pair) is None}
        if sendable_code(spec.name, code) not in known:
            self.values["codes"] = [*others, {"type": spec.name, "code": code}]
            self.items.setdefault("codes", []).append((spec.name, origin))

    def finish(self) -> None:
        """Puts lists together and says of each where its items come from."""
        for fact in list(self.slots):
            self._join_slots(fact)
        for fact, items in self.items.items():
            kept = len(self.current(fact)) > len(items)
            origins = dict.fromkeys(origin for _what, origin in items)
            if kept or len(origins) > 1:
                told = [f"{what} {origin}" for what, origin in items]
                self.origins[fact] = "; ".join([*([_OWN_ITEMS[fact]] if kept else []), *told])
            else:
                self.origins[fact] = next(iter(origins))

    def _join_slots(self, fact: str) -> None:
        """Empty slots close up; a picture that is shown already is not shown again."""
        own, taken = list(getattr(self.facts, fact)), self.slots[fact]
        seen = {self.current("main_image_url").strip()} if fact == "alternate_image_urls" else set()
        joined: list[str] = []
        for slot in range(1, max(len(own), *taken) + 1):
            if slot in taken:
                spec, text, origin = taken[slot]
                if text not in {*seen, *joined, *own[slot:]}:
                    joined.append(text)
                    self.items.setdefault(fact, []).append((spec.label.lower(), origin))
            elif slot <= len(own):
                joined.append(own[slot - 1])
        if self.items.get(fact):
            self.values[fact] = joined


def mapped_options(rules: ValueRules, profile_id: int | None) -> dict[str, list[int]]:
    """Option in lower case -> the attributes it is mapped to, those of the profile first."""
    profile = rules.profiles.get(profile_id or 0)
    choices: list[AttributeChoice] = [*(profile.attributes if profile else ()), *rules.attributes]
    found: dict[str, list[int]] = defaultdict(list)
    for choice in choices:
        if choice.choice.source.startswith(OPTION):
            name = choice.choice.source.removeprefix(OPTION).strip().lower()
            found[name].append(choice.attribute_id)
    return found


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
    work.finish()
    _fill_attributes(work, profile, rules.attributes)
    if not work.values:
        return Filled(facts, problems=tuple(work.problems))
    whole = facts._replace(**work.values)  # noqa: SLF001 -- NamedTuple's documented API
    return Filled(whole, work.origins, tuple(work.problems))


def _fill_from_profile(work: _Filling, profile: ProfileRules) -> None:
    facts, origin = work.facts, profile.origin
    for name, choice in profile.specifics.items():
        work.take(JET_FIELDS[name], choice.read(facts), f"{origin}{choice.where}")
    if profile.sku_as_part_number:
        work.take(JET_FIELDS["mfr_part_number"], facts.sku, f"{origin}, the SKU")
    if not work.is_said("codes") and not work.is_said("asin"):
        if profile.sku_as_code:
            work.take(JET_FIELDS[profile.sku_as_code], facts.sku, f"{origin}, the SKU")
        elif profile.code_type:
            text = read_source(facts, profile.code_source)
            work.take(
                JET_FIELDS[profile.code_type], text, f"{origin}{Choice(source=profile.code_source).where}"
            )
    if profile.jet_node_id and not facts.own_node_id:
        work.put("own_node_id", profile.jet_node_id, origin)


def _fill_attributes(work: _Filling, profile: ProfileRules | None, mapped: Iterable[AttributeChoice]) -> None:
    """Attributes that the SKU has not got itself. Those of mappings carry their origin: they are sent only where the
    category knows them, because one mapping serves products of many categories.
    """
    given = list(work.facts.attributes)
    known = {item.get("id") for item in given}
    chosen = (
        [(choice, profile.origin + choice.choice.where) for choice in profile.attributes] if profile else []
    )
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
