"""What Jet shows of a refund: that ours arrived, how it goes on, and refunds that were made elsewhere."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from jetsync.actions.log import notify, record
from jetsync.enums import NoticeLevel
from jetsync.models import JetAccount, Job, Merchant
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from orders.models import OrderLine
from orders.queries.order import lock_order, order_by_jet_id
from refunds.actions.crediting import credit_refund
from refunds.enums import OPEN_STATUSES, RefundStatus, may_become, status_of
from refunds.models import Refund, RefundLine
from refunds.pages import refund_url
from refunds.queries import (
    get_refund,
    known_refund,
    lock_refund,
    orphan_refunds,
    refund_lines,
    unreadable_refunds,
)
from refunds.reading import RefundFacts
from returns.enums import SendState


@transaction.atomic
def mark_arrived(
    merchant: Merchant, pk: int, *, refund_authorization_id: str, jet_status: str, job: Job | None = None
) -> Refund:
    """Jet took the refund, now or in an earlier try. Twice is harmless."""
    refund = lock_refund(merchant, pk)
    if refund.send_state != SendState.SENT:
        unreadable = unreadable_refunds(merchant).filter(refund_authorization_id=refund_authorization_id)
        unreadable.delete()  # it was this one
        refund.send_state, refund.sent_at = SendState.SENT, timezone.now()
        refund.refund_authorization_id = refund_authorization_id
        refund.failure_message = refund.failure_hint = ""
        refund.save(
            update_fields=[
                "send_state",
                "sent_at",
                "refund_authorization_id",
                "failure_message",
                "failure_hint",
                "updated_at",
            ]
        )
        record(
            merchant,
            "refunds.refund.sent",
            f"Jet has refund {refund} ({refund_authorization_id}).",
            actor=SYSTEM,
            about=refund,
            job=job,
        )
    _change_status(refund, jet_status, job)
    credit_refund(refund, job=job)
    return refund


@transaction.atomic
def apply_facts(
    merchant: Merchant, pk: int, facts: RefundFacts, *, seen_at: datetime, job: Job | None = None
) -> Refund:
    """Brings a known refund to what Jet shows, never backwards. A refund still on its way has thereby arrived."""
    known = get_refund(merchant, pk)
    if known.is_unreadable:
        ours = known_refund(merchant, facts.alt_refund_id)
        if ours is not None and ours.pk != pk:  # it is one of ours, whose way to Jet had broken off
            return apply_facts(merchant, ours.pk, facts, seen_at=seen_at, job=job)
        _fill(merchant, pk, facts)
    refund = mark_arrived(
        merchant,
        pk,
        refund_authorization_id=facts.refund_authorization_id,
        jet_status=facts.status,
        job=job,
    )
    if refund.seen_at <= seen_at:
        refund.raw, refund.seen_at = dict(facts.raw), seen_at
        refund.save(update_fields=["raw", "seen_at", "updated_at"])
    return refund


def mark_read_tried(merchant: Merchant, pk: int, *, seen_at: datetime) -> None:
    """This one could not be read: its turn comes again after the others'."""
    Refund.objects.filter(merchant=merchant, pk=pk).update(seen_at=seen_at)


def _fill(merchant: Merchant, pk: int, facts: RefundFacts) -> None:
    """What could not be read before. The order is linked by the next run; its money counts at once, by Jet's ids."""
    refund = lock_refund(merchant, pk)
    if not refund.is_unreadable:
        return
    refund.merchant_order_id, refund.reference_order_id = facts.merchant_order_id, facts.reference_order_id
    refund.alt_refund_id = facts.alt_refund_id or refund.alt_refund_id
    refund.failure_message = refund.failure_hint = ""
    refund.save(
        update_fields=[
            "merchant_order_id",
            "reference_order_id",
            "alt_refund_id",
            "failure_message",
            "failure_hint",
        ]
    )
    _store_lines(refund, facts)


def _change_status(refund: Refund, jet_status: str, job: Job | None) -> None:
    before, new = refund.status, status_of(jet_status)
    if new is None and jet_status and refund.jet_status != jet_status:
        _keep_unknown_word(refund, jet_status, job)
    if new is None or not may_become(before, new) or (new == before and refund.jet_status == jet_status):
        return
    refund.status, refund.jet_status = new, jet_status
    if new != before and new not in OPEN_STATUSES:
        refund.closed_at = timezone.now()
    refund.save(update_fields=["status", "jet_status", "closed_at", "updated_at"])
    if new == before:
        return
    record(
        refund.merchant,
        f"refunds.refund.{new.value}",
        f"Jet shows refund {refund} as {jet_status}.",
        actor=SYSTEM,
        about=refund,
        old={"status": before},
        new={"status": new.value, "jet_status": jet_status},
        job=job,
    )
    if new == RefundStatus.REJECTED:
        notify(
            refund.merchant,
            f"refunds.rejected.{refund.pk}",
            f"Refund {refund} was rejected",
            level=NoticeLevel.DANGER,
            body=f"Jet says: {jet_status}. The shopper did not get the money; its amount is free again.",
            url=refund_url(refund),
        )


def _keep_unknown_word(refund: Refund, jet_status: str, job: Job | None) -> None:
    """The status stays as it was; the page shows Jet's word beside it."""
    refund.jet_status = jet_status
    refund.save(update_fields=["jet_status", "updated_at"])
    record(
        refund.merchant,
        "refunds.refund.unknown_status",
        f"Jet shows refund {refund} as “{jet_status}”, which jetsync does not know.",
        actor=SYSTEM,
        about=refund,
        job=job,
    )


@transaction.atomic
def adopt_refund(
    merchant: Merchant, account: JetAccount, facts: RefundFacts, *, seen_at: datetime, job: Job | None = None
) -> Refund | None:
    """Stores a refund that was made elsewhere (at Jet itself, or by another program), because it counts in the money
    of its order. None for one that is rejected, or that lacks Jet's id. Twice stores once.

    A status word that is new to us takes nothing from its money: Jet lists it among those that are not rejected.
    """
    status = status_of(facts.status) or RefundStatus.CREATED
    if status == RefundStatus.REJECTED or not facts.refund_authorization_id:
        return None
    order = order_by_jet_id(merchant, facts.merchant_order_id)
    if order is not None:
        order = lock_order(merchant, order.pk)
    refund, is_new = Refund.objects.get_or_create(
        merchant=merchant,
        refund_authorization_id=facts.refund_authorization_id,
        defaults={
            "account": account,
            "order": order,
            "merchant_order_id": facts.merchant_order_id,
            "reference_order_id": facts.reference_order_id,
            "alt_refund_id": facts.alt_refund_id or facts.refund_authorization_id,
            "status": status,
            "jet_status": facts.status or status.value,
            "send_state": SendState.SENT,
            "created_by": Refund.MADE_ELSEWHERE,
            "seen_at": seen_at,
            "closed_at": seen_at if status == RefundStatus.ACCEPTED else None,
            "raw": dict(facts.raw),
        },
    )
    if is_new:
        _store_lines(refund, facts)
        _log_adopted(refund, job)
        credit_refund(refund, job=job)
    return refund


def _log_adopted(refund: Refund, job: Job | None) -> None:
    record(
        refund.merchant,
        "refunds.refund.imported",
        f"Refund {refund} of order {refund.order_label} was made elsewhere and is stored.",
        actor=SYSTEM,
        about=refund,
        job=job,
    )


def link_orphans(merchant: Merchant) -> int:
    """Gives refunds that were made elsewhere the order that has been imported since. Returns how many."""
    ids = list(orphan_refunds(merchant).values_list("pk", flat=True))
    for pk in ids:
        _link(merchant, pk)
    return len(ids)


@transaction.atomic
def _link(merchant: Merchant, pk: int) -> None:
    refund = get_refund(merchant, pk)
    order = order_by_jet_id(merchant, refund.merchant_order_id)
    if order is None:
        return
    order = lock_order(merchant, order.pk)
    refund = lock_refund(merchant, pk)
    if refund.order_id is not None:
        return
    refund.order, refund.reference_order_id = order, refund.reference_order_id or order.reference_order_id
    refund.save(update_fields=["order", "reference_order_id", "updated_at"])
    ordered = {row.order_item_id: row for row in OrderLine.objects.filter(merchant=merchant, order=order)}
    for line in refund_lines(refund):
        row = ordered.get(line.order_item_id)
        if row is not None:
            line.order_line, line.sku, line.title = row, line.sku or row.sku, line.title or row.title
            line.save(update_fields=["order_line", "sku", "title"])
    record(
        merchant,
        "refunds.refund.linked",
        f"Refund {refund} belongs to order {order}, which has been imported since.",
        actor=SYSTEM,
        about=refund,
    )
    credit_refund(refund)


def _store_lines(refund: Refund, facts: RefundFacts) -> None:
    ordered: dict[str, OrderLine] = {}
    if refund.order_id is not None:
        rows = OrderLine.objects.filter(merchant=refund.merchant_id, order=refund.order_id)
        ordered = {row.order_item_id: row for row in rows}
    bulk_create(
        RefundLine,
        [
            RefundLine(
                merchant_id=refund.merchant_id,
                parent=refund,
                order_line=ordered.get(line.order_item_id),
                order_item_id=line.order_item_id,
                sku=ordered[line.order_item_id].sku if line.order_item_id in ordered else "",
                title=ordered[line.order_item_id].title if line.order_item_id in ordered else "",
                quantity_returned=line.quantity_returned,
                quantity_refunded=line.quantity_refunded,
                reason=line.reason,
                feedback=line.feedback,
                notes=line.notes,
                **line.amounts.parts(),
            )
            for line in facts.lines
        ],
    )
