"""Calls before the sale: token, nodes, SKUs, price, inventory, files, reports, taxonomy."""

from __future__ import annotations

from jetsync.sandbox.http import route
from jetsync.sandbox.views import auth, files, nodes, offers, portal_lists, reports, sales, skus, taxonomy

SKU = "merchant-skus/{sku}"

urlpatterns = [
    route("token", auth.token),
    route("authcheck", auth.authcheck),
    route("setup/fulfillmentnodes", nodes.setup_nodes),
    route("setup/returnslocations", nodes.return_locations),
    route("portal/returnssetup", nodes.return_locations),
    route("fulfillment-nodes", nodes.node_urls),
    route("fulfillment-nodes/{node_id}", nodes.one_node),
    route("fulfillmentnodesbymerchantid", nodes.portal_nodes),
    route("merchant-skus", skus.list_skus),
    route("merchant-skus/bystatus/{status}/{offset}/{limit}", skus.list_by_status),
    route(SKU, skus.get_sku, skus.put_sku),
    route(f"{SKU}/image", skus.put_images, skus.delete_images),
    route(f"{SKU}/price", offers.get_price, offers.put_price),
    route(f"{SKU}/inventory", offers.get_inventory, offers.patch_inventory, offers.put_inventory),
    route(f"{SKU}/variation", offers.get_variation, offers.put_variation),
    route(f"{SKU}/shippingexception", offers.get_shipping_exceptions, offers.put_shipping_exceptions),
    route(f"{SKU}/returnsexception", offers.get_returns_exception, offers.put_returns_exception),
    route(f"{SKU}/status/archive", skus.put_archived),
    route(f"{SKU}/salesdata", sales.sales_data),
    route("files/uploadtoken", files.upload_token),
    route("files/uploaded", files.uploaded),
    route("files/{file_id}", files.one_file),
    route("reports/state/{report_id}", reports.report_state),
    route("reports/{kind}", reports.order_report),
    route("portal/merchantskus", portal_lists.merchant_skus),
    route("portal/merchantskus/export", portal_lists.export),
    route("taxonomy/links/{version}", taxonomy.links),
    route("taxonomy/nodes/{node_id}", taxonomy.node),
    route("taxonomy/nodes/{node_id}/attributes", taxonomy.node_attributes),
]
