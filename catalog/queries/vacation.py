"""Reads of vacations."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from catalog.enums import OPEN_VACATIONS, VacationState
from catalog.models import Listing, Vacation
from jetsync.models import Merchant


@dataclass(frozen=True)
class VacationPreview:
    """`to_archive` SKUs are open at Jet; `stay_archived` are archived already and stay so afterwards."""

    to_archive: int
    stay_archived: int


def open_vacation(merchant: Merchant) -> Vacation | None:
    rows = Vacation.objects.filter(merchant=merchant, state__in=OPEN_VACATIONS)
    return rows.select_related("leaving", "returning").first()


def past_vacations(merchant: Merchant, most: int = 20) -> list[Vacation]:
    rows = Vacation.objects.filter(merchant=merchant).exclude(state__in=OPEN_VACATIONS)
    return list(rows.select_related("leaving", "returning").order_by("-pk")[:most])


def open_at_jet(merchant: Merchant) -> QuerySet[Listing]:
    """What a vacation archives: uploaded, and not archived or about to be."""
    return Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False, archived_target=False)


def preview(merchant: Merchant) -> VacationPreview:
    archived = Listing.objects.filter(
        merchant=merchant, content_sent_at__isnull=False, archived_target=True
    ).count()
    return VacationPreview(open_at_jet(merchant).count(), archived)


def uploaded_since(vacation: Vacation) -> int:
    """SKUs that can be bought although the vacation is on: uploaded or opened by hand after it began."""
    return open_at_jet(vacation.merchant).count() if vacation.state == VacationState.ON else 0


def due_to_start(merchant: Merchant) -> Vacation | None:
    rows = Vacation.objects.filter(merchant=merchant, state=VacationState.PLANNED)
    return rows.filter(starts_at__lte=timezone.now()).first()


def due_to_end(merchant: Merchant) -> Vacation | None:
    rows = Vacation.objects.filter(merchant=merchant, state=VacationState.ON)
    return rows.filter(ends_at__lte=timezone.now()).first()
