"""Fulfilment nodes (orders.md section 8) and the activation checklist (section 10.1)."""

from __future__ import annotations

from jetsync.jet.errors import JetMethodNotAllowed, JetNotFound
from jetsync.jet.paths import last_segment, segment
from jetsync.jet.requestor import Reply, Requestor
from jetsync.jet.types.account import FulfillmentNode, ReturnLocation, SetupStatus

# Inside the class `list` is the method.
Nodes = list[FulfillmentNode]
ReturnLocations = list[ReturnLocation]

_NOT_SERVED = (JetNotFound, JetMethodNotAllowed)


class NodeService:
    def __init__(self, requestor: Requestor) -> None:
        self._requestor = requestor

    def list(self) -> Nodes:
        """The account's nodes, from the first of three addresses that is served (404 and 405 go on to the next):

        1. GET /setup/fulfillmentNodes, nodes with addresses; 2. GET /fulfillment-nodes, then one call per node (2019);
        3. GET /fulfillmentnodesbymerchantid, the portal's PascalCase array. Raises JetNotFound when none is.
        Seen on the wire: orders.md section 8, fixtures nodes_*.json.
        """
        for path in ("/setup/fulfillmentNodes", "/fulfillment-nodes"):
            try:
                return self._read(self._requestor.get(path))
            except _NOT_SERVED:
                continue
        return self._read(self._requestor.get("/fulfillmentnodesbymerchantid"))

    def _read(self, reply: Reply) -> Nodes:
        """The three shapes, whatever address they came from."""
        value = reply.value
        if isinstance(value, dict):
            value = value.get("fulfillment_nodes", value.get("FulfillmentNodes", ()))
        if value is None:
            return []
        if not isinstance(value, list):
            raise reply.bad("no list “fulfillment_nodes”")
        return [
            self._one(last_segment(item))
            if isinstance(item, str)
            else reply.parse_value(FulfillmentNode, item)
            for item in value
        ]

    def _one(self, node_id: str) -> FulfillmentNode:
        try:
            reply = self._requestor.get(f"/fulfillment-nodes/{segment(node_id)}")
        except _NOT_SERVED:
            return FulfillmentNode(node_id=node_id)
        value = reply.value if isinstance(reply.value, dict) else {}
        # The body of this call is not known: the id we asked with stands in when it names none.
        return reply.parse_value(FulfillmentNode, {"node_id": node_id, **value})

    def return_locations(self) -> ReturnLocations:
        """GET /setup/returnsLocations. The path was seen on the wire, the answer was not (orders.md section 8, N4).

        A list, or an object with one list in it, is taken. Raises JetNotFound or JetMethodNotAllowed where the address
        is not served, JetBadAnswer for a body without a list of ids.
        """
        reply = self._requestor.get("/setup/returnsLocations")
        value = reply.value
        if isinstance(value, dict):
            value = next((part for part in value.values() if isinstance(part, list)), None)
        if not isinstance(value, list):
            raise reply.bad("no list of return locations")
        return [reply.parse_value(ReturnLocation, item) for item in value]

    def setup_status(self) -> SetupStatus:
        """GET /portal/merchantsetupstatus/: the activation checklist. Undocumented, the portal's own.

        Raises JetUnauthorized or JetForbidden, which counts as not enabled. Seen on the wire: orders.md section 10.1.
        """
        return self._requestor.get("/portal/merchantsetupstatus/").parse(SetupStatus)
