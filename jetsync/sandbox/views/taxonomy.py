"""`/taxonomy`: links, nodes and their attributes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, count_of, errors, reply
from jetsync.sandbox.models import Attribute, AttributeValue, Category, CategoryAttribute
from jetsync.sandbox.models.taxonomy import FREE_TEXT_WITH_UNIT, LISTED_VALUE

MOST_LINKS = 1000
LONGEST_ID = 18


@api("GET")
def links(request: ApiRequest, version: str) -> HttpResponse:  # noqa: ARG001 -- named by the path, any text goes
    """Addresses of all nodes, inactive ones too; the version may be any text."""
    offset = count_of(request.GET.get("offset"), 0)
    limit = min(count_of(request.GET.get("limit"), MOST_LINKS), MOST_LINKS)
    ids = Category.objects.values_list("node_id", flat=True)[offset : offset + limit]
    return reply({"node_urls": [f"/taxonomy/nodes/{node_id}" for node_id in ids]})


@api("GET")
def node(_request: ApiRequest, node_id: str) -> HttpResponse:
    category = _category(node_id)
    if category is None:
        return errors(404, f"Taxonomy node {node_id} was not found.")
    return reply(
        {
            "jet_node_id": category.node_id,
            "jet_node_name": category.name,
            "jet_node_path": category.path,
            "amazon_node_ids": [],
            "parent_id": category.parent_id,
            "jet_level": category.level,
            "suggested_tax_code": category.tax_code,
            "active": category.is_active,
        }
    )


@api("GET")
def node_attributes(_request: ApiRequest, node_id: str) -> HttpResponse:
    """404 for a node without attributes, as for one that does not exist."""
    category = _category(node_id)
    ids = (
        list(
            CategoryAttribute.objects.filter(node_id=category.node_id).values_list("attribute_id", flat=True)
        )
        if category
        else []
    )
    if not ids:
        return errors(404, f"Taxonomy node {node_id} has no attributes.")
    rows: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for key, value, unit in AttributeValue.objects.filter(attribute_id__in=ids).values_list(
        "attribute_id", "value", "unit"
    ):
        rows[key].append((value, unit))
    attributes = Attribute.objects.filter(attribute_id__in=ids)
    return reply({"attributes": [_attribute(row, rows[row.attribute_id]) for row in attributes]})


def _attribute(row: Attribute, values: list[tuple[str, str]]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "attribute_id": row.attribute_id,
        "attribute_description": row.description,
        "free_text": row.free_text != LISTED_VALUE,
        "variant": row.is_variant,
    }
    if row.free_text == LISTED_VALUE:
        record["values"] = list(dict.fromkeys(value for value, _ in values))
    if row.free_text == FREE_TEXT_WITH_UNIT:
        record["units"] = list(dict.fromkeys(unit for _, unit in values if unit))
    return record


def _category(node_id: str) -> Category | None:
    if not (node_id.isascii() and node_id.isdigit() and len(node_id) <= LONGEST_ID):
        return None
    return Category.objects.filter(node_id=int(node_id)).first()
