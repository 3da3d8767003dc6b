"""What Jet is told of a SKU beside its own data: the group it leads, how it ships and returns otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from catalog.enums import Relationship, ShippingExceptionType
from catalog.listing import content_hash
from catalog.listing.result import number
from catalog.models import (
    Listing,
    ReturnException,
    ReturnExceptionLocation,
    ShippingException,
    VariationGroup,
    VariationMember,
)
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes, current_return_locations


@dataclass(frozen=True)
class RelationMessage:
    """One body with what is noted as sent: its hash, or nothing for a SKU that has no exception any more.

    `row_id` is the group for variations, the listing for exceptions.
    """

    listing_id: int
    sku: str
    row_id: int
    body: dict[str, Any]
    digest: str


def variation_body(group: VariationGroup, children: Sequence[str]) -> dict[str, Any]:
    """The message of a group; without children it dissolves the group at Jet."""
    body: dict[str, Any] = {
        "relationship": group.relationship,
        "variation_refinements": [int(pk) for pk in group.refinements] if children else [],
        "children_skus": list(children),
    }
    if group.group_title and children:
        body["group_title"] = group.group_title
    return body


def variation_messages(merchant: Merchant, listing_ids: Sequence[int]) -> Iterator[RelationMessage]:
    """Of the listings that lead a group which may be sent: complete, and every SKU of it known to Jet. Two queries."""
    groups = list(
        sendable_groups(merchant)
        .filter(parent__listing__in=listing_ids)
        .order_by("parent__listing")
        .select_related("parent__listing")
    )
    bodies = group_bodies(merchant, groups)
    for group in groups:
        body = bodies[group.pk]
        yield RelationMessage(group.parent.listing.pk, group.parent.sku, group.pk, body, content_hash(body))


def group_bodies(merchant: Merchant, groups: Iterable[VariationGroup]) -> dict[int, dict[str, Any]]:
    """Group pk -> its message as the rows are now; one query."""
    rows = list(groups)
    children: dict[int, list[str]] = defaultdict(list)
    members = VariationMember.objects.filter(merchant=merchant, group__in=[row.pk for row in rows])
    for group_id, sku in members.order_by("position", "pk").values_list("group_id", "variant__sku"):
        children[group_id].append(sku)
    return {row.pk: variation_body(row, children[row.pk]) for row in rows}


def completed_groups(merchant: Merchant, listing_ids: Sequence[int]) -> QuerySet[VariationGroup]:
    """Groups of which these listings are children, that may be sent now and that Jet has not got as they are."""
    held = VariationMember.objects.filter(merchant=merchant, variant__listing__in=listing_ids)
    return sendable_groups(merchant).filter(dirty=True, pk__in=held.values("group"))


def sendable_groups(merchant: Merchant) -> QuerySet[VariationGroup]:
    """Groups without blocking gaps (`target` is empty for others) whose SKUs Jet has all accepted, in a version that
    fits the group: a SKU whose new data are on their way would have Jet refuse the group.
    """
    members = VariationMember.objects.filter(merchant=merchant)
    unknown = members.filter(variant__listing__content_sent_at__isnull=True)
    rows = VariationGroup.objects.filter(merchant=merchant, parent__listing__content_sent_at__isnull=False)
    rows = rows.exclude(target="").exclude(pk__in=unknown.values("group"))
    rows = rows.alias(carried=_carried("parent__listing__content_sent_body"), wanted=_as_json("refinements"))
    rows = rows.alias(parent_fits=_certain(Q(carried__contains=F("wanted"))))
    judged = Exists(members.filter(group=OuterRef("pk"), group__relationship=Relationship.VARIATION))
    rows = rows.filter(Q(parent__listing__content_dirty=False) | Q(parent_fits=True) | ~judged)
    return rows.exclude(Exists(behind_members(merchant, OuterRef("pk"))))


def behind_members(merchant: Merchant, group: OuterRef) -> QuerySet[VariationMember]:
    """Children of `group` that changed and that Jet still has as they were, unfit for it.

    Jet wants every attribute that tells the group's SKUs apart on each of them, and the parent's brand and category; of
    accessories it wants neither. A SKU that changed while its file was under way has no body stored: it is behind, too.
    """
    sent, of_parent = "variant__listing__content_sent_body", "group__parent__listing__content_sent_body"
    fits = Q(carried__contains=F("wanted"))
    for name in ("brand", "jet_browse_node_id"):
        fits &= Q(**{f"own_{name}": F(f"parent_{name}")})
    changed = Q(variant__listing__content_dirty=True) | Q(group__parent__listing__content_dirty=True)
    return (
        VariationMember.objects.filter(changed, merchant=merchant, group=group)
        .filter(group__relationship=Relationship.VARIATION)
        .annotate(
            carried=_carried(sent),
            wanted=_as_json("group__refinements"),
            own_brand=KeyTextTransform("brand", sent),
            parent_brand=KeyTextTransform("brand", of_parent),
            own_jet_browse_node_id=KeyTextTransform("jet_browse_node_id", sent),
            parent_jet_browse_node_id=KeyTextTransform("jet_browse_node_id", of_parent),
        )
        .annotate(fits=_certain(fits))
        .filter(fits=False)
    )


def _as_json(name: str) -> Func:
    return Func(F(name), function="to_jsonb", output_field=JSONField())


def _carried(body: str) -> Func:
    """The attribute ids of a SKU message, as a JSON array."""
    path = "$.attributes_node_specific[*].attribute_id"
    template = f"jsonb_path_query_array(%(expressions)s, '{path}')"
    return Func(F(body), template=template, output_field=JSONField())


def _certain(condition: Q) -> Coalesce:
    """False also where a side of it is null."""
    return Coalesce(ExpressionWrapper(condition, output_field=BooleanField()), Value(value=False))


def shipping_bodies(merchant: Merchant, listing_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Listing pk -> its shipping exceptions of all current nodes. A node without any has the empty list, which takes
    away what Jet still holds (features EXC-06). Two queries.
    """
    nodes = {node.pk: node.node_id for node in current_nodes(merchant)}
    found: dict[int, dict[int, list[dict[str, Any]]]] = {
        pk: {node: [] for node in nodes} for pk in listing_ids
    }
    rows = ShippingException.objects.filter(
        merchant=merchant, variant__listing__in=listing_ids, node__in=nodes
    )
    for row in rows.order_by("pk").select_related("variant__listing"):
        found[row.variant.listing.pk][row.node_id].append(_shipping_entry(row))
    return {
        pk: {
            "fulfillment_nodes": [
                {"fulfillment_node_id": nodes[node], "shipping_exceptions": entries}
                for node, entries in by_node.items()
            ]
        }
        for pk, by_node in found.items()
    }


def _shipping_entry(row: ShippingException) -> dict[str, Any]:
    entry: dict[str, Any] = {"shipping_exception_type": row.exception_type}
    if row.service_level:
        entry["service_level"] = row.service_level
    else:
        entry["shipping_method"] = row.shipping_method
    if row.override_type and row.exception_type != ShippingExceptionType.RESTRICTED:
        entry["override_type"] = row.override_type
        if row.shipping_charge_amount is not None:
            entry["shipping_charge_amount"] = number(row.shipping_charge_amount)
    return entry


def return_bodies(merchant: Merchant, listing_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Listing pk -> its return exception; without one the empty list of locations. Three queries."""
    here = set(current_return_locations(merchant).values_list("pk", flat=True))
    locations: dict[int, list[str]] = defaultdict(list)
    links = ReturnExceptionLocation.objects.filter(
        merchant=merchant, exception__variant__listing__in=listing_ids, location__in=here
    )
    for pk, return_id in links.order_by("pk").values_list("exception_id", "location__return_id"):
        locations[pk].append(return_id)
    found: dict[int, dict[str, Any]] = {pk: {"return_location_ids": []} for pk in listing_ids}
    rows = ReturnException.objects.filter(merchant=merchant, variant__listing__in=listing_ids)
    for row in rows.select_related("variant__listing"):
        body: dict[str, Any] = {"return_location_ids": locations[row.pk]}
        if row.time_to_return:
            body["time_to_return"] = row.time_to_return
        if row.return_shipping_methods:
            body["return_shipping_methods"] = list(row.return_shipping_methods)
        found[row.variant.listing.pk] = body
    return found


def shipping_messages(merchant: Merchant, listing_ids: Sequence[int]) -> Iterator[RelationMessage]:
    """Of the listings that have shipping exceptions, or had some at Jet."""
    skus = _told(merchant, listing_ids, "shipping")
    for pk, body in shipping_bodies(merchant, list(skus)).items():
        is_empty = not any(node["shipping_exceptions"] for node in body["fulfillment_nodes"])
        yield RelationMessage(pk, skus[pk], pk, body, "" if is_empty else content_hash(body))


def return_messages(merchant: Merchant, listing_ids: Sequence[int]) -> Iterator[RelationMessage]:
    """Of the listings that have a return exception, or had one at Jet."""
    skus = _told(merchant, listing_ids, "returns")
    for pk, body in return_bodies(merchant, list(skus)).items():
        is_empty = not body["return_location_ids"]
        yield RelationMessage(pk, skus[pk], pk, body, "" if is_empty else content_hash(body))


def _told(merchant: Merchant, listing_ids: Sequence[int], facet: str) -> dict[int, str]:
    told = ~Q(**{f"{facet}_target": ""}) | ~Q(**{f"{facet}_sent": ""})
    rows = Listing.objects.filter(told, merchant=merchant, pk__in=listing_ids).order_by("pk")
    return dict(rows.values_list("pk", "variant__sku"))
