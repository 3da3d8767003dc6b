"""Reads of shipping and return exceptions: of one SKU for its pages, of many as plain values for copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from catalog.exceptions import SHIPPING_FIELDS, ReturnValues, ShippingValues
from catalog.models import Listing, ReturnException, ReturnExceptionLocation, ShippingException, Variant
from jetsync.exceptions import NotFound
from jetsync.models import Merchant

SHIPPING, RETURNS = PARTS = ("shipping", "returns")


@dataclass(frozen=True)
class Snapshot:
    """The exceptions of one SKU as values. Two snapshots are equal when Jet would be told the same."""

    shipping: tuple[ShippingValues, ...] = ()
    returns: ReturnValues | None = None

    @property
    def is_empty(self) -> bool:
        return not self.shipping and self.returns is None

    def as_json(self) -> dict[str, Any]:
        return {
            "shipping": [entry.as_row() for entry in self.shipping],
            "returns": self.returns.as_json() if self.returns else None,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Snapshot:
        returns = stored.get("returns")
        return cls(
            tuple(ShippingValues.from_row(row) for row in stored.get("shipping", ())),
            ReturnValues.from_json(returns) if returns else None,
        )

    def words(self, parts: Sequence[str] = PARTS) -> str:
        """ "2 shipping exceptions, a return exception"."""
        count = len(self.shipping)
        found = []
        if SHIPPING in parts:
            found.append(f"{count or 'no'} shipping exception{'' if count == 1 else 's'}")
        if RETURNS in parts:
            found.append("a return exception" if self.returns else "no return exception")
        return ", ".join(found)


@dataclass
class _Found:
    shipping: list[ShippingValues] = field(default_factory=list)
    returns: ReturnValues | None = None


def snapshots(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, Snapshot]:
    """Variant pk -> its exceptions; every pk asked for is there. Three queries."""
    found: dict[int, _Found] = {pk: _Found() for pk in variant_ids}
    rows = ShippingException.objects.filter(merchant=merchant, variant__in=variant_ids)
    for variant_id, *values in rows.order_by("node", "service_level", "shipping_method").values_list(
        "variant_id", *SHIPPING_FIELDS
    ):
        found[variant_id].shipping.append(ShippingValues(**dict(zip(SHIPPING_FIELDS, values, strict=True))))
    places: dict[int, list[int]] = defaultdict(list)
    links = ReturnExceptionLocation.objects.filter(merchant=merchant, exception__variant__in=variant_ids)
    for exception_id, location_id in links.order_by("location").values_list("exception_id", "location_id"):
        places[exception_id].append(location_id)
    for row in ReturnException.objects.filter(merchant=merchant, variant__in=variant_ids):
        found[row.variant_id].returns = ReturnValues(
            tuple(places[row.pk]), row.time_to_return, tuple(row.return_shipping_methods)
        )
    return {pk: Snapshot(tuple(item.shipping), item.returns) for pk, item in found.items()}


def shipping_exceptions_of(variant: Variant) -> QuerySet[ShippingException]:
    rows = ShippingException.objects.filter(merchant=variant.merchant_id, variant=variant)
    return rows.select_related("node").order_by("-node__is_default", "node__name", "pk")


def get_shipping_exception(merchant: Merchant, pk: int) -> ShippingException:
    rows = ShippingException.objects.select_related("node", "merchant", "variant", "variant__product")
    row = rows.filter(merchant=merchant, pk=pk).first()
    if row is None:
        raise NotFound("There is no such shipping exception.", hint="It may have been deleted.")
    return row


def return_exception_of(variant: Variant) -> ReturnException | None:
    rows = ReturnException.objects.filter(merchant=variant.merchant_id, variant=variant)
    return rows.prefetch_related("locations__location").first()


def variants_with_exceptions(merchant: Merchant, facet: str) -> QuerySet[Variant]:
    """SKUs that have some, or that Jet was told some of. `facet`: shipping or returns."""
    name = "shipping_exceptions" if facet == SHIPPING else "return_exception"
    rows = Variant.objects.filter(merchant=merchant)
    told = Listing.objects.filter(merchant=merchant).filter(
        ~Q(**{f"{facet}_target": ""}) | ~Q(**{f"{facet}_sent": ""})
    )
    model: Any = ShippingException if name == "shipping_exceptions" else ReturnException
    own = model.objects.filter(merchant=merchant).values("variant")
    return rows.filter(Q(pk__in=own) | Q(pk__in=told.values("variant"))).order_by("pk")
