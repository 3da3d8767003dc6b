"""Reads of returns. Every page and handler gets its return here, so that "not yours" is decided once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Sum

from jetsync.exceptions import NotFound
from jetsync.models import Job, Merchant
from jetsync.queries.settings import account_in_use
from orders.amounts import ZERO
from orders.models import Order
from orders.queries.order import lock_order
from returns.enums import (
    FINISHED_STATUSES,
    IN_FLIGHT_STATES,
    ON_ITS_WAY_STATES,
    OPEN_STATUSES,
    ReturnStatus,
    SendState,
)
from returns.models import Decided, Return, ReturnLine, ReturnNote
from returns.second_person import register_alone

# Lines of returns that Jet completed, of goods that came back: what the sums of money given back are of.
GIVEN_BACK = Q(parent__status__in=FINISHED_STATUSES, is_included=True)
LINE_TOTAL = F("principal") + F("tax") + F("shipping_cost") + F("shipping_tax")


def all_returns(merchant: Merchant) -> QuerySet[Return]:
    """Returns of the merchant's current mode: test returns never stand among live ones."""
    return Return.objects.filter(merchant=merchant, account=account_in_use(merchant))


def without_json(returns: QuerySet[Return]) -> QuerySet[Return]:
    """With their lines, and without Jet's JSON of either: lists show none of it."""
    lines = ReturnLine.objects.defer("raw")
    return returns.defer("raw").prefetch_related(Prefetch("lines", lines))


def waiting_returns(merchant: Merchant) -> QuerySet[Return]:
    """What waits for the merchant's people: for an answer, or for a second person to confirm one."""
    return all_returns(merchant).filter(status=ReturnStatus.CREATED).exclude(send_state__in=IN_FLIGHT_STATES)


def open_returns(merchant: Merchant) -> QuerySet[Return]:
    """What Jet may still change."""
    return all_returns(merchant).filter(status__in=OPEN_STATUSES)


def get_return(merchant: Merchant, pk: int) -> Return:
    """One return of this merchant, of either mode, with its order. Raises NotFound."""
    returned = (
        Return.objects.filter(merchant=merchant, pk=pk).select_related("order", "account", "merchant").first()
    )
    if returned is None:
        raise NotFound(f"There is no return {pk}.", hint="It may belong to another merchant.")
    return returned


def lock_return(merchant: Merchant, pk: int) -> Return:
    """The return, locked below its order: all money of an order is decided under the order's lock.

    Raises NotFound.
    """
    known = get_return(merchant, pk)
    order = lock_order(merchant, known.order_id) if known.order_id is not None else None
    returned = (
        Return.objects.select_for_update(of=("self",))
        .select_related("account", "merchant")
        .get(merchant=merchant, pk=pk)
    )
    if order is not None and returned.order_id == order.pk:
        returned.order = order
    return returned


def return_lines(returned: Return) -> list[ReturnLine]:
    return list(
        ReturnLine.objects.filter(merchant=returned.merchant_id, parent=returned)
        .select_related("order_line")
        .order_by("pk")
    )


def return_notes(returned: Return) -> QuerySet[ReturnNote]:
    return ReturnNote.objects.filter(merchant=returned.merchant_id, parent=returned).order_by("-pk")


def returns_of(order: Order) -> QuerySet[Return]:
    return Return.objects.filter(merchant=order.merchant_id, order=order).order_by("-return_date", "-pk")


def blocking_return(order: Order) -> Return | None:
    """The return that stands in the way of a refund: any, unless it is finished and surely gave the shopper nothing.

    One that came before its order was imported counts too: it is linked only by the next fetch. So does a finished
    one of which nobody knows what it gave, because neither Jet nor we ever named an amount.
    """
    lines = ReturnLine.objects.filter(merchant=order.merchant_id, parent=OuterRef("pk"))
    decided = lines.filter(quantity_refunded__isnull=False)
    paid = lines.filter(
        Q(quantity_refunded__gt=0)
        | Q(principal__gt=0)
        | Q(tax__gt=0)
        | Q(shipping_cost__gt=0)
        | Q(shipping_tax__gt=0)
    )
    refused = Q(status__in=FINISHED_STATUSES) & Exists(decided) & ~Exists(paid)
    here = Q(order=order) | Q(order=None, merchant_order_id=order.merchant_order_id)
    return (
        Return.objects.filter(here, merchant=order.merchant_id)
        .exclude(refused)
        .order_by("-return_date", "-pk")
        .first()
    )


def last_reads(merchant: Merchant, return_ids: list[str]) -> dict[str, datetime]:
    """When each of Jet's ids was read last; those that were never seen are not in it."""
    rows = Return.objects.filter(merchant=merchant, merchant_return_authorization_id__in=return_ids)
    return dict(rows.values_list("merchant_return_authorization_id", "seen_at"))


def orphan_returns(merchant: Merchant) -> QuerySet[Return]:
    """Returns whose order was not known when they came but is by now."""
    matching = Order.objects.filter(merchant=merchant, merchant_order_id=OuterRef("merchant_order_id"))
    return all_returns(merchant).filter(Exists(matching), order=None)


def search_returns(
    returns: QuerySet[Return], merchant: Merchant, words: str, *, with_buyers: bool
) -> QuerySet[Return]:
    """By a part of the return's reference, the start of an id, a tracking number or a SKU; for those who may, buyers."""
    text = words.strip()
    if not text:
        return returns
    lines = ReturnLine.objects.filter(merchant=merchant, sku__istartswith=text).values("parent_id")
    found = (
        Q(reference_return_authorization_id__icontains=text)
        | Q(merchant_return_authorization_id__startswith=text.lower())
        | Q(merchant_order_id__startswith=text.lower())
        | Q(tracking_number=text)
        | Q(alt_order_id=text)
        | Q(pk__in=lines)
    )
    if with_buyers:
        found |= Q(order__buyer_name__icontains=text)
    return returns.filter(found)


@register_alone
def returned_alone(order: Order, user_id: int, since: datetime) -> Decimal:
    """USD given back by answers to returns that this person decided and nobody else confirmed."""
    lines = ReturnLine.objects.filter(
        merchant=order.merchant_id,
        parent__order=order,
        parent__proposer=user_id,
        parent__decided_at__gte=since,
        parent__send_state__in=ON_ITS_WAY_STATES,
        parent__confirmed_by="",
        is_included=True,
    )
    return lines.aggregate(total=Sum(LINE_TOTAL))["total"] or ZERO


def failure_codes(rows: Sequence[Decided], kind: str) -> dict[int, str]:
    """Why these decisions did not get through, by pk: the code of the job of this kind that says what stands at each.

    What a person sent back or took back has none. One query, none when all went well.
    """
    troubled = {SendState.REFUSED, *IN_FLIGHT_STATES}
    failed = {
        row.pk: row.failure_message for row in rows if row.send_state in troubled if row.failure_message
    }
    if not failed:
        return {}
    jobs = Job.objects.filter(
        merchant=rows[0].merchant_id,
        object_type=rows[0]._meta.label_lower,
        object_id__in=list(failed),
        kind=kind,
    )
    found = jobs.order_by("created_at").values_list("object_id", "code", "message")
    return {pk: code for pk, code, message in found if pk and failed[pk] == message[: len(failed[pk])]}
