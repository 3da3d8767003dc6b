"""Looks at pictures in the background: a few at once, a few per host, with pauses."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import timedelta

from django.utils import timezone

from catalog.actions.images import PROBE, sleep_unused, store_looks
from catalog.actions.targets import BATCH as SKU_BATCH
from catalog.actions.targets import refresh_targets
from catalog.bulk import batches
from catalog.images import Look
from catalog.queries.images import due_images, is_probing, variants_showing, variants_with_twins
from catalog.sync.image_fetch import WHOLE_SECONDS, ImageFetcher, host_of
from jetsync.enums import Queue
from jetsync.models import Merchant
from jetsync.sync.client import refuse_open_transaction
from jetsync.sync.failures import Again
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.tenancy.rights import Right
from jetsync.wording import counted

# Pictures of one run, and how long a run may take: the worker then turns to other jobs.
BATCH = 200
RUN_SECONDS = 90.0
# A merchant's pictures mostly lie on one server, often a small one.
PER_HOST, AT_ONCE = 4, 8
PAUSE_SECONDS = 0.05
HEARTBEAT_SECONDS = 20.0
# One look that began in time, with all its redirects, and what the look-up of names may add.
GRACE_SECONDS = WHOLE_SECONDS + 15.0
SCHEDULE = "catalog.images"
# A look that failed is repeated by the job itself when that is soon; later ones wait for the schedule.
SOON = timedelta(hours=2)

LookAt = Callable[[str], Look]


@handler(
    PROBE, label="Look at pictures", right=Right.PRODUCTS_EDIT, queue=Queue.BULK, lease=timedelta(minutes=5)
)
def probe_images(ctx: JobContext) -> None:
    """Fetches what is due, stores what was seen, and judges the SKUs anew that show it. Safe to repeat."""
    merchant = ctx.merchant
    if not is_probing():
        ctx.note("Pictures are not fetched in this installation.")
        return
    rows = list(due_images(merchant, timezone.now()).values_list("pk", "url")[:BATCH])
    kept = set(sleep_unused(merchant, [pk for pk, _url in rows]))
    refuse_open_transaction("GET", "a picture")
    fetcher = ImageFetcher()
    try:
        looks = look_at_all(fetcher.look_at, [row for row in rows if row[0] in kept], ctx.heartbeat)
    finally:
        fetcher.close()
    changed = store_looks(merchant, looks)
    judged = _judge_anew(ctx, changed, list(looks))
    ctx.note(f"{counted(len(looks), 'picture')} looked at, {counted(judged, 'SKU')} judged anew.")
    _go_on(merchant)


def look_at_all(
    look: LookAt, rows: Sequence[tuple[int, str]], heartbeat: Callable[[], None]
) -> dict[int, Look]:
    """Fact pk -> what was seen, of as many as the time of a run allows. Touches no database.

    Past the run's time and that of one look more nothing is waited for: a thread may hang in a look-up of a name.
    """
    deadline = time.monotonic() + RUN_SECONDS
    found: dict[int, Look] = {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="images")
    try:
        open_lanes = {pool.submit(_walk, look, lane, deadline, found) for lane in lanes(rows)}
        while open_lanes and time.monotonic() < deadline + GRACE_SECONDS:
            done, open_lanes = wait(open_lanes, HEARTBEAT_SECONDS, FIRST_COMPLETED)
            heartbeat()
            for lane in done:
                lane.result()  # raises what no look should
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return found.copy()


def lanes(rows: Iterable[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Rows dealt into lanes of one host each, at most PER_HOST per host; a lane is walked one by one."""
    by_host: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        by_host[host_of(row[1])].append(row)
    return [lane for found in by_host.values() for n in range(PER_HOST) if (lane := found[n::PER_HOST])]


def _walk(look: LookAt, lane: Sequence[tuple[int, str]], deadline: float, found: dict[int, Look]) -> None:
    """Into `found`, which all lanes share: what one has seen is kept when another hangs."""
    for number, (pk, url) in enumerate(lane):
        if time.monotonic() > deadline:
            break
        if number:
            time.sleep(PAUSE_SECONDS)
        found[pk] = look(url)


def _judge_anew(ctx: JobContext, changed: Sequence[int], looked_at: Sequence[int]) -> int:
    """Recomputes the targets of all SKUs that the new findings concern; returns how many."""
    merchant = ctx.merchant
    rows = variants_showing(merchant, changed).order_by("pk").values_list("pk", flat=True)
    ids = {*rows, *variants_with_twins(merchant, looked_at)}
    for batch in batches(sorted(ids), SKU_BATCH):
        ctx.heartbeat()
        refresh_targets(merchant, batch)
    return len(ids)


def _go_on(merchant: Merchant) -> None:
    """Raises Again while pictures are due now or soon."""
    now = timezone.now()
    rows = due_images(merchant, now + SOON)
    due_at = rows.values_list("due_at", flat=True).first()
    if due_at is not None:
        raise Again(max(timedelta(), due_at - now))


def _has_due(merchant: Merchant) -> bool:
    return is_probing() and due_images(merchant, timezone.now()).exists()


add_schedule(
    ScheduleKind(
        SCHEDULE,
        "Look at pictures",
        timedelta(hours=1),
        PROBE,
        "New pictures are looked at at once; this run repeats failures, and every picture after 30 days.",
        _has_due,
        idle="No picture is due.",
    )
)
