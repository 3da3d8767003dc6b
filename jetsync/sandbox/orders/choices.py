"""Switches after the sale: choices where the protocol leaves one."""

from __future__ import annotations

from jetsync.sandbox.switches import define

define(
    "strict_orders",
    False,
    "Refuse what Jet seems to take after the sale: unknown words, too many units",
    mark="rec",
)
define("created_minutes", 30.0, "Minutes an order stays `created` before it becomes `ready`", mark="doc")
define("expire_unacknowledged", False, "Withdraw orders that nobody acknowledged in time", mark="rec")
define("acknowledge_minutes", 15.0, "Minutes a `ready` order waits for its acknowledgement", mark="doc")
define("trickle_seconds", 0.0, "Let a shopper buy every so many seconds; 0 = nobody buys", mark="rec")
define(
    "directed_cancel_list", False, "Serve the list of orders to cancel that was withdrawn in 2017", mark="rec"
)
define("reference_id_in_path", False, "Take `reference_order_id` too where a path names an order", mark="rec")
define(
    "duplicate_shipment",
    "reject",
    "A repeated `alt_shipment_id`: reject (400), ignore (204, no effect) or accept (counted again)",
    mark="rec",
    choices=("reject", "ignore", "accept"),
)
define(
    "return_processing_seconds",
    60.0,
    "Seconds an answered return stays `inprogress`; below 0 = until somebody completes it",
    mark="rec",
)
define(
    "return_answer_days", 0.0, "Days after which Jet completes a return itself, in full; 0 = never", mark="3p"
)
define(
    "refund_step_seconds",
    60.0,
    "Seconds a refund stays `created`, then `processing`; below 0 = until somebody decides",
    mark="rec",
)
