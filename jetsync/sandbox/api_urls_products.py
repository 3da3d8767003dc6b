"""Calls before the sale: token, SKUs, price, inventory, files, taxonomy."""

from __future__ import annotations

from jetsync.sandbox.http import route
from jetsync.sandbox.views import auth, nodes

urlpatterns = [
    route("token", auth.token),
    route("authcheck", auth.authcheck),
    route("setup/fulfillmentnodes", nodes.setup_nodes),
    route("setup/returnslocations", nodes.return_locations),
    route("portal/returnssetup", nodes.return_locations),
    route("fulfillment-nodes", nodes.node_urls),
    route("fulfillment-nodes/{node_id}", nodes.one_node),
    route("fulfillmentnodesbymerchantid", nodes.portal_nodes),
]
