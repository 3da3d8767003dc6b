"""Which SKUs can be deleted here, and what stands in the way of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Q, QuerySet

from catalog.bulk import batches
from catalog.enums import ListingStatus, VacationState
from catalog.models import CsvUpload, Listing, Reservation, Vacation, Variant, VariationGroup
from jetsync.enums import OPEN_OPERATION_STATES, RowState
from jetsync.models import Merchant, OperationRow

# SKUs asked about at once.
BATCH = 2000
# SKUs that a page names for each reason.
SHOWN = 3
# Jet forgets no SKU that it has accepted or shown; archived ones are not for sale any more.
KNOWN_TO_JET = Q(content_sent_at__isnull=False) | ~Q(jet_status="")
ARCHIVED_AT_JET = Q(archived_target=True, archived_sent=True) | Q(
    status=ListingStatus.ARCHIVED, archived_live=True
)


class Reason(StrEnum):
    """Why a SKU stays, in the order in which it is told."""

    SENDING = "sending"
    LISTED = "listed"
    VACATION = "vacation"
    GROUP = "group"
    ORDERS = "orders"

    @property
    def words(self) -> str:
        """Behind “SKU A-17 stays: ”."""
        return _WORDS[self].one

    @property
    def words_of_many(self) -> str:
        """Behind “A-17, A-18 stay: ”."""
        return _WORDS[self].many

    @property
    def hint(self) -> str:
        return _WORDS[self].hint


class _Words(NamedTuple):
    one: str
    many: str
    hint: str


_WORDS = {
    Reason.SENDING: _Words(
        "an operation is sending it to Jet",
        "an operation is sending them to Jet",
        "Wait until the operation has ended, or cancel it.",
    ),
    Reason.LISTED: _Words(
        "Jet has it, and it is not archived there",
        "Jet has them, and they are not archived there",
        "Archive it, then delete it.",
    ),
    Reason.VACATION: _Words(
        "your vacation has archived it and will open it again",
        "your vacation has archived them and will open them again",
        "End the vacation, or archive it afterwards.",
    ),
    Reason.GROUP: _Words(
        "it leads a variation group at Jet whose members are open",
        "they lead variation groups at Jet whose members are open",
        "Dissolve the group, or archive its members too.",
    ),
    Reason.ORDERS: _Words(
        "open orders hold pieces of it",
        "open orders hold pieces of them",
        "Ship or cancel these orders first.",
    ),
}


def standing_in_way(merchant: Merchant, variant_ids: Sequence[int]) -> dict[int, Reason]:
    """Variant pk -> why it cannot be deleted; those without can. Constant queries."""
    listed = Listing.objects.filter(merchant=merchant, variant__in=variant_ids)
    variant_of = dict(listed.values_list("pk", "variant_id"))
    sending = OperationRow.objects.filter(
        merchant=merchant,
        object_type="catalog.listing",
        object_id__in=list(variant_of),
        state__in=(RowState.WAITING, RowState.SENT),
        operation__state__in=OPEN_OPERATION_STATES,
    ).values_list("object_id", flat=True)
    away = Vacation.objects.filter(merchant=merchant, state=VacationState.ON).first()
    promised = Reservation.objects.filter(merchant=merchant, variant__in=variant_ids, released_at=None)
    groups = VariationGroup.objects.filter(merchant=merchant, parent__in=variant_ids).exclude(sent="")
    groups = groups.filter(
        members__variant__listing__content_sent_at__isnull=False,
        members__variant__listing__archived_sent=False,
    )
    found = dict.fromkeys(promised.values_list("variant_id", flat=True), Reason.ORDERS)
    found |= dict.fromkeys(groups.values_list("parent_id", flat=True), Reason.GROUP)
    if away is not None:
        ids = variant_of.keys() & set(away.listing_ids)
        found |= {variant_of[pk]: Reason.VACATION for pk in ids}
    open_there = listed.filter(KNOWN_TO_JET).exclude(ARCHIVED_AT_JET)
    found |= dict.fromkeys(open_there.values_list("variant_id", flat=True), Reason.LISTED)
    return found | {variant_of[pk]: Reason.SENDING for pk in sending if pk is not None}


@dataclass
class Deletion:
    """What deleting SKUs would do. `archived`: of those that go, the ones that Jet keeps archived; `products` go too."""

    skus: int = 0
    products: int = 0
    archived: int = 0
    kept: Counter[Reason] = field(default_factory=Counter)
    names: dict[Reason, list[str]] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        """A sentence for each reason, with how many SKUs it keeps and the first of them."""
        return [self._reason(reason) for reason in Reason if self.kept[reason]]

    def _reason(self, reason: Reason) -> str:
        count, names = self.kept[reason], self.names[reason]
        more = f" and {count - len(names):,} more" if count > len(names) else ""
        verb = "stays" if count == 1 else "stay"
        words = reason.words if count == 1 else reason.words_of_many
        return f"{', '.join(names)}{more} {verb}: {words}. {reason.hint}"


def deletion_of(merchant: Merchant, variant_ids: Iterable[int]) -> Deletion:
    """Exact counts over any number of SKUs, batch by batch."""
    found = Deletion()
    going: dict[int, int] = Counter()
    for batch in batches(sorted(set(variant_ids)), BATCH):
        rows = list(
            Variant.objects.filter(merchant=merchant, pk__in=batch).values_list("pk", "sku", "product_id")
        )
        kept = standing_in_way(merchant, [pk for pk, _sku, _product in rows])
        gone = [pk for pk, _sku, _product in rows if pk not in kept]
        archived = Listing.objects.filter(merchant=merchant, variant__in=gone).filter(KNOWN_TO_JET)
        found.skus += len(gone)
        found.archived += archived.count()
        for pk, sku, product_id in rows:
            if pk not in kept:
                going[product_id] += 1
                continue
            found.kept[kept[pk]] += 1
            named = found.names.setdefault(kept[pk], [])
            if len(named) < SHOWN:
                named.append(sku)
    for products in batches(sorted(going), BATCH):
        every = Variant.objects.filter(merchant=merchant, product__in=products).values_list(
            "product_id", flat=True
        )
        found.products += sum(count == going[pk] for pk, count in Counter(every).items())
    return found


def added_by(upload: CsvUpload) -> QuerySet[Variant]:
    """SKUs that this file made and no later file has changed."""
    rows = Variant.objects.filter(merchant=upload.merchant_id, last_upload=upload)
    if upload.operation is None:
        return rows.none()
    return rows.filter(created_at__gte=upload.operation.created_at)
