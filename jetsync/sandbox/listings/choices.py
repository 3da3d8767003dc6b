"""Switches before the sale: every choice the protocol notes leave to the sandbox. README.md has them in one table."""

from __future__ import annotations

from jetsync.sandbox.switches import define

define(
    "api_age",
    "2018",
    "Age of the SKU rules: 2015 (title, multipack, one identity; brand + part number counts; brand <= 50), "
    "2016 (and brand), 2018 (and main image; UPC or ASIN; multipack <= 128; at most 10 attributes)",
    mark="C",
    choices=("2015", "2016", "2018"),
)
define(
    "write_status",
    "mixed",
    "Codes of successful writes: mixed (SKU 201 new / 202 changed, the rest 204), 2015 (all 204), "
    "2016 (SKU 201, the rest 204), 2017 (SKU 201 / 202, price and inventory 202, the rest 204)",
    mark="D",
    choices=("mixed", "2015", "2016", "2017"),
)
define(
    "inventory_put",
    False,
    "Take PUT on inventory, with nodes left out set to 0, as before 2018-01-30",
    mark="D",
)
define(
    "inventory_date_on_node",
    True,
    "`inventory_last_update` inside each node (2018), else at the top only",
    mark="D",
)
define("image_call", False, "Serve PUT and DELETE of /image, gone by March 2017", mark="C")
define(
    "strict_browse_node",
    False,
    "Refuse an unknown browse node; else the listing gets `Invalid category`",
    mark="D",
)
define(
    "strict_attributes",
    True,
    "Refuse unknown attributes, values outside the list and unknown units",
    mark="D",
)
define("strict_tax_code", False, "Refuse tax codes outside the known list", mark="?")
define("strict_decimals", True, "Refuse money and measures of more than two decimals", mark="D")
define("strict_fee_type", False, "Refuse `no_return_fee_adjustment` sent as text", mark="?")
define("strict_units_case", False, "Compare attribute units with regard to case", mark="?")
define(
    "check_digit",
    "ignore",
    "Wrong check digit of a product code: ignore, review (`Invalid SKU identifier`) or refuse (400)",
    mark="D",
    choices=("ignore", "review", "refuse"),
)
define(
    "archived_ignores_updates",
    True,
    "SKU, price and inventory calls on an archived SKU answer well, change nothing",
    mark="S",
)
define("archive_drops_inventory", True, "Archiving forgets the quantities; they must be sent again", mark="?")
define("fresh_sku_hidden_seconds", 0.0, "Seconds a new SKU still answers 404", mark="S")
define("review_delay_seconds", 30.0, "Seconds a SKU stays `Under Jet Review`", mark="D")
define("edit_returns_to_review", True, "Changed content sends a SKU back to review", mark="C")
define(
    "review_needs_attributes",
    True,
    "A category with attributes wants one of them, else `Missing attribute value`",
    mark="D",
)
define("sku_list_limit", 1000, "Entries of the SKU list when the client names no limit", mark="D")
define("sku_list_archived", True, "Archived SKUs are in the SKU list", mark="?")
define(
    "bystatus_call",
    True,
    "Serve the old list by status, /merchant-skus/bystatus/{status}/{offset}/{limit}",
    mark="C",
)
define(
    "strict_variation",
    True,
    "Members of a variation must share category and brand and carry every refinement",
    mark="C",
)
define("variation_accessory", False, "Take the relationship `Accessory`, gone in October 2017", mark="C")
define(
    "variation_children",
    "objects",
    "`children_skus` on GET: objects (`{merchant_sku}`) or strings",
    mark="?",
    choices=("objects", "strings"),
)
define(
    "variation_missing_404",
    False,
    "GET variation of a SKU without a group: 404, else 200 with `{}`",
    mark="?",
)
define(
    "empty_lists",
    "clear",
    "Empty `children_skus`, `fulfillment_nodes`, `shipping_exceptions`, `return_location_ids`: clear or refuse (400)",
    mark="D",
    choices=("clear", "refuse"),
)
define("exception_include", False, "Take the exception type `include`, gone in October 2017", mark="S")
define("exception_old_levels", True, "Take the older spellings of service levels (`SecondDay`)", mark="?")
define(
    "additional_charge_checked", True, "`Additional charge` needs the level or method on the node", mark="S"
)
define("upload_token_seconds", 1800.0, "Life of an upload address", mark="C")
define("file_start_seconds", 2.0, "Seconds from announcing a file to `processing_start`", mark="D")
define("file_run_seconds", 3.0, "Seconds from `processing_start` to `processing_end`", mark="D")
define(
    "file_first_status",
    "Acknowledged",
    "Status of a file until it is worked on; one client met the second word",
    mark="S",
    choices=("Acknowledged", "Merchant acknowledged"),
)
define(
    "error_list_form",
    "array",
    "What `error_url` answers: array of texts, object (`errors` holds the array), by_sku (texts by SKU), lines "
    "(plain text) or missing (404)",
    mark="?",
    choices=("array", "object", "by_sku", "lines", "missing"),
)
define("file_plain_json", False, "Take a file that is not gzip", mark="D")
define(
    "file_double_keys",
    "last",
    "A SKU named twice in a file: last (the last one counts) or error",
    mark="?",
    choices=("last", "error"),
)
define(
    "report_seconds", 5.0, "Seconds from ordering a report to `Ready`; 404 during the first half", mark="D"
)
define("reports_fail", False, "A report ends as `Failed`", mark="D")
define("report_days", 7.0, "Days a finished report can be fetched", mark="D")
define("sales_rank_key", "level_0", "Name of the rank in sales data", mark="?", choices=("level_0", "level0"))
define(
    "offers_move_hours",
    24.0,
    "Hours between two moves of the made-up best offers, on the sandbox's clock; the figures are those of the last move",
    mark="D",
)
define("sales_data", True, "Available SKUs have sales figures (made up from the SKU); else `error`", mark="D")
