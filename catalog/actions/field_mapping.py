"""The field mapping: which store field, or which fixed text, fills a field of Jet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH, refresh_targets
from catalog.models import FieldMapping, Variant
from catalog.price_guard import Slip, check_confirmed
from catalog.problems import raise_problems
from catalog.profile_checks import mapping_problem
from catalog.queries.map_price import MAP_PRICE
from catalog.queries.mapped_map_price import mapping_slip
from catalog.queries.rules import price_guard
from catalog.sources import JET_FIELDS, Choice, FieldRule
from jetsync.actions.log import record
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor


@dataclass(frozen=True)
class Mapped:
    """One line: the fixed text wins over the source; `overrides`: used where the product has a value of its own too."""

    source: str = ""
    fixed: str = ""
    overrides: bool = False

    def is_default(self, jet_field: str) -> bool:
        """It changes nothing: no value is named, or the field's own one that is taken anyway."""
        spec = JET_FIELDS[jet_field]
        return not self.fixed and (not self.source or self.source == spec.default)

    def rule(self, jet_field: str) -> FieldRule:
        return FieldRule(jet_field, Choice(self.fixed, self.source), self.overrides)

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "fixed": self.fixed, "overrides": self.overrides}


def stored_mappings(merchant: Merchant) -> dict[str, Mapped]:
    """Jet field -> what is set up; fields at their default are not in it."""
    rows = FieldMapping.objects.filter(merchant=merchant, jet_field__in=JET_FIELDS)
    return {row.jet_field: Mapped(row.source, row.fixed, row.overrides) for row in rows}


@transaction.atomic
def save_mappings(
    merchant: Merchant, given: Mapping[str, Mapped], *, actor: Actor, confirmed: str = ""
) -> int:
    """Sets the mapping of these Jet fields; others stay as they are. Returns how many are other than before.

    A line that changes nothing is kept as "default". Raises InvalidInput with the Jet fields that break a rule,
    UnconfirmedPrice where SKUs would be sold below the MAP price they get until `confirmed` has its mark.
    """
    wanted = {
        name: Mapped(line.source.strip(), line.fixed.strip(), line.overrides) for name, line in given.items()
    }
    found = [mapping_problem(name, line.source, line.fixed) for name, line in wanted.items()]
    raise_problems([problem for problem in found if problem])
    # Two people who save at once would otherwise both compare with what neither of them leaves behind.
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    stored = stored_mappings(merchant)
    lines = {name: None if line.is_default(name) else line for name, line in wanted.items()}
    changed = {name: line for name, line in lines.items() if stored.get(name) != line}
    if not changed:
        return 0
    slip = map_price_slip(merchant, changed, stored)
    check_confirmed([slip] if slip else [], confirmed, price_guard(merchant))
    for name, line in changed.items():
        rows = FieldMapping.objects.filter(merchant=merchant, jet_field=name)
        if line is None:
            rows.delete()
        else:
            FieldMapping.objects.update_or_create(merchant=merchant, jet_field=name, defaults=line.as_json())
    _record(merchant, changed, stored, actor)
    _refresh(merchant)
    return len(changed)


def map_price_slip(
    merchant: Merchant, changed: Mapping[str, Mapped | None], stored: Mapping[str, Mapped]
) -> Slip | None:
    """What is to be asked about these lines; None = back to the default."""
    if MAP_PRICE not in changed:
        return None
    before, now = stored.get(MAP_PRICE), changed[MAP_PRICE]
    return mapping_slip(
        merchant, before.rule(MAP_PRICE) if before else None, now.rule(MAP_PRICE) if now else None
    )


@transaction.atomic
def reset_mappings(
    merchant: Merchant, jet_fields: Iterable[str], *, actor: Actor, confirmed: str = ""
) -> int:
    """Back to the defaults for these Jet fields. Returns how many were mapped. Raises as `save_mappings`."""
    lines = {name: Mapped() for name in jet_fields}
    return save_mappings(merchant, lines, actor=actor, confirmed=confirmed)


def _record(
    merchant: Merchant,
    changed: Mapping[str, Mapped | None],
    stored: Mapping[str, Mapped],
    actor: Actor,
) -> None:
    labels = ", ".join(JET_FIELDS[name].label for name in changed)
    record(
        merchant,
        "catalog.field_mapping.changed",
        f"Field mapping changed: {labels}",
        actor=actor,
        old={name: _told(stored.get(name)) for name in changed},
        new={name: _told(line) for name, line in changed.items()},
    )


def _told(line: Mapped | None) -> str:
    if line is None:
        return "default"
    where = f"“{line.fixed}”" if line.fixed else line.source
    return f"{where}, wins" if line.overrides else where


def _refresh(merchant: Merchant) -> None:
    """At once in a small store, else by a job."""
    ids = list(Variant.objects.filter(merchant=merchant).values_list("pk", flat=True)[: BATCH + 1])
    if len(ids) <= BATCH:
        refresh_targets(merchant, ids)
    else:
        ask_refresh(merchant)
