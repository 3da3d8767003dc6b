"""One SKU by direct calls: send, then write down what Jet took. Repeating any of them is harmless."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from catalog.actions.deltas import push_deltas
from catalog.actions.errors import Refusal
from catalog.actions.marks import (
    SentContent,
    mark_all_refused,
    mark_archived_sent,
    mark_content_sent,
    mark_live,
    mark_prices_sent,
    mark_quantities_sent,
)
from catalog.enums import ErrorCode, Step
from catalog.models import Listing
from catalog.queries.files import being_archived
from catalog.sync.bodies import content_messages, ends_sale_knowingly, price_messages, stock_messages
from catalog.sync.relations import send_returns, send_shipping, send_variation
from jetsync.jet import errors
from jetsync.models import Merchant
from jetsync.sync.failures import Again, PermanentFailure
from jetsync.sync.runner import JobContext
from jetsync.wording import counted

ARCHIVE_WAIT = timedelta(seconds=10)


def run_step(context: JobContext, listing: Listing, step: Step) -> bool:
    """Does one step for one listing; returns whether there was anything to tell Jet.

    Raises PermanentFailure (stored on the listing) or lets passing trouble out.
    """
    try:
        return _STEPS[step](context, listing)
    except errors.JetBadRequest as exc:
        raise _refused(context.merchant, listing, step, exc.messages or [exc.jet_message]) from exc
    except errors.JetNotFound as exc:
        raise _unknown(context.merchant, listing, step) from exc


def _refused(merchant: Merchant, listing: Listing, step: Step, texts: Sequence[str]) -> PermanentFailure:
    sku, words = listing.variant.sku, tuple(text for text in texts if text)
    return _store(
        merchant,
        Refusal(
            listing.pk,
            f"{step}_refused",
            f"{sku}: Jet refused the {step}: {'; '.join(words) or 'no reason given'}",
            "Correct the value on the product and send it again.",
            step=str(step),
            sku=sku,
            words=words,
        ),
    )


def _unknown(merchant: Merchant, listing: Listing, step: Step) -> PermanentFailure:
    sku = listing.variant.sku
    return _store(
        merchant,
        Refusal(
            listing.pk,
            ErrorCode.UNKNOWN_AT_JET,
            f"{sku}: Jet does not know this SKU (yet).",
            "Upload the product first. After a bulk file it can take Jet a minute; then try again.",
            step=str(step),
            sku=sku,
            words=("merchant sku unavailable",),
        ),
    )


def _store(merchant: Merchant, refusal: Refusal) -> PermanentFailure:
    mark_all_refused(merchant, [refusal])
    return PermanentFailure(refusal.message, hint=refusal.hint, code=refusal.code)


def _content(context: JobContext, listing: Listing) -> bool:
    sent = False
    may_end_sale = ends_sale_knowingly(context.job.operation)
    for message in content_messages(context.merchant, [listing.pk], may_end_sale=may_end_sale):
        context.jet.products.put(message.sku, message.payload)  # type: ignore[arg-type]  # built as a MerchantSkuBody
        mark_content_sent(
            context.merchant, [SentContent(message.listing_id, message.content_hash, message.payload)]
        )
        sent = True
    return sent


def _price(context: JobContext, listing: Listing) -> bool:
    sent = False
    for message in price_messages(context.merchant, [listing.pk]):
        if message.price is not None:
            context.jet.products.set_price(message.sku, message.price, message.node_prices or None)
            mark_prices_sent(context.merchant, {message.listing_id: message.price}, message.node_rows)
            sent = True
    return sent


def _inventory(context: JobContext, listing: Listing) -> bool:
    sent = False
    for message in stock_messages(context.merchant, [listing.pk]):
        if message.quantities:
            context.jet.products.set_inventory(message.sku, message.quantities)
            mark_quantities_sent(context.merchant, message.rows)
            sent = True
    return sent


def wait_for_archive_files(context: JobContext, listing_ids: Collection[int]) -> None:
    """Comes back later while Jet works through a file that archives or un-archives one of these."""
    if waiting := being_archived(context.merchant, listing_ids):
        context.note(f"{counted(len(waiting), 'SKU')}: Jet still works through an earlier file about it.")
        raise Again(ARCHIVE_WAIT)


def _archive(context: JobContext, listing: Listing) -> bool:
    target = Listing.objects.values_list("archived_target", flat=True).get(
        merchant=context.merchant, pk=listing.pk
    )
    context.jet.products.archive(listing.variant.sku, target)
    mark_archived_sent(context.merchant, [listing.pk], archived=target)
    if not target:
        push_deltas(context.merchant)  # a price that changed while Jet kept the SKU closed
    return True


def _status(context: JobContext, listing: Listing) -> bool:
    shown = context.jet.products.get(listing.variant.sku)
    mark_live(context.merchant, listing, shown, shown.raw)
    return True


_STEPS = {
    Step.CONTENT: _content,
    Step.PRICE: _price,
    Step.INVENTORY: _inventory,
    Step.VARIATION: send_variation,
    Step.SHIPPING: send_shipping,
    Step.RETURNS: send_returns,
    Step.ARCHIVE: _archive,
    Step.STATUS: _status,
}
