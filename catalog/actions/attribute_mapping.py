"""Mapping store fields and their values to Jet's attributes. Every change is applied to all products at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.attributes import attribute_problem
from catalog.bulk import insert_rows, update_rows
from catalog.enums import FreeText, StoreFieldKind
from catalog.facts import AttributeRule
from catalog.models import AttributeMapping, StoreField, ValueMapping
from catalog.queries.attribute_mapping import is_known_source, products_with, rule_of
from catalog.sources import FIELD, source_label
from catalog.validators import shown
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

VALUE_LENGTH = 200
_VALUE_COLUMNS = ("jet_value", "jet_unit")


@dataclass(frozen=True)
class Applied:
    """`products`: how many the mapping is applied to."""

    mapping: AttributeMapping
    products: int


@transaction.atomic
def map_attribute(
    merchant: Merchant, source: str, attribute_id: int, *, unit: str = "", actor: Actor
) -> Applied:
    """A store field or option fills a Jet attribute from now on; repeated with another unit it takes that one.

    Raises InvalidInput for a field the store has not, an attribute the taxonomy in use has not, and a unit that the
    attribute does not take.
    """
    check_source(merchant, source)
    rule = check_attribute(merchant, attribute_id)
    own_unit = check_unit(rule, unit)
    values = {"attribute_name": rule.name, "unit": own_unit}
    row, is_new = AttributeMapping.objects.update_or_create(
        merchant=merchant, source=source, attribute_id=attribute_id, defaults=values
    )
    record(
        merchant,
        "catalog.attribute.mapped",
        f"{source_label(source)} fills the Jet attribute {rule.name} ({attribute_id})",
        actor=actor,
        about=row,
        new={"source": source, "attribute_id": attribute_id, "unit": own_unit, "is_new": is_new},
    )
    ask_refresh(merchant)
    return Applied(row, products_with(merchant, source))


def check_source(merchant: Merchant, source: str) -> None:
    if not is_known_source(merchant, source):
        message = f"No product of the store has “{source_label(source)[:60]}”."
        raise InvalidInput(message, hint="Choose a field from the list.", fields={"source": [message]})


def check_attribute(merchant: Merchant, attribute_id: int) -> AttributeRule:
    rule = rule_of(merchant, attribute_id)
    if rule is None:
        message = f"Attribute {attribute_id} is not in the taxonomy in use."
        raise InvalidInput(message, hint="Choose one by name or id.", fields={"attribute": [message]})
    return rule


def check_unit(rule: AttributeRule, unit: str) -> str:
    """The unit in Jet's spelling; empty where the attribute takes none, or none is given. Raises InvalidInput."""
    given = unit.strip()
    if not given or rule.free_text != FreeText.FREE_WITH_UNIT:
        return ""
    if rule.units and given.lower() not in rule.units:
        message = f"{rule.name} takes no unit “{shown(given)}”."
        hint = f"Use one of {', '.join(list(rule.units.values())[:6])}."
        raise InvalidInput(message, hint=hint, fields={"unit": [f"{message} {hint}"]})
    return rule.units.get(given.lower(), given)


@transaction.atomic
def create_field(merchant: Merchant, attribute_id: int, *, actor: Actor) -> Applied:
    """Makes a store field named like the attribute, where the store has none, and maps it. Raises InvalidInput."""
    rule = check_attribute(merchant, attribute_id)
    name = rule.name[:100]
    StoreField.objects.get_or_create(merchant=merchant, kind=StoreFieldKind.FIELD, name=name)
    return map_attribute(merchant, f"{FIELD}{name}", attribute_id, actor=actor)


@transaction.atomic
def unmap_attribute(mapping: AttributeMapping, *, actor: Actor) -> int:
    """Removes a mapping with its values. Returns the number of products it was applied to."""
    mapping = lock_mapping(mapping)
    merchant = mapping.merchant
    products = products_with(merchant, mapping.source)
    record(
        merchant,
        "catalog.attribute.unmapped",
        f"{source_label(mapping.source)} no longer fills {mapping.attribute_name} ({mapping.attribute_id})",
        actor=actor,
        about=mapping,
        old={"source": mapping.source, "attribute_id": mapping.attribute_id, "unit": mapping.unit},
    )
    AttributeMapping.objects.filter(merchant=merchant, pk=mapping.pk).delete()
    ask_refresh(merchant)
    return products


@transaction.atomic
def set_values(mapping: AttributeMapping, values: Mapping[str, tuple[str, str]], *, actor: Actor) -> int:
    """What Jet is told for values of the store: store value -> (Jet's value, unit); an empty Jet value removes it.

    Values not named stay. Returns how many changed. Raises InvalidInput with one message per wrong value, under the
    store value; nothing is written then.
    """
    merchant = mapping.merchant
    rule = check_attribute(merchant, mapping.attribute_id)
    wanted = {store.strip().lower(): pair for store, pair in values.items() if store.strip()}
    _check_values(rule, wanted)
    mapping = lock_mapping(mapping)  # so that of two who map the same new value the second sees the first's
    stored = ValueMapping.objects.filter(merchant=merchant, mapping=mapping, store_value__in=wanted)
    known = {row.store_value: row for row in stored}
    removed: list[int] = []
    updates: list[dict[str, Any]] = []
    fresh: list[dict[str, Any]] = []
    old: dict[str, str] = {}
    new: dict[str, str] = {}
    for store, (value, unit) in wanted.items():
        row = known.get(store)
        spelt = (_spelt(rule, value), check_unit(rule, unit))
        if row is not None and (row.jet_value, row.jet_unit) == spelt:
            continue
        if row is None and not value.strip():
            continue
        old[store] = _pair_text(row.jet_value, row.jet_unit) if row else ""
        new[store] = _pair_text(*spelt) if value.strip() else ""
        if value.strip():
            pair = dict(zip(_VALUE_COLUMNS, spelt, strict=True))
            if row is None:
                fresh.append({"mapping": mapping.pk, "store_value": store, **pair})
            else:
                updates.append({"id": row.pk, **pair})
        elif row is not None:
            removed.append(row.pk)
    ValueMapping.objects.filter(merchant=merchant, pk__in=removed).delete()
    update_rows(ValueMapping, merchant, _VALUE_COLUMNS, updates)
    insert_rows(ValueMapping, merchant, ("mapping", "store_value", *_VALUE_COLUMNS), fresh)
    changed = len(new)
    if changed:
        record(
            merchant,
            "catalog.attribute.values_mapped",
            f"{counted(changed, 'value')} of {source_label(mapping.source)} mapped for "
            f"{mapping.attribute_name}",
            actor=actor,
            about=mapping,
            old=old,
            new=new,
        )
        ask_refresh(merchant)
    return changed


def lock_mapping(mapping: AttributeMapping) -> AttributeMapping:
    """Raises NotFound when it was removed meanwhile."""
    rows = AttributeMapping.objects.select_for_update(of=("self",)).select_related("merchant")
    found = rows.filter(merchant=mapping.merchant_id, pk=mapping.pk).first()
    if found is None:
        message = f"{source_label(mapping.source)} is no longer mapped to {mapping.attribute_name}."
        raise NotFound(message, hint="Map it again first.")
    return found


def _pair_text(value: str, unit: str) -> str:
    return f"{value} {unit}".strip()


def _spelt(rule: AttributeRule, value: str) -> str:
    text = value.strip()
    return rule.values.get(text.lower(), text) if rule.free_text == FreeText.LISTED else text


def _check_values(rule: AttributeRule, wanted: Mapping[str, tuple[str, str]]) -> None:
    fields: dict[str, list[str]] = {}
    for store, (value, unit) in wanted.items():
        if not value.strip():
            continue
        problem = attribute_problem(rule, rule.attribute_id, value, unit or "-")
        is_unit = problem is not None and problem.rule == "unit"
        if len(store) > VALUE_LENGTH:
            fields[store] = [f"“{shown(store)}” is longer than {VALUE_LENGTH} characters."]
        elif problem is not None and not (is_unit and not unit):
            fields[store] = [f"For “{shown(store)}”: {problem.message} {problem.fix}".strip()]
    if fields:
        first = next(iter(fields.values()))[0]
        raise InvalidInput(first, hint="Nothing was stored.", fields=fields)
