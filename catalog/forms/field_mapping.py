"""One part of the field mapping: a line per Jet field, with what a chosen product would get."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from catalog.actions.field_mapping import Mapped, save_mappings, stored_mappings
from catalog.facts import VariantFacts
from catalog.forms.source_field import SourceOptions, source_field
from catalog.jet_fields import GROUPS, JET_FIELDS, JetField
from catalog.price_guard import CONFIRMED, Asked, UnconfirmedPrice
from catalog.profile_checks import LONGEST_FIXED
from catalog.queries.rules import value_rules
from catalog.sources import Filled, fill
from catalog.store_values import source_label
from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.tenancy.actor import Actor

FIXED_WINS = "Both are set: the fixed text wins."


def fields_in(group: str) -> list[JetField]:
    """Jet's fields of one part of the page, in their order."""
    return [spec for spec in JET_FIELDS.values() if spec.group == group]


@dataclass(frozen=True)
class Example:
    """What one product gets for a field: now, and with the lines as they stand on the page. `note` says why."""

    now: str
    then: str
    origin: str
    note: str = ""

    @property
    def is_other(self) -> bool:
        return self.now != self.then


@dataclass(frozen=True)
class MappingRow:
    spec: JetField
    default: str
    source: BoundField
    fixed: BoundField
    wins: BoundField
    is_mapped: bool
    note: str
    example: Example | None


class MappingForm(ReadOnlyForm, forms.Form):
    """`example`: the facts of the product whose values are shown beside the lines."""

    # What is to be confirmed before it can be saved.
    unconfirmed: Asked | None = None

    def __init__(
        self,
        data: Any = None,
        *,
        merchant: Merchant,
        group: str,
        example: VariantFacts | None = None,
        **extra: Any,
    ) -> None:
        self.merchant, self.group, self.facts = merchant, group, example
        self.specs = fields_in(group)
        self.stored = stored_mappings(merchant)
        super().__init__(data)
        options = SourceOptions.of(merchant, (line.source for line in self.stored.values()))
        for spec in self.specs:
            self._add(spec, self.stored.get(spec.name, Mapped()), options)
        self.close(read_only=bool(extra.get("read_only")))

    def _add(self, spec: JetField, line: Mapped, options: SourceOptions) -> None:
        empty = f"Default: {source_label(spec.default)}" if spec.default else "Default: the product's own"
        key = _key(spec)
        self.fields[f"{key}_source"] = source_field(f"Store field for {spec.label}", options, empty=empty)
        self.fields[f"{key}_fixed"] = forms.CharField(
            label=f"Fixed text for {spec.label}", required=False, max_length=LONGEST_FIXED
        )
        self.fields[f"{key}_wins"] = forms.BooleanField(
            label=f"Wins over the product's own {spec.label.lower()}", required=False
        )
        for part, value in (("source", line.source), ("fixed", line.fixed), ("wins", line.overrides)):
            self.fields[f"{key}_{part}"].initial = value

    def lines(self) -> dict[str, Mapped]:
        """The lines as they stand on the page, saved or not; texts are as typed."""
        return {spec.name: self._line(spec) for spec in self.specs}

    def _line(self, spec: JetField) -> Mapped:
        source, fixed, wins = (self[f"{_key(spec)}_{part}"].value() for part in ("source", "fixed", "wins"))
        return Mapped(str(source or "").strip(), str(fixed or "").strip(), bool(wins))

    def rows(self) -> list[MappingRow]:
        lines = self.lines()
        examples = self._examples(lines)
        return [self._row(spec, lines[spec.name], examples.get(spec.name)) for spec in self.specs]

    def _row(self, spec: JetField, line: Mapped, example: Example | None) -> MappingRow:
        key = _key(spec)
        return MappingRow(
            spec=spec,
            default=source_label(spec.default) if spec.default else "",
            source=self[f"{key}_source"],
            fixed=self[f"{key}_fixed"],
            wins=self[f"{key}_wins"],
            is_mapped=not line.is_default(spec.name),
            note=FIXED_WINS if line.fixed and line.source else "",
            example=example,
        )

    def _examples(self, lines: dict[str, Mapped]) -> dict[str, Example]:
        if self.facts is None:
            return {}
        rules = value_rules(self.merchant)
        others = {name: line for name, line in self.stored.items() if name not in lines}
        whole = {**others, **{name: line for name, line in lines.items() if not line.is_default(name)}}
        wanted = tuple(whole[name].rule(name) for name in JET_FIELDS if name in whole)
        without = replace(rules, fields=tuple(rule for rule in rules.fields if rule.jet_field in others))
        now, then = fill(self.facts, without), fill(self.facts, replace(rules, fields=wanted))
        return {spec.name: _example(spec, lines[spec.name], now, then) for spec in self.specs}

    def save(self, actor: Actor) -> int | None:
        """How many fields are other than before, or None with the errors on the fields."""
        if not self.is_valid():
            return None
        confirmed = str(self.data.get(CONFIRMED, ""))
        try:
            return save_mappings(self.merchant, self.lines(), actor=actor, confirmed=confirmed)
        except DomainError as error:
            if isinstance(error, UnconfirmedPrice):
                self.unconfirmed = error.asked
            names = {name: f"{_key(JET_FIELDS[name])}_fixed" for name in error.fields if name in JET_FIELDS}
            put_on_form(self, error, names)
            return None


def _key(spec: JetField) -> str:
    """Jet's names hold hyphens, which ids of inputs take but selectors do not."""
    return spec.name.replace("-", "_").lower()


def _example(spec: JetField, line: Mapped, now: Filled, then: Filled) -> Example:
    before, after = shown_value(spec, now), shown_value(spec, then)
    origin = then.origins.get(spec.fact, "") if after else ""
    note = ""
    told = [problem for problem in then.problems if line.rule(spec.name).origin in problem.message]
    bad = next((problem for problem in told if problem.message.startswith((spec.label, spec.name))), None)
    if bad is not None:
        note = bad.message.split(" It comes ")[0]
    elif before and before == after and not line.is_default(spec.name) and not line.overrides:
        note = "The product has a value of its own."
    elif not after and not line.is_default(spec.name):
        note = "This product has nothing there."
    return Example(before, after, origin, note)


def shown_value(spec: JetField, filled: Filled) -> str:
    """The fact as text; of a list the place that this field stands for."""
    value = getattr(filled.facts, spec.fact)
    if spec.kind == "code":
        return next((str(code.get("code", "")) for code in value if code.get("type") == spec.name), "")
    if spec.kind == "slot":
        return str(value[spec.slot - 1]) if len(value) >= spec.slot else ""
    if spec.kind == "yes":
        return "yes" if value else "no"
    return "" if value is None else str(value)


def groups_with_counts(merchant: Merchant) -> list[tuple[str, str, int]]:
    """(key, label, mapped fields) of every part of the page."""
    mapped = stored_mappings(merchant)
    return [
        (key, label, sum(spec.name in mapped for spec in fields_in(key))) for key, label in GROUPS.items()
    ]
