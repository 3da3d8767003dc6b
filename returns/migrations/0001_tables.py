import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [("returns", "0001_initial"), ("returns", "0002_second_person")]

    initial = True

    dependencies = [
        ("jetsync", "0001_tables"),
        ("orders", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Return",
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
                    "merchant_return_authorization_id",
                    models.CharField(max_length=64, verbose_name="Jet return id"),
                ),
                (
                    "reference_return_authorization_id",
                    models.CharField(blank=True, default="", max_length=64),
                ),
                ("alt_return_authorization_id", models.CharField(blank=True, default="", max_length=100)),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="returns",
                        to="orders.order",
                    ),
                ),
                (
                    "merchant_order_id",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="Jet order id"),
                ),
                ("reference_order_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "alt_order_id",
                    models.CharField(blank=True, default="", max_length=100, verbose_name="store order id"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("inprogress", "In progress"),
                            ("completed", "Completed"),
                            ("not_accepted", "Not accepted"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("jet_status", models.CharField(blank=True, default="", max_length=60)),
                ("refund_without_return", models.BooleanField(default=False)),
                ("return_date", models.DateTimeField(null=True)),
                ("completed_date", models.DateTimeField(null=True)),
                ("shipping_carrier", models.CharField(blank=True, default="", max_length=80)),
                ("tracking_number", models.CharField(blank=True, default="", max_length=100)),
                ("return_location", models.JSONField(default=list)),
                ("merchant_return_charge", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("agree_to_return_charge", models.BooleanField(null=True)),
                ("return_charge_feedback", models.CharField(blank=True, default="", max_length=60)),
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
                        default="none",
                        max_length=10,
                    ),
                ),
                ("decided_by", models.CharField(blank=True, default="", max_length=150)),
                ("decided_at", models.DateTimeField(null=True)),
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
                    models.Index(fields=["merchant", "account", "-return_date", "-id"], name="return_recent"),
                    models.Index(
                        fields=["merchant", "account", "status", "-return_date", "-id"], name="return_status"
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ("created", "inprogress", "other"))),
                        fields=["merchant", "account", "seen_at"],
                        name="return_open_seen",
                    ),
                    models.Index(fields=["merchant", "order"], name="return_order"),
                    models.Index(fields=["merchant", "merchant_order_id"], name="return_jet_order"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("reference_return_authorization_id"),
                            name="gin_trgm_ops",
                        ),
                        name="return_ref_trgm",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "merchant_return_authorization_id"), name="return_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnLine",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="returns.return"
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="return_lines",
                        to="orders.orderline",
                    ),
                ),
                ("order_item_id", models.CharField(max_length=64)),
                ("alt_order_item_id", models.CharField(blank=True, default="", max_length=100)),
                ("sku", models.CharField(blank=True, default="", max_length=100, verbose_name="SKU")),
                ("title", models.CharField(blank=True, default="", max_length=500)),
                (
                    "return_quantity",
                    models.PositiveIntegerField(default=0, verbose_name="quantity to be returned"),
                ),
                ("reason", models.CharField(blank=True, default="", max_length=120)),
                (
                    "requested_principal",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                (
                    "requested_tax",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                (
                    "requested_shipping_cost",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                (
                    "requested_shipping_tax",
                    models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                ("is_included", models.BooleanField(default=True, verbose_name="answered with this return")),
                ("quantity_returned", models.PositiveIntegerField(null=True)),
                ("quantity_refunded", models.PositiveIntegerField(null=True)),
                (
                    "feedback",
                    models.CharField(
                        blank=True, default="", max_length=120, verbose_name="return refund feedback"
                    ),
                ),
                (
                    "notes",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="notes for Jet"),
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
                ("raw", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["merchant", "order_line"], name="return_line_order_line"),
                    models.Index(fields=["merchant", "sku", "-id"], name="return_line_sku"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "parent", "order_item_id"), name="return_line_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReturnNote",
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="returns.return"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("author_label", models.CharField(max_length=150)),
                ("text", models.CharField(max_length=2000)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("-pk",),
                "indexes": [models.Index(fields=["merchant", "parent", "-id"], name="return_note_recent")],
                "constraints": [],
            },
        ),
    ]
