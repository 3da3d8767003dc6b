import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_repriced_price"),
        ("jetsync", "0007_activation"),
        ("repricer", "0002_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="salesdata",
            name="acted_on",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="RepriceRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("reprice", "Repricing"), ("release", "Back to store prices")],
                        default="reprice",
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("frozen", "Stopped by the breaker"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("total", models.PositiveIntegerField(default=0)),
                ("allowed", models.PositiveIntegerField(default=0)),
                ("step_percent", models.PositiveSmallIntegerField(default=10)),
                ("looked", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("last_variant_id", models.BigIntegerField(default=0)),
                ("message", models.CharField(blank=True, default="", max_length=300)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jetsync.operation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RepriceChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                ("old_price", models.DecimalField(decimal_places=2, max_digits=12)),
                ("new_price", models.DecimalField(decimal_places=2, max_digits=12)),
                ("old_value", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("new_value", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("undercut", "Below the best offer"),
                            ("equal", "Equal to the best offer"),
                            ("min", "Kept at Min Price"),
                            ("max", "Kept at Max Price"),
                            ("floor", "Kept at a floor"),
                            ("step", "One step on the way"),
                            ("no_bounds", "Bounds incomplete"),
                            ("released", "Back to the store's price"),
                            ("no_offer", "No offer of ours"),
                            ("no_market", "No other offer"),
                            ("no_room", "Floor above Max Price"),
                            ("no_price", "No price in the store"),
                            ("stale", "Figures too old"),
                        ],
                        max_length=10,
                    ),
                ),
                ("words", models.CharField(max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "Applied"),
                            ("restored", "Taken back by the breaker"),
                            ("undone", "Undone"),
                        ],
                        default="applied",
                        max_length=8,
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.variant"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="repricer.repricerun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RepricerSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_on", models.BooleanField(default=False, verbose_name="Use Auto Repricer")),
                (
                    "step_percent",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "share_percent",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "always_allowed",
                    models.PositiveIntegerField(
                        default=10, validators=[django.core.validators.MaxValueValidator(100000)]
                    ),
                ),
                ("frozen_at", models.DateTimeField(null=True)),
                ("frozen_reason", models.CharField(blank=True, default="", max_length=300)),
                ("passes_once", models.BooleanField(default=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="repricer_setting_once")],
            },
        ),
        migrations.AddIndex(
            model_name="repricerun",
            index=models.Index(fields=["merchant", "-id"], name="reprice_run_recent"),
        ),
        migrations.AddConstraint(
            model_name="repricerun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")), fields=("merchant",), name="reprice_run_one_open"
            ),
        ),
        migrations.AddIndex(
            model_name="repricechange",
            index=models.Index(fields=["merchant", "variant", "-id"], name="reprice_change_of"),
        ),
        migrations.AddIndex(
            model_name="repricechange",
            index=models.Index(fields=["merchant", "-id"], name="reprice_change_recent"),
        ),
        migrations.AddConstraint(
            model_name="repricechange",
            constraint=models.UniqueConstraint(
                fields=("merchant", "run", "variant"), name="reprice_change_once"
            ),
        ),
    ]
