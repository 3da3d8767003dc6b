"""Reads of refunds, and their payments for the ledgers that returns and refunds share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from jetsync.exceptions import NotFound
from jetsync.models import Merchant
from jetsync.queries.settings import account_in_use
from orders.amounts import ZERO
from orders.models import Order, OrderLine
from orders.queries.order import lock_order
from refunds.enums import OPEN_STATUSES, RefundStatus
from refunds.models import Refund, RefundLine
from returns.enums import HOLDING_STATES, ON_ITS_WAY_STATES, SendState
from returns.money import Movement
from returns.queries import LINE_TOTAL
from returns.second_person import register_alone

# Jet did not take it and a person is to correct it; one that was taken back or sent back has no hint.
NOT_THROUGH = Q(send_state=SendState.REFUSED, status=RefundStatus.CREATED) & ~Q(failure_hint="")


def given_back(prefix: str = "") -> Q:
    """Refunds of which the shopper has, or will have, the money: Jet took them and did not reject them."""
    return Q(**{f"{prefix}send_state": SendState.SENT}) & ~Q(**{f"{prefix}status": RefundStatus.REJECTED})


def all_refunds(merchant: Merchant) -> QuerySet[Refund]:
    """Refunds of the merchant's current mode."""
    return Refund.objects.filter(merchant=merchant, account=account_in_use(merchant))


def without_json(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """With their lines, and without Jet's JSON: lists show none of it."""
    return refunds.defer("raw").prefetch_related("lines")


def open_refunds(merchant: Merchant) -> QuerySet[Refund]:
    """What Jet has and has not decided."""
    return all_refunds(merchant).filter(status__in=OPEN_STATUSES, send_state=SendState.SENT).order_by("pk")


def unreadable_refunds(merchant: Merchant) -> QuerySet[Refund]:
    """Made elsewhere and never readable, as `Refund.is_unreadable` says."""
    return Refund.objects.filter(merchant=merchant, created_by=Refund.MADE_ELSEWHERE, jet_status="")


def unreadable_of(order: Order) -> Refund | None:
    """A refund of this order of which nobody knows the amount."""
    return unreadable_refunds(order.merchant).filter(merchant_order_id=order.merchant_order_id).first()


def get_refund(merchant: Merchant, pk: int) -> Refund:
    """One refund of this merchant, of either mode, with its order. Raises NotFound."""
    refund = (
        Refund.objects.filter(merchant=merchant, pk=pk).select_related("order", "account", "merchant").first()
    )
    if refund is None:
        raise NotFound(f"There is no refund {pk}.", hint="It may belong to another merchant.")
    return refund


def lock_refund(merchant: Merchant, pk: int) -> Refund:
    """The refund, locked below its order: all money of an order is decided under the order's lock.

    Raises NotFound.
    """
    known = get_refund(merchant, pk)
    if known.order_id is not None:
        lock_order(merchant, known.order_id)
    return (
        Refund.objects.select_for_update(of=("self",))
        .select_related("order", "account", "merchant")
        .get(merchant=merchant, pk=pk)
    )


def refund_lines(refund: Refund) -> list[RefundLine]:
    return list(
        RefundLine.objects.filter(merchant=refund.merchant_id, parent=refund)
        .select_related("order_line")
        .order_by("pk")
    )


def refunds_of(order: Order) -> QuerySet[Refund]:
    return Refund.objects.filter(merchant=order.merchant_id, order=order).order_by("pk")


def refund_movements(order: Order) -> Iterable[tuple[int, Movement]]:
    """Refund lines that pay: on their way or at Jet, and not rejected there.

    One that was made elsewhere before its order was imported counts at once, by Jet's ids.
    """
    here = Q(parent__order=order) | Q(parent__order=None, parent__merchant_order_id=order.merchant_order_id)
    rows = (
        RefundLine.objects.filter(here, merchant=order.merchant_id, parent__send_state__in=HOLDING_STATES)
        .exclude(parent__status=RefundStatus.REJECTED)
        .select_related("parent")
        .order_by("pk")
    )
    line_ids: dict[str, int] = {}
    for row in rows:
        if row.order_line_id is None and not line_ids:
            line_ids = _line_ids(order)
        line_id = row.order_line_id or line_ids.get(row.order_item_id)
        if line_id is not None:
            yield (
                line_id,
                Movement(
                    row.quantity_returned,
                    row.quantity_refunded,
                    row.amounts,
                    source=f"Refund {row.parent}",
                    page="refunds:refund-detail",
                    object_id=row.parent_id,
                ),
            )


def _line_ids(order: Order) -> dict[str, int]:
    lines = OrderLine.objects.filter(merchant=order.merchant_id, order=order)
    return dict(lines.values_list("order_item_id", "pk"))


def orphan_refunds(merchant: Merchant) -> QuerySet[Refund]:
    """Refunds whose order was not known when they came but is by now."""
    matching = Order.objects.filter(merchant=merchant, merchant_order_id=OuterRef("merchant_order_id"))
    return all_refunds(merchant).filter(Exists(matching), order=None).order_by("pk")


def search_refunds(refunds: QuerySet[Refund], merchant: Merchant, words: str) -> QuerySet[Refund]:
    """By the start of a refund id (ours or Jet's), of an order id, or of a SKU."""
    text = words.strip()
    if not text:
        return refunds
    lines = RefundLine.objects.filter(merchant=merchant, sku__istartswith=text).values("parent_id")
    return refunds.filter(
        Q(alt_refund_id__istartswith=text)
        | Q(refund_authorization_id__startswith=text)
        | Q(merchant_order_id__startswith=text.lower())
        | Q(reference_order_id__startswith=text)
        | Q(pk__in=lines)
    )


def known_refund(merchant: Merchant, alt_refund_id: str) -> Refund | None:
    """The refund with our own id, or None."""
    if not alt_refund_id:
        return None
    return all_refunds(merchant).filter(alt_refund_id=alt_refund_id).first()


def unknown_refund_ids(merchant: Merchant, refund_ids: list[str]) -> list[str]:
    """Which of Jet's ids are not stored, in the given order."""
    known = set(
        Refund.objects.filter(merchant=merchant, refund_authorization_id__in=refund_ids).values_list(
            "refund_authorization_id", flat=True
        )
    )
    return [name for name in refund_ids if name not in known]


@register_alone
def refunded_alone(order: Order, user_id: int, since: datetime) -> Decimal:
    """USD of refunds that this person created and nobody else confirmed."""
    lines = RefundLine.objects.filter(
        merchant=order.merchant_id,
        parent__order=order,
        parent__proposer=user_id,
        parent__created_at__gte=since,
        parent__send_state__in=ON_ITS_WAY_STATES,
        parent__confirmed_by="",
    ).exclude(parent__status=RefundStatus.REJECTED)
    return lines.aggregate(total=Sum(LINE_TOTAL))["total"] or ZERO
