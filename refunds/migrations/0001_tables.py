import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("refunds", "0001_initial"), ("refunds", "0002_second_person")]

    initial = True

    dependencies = [
        ("jetsync", "0001_tables"),
        ("orders", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Refund",
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
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="refunds",
                        to="orders.order",
                    ),
                ),
                (
                    "merchant_order_id",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="Jet order id"),
                ),
                ("reference_order_id", models.CharField(blank=True, default="", max_length=64)),
                ("alt_refund_id", models.CharField(max_length=100, verbose_name="our refund id")),
                (
                    "refund_authorization_id",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="Jet refund id"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("processing", "Processing"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                        ],
                        default="created",
                        max_length=10,
                    ),
                ),
                ("jet_status", models.CharField(blank=True, default="", max_length=100)),
                (
                    "send_state",
                    models.CharField(
                        choices=[
                            ("none", "Nothing to send"),
                            ("waiting", "Waits for a second person"),
                            ("queued", "Waiting to be sent"),
                            ("checking", "Sent, answer not in yet"),
                            ("sent", "Sent to Jet"),
                            ("refused", "Refused by Jet"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("created_by", models.CharField(blank=True, default="jetsync", max_length=150)),
                (
                    "proposer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("confirmed_by", models.CharField(blank=True, default="", max_length=150)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failure_message", models.CharField(blank=True, default="", max_length=500)),
                ("failure_hint", models.CharField(blank=True, default="", max_length=500)),
                ("raw", models.JSONField(default=dict)),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "account", "-created_at", "-id"], name="refund_recent"),
                    models.Index(
                        fields=["merchant", "account", "status", "-created_at", "-id"], name="refund_status"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("created", "processing"))),
                        fields=["merchant", "account", "id"],
                        name="refund_open",
                    ),
                    models.Index(fields=["merchant", "order"], name="refund_order"),
                    models.Index(fields=["merchant", "merchant_order_id"], name="refund_jet_order"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "alt_refund_id"), name="refund_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("refund_authorization_id", ""), _negated=True),
                        fields=("merchant", "refund_authorization_id"),
                        name="refund_once_at_jet",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefundLine",
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
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="refunds.refund"
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="refund_lines",
                        to="orders.orderline",
                    ),
                ),
                ("order_item_id", models.CharField(max_length=64)),
                ("sku", models.CharField(blank=True, default="", max_length=100, verbose_name="SKU")),
                ("title", models.CharField(blank=True, default="", max_length=500)),
                ("quantity_returned", models.PositiveIntegerField(default=0)),
                ("quantity_refunded", models.PositiveIntegerField(default=0)),
                ("reason", models.CharField(max_length=120, verbose_name="refund reason")),
                (
                    "feedback",
                    models.CharField(blank=True, default="", max_length=120, verbose_name="refund feedback"),
                ),
                (
                    "notes",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="refund notes"),
                ),
                ("principal", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                ("tax", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                (
                    "shipping_cost",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                (
                    "shipping_tax",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["merchant", "order_line"], name="refund_line_order_line"),
                    models.Index(fields=["merchant", "sku", "-id"], name="refund_line_sku"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "parent", "order_item_id"), name="refund_line_once"
                    )
                ],
            },
        ),
    ]
