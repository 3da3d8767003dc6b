"""T3: the activation checklist, read from what the merchant's data shows."""

from __future__ import annotations

from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, reply
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.order import EventKind, OrderEvent, OrderSource

GENERATED = (OrderSource.GENERATOR, OrderSource.PORTAL)


@api("GET")
def setup_status(request: ApiRequest) -> HttpResponse:
    """Eight flags and a `Message`; all true = the account may go live."""
    return reply(setup_flags(request.merchant) | {"Message": None})


def setup_flags(merchant: MerchantAccount) -> dict[str, bool]:
    events = OrderEvent.objects.filter(order__merchant=merchant, order__source__in=GENERATED)
    skus = merchant.skus.all()
    cancels = events.filter(kind=EventKind.CANCELLED, order__items__cancel_quantity__gt=0)
    return {
        "IsMerchantSkuUploaded": skus.exists(),
        "IsPriceUploaded": skus.filter(price__isnull=False).exists(),
        "IsInventoryUploaded": skus.exclude(inventory={}).exists(),
        "IsOrderCreated": merchant.orders.filter(source__in=GENERATED).exists(),
        "IsOrderAcknowledged": events.filter(kind=EventKind.ACKNOWLEDGED).exists(),
        "IsOrderShipped": events.filter(kind=EventKind.SHIPPED).exists(),
        "IsOrderCanceled": cancels.exists(),
        "IsReturnComplete": events.filter(kind=EventKind.RETURN_ANSWERED).exists(),
    }
