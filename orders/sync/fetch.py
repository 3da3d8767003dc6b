"""Fetching: new ready orders every 10 minutes, changes of open ones every half hour."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.utils import timezone

from jetsync.enums import Queue
from jetsync.jet.words.orders import OrderStatus
from jetsync.models import JetAccount, Merchant
from jetsync.queries.settings import get_options
from jetsync.sync.client import current_account
from jetsync.sync.failures import Again
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted
from orders.actions.importing import Imported
from orders.actions.silence import tell_silence
from orders.enums import OrderState
from orders.models import Order
from orders.queries.order import all_orders, failed_count, orders_to_read
from orders.sync.batch import each
from orders.sync.lease import SHORT_LEASE
from orders.sync.reading import Inbox, refresh_order

# Jet's lists end here (protocol: orders, 3.2).
LIST_LIMIT = 1000
# One run imports at most this many, then lets other merchants' urgent work pass: about 10 s at 50 ms a read.
BATCH = 200
# The mark for orders that stay in the `ready` list because their merchant answers by hand.
TAG = "jetsync-seen"
# A full list whose answers are on their way shrinks within seconds.
FULL_LIST_WAIT = timedelta(seconds=5)
# Open orders whose place in Jet's lists has not changed are read in full this often (a cancel wish may have come).
REREAD_AFTER = timedelta(hours=6)
# Nothing is read twice in one round.
JUST_READ = timedelta(minutes=5)
# A full list that does not shrink in this many rounds (8 minutes) is left to the next fetch.
FULL_LIST_ROUNDS = 100


@handler(
    "orders.fetch", label="Fetch orders", right=Right.ORDERS_FETCH, queue=Queue.URGENT, lease=SHORT_LEASE
)
def fetch_orders(ctx: JobContext) -> None:
    """Imports what is `ready`. Safe to stop anywhere and to run twice: what is stored is not read again."""
    account = current_account(ctx.merchant)
    listed = _ready_ids(ctx, account)
    ids, is_more = orders_to_read(ctx.merchant, listed, BATCH)
    tally = _Tally.of(ctx)
    with Inbox(ctx, account, tally.add) as inbox:
        each(ids, inbox.read)
    ctx.note(tally.sentence(ctx.merchant))
    if is_more:
        raise Again(tally=asdict(tally))
    if len(listed) >= LIST_LIMIT and tally.rounds < FULL_LIST_ROUNDS and _make_room(ctx, listed):
        tally.rounds += 1
        raise Again(FULL_LIST_WAIT, tally=asdict(tally))
    tell_silence(ctx.merchant, timezone.now())  # only a fetch that went well can tell quiet from broken


@dataclass
class _Tally:
    """What one fetch brought, kept over its runs."""

    new: int = 0
    accepted: int = 0
    rejected: int = 0
    failed: int = 0
    rounds: int = 0

    @classmethod
    def of(cls, ctx: JobContext) -> _Tally:
        return cls(**ctx.job.data.get("tally", {}))

    def add(self, imported: Imported | None) -> None:
        if imported is None:
            self.failed += 1
        elif imported.is_new:
            self.new += 1
            self.accepted += imported.answer == "accepted"
            self.rejected += imported.answer.startswith("rejected")

    def sentence(self, merchant: Merchant) -> str:
        if not (self.new or self.failed):
            waiting = failed_count(merchant)
            return (
                f"No new orders. {waiting} failed or rejected in the list." if waiting else "No new orders."
            )
        parts = [counted(self.new, "new order")]
        parts += [f"{self.accepted} accepted automatically"] if self.accepted else []
        parts += [f"{self.rejected} rejected automatically"] if self.rejected else []
        parts += [f"{self.failed} could not be read"] if self.failed else []
        return ", ".join(parts) + "."


def _ready_ids(ctx: JobContext, account: JetAccount) -> list[str]:
    """Ids of the ready list; once orders had to be tagged, only those that do not carry the tag."""
    has_tagged = Order.objects.filter(
        merchant=ctx.merchant, account=account, state=OrderState.READY, tag=TAG
    ).exists()
    if has_tagged:
        return ctx.jet.orders.tagged(OrderStatus.READY, TAG, include=False)
    return ctx.jet.orders.urls(OrderStatus.READY)


def _make_room(ctx: JobContext, listed: list[str]) -> bool:
    """A full list hides what comes after it. Orders that wait for a person are tagged out of it; the others leave
    it by themselves as their answers arrive. False when nothing more can come.
    """
    inside = Order.objects.filter(
        merchant=ctx.merchant, merchant_order_id__in=listed, state=OrderState.READY, tag=""
    )
    waiting = list(inside.filter(planned_answer="").values_list("pk", "merchant_order_id")[:BATCH])
    for pk, order_id in waiting:
        ctx.jet.orders.tag(order_id, TAG)
        Order.objects.filter(merchant=ctx.merchant, pk=pk).update(tag=TAG)
    return bool(waiting) or inside.exists()


@handler("orders.status", label="Refresh open orders", right=Right.ORDERS_FETCH, lease=timedelta(minutes=2))
def refresh_open_orders(ctx: JobContext) -> None:
    """Follows open orders that were answered, shipped or cancelled elsewhere, and imports those we never saw."""
    account = current_account(ctx.merchant)
    unseen: list[str] = []
    unmoved: list[str] = []
    for status in (OrderStatus.ACKNOWLEDGED, OrderStatus.INPROGRESS):
        listed = ctx.jet.orders.urls(status)
        unseen += orders_to_read(ctx.merchant, listed, LIST_LIMIT)[0]
        unmoved += _in_state(ctx.merchant, listed, OrderState(str(status)))
    stale = _stale(ctx.merchant, unmoved)
    with Inbox(ctx, account, lambda _imported: None) as inbox:

        def read(item: str | Order) -> None:
            if isinstance(item, str):
                inbox.read(item)
            else:
                refresh_order(ctx, item)

        items: list[str | Order] = [*dict.fromkeys(unseen), *stale]
        each(items, read)
    ctx.note(f"{counted(len(stale), 'open order')} read again.")
    if len(stale) == BATCH:
        raise Again


def _in_state(merchant: Merchant, listed: list[str], state: OrderState) -> list[str]:
    """Those that stand in Jet's list of the state they have here: they have not moved."""
    rows = Order.objects.filter(merchant=merchant, merchant_order_id__in=listed, state=state)
    return list(rows.values_list("merchant_order_id", flat=True))


def _stale(merchant: Merchant, unmoved: list[str]) -> list[Order]:
    """Open orders to read again, longest unread first."""
    now = timezone.now()
    rows = (
        all_orders(merchant)
        .filter(state__in=(OrderState.CREATED, OrderState.ACKNOWLEDGED, OrderState.IN_PROGRESS))
        .filter(seen_at__lt=now - JUST_READ)
        .exclude(merchant_order_id__in=unmoved, seen_at__gt=now - REREAD_AFTER)
    )
    return list(rows.select_related("account").order_by("seen_at")[:BATCH])


def _wants_orders(merchant: Merchant) -> bool:
    return get_options(merchant).pull_orders


add_schedule(
    ScheduleKind(
        name="orders.fetch",
        label="Fetch orders",
        interval=timedelta(minutes=10),
        job_kind="orders.fetch",
        explanation="Imports orders that Jet has released, reserves their pieces and answers them.",
        is_wanted=_wants_orders,
        switch="pull_orders",
        # Jet withdraws an order that is not answered within 15 minutes.
        slowest=timedelta(minutes=10),
        vital="New orders are not imported, and Jet withdraws an order that is not answered within 15 minutes.",
    )
)
add_schedule(
    ScheduleKind(
        name="orders.status",
        label="Refresh open orders",
        interval=timedelta(minutes=30),
        job_kind="orders.status",
        explanation="Follows orders that were answered, shipped or cancelled outside jetsync.",
        is_wanted=_wants_orders,
        switch="pull_orders",
    )
)
