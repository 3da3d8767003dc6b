"""Reads of vacations."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Func, IntegerField, QuerySet
from django.utils import timezone

from catalog.enums import OPEN_VACATIONS, VacationState
from catalog.models import Listing, Vacation
from jetsync.exceptions import NotFound
from jetsync.models import Merchant, OperationRow


@dataclass(frozen=True)
class VacationPreview:
    """`to_archive` SKUs are open at Jet; `stay_archived` are archived already and stay so afterwards."""

    to_archive: int
    stay_archived: int


def vacations_of(merchant: Merchant) -> QuerySet[Vacation]:
    """Each with `sku_count`; the ids themselves, up to a catalogue's, stay in the database."""
    count = Func(F("listing_ids"), function="cardinality", output_field=IntegerField())
    rows = Vacation.objects.filter(merchant=merchant).select_related("leaving", "returning")
    return rows.defer("listing_ids").annotate(sku_count=count)


def get_vacation(merchant: Merchant, pk: int) -> Vacation:
    """Raises NotFound."""
    row = vacations_of(merchant).filter(pk=pk).first()
    if row is None:
        raise NotFound(f"There is no vacation {pk}.", hint="It may belong to another merchant.")
    return row


def open_vacation(merchant: Merchant) -> Vacation | None:
    return vacations_of(merchant).filter(state__in=OPEN_VACATIONS).first()


def past_vacations(merchant: Merchant, most: int = 20) -> list[Vacation]:
    return list(vacations_of(merchant).exclude(state__in=OPEN_VACATIONS).order_by("-pk")[:most])


def open_at_jet(merchant: Merchant) -> QuerySet[Listing]:
    """What a vacation archives: uploaded, and not archived or about to be."""
    return Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False, archived_target=False)


def not_archived(merchant: Merchant) -> int:
    """SKUs at Jet whose archiving Jet has not accepted, so that they may still be bought."""
    return Listing.objects.filter(
        merchant=merchant, content_sent_at__isnull=False, archived_sent=False
    ).count()


def preview(merchant: Merchant) -> VacationPreview:
    archived = Listing.objects.filter(
        merchant=merchant, content_sent_at__isnull=False, archived_target=True
    ).count()
    return VacationPreview(open_at_jet(merchant).count(), archived)


def uploaded_since(vacation: Vacation) -> int:
    """SKUs that can be bought although the vacation is on: uploaded or opened by hand after it began."""
    if vacation.state != VacationState.ON:
        return 0
    open_now, leaving = open_at_jet(vacation.merchant), vacation.leaving
    if leaving is not None and leaving.is_open and "prepared" in leaving.data:
        # A large operation marks its SKUs batch by batch; those it has not come to are no surprise.
        ahead = OperationRow.objects.filter(
            merchant=vacation.merchant_id, operation=leaving, pk__gt=leaving.data["prepared"]
        )
        open_now = open_now.exclude(pk__in=ahead.values("object_id"))
    return open_now.count()


def due_to_start(merchant: Merchant) -> Vacation | None:
    rows = vacations_of(merchant).filter(state=VacationState.PLANNED)
    return rows.filter(starts_at__lte=timezone.now()).first()


def due_to_end(merchant: Merchant) -> Vacation | None:
    rows = vacations_of(merchant).filter(state=VacationState.ON)
    return rows.filter(ends_at__lte=timezone.now()).first()
