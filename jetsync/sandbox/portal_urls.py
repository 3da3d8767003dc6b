"""The partner portal. Addresses name the merchant and the mode, so they outlive a reset."""

from __future__ import annotations

from django.urls import include, path

from jetsync.sandbox.portal.views import aftersales, board, home, orders, places, products

app_name = "portal"

account_urls = [
    path("", home.overview, name="overview"),
    path("keys", home.keys, name="keys"),
    path("keys/reveal", home.reveal, name="keys-reveal"),
    path("nodes", places.nodes, name="nodes"),
    path("nodes/add", places.add_node, name="node-add"),
    path("return-locations", places.return_locations, name="return-locations"),
    path("return-locations/add", places.add_return_location, name="return-location-add"),
    path("products", products.products, name="products"),
    path("products/<int:pk>", products.product, name="product"),
    path("products/<int:pk>/decide", products.decide, name="product-decide"),
    path("products/<int:pk>/compete", products.compete, name="product-compete"),
    path("orders", orders.orders, name="orders"),
    path("orders/generator", orders.generator, name="order-generator"),
    path("orders/generate", orders.generate, name="order-generate"),
    path("orders/shoppers", orders.shoppers, name="order-shoppers"),
    path("orders/<slug:order_id>", orders.order, name="order"),
    path("orders/<slug:order_id>/release", orders.release, name="order-release"),
    path("orders/<slug:order_id>/cancel", orders.cancel, name="order-cancel"),
    path("returns", aftersales.returns, name="returns"),
    path("returns/generator", aftersales.return_generator, name="return-generator"),
    path("returns/generate", aftersales.generate_return, name="return-generate"),
    path("returns/<slug:return_id>", aftersales.return_detail, name="return"),
    path("returns/<slug:return_id>/finish", aftersales.finish, name="return-finish"),
    path("refunds", aftersales.refunds, name="refunds"),
    path("refunds/<slug:refund_id>/decide", aftersales.decide_refund, name="refund-decide"),
    path("settlement", aftersales.settlement, name="settlement"),
    path("settlement/close", aftersales.close_week, name="settlement-close"),
    path("settlement/<slug:report_id>", aftersales.report, name="report"),
    path("faults", board.faults, name="faults"),
    path("faults/add", board.add_fault, name="fault-add"),
    path("faults/clear", board.clear_faults, name="fault-clear"),
    path("faults/<int:pk>/remove", board.remove_fault, name="fault-remove"),
    path("clock", board.clock, name="clock"),
    path("clock/advance", board.advance, name="clock-advance"),
    path("clock/freeze", board.freeze, name="clock-freeze"),
    path("switches", board.switches, name="switches"),
    path("switches/set", board.set_switches, name="switches-set"),
    path("switches/default", board.default_switches, name="switches-default"),
]

urlpatterns = [
    path("", home.picker, name="picker"),
    path("testapi", home.tools, name="tools"),
    path("portal/<slug:merchant_id>/<slug:mode>/", include(account_urls)),
]
