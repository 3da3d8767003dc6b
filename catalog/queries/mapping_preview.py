"""What a mapping of attributes would do, in words, before it is made: which field fills what, and what Jet does not list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.enums import FreeText
from catalog.queries.attribute_mapping import nodes_asking, rule_of, store_values
from catalog.sources import source_label
from jetsync.models import Merchant
from jetsync.wording import counted

# Fields that a page names, each with a look at its values.
MOST_PAIRS = 12
SHOWN_VALUES = 3


@dataclass(frozen=True)
class PlannedMapping:
    """`unknown`: the field's values that are not in Jet's list, as the store writes them, the most frequent first."""

    label: str
    attribute: str
    unknown: Sequence[str]
    values: int

    @property
    def words(self) -> str:
        return f"{self.label} → {self.attribute}"

    @property
    def warning(self) -> str:
        """ "" where Jet knows every value."""
        if not self.unknown:
            return ""
        named = ", ".join(self.unknown[:SHOWN_VALUES])
        more = len(self.unknown) - SHOWN_VALUES
        names = f"{named} and {more:,} more" if more > 0 else named
        is_one = len(self.unknown) == 1
        are, left = ("is", "It is") if is_one else ("are", "They are")
        return (
            f"{len(self.unknown):,} of {counted(self.values, 'value')} of {self.label} {are} not in Jet's list for "
            f"{self.attribute}: {names}. {left} left out until you map {'it' if is_one else 'them'} under Values."
        )


def planned_mappings(merchant: Merchant, pairs: Sequence[tuple[str, int]]) -> list[PlannedMapping]:
    """For the first MOST_PAIRS of (source, attribute id); up to three queries for each."""
    chosen = list(pairs)[:MOST_PAIRS]
    nodes = nodes_asking(merchant, {attribute_id for _source, attribute_id in chosen})
    found = []
    for source, attribute_id in chosen:
        rule = rule_of(merchant, attribute_id)
        if rule is None:
            continue
        is_listed = rule.free_text == FreeText.LISTED and bool(rule.values)
        values = store_values(merchant, source, nodes=nodes.get(attribute_id, [])) if is_listed else []
        unknown = [row.shown for row in values if row.value not in rule.values]
        found.append(PlannedMapping(source_label(source), rule.name, unknown, len(values)))
    return found
