"""Settings of one merchant, one typed column each; the defaults are those of docs/features.md (CFG)."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from jetsync.enums import FallbackPolicy, MailPace, MissingItems, PriceRule, PriceSource, ProblemOrders
from jetsync.tenancy.managers import TenantModel


class Options(TenantModel):
    auto_acknowledge = models.BooleanField(
        "Acknowledge orders automatically",
        default=True,
        help_text="As soon as they are fetched: Jet gives 15 minutes. Orders that the store can deliver are accepted; "
        "the next choice says what becomes of the others. Off: all orders stay ready and wait for you, and “When 2 "
        "minutes are left” acts on those that nobody has answered.",
    )
    problem_orders = models.CharField(
        "Automatically acknowledged orders with a problem",
        max_length=8,
        choices=ProblemOrders.choices,
        default=ProblemOrders.WAIT,
        help_text="SKU unknown, product disabled or too little stock. Left to you, such an order stands under Failed "
        "orders until you mend, accept or reject it, and “When 2 minutes are left” does the rest. A rejection is final.",
    )
    fallback_policy = models.CharField(
        "When 2 minutes are left",
        max_length=16,
        choices=FallbackPolicy.choices,
        default=FallbackPolicy.ACCEPT_IF_STOCK,
        help_text="What jetsync does with an order that nobody has answered, whether orders are acknowledged "
        "automatically or not.",
    )
    missing_items = models.CharField(
        "When the store lacks some items of an order",
        max_length=8,
        choices=MissingItems.choices,
        default=MissingItems.REJECT,
        help_text="For orders that jetsync answers. Jet takes an order as a whole or not at all; units cancelled "
        "after a yes count in your cancellation rate. An order of which nothing can be delivered is rejected.",
    )
    pull_orders = models.BooleanField(
        "Fetch orders from Jet", default=True, help_text="Every 10 minutes. Off: the order schedule idles."
    )
    send_tracking = models.BooleanField(
        "Send shipments to Jet", default=True, help_text="Off: shipments are stored here and wait."
    )
    send_inventory = models.BooleanField(
        "Send quantities to Jet", default=True, help_text="Off: quantity changes wait until you turn it on."
    )
    send_price = models.BooleanField(
        "Send prices to Jet", default=True, help_text="Off: price changes wait until you turn it on."
    )
    buffer_quantity = models.PositiveIntegerField(
        "Buffer per product",
        default=0,
        validators=[MaxValueValidator(10_000)],
        help_text="Pieces held back: Jet gets store quantity minus reserved minus this.",
    )
    zero_quantity_default = models.PositiveIntegerField(
        "Quantity to send when stock is zero",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000)],
        help_text="Leave empty to send 0. A number here can sell goods you do not have.",
    )
    direct_upload_limit = models.PositiveIntegerField(
        "Direct calls up to",
        default=30,
        validators=[MaxValueValidator(500)],
        help_text="Up to this many products are sent one by one; above it as files.",
    )
    skus_per_file = models.PositiveIntegerField(
        "SKUs per bulk file", default=5000, help_text="Between 30 and 20,000. Errors are brought to each SKU."
    )
    days_to_return = models.PositiveSmallIntegerField(
        "Days to return",
        default=30,
        validators=[MaxValueValidator(365)],
        help_text="Up to 365. Sent with each shipment line that names a return location.",
    )
    refund_limit = models.DecimalField(
        "Ask a second person from this amount on",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="In USD, for what one person gives back on one order within a day, by answers to returns and by "
        "refunds. From then on it waits until somebody else who may settle returns or create refunds confirms it, so the "
        "store needs two such people. Empty: off. What waits already still needs that person when you change this, and "
        "whoever raises it or switches it off keeps the lower one for a day.",
    )
    default_carrier = models.CharField("Usual carrier", max_length=40, blank=True, default="UPS")
    transit_days = models.PositiveSmallIntegerField(
        "Usual transit time in business days",
        default=4,
        validators=[MaxValueValidator(30)],
        help_text="Up to 30. Used to propose the expected delivery date.",
    )
    notification_emails = models.TextField(
        "Notification mail",
        blank=True,
        default="",
        help_text="One address per line. Empty: mail goes to the owner.",
    )
    sync_on_edit = models.BooleanField(
        "Update product sync",
        default=True,
        help_text="Send changes of listed products to Jet by themselves. Off: nothing is sent until you press Sync.",
    )
    edit_sends_price = models.BooleanField(
        "Price", default=True, help_text="A new price is sent as soon as it is saved or imported."
    )
    edit_sends_inventory = models.BooleanField(
        "Inventory",
        default=True,
        help_text="A new quantity is sent as soon as it is saved, imported or sold.",
    )
    edit_sends_images = models.BooleanField(
        "Images", default=True, help_text="New pictures are sent with the product's data."
    )
    edit_sends_content = models.BooleanField(
        "Basic information",
        default=True,
        help_text="Title, description, codes, attributes and category. Jet may review the product again.",
    )
    archive_children = models.BooleanField(
        "Archive children with their parent",
        default=True,
        help_text="Archiving the parent of a variation archives its children, and un-archiving brings them back.",
    )
    low_stock_alert = models.BooleanField(
        "Threshold quantity",
        default=False,
        help_text="Select yes and fill the limit: you hear of a SKU when its stock falls below it.",
    )
    low_stock_limit = models.PositiveIntegerField(
        "Threshold limit",
        default=5,
        validators=[MaxValueValidator(100_000)],
        help_text="Pieces. Checked at shipping and at every inventory sync; the product grid marks what is below.",
    )
    price_rule = models.CharField(
        "Type of increment",
        max_length=16,
        choices=PriceRule.choices,
        default=PriceRule.NONE,
        help_text="Applied when a price is sent; the store's own price stays as it is.",
    )
    price_rule_amount = models.DecimalField(
        "Increment amount",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="In USD or in percent, as the type says. A decrease by percentage stays below 100.",
    )
    price_source = models.CharField(
        "Price to send",
        max_length=8,
        choices=PriceSource.choices,
        default=PriceSource.SPECIAL,
        help_text="Which of the store's two prices the rule starts from.",
    )
    price_field = models.CharField(
        "Field with the price for Jet",
        max_length=120,
        blank=True,
        default="",
        help_text="For “Set individually for each product”: the store field that holds it.",
    )
    lowest_price = models.DecimalField(
        "Never send less than",
        max_digits=9,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
        help_text="A floor for every product, in USD. Empty: 0.01, or the floor of the product.",
    )
    price_step_percent = models.PositiveSmallIntegerField(
        "Ask before a price moves by more than",
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text="In percent, up or down, from 1 to 1,000. Such a change is stored only when it is confirmed, whichever "
        "way it comes: a file, a change of many SKUs, a form or the API.",
    )
    order_notice_emails = models.TextField(
        "Order notice mail",
        blank=True,
        default="",
        help_text="Who hears of new orders; one address per line. Empty: the owner's address.",
    )
    jet_account_email = models.EmailField(
        "Jet account e-mail",
        blank=True,
        default="",
        help_text="The address registered with Jet. Kept for your own reference and for case files.",
    )
    customer_email = models.EmailField(
        "Customer e-mail for orders",
        blank=True,
        default="",
        help_text="Stands as the buyer's address on imported orders, because Jet gives none. Empty: none.",
    )
    shipstation_delivery_days = models.PositiveSmallIntegerField(
        "Delivery days for shipments by ShipStation",
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="Business days, from 1 to 30, from shipping to the expected delivery date that Jet is told.",
    )
    mail_pace = models.CharField(
        "When to write",
        max_length=8,
        choices=MailPace.choices,
        default=MailPace.AT_ONCE,
        help_text="At once: within a minute, what came together in one mail. Alarms never wait.",
    )
    mail_daily_hour = models.PositiveSmallIntegerField(
        "Hour of the daily mail",
        default=8,
        validators=[MaxValueValidator(23)],
        help_text="0 to 23, in the time zone of the store. Counts when mail is written once a day.",
    )
    mail_new_orders = models.BooleanField(
        "New orders", default=True, help_text="Orders that Jet released, and how they were answered."
    )
    mail_order_alarms = models.BooleanField(
        "Orders about to be lost",
        default=True,
        help_text="5 and 2 minutes before Jet withdraws an order that nobody answered. Sent at once, always.",
    )
    mail_failed_orders = models.BooleanField(
        "Failed orders",
        default=True,
        help_text="Rejected automatically, unreadable, lost, or not taken by Jet.",
    )
    mail_directed_cancels = models.BooleanField(
        "Cancel requests", default=True, help_text="Jet asks not to ship what has not left yet."
    )
    mail_new_returns = models.BooleanField(
        "Mail on new return request", default=True, help_text="Select yes to hear of each new return."
    )
    mail_low_stock = models.BooleanField(
        "Low stock",
        default=True,
        help_text="Once when a SKU falls below the threshold limit. Needs “Threshold quantity” under Orders and stock.",
    )
    mail_rejected_files = models.BooleanField(
        "Rejected files", default=True, help_text="Bulk files that Jet refused, in whole or in part."
    )
    mail_silence = models.BooleanField(
        "Orders have stopped",
        default=True,
        help_text="Once when no order came for so long that chance hardly explains it.",
    )
    mail_daily_report = models.BooleanField(
        "Daily report",
        default=False,
        help_text="Each morning what the day before brought: orders, sales, returns and refunds.",
    )
    mail_late_schedules = models.BooleanField(
        "Late schedules", default=True, help_text="Regular work that did not start or end in time."
    )
    full_payload_log = models.BooleanField(
        "Enable full log",
        default=True,
        help_text="Keeps what each call sent and what was answered, keys removed. Off: new calls are kept without their "
        "bodies. The log of changes is always on.",
    )
    calls_kept_days = models.PositiveSmallIntegerField(
        "Keep calls for",
        default=60,
        validators=[MinValueValidator(7), MaxValueValidator(120)],
        help_text="Days, from 7 to 120. Older calls are deleted within the hour. The log of changes is never deleted.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merchant"], name="options_once")]

    def __str__(self) -> str:
        return f"Options of merchant {self.merchant_id}"

    @property
    def sends_content_edits(self) -> bool:
        """Whether product data that were changed here go to Jet by themselves."""
        return self.sync_on_edit and self.edit_sends_content
