import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import orders.shipstation.words
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_shipstation"),
        ("orders", "0003_indexes_of_filters"),
        ("orders", "0004_tracking_numbers"),
        ("orders", "0005_acknowledge_clock"),
    ]

    initial = True

    dependencies = [
        ("catalog", "0001_tables"),
        ("jetsync", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="jetsync.jetaccount",
                    ),
                ),
                ("merchant_order_id", models.CharField(max_length=64, verbose_name="Jet order id")),
                ("reference_order_id", models.CharField(blank=True, default="", max_length=64)),
                ("customer_reference_order_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "alt_order_id",
                    models.CharField(blank=True, default="", max_length=100, verbose_name="store order id"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("created", "At Jet's check"),
                            ("ready", "Ready"),
                            ("acknowledged", "Acknowledged"),
                            ("inprogress", "In progress"),
                            ("complete", "Completed"),
                            ("rejected", "Rejected"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("jet_status", models.CharField(blank=True, default="", max_length=60)),
                ("exception_state", models.CharField(blank=True, default="", max_length=120)),
                ("acknowledgement_status", models.CharField(blank=True, default="", max_length=80)),
                ("planned_answer", models.CharField(blank=True, default="", max_length=80)),
                ("planned_by", models.CharField(blank=True, default="", max_length=150)),
                ("planned_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("automatic", "Automatically"),
                            ("fallback", "By the fallback"),
                            ("person", "By a person"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("alarms", models.PositiveSmallIntegerField(default=0, verbose_name="alarms raised")),
                (
                    "node",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jetsync.fulfillmentnode",
                    ),
                ),
                (
                    "node_ref",
                    models.CharField(
                        blank=True, default="", max_length=64, verbose_name="Jet fulfilment node id"
                    ),
                ),
                ("placed_at", models.DateTimeField(null=True)),
                ("transmission_at", models.DateTimeField(null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                ("ack_due_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("ship_by", models.DateTimeField(null=True)),
                ("deliver_by", models.DateTimeField(null=True)),
                ("completed_at", models.DateTimeField(null=True)),
                ("buyer_name", models.CharField(blank=True, default="", max_length=200)),
                ("buyer_phone", models.CharField(blank=True, default="", max_length=40)),
                ("hash_email", models.CharField(blank=True, default="", max_length=200)),
                ("ship_to_name", models.CharField(blank=True, default="", max_length=200)),
                ("ship_to_phone", models.CharField(blank=True, default="", max_length=40)),
                ("ship_to_address1", models.CharField(blank=True, default="", max_length=200)),
                ("ship_to_address2", models.CharField(blank=True, default="", max_length=200)),
                ("ship_to_city", models.CharField(blank=True, default="", max_length=120)),
                ("ship_to_state", models.CharField(blank=True, default="", max_length=40)),
                ("ship_to_zip", models.CharField(blank=True, default="", max_length=20)),
                ("request_carrier", models.CharField(blank=True, default="", max_length=80)),
                ("request_method", models.CharField(blank=True, default="", max_length=80)),
                ("request_service_level", models.CharField(blank=True, default="", max_length=80)),
                ("is_directed_cancel", models.BooleanField(default=False, verbose_name="Jet asks to cancel")),
                ("total", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("fees", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "failure_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sku_unknown", "SKU not in the store"),
                            ("out_of_stock", "Out of stock"),
                            ("product_disabled", "Product disabled"),
                            ("payment_method", "Payment method not available"),
                            ("rejected_by_you", "Rejected by you"),
                            ("rejected_elsewhere", "Rejected outside jetsync"),
                            ("window_missed", "Acknowledge window missed"),
                            ("answer_refused", "Jet refused the answer"),
                            ("unknown_status", "Status unknown to jetsync"),
                            ("unreadable", "Order could not be read"),
                            ("shipment_refused", "Jet refused a shipment"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("failure_message", models.CharField(blank=True, default="", max_length=500)),
                ("failure_hint", models.CharField(blank=True, default="", max_length=500)),
                ("raw", models.JSONField(default=dict)),
                ("tag", models.CharField(blank=True, default="", max_length=40)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "account", "-placed_at", "-id"], name="order_recent"),
                    models.Index(
                        fields=["merchant", "account", "state", "-placed_at", "-id"], name="order_state"
                    ),
                    models.Index(
                        condition=models.Q(("state", "ready")),
                        fields=["merchant", "ack_due_at"],
                        name="order_ack_due",
                    ),
                    models.Index(fields=["merchant", "account", "ready_at"], name="order_ready_at"),
                    models.Index(
                        condition=models.Q(("state__in", ("created", "acknowledged", "inprogress"))),
                        fields=["merchant", "seen_at"],
                        name="order_open_seen",
                    ),
                    models.Index(
                        fields=["merchant", "reference_order_id"],
                        name="order_reference",
                        opclasses=["int8_ops", "varchar_pattern_ops"],
                    ),
                    models.Index(
                        fields=["merchant", "merchant_order_id"],
                        name="order_jet_id_prefix",
                        opclasses=["int8_ops", "varchar_pattern_ops"],
                    ),
                    models.Index(fields=["merchant", "alt_order_id"], name="order_alt"),
                    models.Index(fields=["merchant", "updated_at", "id"], name="order_changed"),
                    models.Index(fields=["merchant", "node", "-placed_at", "-id"], name="order_node"),
                    models.Index(fields=["merchant", "account", "deliver_by"], name="order_deliver_by"),
                    models.Index(
                        condition=models.Q(("state__in", ("acknowledged", "inprogress"))),
                        fields=["merchant", "account", "ship_by"],
                        name="order_ship_by",
                    ),
                    models.Index(
                        condition=models.Q(("failure_reason", ""), _negated=True),
                        fields=["merchant", "account", "failure_reason", "-placed_at", "-id"],
                        name="order_problem",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("buyer_name"), name="gin_trgm_ops"
                        ),
                        name="order_buyer_trgm",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "merchant_order_id"), name="order_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipStationConnection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("user_name", models.CharField(blank=True, default="", max_length=80)),
                ("key_hash", models.CharField(blank=True, default="", max_length=64)),
                ("key_hint", models.CharField(blank=True, default="", max_length=12)),
                ("key_made_at", models.DateTimeField(null=True)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "export_statuses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ready", "Ready, not accepted yet"),
                                ("acknowledged", "Accepted, to be shipped"),
                                ("inprogress", "Partly shipped"),
                                ("complete", "Completed"),
                                ("cancelled", "Rejected, missed or cancelled"),
                                ("on_hold", "Not readable, at Jet's check or without a full address"),
                            ],
                            max_length=16,
                        ),
                        default=orders.shipstation.words.default_export,
                        size=None,
                    ),
                ),
                (
                    "shipped_status",
                    models.CharField(
                        choices=[
                            ("complete", "Completed at once"),
                            ("inprogress", "Partly shipped, completed when Jet has it"),
                            ("as_at_jet", "As it was, completed when Jet has it"),
                        ],
                        default="complete",
                        max_length=12,
                    ),
                ),
                ("keeps_log", models.BooleanField(default=True)),
                ("words", models.JSONField(blank=True, default=dict)),
                ("export_cursor", models.JSONField(blank=True, default=dict)),
                ("last_export_at", models.DateTimeField(null=True)),
                ("last_notice_at", models.DateTimeField(null=True)),
                ("last_error_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="shipstation_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ShipStationCarrier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("carrier", models.CharField(blank=True, default="", max_length=50)),
                ("service", models.CharField(blank=True, default="", max_length=50)),
                ("key", models.CharField(max_length=110)),
                ("jet_carrier", models.CharField(max_length=80)),
                ("is_open", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("-is_open", "key"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "key"), name="shipstation_carrier_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ShipStationCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("export", "Orders asked for"),
                            ("shipnotify", "Shipment reported"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                ("orders", models.PositiveIntegerField(default=0)),
                ("duration_ms", models.PositiveIntegerField(default=0)),
                ("about", models.CharField(blank=True, default="", max_length=200)),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-id"], name="shipstation_call_recent"),
                    models.Index(fields=["created_at"], name="shipstation_call_age"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="orders.order"
                    ),
                ),
                ("order_item_id", models.CharField(max_length=64)),
                ("alt_order_item_id", models.CharField(blank=True, default="", max_length=100)),
                ("sku", models.CharField(max_length=100, verbose_name="SKU")),
                (
                    "variant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
                ("title", models.CharField(blank=True, default="", max_length=500)),
                ("quantity", models.PositiveIntegerField(default=0)),
                ("cancel_requested", models.PositiveIntegerField(default=0)),
                ("base_price", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("item_tax", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("shipping_cost", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("shipping_tax", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("fees", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                (
                    "ack_status",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="item answer at Jet"
                    ),
                ),
                (
                    "planned_status",
                    models.CharField(
                        blank=True, default="", max_length=80, verbose_name="item answer on its way"
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("sku_unknown", "SKU not in the store"),
                            ("out_of_stock", "Out of stock"),
                            ("product_disabled", "Product disabled"),
                            ("payment_method", "Payment method not available"),
                            ("rejected_by_you", "Rejected by you"),
                            ("rejected_elsewhere", "Rejected outside jetsync"),
                            ("window_missed", "Acknowledge window missed"),
                            ("answer_refused", "Jet refused the answer"),
                            ("unknown_status", "Status unknown to jetsync"),
                            ("unreadable", "Order could not be read"),
                            ("shipment_refused", "Jet refused a shipment"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "cancel_planned",
                    models.PositiveIntegerField(
                        default=0, verbose_name="units to cancel once Jet has the yes"
                    ),
                ),
                ("raw", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["merchant", "sku", "-id"], name="order_line_sku"),
                    models.Index(
                        fields=["merchant", "sku"],
                        name="order_line_sku_prefix",
                        opclasses=["int8_ops", "varchar_pattern_ops"],
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("sku"), name="gin_trgm_ops"
                        ),
                        name="order_line_sku_trgm",
                    ),
                    models.Index(fields=["merchant", "variant"], name="order_line_variant"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "order", "order_item_id"), name="order_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Shipment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipments",
                        to="orders.order",
                    ),
                ),
                ("alt_shipment_id", models.CharField(blank=True, default="", max_length=100)),
                ("jet_shipment_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("here", "Entered here"),
                            ("jet", "Seen at Jet"),
                            ("store", "From the store"),
                            ("shipstation", "From ShipStation"),
                        ],
                        default="here",
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting to be sent"),
                            ("checking", "May have arrived, checking"),
                            ("sent", "Sent to Jet"),
                            ("refused", "Refused by Jet"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("carrier", models.CharField(blank=True, default="", max_length=80)),
                ("method", models.CharField(blank=True, default="", max_length=80)),
                ("tracking_number", models.CharField(blank=True, default="", max_length=100)),
                ("shipped_at", models.DateTimeField(null=True, verbose_name="ship to date")),
                (
                    "expected_delivery_at",
                    models.DateTimeField(null=True, verbose_name="expected delivery date"),
                ),
                ("pick_up_at", models.DateTimeField(null=True, verbose_name="carrier pick-up date")),
                ("ship_from_zip", models.CharField(blank=True, default="", max_length=20)),
                ("failure_message", models.CharField(blank=True, default="", max_length=500)),
                ("failure_hint", models.CharField(blank=True, default="", max_length=500)),
                ("sent_at", models.DateTimeField(null=True)),
                ("created_by", models.CharField(blank=True, default="jetsync", max_length=150)),
                ("raw", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "checking"))),
                        fields=["merchant", "id"],
                        name="shipment_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("tracking_number", ""), _negated=True),
                        fields=["merchant", "tracking_number"],
                        name="shipment_tracking",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("alt_shipment_id", ""), _negated=True),
                        fields=("merchant", "order", "alt_shipment_id"),
                        name="shipment_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("jet_shipment_id", ""), _negated=True),
                        fields=("merchant", "order", "jet_shipment_id"),
                        name="shipment_once_at_jet",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipmentLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.shipment",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipment_lines",
                        to="orders.orderline",
                    ),
                ),
                ("quantity", models.PositiveIntegerField(default=0)),
                ("cancel_quantity", models.PositiveIntegerField(default=0)),
                (
                    "rma_number",
                    models.CharField(blank=True, default="", max_length=60, verbose_name="RMA number"),
                ),
                ("days_to_return", models.PositiveSmallIntegerField(null=True)),
                ("return_location", models.JSONField(null=True)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["merchant", "line"], name="shipment_line_line")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "shipment", "line"), name="shipment_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShipStationNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipstation_notices",
                        to="orders.order",
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Being handled"),
                            ("shipped", "Shipment made"),
                            ("needs_tracking", "Tracking number missing"),
                            ("nothing_left", "Nothing was left to ship"),
                            ("refused", "Could not be used"),
                            ("closed", "Closed by hand"),
                        ],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("carrier", models.CharField(blank=True, default="", max_length=50)),
                ("service", models.CharField(blank=True, default="", max_length=100)),
                ("tracking_number", models.CharField(blank=True, default="", max_length=100)),
                ("jet_carrier", models.CharField(blank=True, default="", max_length=80)),
                ("ship_date", models.DateField(null=True)),
                ("label_at", models.DateTimeField(null=True)),
                ("items", models.JSONField(default=list)),
                (
                    "shipment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="orders.shipment",
                    ),
                ),
                ("times_seen", models.PositiveIntegerField(default=1)),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "state", "-id"], name="shipstation_notice_state")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "order", "key"), name="shipstation_notice_once"
                    )
                ],
            },
        ),
    ]
