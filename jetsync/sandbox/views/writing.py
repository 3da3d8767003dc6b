"""Shared by the calls on one SKU: find it or answer 404, save what changed, and the age of the success codes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpResponse

from jetsync.sandbox.clock import now
from jetsync.sandbox.http import ApiRequest, single_error
from jetsync.sandbox.listings.desk import Desk, UnknownSku
from jetsync.sandbox.models import Sku

# What a client compared with: the one text for a SKU that does not exist.
UNAVAILABLE = "merchant sku unavailable"
STATUSES = {
    "mixed": {"new": 201, "changed": 202},
    "2015": {},
    "2016": {"new": 201, "changed": 201},
    "2017": {"new": 201, "changed": 202, "price": 202, "inventory": 202},
}


def write_status(request: ApiRequest, kind: str) -> int:
    """The code of a successful write: kind is `new`, `changed`, `price` or `inventory`."""
    return STATUSES[request.switches["write_status"]].get(kind, 204)


def unknown_sku() -> HttpResponse:
    return single_error(404, UNAVAILABLE)


def existing_sku(
    view: Callable[[ApiRequest, Sku], HttpResponse],
) -> Callable[[ApiRequest, str], HttpResponse]:
    """Hand a reading view the SKU of the path, or answer 404."""

    @wraps(view)
    def answer(request: ApiRequest, sku: str) -> HttpResponse:
        found = request.merchant.skus.filter(merchant_sku=sku, visible_from__lte=now()).first()
        if found is None:
            return unknown_sku()
        found.merchant = request.merchant
        return view(request, found)

    return answer


def for_known_sku(
    view: Callable[[ApiRequest, Desk, str], HttpResponse],
) -> Callable[[ApiRequest, str], HttpResponse]:
    """Hand a writing view a desk, save what it marked, and answer 404 when the SKU is unknown."""

    @wraps(view)
    def answer(request: ApiRequest, sku: str) -> HttpResponse:
        desk = Desk(request.merchant)
        try:
            response = view(request, desk, sku)
        except UnknownSku:
            return unknown_sku()
        desk.flush()
        return response

    return answer
