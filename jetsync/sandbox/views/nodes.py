"""The node lists in their three ages, and the return locations. Nodes are made in the portal only."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from jetsync.sandbox.http import ApiRequest, api, errors, reply
from jetsync.sandbox.models import Node


@api("GET")
def setup_nodes(request: ApiRequest) -> HttpResponse:
    """N1: nodes with addresses."""
    return reply({"fulfillment_nodes": [node_record(node) for node in request.merchant.nodes.all()]})


@api("GET")
def node_urls(request: ApiRequest) -> HttpResponse:
    """N2, newest: addresses of nodes."""
    urls = [f"/fulfillment-nodes/{node.node_id}" for node in request.merchant.nodes.all()]
    return reply({"fulfillment_nodes": urls})


@api("GET")
def one_node(request: ApiRequest, node_id: str) -> HttpResponse:
    """N2: one node; its body is not known, so it is N1's record."""
    node = request.merchant.nodes.filter(node_id=node_id.lower()).first()
    if node is None:
        return errors(404, f"Fulfillment node {node_id} was not found.")
    return reply(node_record(node))


@api("GET")
def portal_nodes(request: ApiRequest) -> HttpResponse:
    """N3, oldest: the portal's own shape."""
    return reply([_portal_record(node) for node in request.merchant.nodes.all()])


@api("GET")
def return_locations(request: ApiRequest) -> HttpResponse:
    """N4: the body is not known; the record follows N1's."""
    rows = [
        {
            "return_location_id": place.location_id,
            "location_name": place.name,
            "address_1": place.address1,
            "address_2": place.address2,
            "city": place.city,
            "state": place.state,
            "zip_code": place.zip_code,
        }
        for place in request.merchant.return_locations.all()
    ]
    return reply({"return_locations": rows})


def node_record(node: Node) -> dict[str, Any]:
    return {
        "jet_fulfillment_node_id": node.node_id,
        "location_name": node.name,
        "time_zone": node.time_zone,
        "is_daylight_savings_enabled": node.is_daylight_savings_enabled,
        "address_1": node.address1,
        "address_2": node.address2,
        "city": node.city,
        "state": node.state,
        "zip_code": node.zip_code,
    }


def _portal_record(node: Node) -> dict[str, Any]:
    return {
        "FulfillmentNodeId": node.node_id,
        "Name": node.name,
        "Address1": node.address1,
        "Address2": node.address2,
        "City": node.city,
        "State": node.state,
        "ZipCode": node.zip_code,
        "SupportedShipMethods": [{"Name": name} for name in node.ship_methods],
    }
