"""Vacation: everything that is open at Jet is archived, and exactly that is opened again afterwards.

Both ways are operations over frozen rows, so a worker that dies in the middle loses nothing: the rest waits, and a
vacation is started and ended once, under its row's lock.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.actions.publish import archive, unarchive
from catalog.codes import Code
from catalog.enums import VacationState
from catalog.models import Listing, Vacation
from catalog.queries.vacation import open_at_jet
from jetsync.actions.log import record
from jetsync.actions.operation import cancel_operation
from jetsync.exceptions import InvalidInput, StateConflict
from jetsync.models import Merchant, Operation
from jetsync.sync.client import current_account
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

REASON = "vacation"
OPEN = "A vacation is planned or on already."


def plan_vacation(
    merchant: Merchant, *, starts_at: datetime | None, ends_at: datetime | None, actor: Actor
) -> Vacation:
    """`starts_at` empty = now. Raises InvalidInput for times in the wrong order, StateConflict when one is open,
    SettingsMissing without API keys: nothing would be archived.
    """
    current_account(merchant)
    now = timezone.now()
    first = starts_at or now
    if starts_at is not None and starts_at < now:
        raise InvalidInput(
            "The vacation would begin in the past.", hint="Leave the start empty to begin now."
        )
    if ends_at is not None and ends_at <= first:
        raise InvalidInput("The vacation would end before it begins.", hint="Choose a later end, or none.")
    try:
        with transaction.atomic():
            vacation = Vacation.objects.create(merchant=merchant, starts_at=first, ends_at=ends_at)
            words = "Vacation was planned" if starts_at else "Vacation was begun"
            record(merchant, "catalog.vacation.planned", words, actor=actor, about=vacation)
            if starts_at is None:
                start_vacation(vacation, actor=actor)
    except IntegrityError:
        raise StateConflict(OPEN, hint="End or cancel it first.", code=Code.VACATION_OPEN) from None
    return vacation


@transaction.atomic
def start_vacation(vacation: Vacation, *, actor: Actor) -> Operation | None:
    """Archives all that is open at Jet. None when it was started or cancelled meanwhile, or nothing is open."""
    row = _lock(vacation)
    if row.state != VacationState.PLANNED:
        return None
    chosen = list(open_at_jet(row.merchant).order_by("pk").values_list("pk", "variant_id"))
    operation = None
    if chosen:
        ids = [variant for _listing, variant in chosen]
        operation = archive(row.merchant, ids, actor=actor, alone=True, reason=REASON)
    row.state, row.started_at = VacationState.ON, timezone.now()
    row.listing_ids, row.leaving = [listing for listing, _variant in chosen], operation
    row.save(update_fields=["state", "started_at", "listing_ids", "leaving"])
    words = f"Vacation began: {counted(len(chosen), 'SKU')} to archive"
    record(row.merchant, "catalog.vacation.started", words, actor=actor, about=row, operation=operation)
    return operation


@transaction.atomic
def end_vacation(vacation: Vacation, *, actor: Actor) -> Operation | None:
    """Opens again what the vacation has archived and nothing else; what of it was not archived yet is left alone.

    Raises StateConflict when it is over already.
    """
    row = _lock(vacation)
    if row.state != VacationState.ON:
        raise StateConflict(
            "This vacation is not on.", hint="Look at the page again.", code=Code.VACATION_NOT_ON
        )
    if row.leaving is not None and row.leaving.is_open:
        cancel_operation(row.leaving, actor=actor)
    archived = Listing.objects.filter(merchant=row.merchant, pk__in=row.listing_ids, archived_target=True)
    ids = list(archived.order_by("pk").values_list("variant_id", flat=True))
    operation = unarchive(row.merchant, ids, actor=actor, alone=True, reason=REASON) if ids else None
    row.state, row.ended_at, row.returning = VacationState.OVER, timezone.now(), operation
    row.save(update_fields=["state", "ended_at", "returning"])
    words = f"Vacation ended: {counted(len(ids), 'SKU')} to open again"
    record(row.merchant, "catalog.vacation.ended", words, actor=actor, about=row, operation=operation)
    return operation


@transaction.atomic
def cancel_vacation(vacation: Vacation, *, actor: Actor) -> None:
    """Takes back a plan. Raises StateConflict when it has begun."""
    row = _lock(vacation)
    if row.state != VacationState.PLANNED:
        raise StateConflict("The vacation has begun.", hint="End it instead.", code=Code.VACATION_BEGUN)
    row.state, row.ended_at = VacationState.CANCELLED, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    record(row.merchant, "catalog.vacation.cancelled", "Vacation was cancelled", actor=actor, about=row)


def _lock(vacation: Vacation) -> Vacation:
    rows = Vacation.objects.select_for_update(of=("self",)).select_related("merchant", "leaving")
    return rows.get(pk=vacation.pk, merchant=vacation.merchant_id)
