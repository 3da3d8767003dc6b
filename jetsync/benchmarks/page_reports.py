"""What follows from products and orders: sales data, bounds, new prices, papers, held pieces, reports of days and weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from catalog.bulk import batches, insert_rows
from catalog.enums import ListingStatus
from catalog.models import Reservation, Variant
from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import get_account
from orders.enums import DocumentKind, OrderState
from orders.models import Document, OrderLine, Shipment
from orders.models.order import RESERVATION_PREFIX
from refunds.enums import SettlementState
from refunds.models import DailyReport, SettlementReport
from repricer.enums import RunState, Why
from repricer.models import RepriceChange, RepriceRule, RepriceRun, SalesData

# Children first, as in page_catalogue.
TABLES = (
    RepriceChange,
    RepriceRun,
    RepriceRule,
    SalesData,
    Document,
    Reservation,
    DailyReport,
    SettlementReport,
)
BATCH = 5000
DAYS, WEEKS, HELD_DAYS = 365, 60, 30
# What grows slower than the orders still fills a page of a small merchant.
FULL_PAGE = 60
# Of the SKUs for sale: the others have no figures yet. Of all SKUs: bounds are for those that have rivals.
FIGURES_EVERY, BOUNDS_EVERY, CHANGE_EVERY = 2, 3, 4
HOLDING = (OrderState.READY, OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS)
PRICE = Decimal("24.99")
Row = dict[str, Any]


def make_reports(merchant: Merchant) -> None:
    """The merchant's scope is open, his catalogue and orders are there."""
    account = get_account(merchant)
    if account is None:
        raise LookupError("make_catalogue gives every merchant an account")
    _repricing(merchant)
    _papers(merchant)
    _held(merchant)
    _days(merchant, account)
    _weeks(merchant, account)


def _insert(model: Any, merchant: Merchant, rows: Sequence[Row]) -> None:
    for batch in batches(rows, BATCH):
        insert_rows(model, merchant, tuple(batch[0]), batch)


def _repricing(merchant: Merchant) -> None:
    skus = Variant.objects.filter(merchant=merchant).order_by("pk")
    sold = list(skus.filter(listing__status=ListingStatus.AVAILABLE).values_list("pk", "sku"))
    _insert(SalesData, merchant, _figures([pk for pk, _sku in sold[::FIGURES_EVERY]]))
    _insert(RepriceRule, merchant, _bounds(skus.values_list("pk", flat=True)[::BOUNDS_EVERY]))
    run = RepriceRun.objects.create(
        merchant=merchant, state=RunState.DONE, finished_at=timezone.now(), looked=len(sold)
    )
    _insert(RepriceChange, merchant, _changes(run, sold[::CHANGE_EVERY]))


def _figures(variant_ids: Sequence[int]) -> list[Row]:
    """From five dollars cheaper than the best offer to five dearer."""
    now = timezone.now()
    gaps = [Decimal(number - 5) for number in range(11)]
    return [
        {
            "variant": pk,
            "has_data": True,
            "my_price": PRICE,
            "my_shipping": Decimal(0),
            "best_price": PRICE - gaps[number % len(gaps)],
            "best_shipping": Decimal(0),
            "gap": gaps[number % len(gaps)],
            "my_noted_at": now,
            "best_noted_at": now,
            "read_at": now,
        }
        for number, pk in enumerate(variant_ids)
    ]


def _bounds(variant_ids: Iterable[int]) -> list[Row]:
    """Every second lacks its bidding amount."""
    fixed = {"min_price": Decimal(20), "max_price": Decimal(40), "updated_at": timezone.now()}
    return [
        {**fixed, "variant": pk, "bid": Decimal(number % 2) or None} for number, pk in enumerate(variant_ids)
    ]


def _changes(run: RepriceRun, sold: Sequence[tuple[int, str]]) -> list[Row]:
    now = timezone.now()
    return [
        {
            "run": run.pk,
            "variant": pk,
            "sku": sku,
            "at": now,
            "old_price": PRICE,
            "new_price": PRICE - 1,
            "why": Why.UNDERCUT.value,
            "words": "Best offer 24.99 landed, less bid 1.00: 23.99.",
        }
        for pk, sku in sold
    ]


def _papers(merchant: Merchant) -> None:
    """An invoice for every parcel."""
    parcels = (
        Shipment.objects.filter(merchant=merchant).order_by("pk").values_list("pk", "order", "shipped_at")
    )
    rows = [
        {
            "order": order,
            "kind": DocumentKind.INVOICE.value,
            "number": str(1_000_000 + number),
            "source": f"shipment-{pk}",
            "shipment": pk,
            "units": 1,
            "principal": PRICE,
            "total": PRICE,
            "issued_at": shipped_at,
        }
        for number, (pk, order, shipped_at) in enumerate(parcels)
    ]
    _insert(Document, merchant, rows)


def _held(merchant: Merchant) -> None:
    """By the newest orders: what was sold a year ago has long been shipped."""
    lines = OrderLine.objects.filter(merchant=merchant, order__state__in=HOLDING).order_by(
        "-order__placed_at"
    )
    lines = lines[: max(FULL_PAGE, lines.count() * HELD_DAYS // DAYS)]
    rows = [
        {"variant": variant, "key": f"{RESERVATION_PREFIX}{pk}", "quantity": quantity, "created_at": since}
        for pk, variant, quantity, since in lines.values_list(
            "pk", "variant", "quantity", "order__created_at"
        )
    ]
    _insert(Reservation, merchant, rows)


def _days(merchant: Merchant, account: JetAccount) -> None:
    now = timezone.now()
    rows = [
        {
            "account": account.pk,
            "day": (now - timedelta(days=number + 1)).date(),
            "orders": 40,
            "sales": PRICE * 40,
            "counted_at": now,
        }
        for number in range(DAYS)
    ]
    _insert(DailyReport, merchant, rows)


def _weeks(merchant: Merchant, account: JetAccount) -> None:
    now = timezone.now()
    rows = [
        {
            "account": account.pk,
            "report_id": f"{number:032x}",
            "state": SettlementState.PAID.value,
            "jet_state": "paid",
            "currency": "USD",
            "period_start": now - timedelta(weeks=number + 1),
            "period_end": now - timedelta(weeks=number),
            "order_balance": PRICE * 280,
            "settlement_value": PRICE * 250,
            "seen_at": now,
            "created_at": now,
            "updated_at": now,
        }
        for number in range(WEEKS)
    ]
    _insert(SettlementReport, merchant, rows)
