"""The desk one call or one bulk file works at: the merchant's SKUs in hand, written back in one go.

desk = Desk(merchant)
desk.load(["A-1", "A-2"])           # one query, for files
set_price(desk, "A-1", body)        # operations change rows in memory and mark them
desk.flush()                        # one upsert
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from jetsync.sandbox.clock import now
from jetsync.sandbox.listings.rules import Rules
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import Sku
from jetsync.sandbox.switches import Switches

# Bound values per statement stay below SQLite's 32,766 with room for the widest row.
CHUNK = 1_000
KEY_FIELDS = ("merchant", "merchant_sku")
DATA_FIELDS = tuple(
    field.name
    for field in Sku._meta.concrete_fields
    if not field.primary_key and field.name not in KEY_FIELDS
)


class UnknownSku(Exception):
    """The merchant has no such SKU, or Jet does not show it yet."""


class Desk:
    def __init__(self, merchant: MerchantAccount, moment: datetime | None = None) -> None:
        self.merchant = merchant
        self.switches = Switches.of(merchant)
        self.rules = Rules(merchant, self.switches)
        self.moment = moment or now()
        self._known: dict[str, Sku | None] = {}
        self._changed: dict[str, Sku] = {}

    def load(self, names: Iterable[str]) -> None:
        """Fetch SKUs ahead of their use."""
        for chunk in _chunks(dict.fromkeys(names), CHUNK):
            self._known.update(dict.fromkeys(chunk))
            for sku in self.merchant.skus.filter(merchant_sku__in=chunk):
                self._known[sku.merchant_sku] = sku

    def holds(self, name: str) -> bool:
        """Was the SKU looked up already?"""
        return name in self._known

    def find(self, name: str) -> Sku | None:
        """The SKU whatever its state, or None."""
        if name not in self._known:
            self._known[name] = self.merchant.skus.filter(merchant_sku=name).first()
        return self._known[name]

    def get(self, name: str) -> Sku:
        """The SKU as the marketplace shows it. Raises UnknownSku."""
        sku = self.find(name)
        if sku is None or sku.visible_from > self.moment:
            raise UnknownSku(name)
        return sku

    def create(self, name: str) -> Sku:
        sku = Sku(
            merchant=self.merchant, merchant_sku=name, visible_from=self.moment, sku_last_update=self.moment
        )
        self._known[name] = sku
        return sku

    def mark(self, sku: Sku) -> None:
        """Note that the row in memory differs from the stored one."""
        self._changed[sku.merchant_sku] = sku

    def flush(self) -> None:
        save_skus(self._changed.values())
        self._changed.clear()


def save_skus(skus: Iterable[Sku]) -> None:
    """Insert or update many SKUs with few statements."""
    Sku.objects.bulk_create(
        list(skus),
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=list(KEY_FIELDS),
        update_fields=list(DATA_FIELDS),
    )


def _chunks(names: Iterable[str], size: int) -> Iterator[list[str]]:
    chunk: list[str] = []
    for name in names:
        chunk.append(name)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
