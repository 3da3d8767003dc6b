"""Keeps price and quantity at Jet right: sends rows where target differs from sent, and what grew older than a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from catalog.actions.accepted import ask_status
from catalog.actions.deltas import (
    KEY,
    PUSH_CONTENT,
    PUSH_INVENTORY,
    PUSH_PRICES,
    PUSH_RELATIONS,
    dirty_content,
    dirty_exceptions,
    dirty_groups,
    listed,
)
from catalog.actions.targets import refresh_targets
from catalog.enums import FileType, Step
from catalog.models import BulkFile, Listing, NodeStock
from catalog.queries.dry_run import STEP_WORDS
from catalog.queries.errors import refused, refused_as_file
from catalog.queries.product import accepted_values
from catalog.sync.after_stock import ask_followers
from catalog.sync.bodies import content_messages
from catalog.sync.calls import run_step
from catalog.sync.files import OPEN_FILES, send_file
from jetsync.actions.log import record
from jetsync.enums import Priority, Queue
from jetsync.models import Merchant, Options
from jetsync.queries.settings import current_nodes, get_options
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.requests import request_job
from jetsync.sync.runner import JobContext
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.rights import Right

SWEEP = "catalog.sweep_inventory"
# Jet wants every listed SKU's stock at least daily; the sweep runs every 8 hours, so this never passes 24.
STALE_AFTER = timedelta(hours=15)
IMAGE_MEMBERS = frozenset({"main_image_url", "swatch_image_url", "alternate_images"})
# Payloads held at once while they are compared with what was sent.
CONTENT_BATCH = 1000
FILE_WAIT = timedelta(seconds=15)
# Jet refused the file and named no SKU. The same rows go again no sooner, or a lasting fault would make endless files.
REFUSED_FILE_PAUSE = timedelta(hours=1)


def dirty_prices(merchant: Merchant) -> QuerySet[Listing]:
    """By the SKU's own price or by that of a node. A union, so that each half is read from its partial index."""
    own = listed(merchant).filter(price_dirty=True).values("pk")
    at_nodes = _stock(merchant).filter(price_dirty=True).values("variant__listing")
    return listed(merchant).filter(pk__in=own.union(at_nodes), price_target__isnull=False)


def _stock(merchant: Merchant) -> QuerySet[NodeStock]:
    """Nodes of the mode in use: Jet does not know those of the other account."""
    return NodeStock.objects.filter(merchant=merchant, node__in=current_nodes(merchant))


def dirty_stock(merchant: Merchant, *, stale: bool = False) -> QuerySet[Listing]:
    rows = _stock(merchant)
    wanted = Q(quantity_dirty=True)
    if stale:
        wanted |= Q(quantity_sent_at__lt=timezone.now() - STALE_AFTER)
    return listed(merchant).filter(variant__in=rows.filter(wanted).values("variant"))


def due_ids(rows: QuerySet[Listing], step: Step, limit: int) -> list[int]:
    """The first `limit` of them, by pk. Refused SKUs keep their error and are left out until they change."""
    due = rows.exclude(_paused(step))
    if step != Step.VARIATION:  # a group keeps its own refusal: its parent may have another
        due = due.exclude(refused(step))
    return list(due.order_by("pk").values_list("pk", flat=True)[:limit])


def _paused(step: Step) -> Exists:
    return refused_as_file(step, timezone.now() - REFUSED_FILE_PAUSE)


def _is_under_way(merchant: Merchant, file_type: FileType) -> bool:
    """While a file of this kind is at Jet its rows still look dirty; the delta goes on when it is done."""
    return BulkFile.objects.filter(merchant=merchant, file_type=file_type, state__in=OPEN_FILES).exists()


# One of them and several, as the job's note says it.
NOUNS = {
    Step.CONTENT: ("product", "products"),
    Step.PRICE: ("price", "prices"),
    Step.INVENTORY: ("quantity", "quantities"),
    Step.VARIATION: ("variation group", "variation groups"),
    Step.SHIPPING: ("shipping exception", "shipping exceptions"),
    Step.RETURNS: ("return exception", "return exceptions"),
}


def sent_words(step: Step, sent: int, refused: int = 0, *, as_file: bool = False) -> str:
    """ "1 quantity sent.", "12 prices sent, 1 refused."."""
    one, many = NOUNS[step]
    how = " as a file" if as_file else f", {refused:,} refused" if refused else ""
    return f"{sent:,} {one if sent == 1 else many} sent{how}."


@dataclass(frozen=True)
class _Outcome:
    """What one kind of change came to; `wait`: when to look again for what is still to be sent, None = all is done."""

    words: str
    count: int = 0
    wait: timedelta | None = None


def _send(context: JobContext, rows: QuerySet[Listing], step: Step, file_type: FileType) -> _Outcome:
    """Few by direct calls, many by files."""
    options = get_options(context.merchant)
    ids = due_ids(rows, step, _most_at_once(options))
    if len(ids) > options.direct_upload_limit:
        if _is_under_way(context.merchant, file_type):
            return _Outcome("Waiting for Jet to work through the file before.", wait=FILE_WAIT)
        return _send_as_file(context, ids[: options.skus_per_file], step, file_type)
    sent, refused = _call(context, ids, step)
    if sent + refused < len(ids):
        _note_gaps(context, ids, step)
    if step == Step.CONTENT and sent:
        ask_status(context.merchant, f"job:{context.job.pk}", listings=ids)
    wait = REFUSED_FILE_PAUSE if rows.filter(_paused(step)).exists() else None
    return _Outcome(sent_words(step, sent, refused), sent + refused, wait)


def _most_at_once(options: Options) -> int:
    """A file's worth, and enough to tell that there are too many for direct calls: those leave none behind."""
    return max(options.skus_per_file, options.direct_upload_limit + 1)


def _send_as_file(context: JobContext, ids: Sequence[int], step: Step, file_type: FileType) -> _Outcome:
    file = send_file(context, file_type, ids)
    if file is not None:
        return _Outcome(sent_words(step, file.sku_count, as_file=True), file.sku_count, FILE_WAIT)
    _note_gaps(context, ids, step)
    return _Outcome(sent_words(step, 0, as_file=True), wait=FILE_WAIT if step == Step.CONTENT else None)


def _note_gaps(context: JobContext, ids: Sequence[int], step: Step) -> None:
    """Product data that was not sent has a gap which its listing does not know of yet. Once noted it waits for the gap,
    and others have their turn.
    """
    if step == Step.CONTENT:
        rows = Listing.objects.filter(merchant=context.merchant, pk__in=ids)
        refresh_targets(context.merchant, rows.values_list("variant_id", flat=True), push=False)


def _call(context: JobContext, ids: Sequence[int], step: Step) -> tuple[int, int]:
    """(sent, refused) of these listings, one call each, each with a line in the SKU's time line."""
    sent, refused = 0, 0
    for listing in Listing.objects.filter(merchant=context.merchant, pk__in=ids).select_related("variant"):
        before = accepted_values(listing, step)
        try:
            if run_step(context, listing, step):
                sent += 1
                after = accepted_values(listing, step)
                words = f"{listing.variant.sku}: {STEP_WORDS[step]} sent."
                _log(context, listing, "sent", words, old=before, new=after)
        except PermanentFailure as refusal:
            refused += 1
            _log(context, listing, "refused", refusal.message)
    return sent, refused


def _log(
    context: JobContext,
    listing: Listing,
    end: str,
    words: str,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    record(
        context.merchant,
        f"catalog.listing.{end}",
        words,
        actor=SYSTEM,
        about=listing.variant,
        old=old,
        new=new,
        job=context.job,
    )


def _close(context: JobContext, *outcomes: _Outcome) -> None:
    """Says what was sent, and comes back at the earliest time at which one of the kinds can go on."""
    told = [row.words for row in outcomes if row.count] or [outcomes[0].words]
    context.note(" ".join(told))
    waits = [row.wait for row in outcomes if row.wait is not None]
    if waits:
        raise Again(min(waits))


@handler(PUSH_PRICES, label="Send changed prices", right=Right.PRODUCTS_PUBLISH)
def push_prices(context: JobContext) -> None:
    if not get_options(context.merchant).send_price:
        context.note("Sending prices is switched off in the settings.")
        return
    _close(context, _send(context, dirty_prices(context.merchant), Step.PRICE, FileType.PRICE))


@handler(PUSH_INVENTORY, label="Send changed quantities", right=Right.PRODUCTS_PUBLISH)
def push_inventory(context: JobContext) -> None:
    if not get_options(context.merchant).send_inventory:
        context.note("Sending quantities is switched off in the settings.")
        return
    _close(context, _send(context, dirty_stock(context.merchant), Step.INVENTORY, FileType.INVENTORY))


@handler(PUSH_CONTENT, label="Send changed product data", right=Right.PRODUCTS_PUBLISH)
def push_content(context: JobContext) -> None:
    """Only the parts that the merchant wants sent on edit (features CFG-16); the rest waits for an upload."""
    options = get_options(context.merchant)
    if not options.sync_on_edit or not (options.edit_sends_content or options.edit_sends_images):
        context.note("Sending product data on edit is switched off in the settings.")
        return
    rows = dirty_content(context.merchant)
    if not (options.edit_sends_content and options.edit_sends_images):
        rows = rows.filter(pk__in=wanted_changes(context, rows, options))
    outcome = _send(context, rows, Step.CONTENT, FileType.MERCHANT_SKUS)
    if dirty_groups(context.merchant).exists():  # those that waited for what Jet has just taken
        request_job(context.merchant, PUSH_RELATIONS, KEY, priority=Priority.NORMAL)
    _close(context, outcome)


def wanted_changes(context: JobContext, rows: QuerySet[Listing], options: Options) -> list[int]:
    """Of the changed SKUs, as many as are sent at once of those where every changed member is of a kind that is sent on
    edit. Looks on until there are so many: SKUs that wait for an upload may stand in front, however many.
    """
    found: list[int] = []
    last, most = 0, _most_at_once(options)
    while len(found) < most:
        batch = due_ids(rows.filter(pk__gt=last), Step.CONTENT, CONTENT_BATCH)
        if not batch:
            break
        context.heartbeat()
        found += _wanted_of(context.merchant, batch, options)
        last = batch[-1]
    return found[:most]


def _wanted_of(merchant: Merchant, batch: Sequence[int], options: Options) -> list[int]:
    found = []
    rows = Listing.objects.filter(merchant=merchant, pk__in=batch)
    sent = dict(rows.values_list("pk", "content_sent_body"))
    for message in content_messages(merchant, batch):
        changed = changed_members(sent.get(message.listing_id) or {}, message.payload)
        images = bool(changed & IMAGE_MEMBERS)
        others = bool(changed - IMAGE_MEMBERS)
        if (options.edit_sends_images or not images) and (options.edit_sends_content or not others):
            found.append(message.listing_id)
    return found


def changed_members(sent: dict[str, Any], now: dict[str, Any]) -> set[str]:
    return {name for name in sent.keys() | now.keys() if sent.get(name) != now.get(name)}


@handler(PUSH_RELATIONS, label="Send changed groups and exceptions", right=Right.PRODUCTS_PUBLISH)
def push_relations(context: JobContext) -> None:
    """Groups first: a SKU belongs to its family before it ships and returns in its own way.

    A kind that has to wait keeps no other from being sent.
    """
    merchant = context.merchant
    _close(
        context,
        _send(context, dirty_groups(merchant), Step.VARIATION, FileType.VARIATION),
        _send(context, dirty_exceptions(merchant, "shipping"), Step.SHIPPING, FileType.SHIPPING_EXCEPTION),
        _send(context, dirty_exceptions(merchant, "returns"), Step.RETURNS, FileType.RETURNS_EXCEPTION),
    )


@handler(SWEEP, label="Refresh all quantities", right=Right.PRODUCTS_PUBLISH, queue=Queue.BULK)
def sweep_inventory(context: JobContext) -> None:
    """Changed ones and all that Jet has not heard of for a while, so that no listed SKU is older than a day."""
    if not get_options(context.merchant).send_inventory:
        context.note("Sending quantities is switched off in the settings.")
        return
    outcome = _send(context, dirty_stock(context.merchant, stale=True), Step.INVENTORY, FileType.INVENTORY)
    if outcome.wait is None:
        ask_followers(context.merchant)
    _close(context, outcome)


def _may_send(merchant: Merchant) -> bool:
    return get_options(merchant).send_inventory


add_schedule(
    ScheduleKind(
        "catalog.sweep_inventory",
        "Stock sync",
        timedelta(hours=8),
        SWEEP,
        "Changes are sent at once; this run repeats what is older than 15 hours.",
        _may_send,
        idle="Switched off in the settings.",
    )
)
