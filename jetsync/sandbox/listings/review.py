"""The listing state machine. Jet's own reviewers were people; this one is deterministic.

A message with new content puts the SKU under review until `review_due`; then `evaluate` decides. Price, inventory,
exceptions and archiving decide again at once, unless a review is pending.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db import transaction

from jetsync.sandbox import processing
from jetsync.sandbox.clock import now
from jetsync.sandbox.listings.content import has_good_check_digit
from jetsync.sandbox.listings.desk import Desk, save_skus
from jetsync.sandbox.listings.rules import Rules
from jetsync.sandbox.models.account import MerchantAccount
from jetsync.sandbox.models.sku import ListingStatus, Sku
from jetsync.sandbox.switches import Switches

# One pass of the background thread holds the write lock about as long as this many rows take.
BATCH = 2_000
# What a client's own call may do while it waits.
SMALL_BATCH = 100


def start_review(sku: Sku, rules: Rules) -> None:
    """New or changed content: under review from now on."""
    sku.status = ListingStatus.UNDER_REVIEW
    sku.sub_status = []
    sku.review_due = now() + timedelta(seconds=rules.switches["review_delay_seconds"])
    if sku.review_due <= now():
        evaluate(sku, rules)


def reconsider(sku: Sku, rules: Rules) -> None:
    """Something beside the content changed: decide again, unless a review is still to come."""
    if sku.review_due is None or sku.is_archived:
        evaluate(sku, rules)


def decide_again(desk: Desk, sku: Sku) -> None:
    """Reconsider a SKU of the desk and mark it."""
    reconsider(sku, desk.rules)
    desk.mark(sku)


def evaluate(sku: Sku, rules: Rules) -> None:
    """Set status and sub status from what the SKU holds."""
    sku.review_due = None
    lacking = missing_data(sku, rules)
    sku.sub_status = []
    if sku.is_archived:
        sku.status = ListingStatus.ARCHIVED
    elif sku.verdict:
        sku.status = sku.verdict
        sku.sub_status = list(sku.verdict_sub_status)
    elif lacking:
        sku.status = ListingStatus.MISSING_DATA
        sku.sub_status = lacking
    elif not sku.has_inventory and sku.status != ListingStatus.AVAILABLE:
        # A review starts only with goods on the shelf; a listed SKU that sold out stays listed.
        sku.status = ListingStatus.UNDER_REVIEW
    else:
        sku.status = ListingStatus.AVAILABLE
        sku.jet_retail_sku = sku.jet_retail_sku or retail_sku(sku)


def missing_data(sku: Sku, rules: Rules) -> list[str]:
    """The sub statuses that apply, in Jet's words."""
    content = sku.content
    node_id = content.get("jet_browse_node_id")
    attributes = {entry["attribute_id"] for entry in content.get("attributes_node_specific", [])}
    wanted = rules.taxonomy.by_category.get(node_id, frozenset()) if node_id else frozenset()
    checks = {
        "Missing variation information": any(
            key not in attributes for key in (sku.variation or {}).get("variation_refinements", [])
        ),
        "Missing shipping weight": not content.get("shipping_weight_pounds"),
        "Missing price": sku.price is None,
        "Missing image": not content.get("main_image_url"),
        "Missing category": not node_id,
        "Invalid category": bool(node_id) and not rules.taxonomy.is_leaf(node_id),
        "Missing brand": not content.get("brand"),
        "Missing attribute value": bool(wanted)
        and not attributes & wanted
        and rules.switches["review_needs_attributes"],
        "Invalid SKU identifier": rules.switches["check_digit"] == "review" and _has_bad_code(sku),
    }
    return [name for name, applies in checks.items() if applies]


def retail_sku(sku: Sku) -> str:
    """Jet's own product id: the same goods of two merchants get the same one."""
    codes = sku.content.get("standard_product_codes") or []
    first = codes[0]["standard_product_code"] if codes else sku.content.get("ASIN") or sku.merchant_sku_id
    return hashlib.sha256(f"{first}:{sku.content.get('multipack_quantity')}".encode()).hexdigest()[:32]


@processing.register
def review_due_skus() -> None:
    """Decide on every SKU whose review time has come."""
    is_small = processing.in_small_bites()
    while True:
        moment = now()
        due = Sku.objects.filter(review_due__lte=moment)
        if not due.exists():
            return
        with transaction.atomic():
            skus = list(due.select_related("merchant")[: SMALL_BATCH if is_small else BATCH])
            rules: dict[int, Rules] = {}
            for sku in skus:
                owner: MerchantAccount = sku.merchant
                evaluate(sku, rules.setdefault(owner.pk, Rules(owner, Switches.of(owner))))
            save_skus(skus)
        if is_small:
            return


def _has_bad_code(sku: Sku) -> bool:
    codes = sku.content.get("standard_product_codes") or []
    return any(
        not has_good_check_digit(entry["standard_product_code_type"], entry["standard_product_code"])
        for entry in codes
    )
