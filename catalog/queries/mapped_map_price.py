"""Which SKUs would be sold below the MAP price that the field mapping gives them: what is asked before it is saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from catalog.jet_fields import JET_FIELDS, parsed, value_problem
from catalog.models import Profile, Variant
from catalog.price_guard import Slip, is_raised
from catalog.queries.attribute_mapping import values_of_source
from catalog.queries.map_price import MAP_PRICE, SHOWN_SKUS
from catalog.sources import Choice, FieldRule
from jetsync.models import Merchant
from jetsync.wording import counted


class _Sku(NamedTuple):
    pk: int
    sku: str
    map_price: Decimal | None
    profile_id: int | None
    price: Decimal


@dataclass
class _Texts:
    """Texts of choices by SKU; a source is read once, for all SKUs together."""

    merchant: Merchant
    read: dict[str, dict[int, str]] = field(default_factory=dict)

    def value(self, choice: Choice, variant_id: int) -> Decimal | None:
        """What `catalog.sources.fill` takes of it: no zero, and nothing that breaks the rule of the field."""
        text = choice.value.strip() or self._of_source(choice.source).get(variant_id, "")
        if not text or value_problem(JET_FIELDS[MAP_PRICE], text) is not None:
            return None
        return parsed(JET_FIELDS[MAP_PRICE], text) or None

    def _of_source(self, source: str) -> dict[int, str]:
        if not source:
            return {}
        if source not in self.read:
            sql, params = values_of_source(source)
            with connection.cursor() as cursor:
                cursor.execute(sql, [*params, self.merchant.pk])
                self.read[source] = {pk: text for _product, pk, text in cursor.fetchall() if text}
        return self.read[source]


def mapping_slip(merchant: Merchant, before: FieldRule | None, now: FieldRule | None) -> Slip | None:
    """What is to be asked when the line of the MAP price becomes another; None = the line is at its default.

    A few queries, whatever the number of SKUs.
    """
    texts = _Texts(merchant)
    profiles = {
        row.pk: Choice(given.get("value", ""), given.get("source", ""))
        for row in Profile.objects.filter(merchant=merchant, specifics__has_key=MAP_PRICE)
        if (given := row.specifics[MAP_PRICE])
    }
    below: list[tuple[_Sku, Decimal]] = []
    rows = Variant.objects.filter(merchant=merchant, listing__price_target__isnull=False).order_by("sku")
    columns = ("pk", "sku", "map_price", "product__profile_id", "listing__price_target")
    for values in rows.values_list(*columns).iterator():
        row = _Sku(*values)
        of_profile = profiles.get(row.profile_id or 0, Choice())
        new = _effective(row, now, of_profile, texts)
        if new is None or new <= row.price:
            continue
        if is_raised(_effective(row, before, of_profile, texts), new):
            below.append((row, new))
    return _slip(below) if below else None


def _effective(row: _Sku, line: FieldRule | None, of_profile: Choice, texts: _Texts) -> Decimal | None:
    """The MAP price of the SKU, in the order of `catalog.sources.fill`."""
    mapped = texts.value(line.choice, row.pk) if line else None
    if mapped is not None and line is not None and line.overrides:
        return mapped
    return row.map_price or texts.value(of_profile, row.pk) or mapped


def _slip(below: list[tuple[_Sku, Decimal]]) -> Slip:
    named = ", ".join(f"{row.sku} ({new:,.2f} above {row.price:,.2f})" for row, new in below[:SHOWN_SKUS])
    more = f" and {len(below) - SHOWN_SKUS:,} more" if len(below) > SHOWN_SKUS else ""
    whose = f"the price for Jet of {counted(len(below), 'SKU')}: {named}{more}"
    highest = max(new for _row, new in below)
    return Slip(
        "", MAP_PRICE, None, highest, f"By this mapping the MAP price is above {whose}.", is_below_map=True
    )
