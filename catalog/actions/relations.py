"""Targets of groups and exceptions, and what to write down once Jet has accepted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from catalog.actions.errors import settle_step
from catalog.bulk import update_rows
from catalog.enums import Step
from catalog.listing import content_hash
from catalog.models import Listing, ReturnException, ShippingException, VariationGroup
from catalog.queries.relations import group_bodies, return_bodies, shipping_bodies
from jetsync.models import Merchant


@transaction.atomic
def refresh_exceptions(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """Brings the hashes of shipping and return exceptions of these SKUs up to date; empty = none. Constant queries."""
    rows = Listing.objects.filter(merchant=merchant, variant__in=variant_ids).order_by("pk")
    listings = dict(rows.select_for_update(of=("self",), no_key=True).values_list("pk", "variant_id"))
    shipped = set(_variants(ShippingException, merchant, variant_ids))
    returned = set(_variants(ReturnException, merchant, variant_ids))
    shipping, returns = shipping_bodies(merchant, list(listings)), return_bodies(merchant, list(listings))
    update_rows(
        Listing,
        merchant,
        ("shipping_target", "returns_target"),
        [
            {
                "id": pk,
                "shipping_target": content_hash(shipping[pk]) if variant_id in shipped else "",
                "returns_target": content_hash(returns[pk]) if variant_id in returned else "",
            }
            for pk, variant_id in listings.items()
        ],
    )


def _variants(
    model: type[ShippingException | ReturnException], merchant: Merchant, variant_ids: Sequence[int]
) -> list[int]:
    rows = model.objects.filter(merchant=merchant, variant__in=variant_ids)
    return list(rows.values_list("variant_id", flat=True))


@transaction.atomic
def mark_shipping_sent(merchant: Merchant, digests: Mapping[int, str]) -> None:
    """Listing pk -> hash of what was sent. A body without any exception leaves the listing with none."""
    _mark(merchant, digests, "shipping")


@transaction.atomic
def mark_returns_sent(merchant: Merchant, digests: Mapping[int, str]) -> None:
    _mark(merchant, digests, "returns")


def _mark(merchant: Merchant, digests: Mapping[int, str], facet: str) -> None:
    rows = [{"id": pk, f"{facet}_sent": digest} for pk, digest in digests.items()]
    update_rows(Listing, merchant, (f"{facet}_sent",), rows, touch=f"{facet}_sent_at")
    settle_step(merchant, list(digests), Step(facet))


@transaction.atomic
def mark_groups_sent(merchant: Merchant, digests: Mapping[int, str]) -> None:
    """Group pk -> hash of what was sent. A dissolved group (no member left) is gone with Jet's answer.

    The body is kept only while today's message is still the one that was sent. Repeating it is harmless.
    """
    rows = VariationGroup.objects.filter(merchant=merchant, pk__in=list(digests)).select_related(
        "parent__listing"
    )
    groups = {row.pk: row for row in rows.order_by("pk")}
    children = Listing.objects.filter(merchant=merchant, variant__variation_member__group__in=list(groups))
    everyone = [row.parent.listing.pk for row in groups.values()] + list(
        children.values_list("pk", flat=True)
    )
    # Listings before groups, as everywhere: groups are locked last.
    settle_step(merchant, everyone, Step.VARIATION)
    sent = []
    for pk, body in group_bodies(merchant, groups.values()).items():
        same = content_hash(body) == digests[pk]
        sent.append({"id": pk, "sent": digests[pk], "sent_body": body if same else None})
    update_rows(VariationGroup, merchant, ("sent", "sent_body"), sent, touch="sent_at")
    rows = VariationGroup.objects.filter(merchant=merchant, pk__in=list(digests))
    rows.filter(error_at__isnull=False).update(error_message="", error_at=None)
    rows.filter(members=None, dirty=False).delete()
