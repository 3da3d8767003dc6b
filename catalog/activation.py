"""The product steps before live: one ready SKU, its price and its quantity, each by the call that real work makes."""

from __future__ import annotations

import math

from django.db.models import Count, QuerySet

from catalog.actions.left_out import STARTED
from catalog.actions.publish import upload
from catalog.actions.targets import refresh_targets
from catalog.enums import Readiness, Step
from catalog.models import Listing, NodeStock
from catalog.queries.dry_run import STEP_WORDS
from catalog.queries.stock import variant_by_sku
from catalog.sync.calls import run_step
from jetsync.actions.log import record
from jetsync.activation import registry
from jetsync.activation.registry import (
    Done,
    Launch,
    LaunchCounts,
    ModeRow,
    StepFailed,
    StepRun,
    Subject,
    register_launch,
    register_mode_row,
    register_step,
    register_subject,
)
from jetsync.enums import Mode
from jetsync.models import Merchant, Operation
from jetsync.queries.settings import current_nodes
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


def _offered(merchant: Merchant) -> QuerySet[NodeStock]:
    """Where Jet may be offered a piece."""
    return NodeStock.objects.filter(
        merchant=merchant, node__in=current_nodes(merchant), quantity_target__gt=0
    )


def first_sku(merchant: Merchant) -> str:
    """The first SKU by age that is ready, has a price and can be ordered."""
    rows = Listing.objects.filter(
        merchant=merchant,
        readiness=Readiness.READY,
        price_target__isnull=False,
        archived_target=False,
        variant__in=_offered(merchant).values("variant"),
    )
    found = rows.order_by("pk").values_list("variant__sku", flat=True).first()
    return found or ""


def first_uploaded_sku(merchant: Merchant) -> str:
    """The SKU that Jet took first and still sells, or ""."""
    rows = Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False, archived_target=False)
    return rows.order_by("content_sent_at", "pk").values_list("variant__sku", flat=True).first() or ""


def named_sku(merchant: Merchant, sku: str) -> str:
    """As given where there is no such SKU."""
    variant = variant_by_sku(merchant, sku) if sku else None
    return variant.sku if variant else sku


def sku_problem(merchant: Merchant, sku: str) -> str:
    """Why this SKU cannot be rehearsed with, or ""."""
    listing = Listing.objects.filter(merchant=merchant, variant__sku=sku).first()
    if listing is None:
        return f"There is no SKU “{sku}” among your products."
    if listing.readiness == Readiness.NOT_READY:
        gaps = " ".join(str(gap.get("message", "")) for gap in listing.gaps[:2])
        return f"{sku} is not ready: {gaps or 'open the product for what is missing.'}"
    if listing.archived_target:
        return f"{sku} is archived. Un-archive it, or choose another SKU."
    if not _offered(merchant).filter(variant=listing.variant_id).exists():
        return f"{sku} has no piece to sell. Give it a quantity of 1 or more, or choose another SKU."
    return ""


def _to_upload(merchant: Merchant) -> QuerySet[Listing]:
    """What can be uploaded to live: not held up by a gap, and not archived there."""
    rows = Listing.objects.filter(merchant=merchant).exclude(readiness=Readiness.NOT_READY)
    return rows if merchant.mode == Mode.TEST else rows.filter(archived_target=False)


def launch_counts(merchant: Merchant) -> LaunchCounts:
    """Of live; in test mode as right after the switch, which nothing that the test account has has reached."""
    counts = _to_upload(merchant).aggregate(ready=Count("pk"), started=Count("pk", filter=STARTED))
    return LaunchCounts(counts["ready"], 0 if merchant.mode == Mode.TEST else counts["started"])


def _missing_to(merchant: Merchant, share: int) -> list[tuple[int, str]]:
    """Id and SKU of the oldest products that are missing to the share, the SKUs of a product together."""
    counts = launch_counts(merchant)
    missing = math.ceil(counts.ready * share / 100) - counts.started
    if missing < 1:
        return []
    rows = _to_upload(merchant).order_by("variant__product", "pk")
    rows = rows if merchant.mode == Mode.TEST else rows.exclude(STARTED)
    found: list[tuple[int, str]] = []
    last = None
    for variant, sku, product in rows.values_list(
        "variant_id", "variant__sku", "variant__product_id"
    ).iterator():
        if len(found) >= missing and product != last:
            break
        found.append((variant, sku))
        last = product
    return found


def preview_share(merchant: Merchant, share: int) -> list[str]:
    return [sku for _variant, sku in _missing_to(merchant, share)]


def start_share(merchant: Merchant, share: int, actor: Actor) -> Operation | None:
    ids = [variant for variant, _sku in _missing_to(merchant, share)]
    return upload(merchant, ids, actor=actor, launch=True) if ids else None


def _skus_at_jet(merchant: Merchant, mode: str) -> str:
    if mode != merchant.mode:
        return "None: all begin as not uploaded"
    known = Listing.objects.filter(merchant=merchant, content_sent_at__isnull=False).count()
    return f"{known:,}"


def _listing(run: StepRun) -> Listing:
    found = Listing.objects.select_related("variant").filter(merchant=run.merchant, variant__sku=run.sku)
    listing = found.first()
    if listing is None:
        raise StepFailed(f"SKU {run.sku} is gone.", hint="Choose another SKU for the rehearsal.")
    return listing


def _send(run: StepRun, step: Step, call: str) -> Done:
    """Brings the targets up to date and makes the call. Jet's refusal is kept on the SKU, as after any upload."""
    listing = _listing(run)
    refresh_targets(run.merchant, [listing.variant_id], push=False)
    if problem := sku_problem(run.merchant, run.sku):
        raise StepFailed(problem, hint="Open the product; each gap leads to the field that closes it.")
    if step == Step.CONTENT:
        Listing.objects.filter(merchant=run.merchant, pk=listing.pk).update(is_wanted=True)
    listing.refresh_from_db()
    if not run_step(run.context, listing, step):
        raise StepFailed(f"{run.sku} has no {STEP_WORDS[step]} to send.", hint="Enter it on the product.")
    words = f"{run.sku}: {STEP_WORDS[step]} sent."
    record(
        run.merchant,
        "catalog.listing.sent",
        words,
        actor=run.actor,
        about=listing.variant,
        job=run.context.job,
        operation=run.operation,
    )
    return Done(words, call=call, ids={"SKU": run.sku})


def _content(run: StepRun) -> Done:
    return _send(run, Step.CONTENT, "/merchant-skus/")


def _price(run: StepRun) -> Done:
    return _send(run, Step.PRICE, "/price")


def _inventory(run: StepRun) -> Done:
    return _send(run, Step.INVENTORY, "/inventory")


register_launch(Launch(launch_counts, start_share, preview_share))
register_mode_row(
    ModeRow(
        "skus",
        50,
        "SKUs that Jet has from jetsync",
        _skus_at_jet,
        "Products, prices, mappings and groups stay as they are here.",
    )
)
register_subject(Subject(first_sku, sku_problem, named_sku, "catalog:product-list"))
register_step(
    registry.Step(
        "product_sku",
        "product",
        110,
        "Send Merchant SKU",
        Right.PRODUCTS_PUBLISH,
        _content,
        flags=("IsMerchantSkuUploaded",),
    ),
    registry.Step(
        "product_price",
        "product",
        120,
        "Send Price",
        Right.PRODUCTS_PUBLISH,
        _price,
        needs=("product_sku",),
        flags=("IsPriceUploaded",),
    ),
    registry.Step(
        "product_inventory",
        "product",
        130,
        "Send Inventory",
        Right.PRODUCTS_PUBLISH,
        _inventory,
        needs=("product_sku",),
        flags=("IsInventoryUploaded",),
    ),
)
