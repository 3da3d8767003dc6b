"""Refusals as rows: written with every refusal, ended by the acceptance of the same step or by a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.bulk import batches, insert_rows, update_rows
from catalog.enums import ErrorCode, Step
from catalog.error_groups import cause_of
from catalog.models import Listing, NodeStock, SkuError, VariationGroup, VariationMember
from jetsync.actions.log import record
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

NO_ERROR: dict[str, Any] = {"error_code": "", "error_message": "", "error_hint": "", "error_at": None}
COLUMNS = ("listing", "file", "step", "code", "message", "hint", "field", "group_key", "group_label")
BATCH = 1000


@dataclass(frozen=True)
class Refusal:
    """What Jet said against one listing. `words`: Jet's single sentences, where there are several."""

    listing_id: int
    code: str
    message: str
    hint: str = ""
    step: str = ""
    sku: str = ""
    words: tuple[str, ...] = ()
    file_id: int | None = None

    def row_values(self) -> dict[str, str]:
        """As a row of an operation keeps it."""
        return {"code": self.code[:60], "message": self.message[:1000], "hint": self.hint[:500]}

    @property
    def of_step(self) -> str:
        return self.step or (self.code.removesuffix("_refused") if self.code.endswith("_refused") else "")


def note_refusals(merchant: Merchant, refusals: Sequence[Refusal]) -> None:
    """One row per sentence of Jet. Earlier open errors of the same SKU and step are ended: they were tried again.

    Call inside the transaction that marks the listings.
    """
    by_step: dict[str, list[int]] = {}
    for refusal in refusals:
        by_step.setdefault(refusal.of_step, []).append(refusal.listing_id)
    for step, ids in by_step.items():
        settle_errors(merchant, ids, step)
    groups = [refusal for refusal in refusals if refusal.of_step == Step.VARIATION]
    families = _families(merchant, groups)
    rows = [row for refusal in refusals for row in _rows(refusal, families.get(refusal.listing_id, ()))]
    insert_rows(SkuError, merchant, COLUMNS, rows)
    if groups:
        _note_group_refusals(merchant, groups)


def _families(merchant: Merchant, refusals: Sequence[Refusal]) -> dict[int, list[str]]:
    """Listing -> the SKUs of the group that it leads, which Jet may name in its words. One query, none without groups."""
    found: dict[int, list[str]] = defaultdict(list)
    if refusals:
        led = [refusal.listing_id for refusal in refusals]
        members = VariationMember.objects.filter(merchant=merchant, group__parent__listing__in=led)
        for listing, sku in members.values_list("group__parent__listing", "variant__sku"):
            found[listing].append(sku)
    return found


def _note_group_refusals(merchant: Merchant, refusals: Sequence[Refusal]) -> None:
    """A refused group waits until it changes (see `dirty_groups`)."""
    said = {refusal.listing_id: refusal.message[:1000] for refusal in refusals}
    rows = VariationGroup.objects.filter(merchant=merchant, parent__listing__in=list(said))
    texts = [
        {"id": pk, "error_message": said[listing]}
        for pk, listing in rows.values_list("pk", "parent__listing")
    ]
    update_rows(VariationGroup, merchant, ("error_message",), texts, touch="error_at")


def _rows(refusal: Refusal, others: Sequence[str] = ()) -> list[dict[str, Any]]:
    rows = []
    for words in dict.fromkeys(refusal.words or (refusal.message,)):
        cause = cause_of(refusal.of_step, words, refusal.sku, others)
        rows.append(
            {
                "listing": refusal.listing_id,
                "file": refusal.file_id,
                "step": refusal.of_step[:12],
                "code": refusal.code[:60],
                "message": words[:1000],
                "hint": cause.fix or refusal.hint[:500],
                "field": cause.field,
                "group_key": cause.key,
                "group_label": cause.label,
            }
        )
    return rows


def settle_errors(merchant: Merchant, listing_ids: Sequence[int], step: str) -> int:
    """Ends the open errors of a step: Jet has taken it, or has spoken anew. Returns how many."""
    rows = SkuError.objects.filter(merchant=merchant, listing__in=list(listing_ids), resolved_at=None)
    return rows.filter(step=step).update(resolved_at=timezone.now())


@transaction.atomic
def settle_step(merchant: Merchant, listing_ids: Sequence[int], step: str) -> None:
    """As `settle_errors`, and the SKUs no longer show the refusal."""
    settle_errors(merchant, listing_ids, step)
    show_open_errors(merchant, listing_ids)


@transaction.atomic
def forget_refusals(
    merchant: Merchant, variant_ids: Sequence[int], step: Step, *, goes_by_itself: bool = True
) -> None:
    """What Jet refused has changed since: the deltas leave refused SKUs out, and now they may try again.

    The errors stay open until Jet has taken the step, but the SKUs no longer show them. An error whose value is again
    what Jet has is over: nothing is left to be sent. `goes_by_itself`: else only those that are over end, and the SKUs
    keep showing the others until a person sends them.
    """
    if not variant_ids:
        return
    rows = SkuError.objects.filter(merchant=merchant, listing__variant__in=variant_ids, resolved_at=None)
    known = rows.filter(step=step).exclude(code=ErrorCode.UNKNOWN_AT_JET)
    listings = list(known.values_list("listing_id", flat=True).distinct())
    if listings:
        if goes_by_itself:
            _sent_by_itself(known, step).exclude(code=ErrorCode.CHANGED_SINCE).update(
                code=ErrorCode.CHANGED_SINCE
            )
        settle_errors(merchant, _at_rest(merchant, listings, step), step)
        show_open_errors(merchant, listings)


def _sent_by_itself(errors: QuerySet[SkuError], step: Step) -> QuerySet[SkuError]:
    """Product data go by themselves once Jet has taken the SKU; its first upload is for a person to start."""
    return errors.filter(listing__content_sent_at__isnull=False) if step == Step.CONTENT else errors


def _at_rest(merchant: Merchant, listing_ids: Sequence[int], step: Step) -> list[int]:
    """Of these listings, those where Jet has accepted what it should have of this step."""
    rows = Listing.objects.filter(merchant=merchant, pk__in=listing_ids)
    stock = NodeStock.objects.filter(merchant=merchant, variant=OuterRef("variant"))
    moved = {
        Step.CONTENT: Q(content_dirty=True),
        Step.PRICE: Q(price_dirty=True) | Exists(stock.filter(price_dirty=True)),
        Step.INVENTORY: Exists(stock.filter(quantity_dirty=True)),
        Step.SHIPPING: Q(shipping_dirty=True),
        Step.RETURNS: Q(returns_dirty=True),
    }
    return list(rows.exclude(moved[step]).values_list("pk", flat=True)) if step in moved else []


def show_open_errors(merchant: Merchant, listing_ids: Sequence[int]) -> None:
    """A listing shows one error. Where that one is over, the newest open one takes its place, or none."""
    open_errors = SkuError.objects.filter(merchant=merchant, resolved_at=None)
    told = open_errors.filter(listing=OuterRef("pk"), code=OuterRef("error_code"))
    rows = Listing.objects.filter(merchant=merchant, pk__in=list(listing_ids)).exclude(error_code="")
    ids = list(rows.exclude(Exists(told)).values_list("pk", flat=True))
    if not ids:
        return
    Listing.objects.filter(merchant=merchant, pk__in=ids).update(**NO_ERROR)
    newest = (
        open_errors.filter(listing__in=ids).exclude(code=ErrorCode.CHANGED_SINCE).order_by("listing", "-pk")
    )
    update_rows(
        Listing,
        merchant,
        tuple(NO_ERROR),
        [
            {
                "id": row.listing_id,
                "error_code": row.code,
                "error_message": f"{row.listing.variant.sku}: Jet refused the {row.step}: {row.message}"[
                    :1000
                ],
                "error_hint": row.hint,
                "error_at": row.created_at,
            }
            for row in newest.distinct("listing").select_related("listing__variant")
        ],
    )


def settle_seen(merchant: Merchant, listing_id: int) -> None:
    """Jet shows the SKU: what was refused because Jet did not know it, or could not be read, is over."""
    rows = SkuError.objects.filter(merchant=merchant, listing=listing_id, resolved_at=None)
    rows.filter(Q(code=ErrorCode.UNKNOWN_AT_JET) | Q(step=Step.STATUS)).update(resolved_at=timezone.now())
    show_open_errors(merchant, [listing_id])


@transaction.atomic
def clear_errors(merchant: Merchant, error_ids: Sequence[int], *, actor: Actor) -> int:
    """A person has dealt with these errors otherwise. Nothing is sent; the log keeps who did it. Returns how many."""
    cleared, label = 0, ""
    for batch in batches(sorted(set(error_ids)), BATCH):
        rows = SkuError.objects.filter(merchant=merchant, pk__in=batch, resolved_at=None)
        found = list(rows.values_list("listing_id", "code", "group_label"))
        cleared += rows.update(resolved_at=timezone.now())
        label = label or next((text for _listing, _code, text in found), "")
        show_open_errors(merchant, [pk for pk, _code, _text in found])
    if cleared:
        record(
            merchant,
            "catalog.errors.cleared",
            f"Cleared {counted(cleared, 'error')}, first: {label}",
            actor=actor,
            new={"errors": cleared},
        )
    return cleared
