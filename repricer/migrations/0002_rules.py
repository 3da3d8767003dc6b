import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_sku_key"),
        ("jetsync", "0005_payload_log"),
        ("repricer", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProfileRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("min_percent", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                ("max_percent", models.DecimalField(decimal_places=2, max_digits=6, null=True)),
                (
                    "bid",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="bidding amount"
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "profile",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reprice_rule",
                        to="catalog.profile",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RepriceRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("min_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("max_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "bid",
                    models.DecimalField(
                        decimal_places=2, max_digits=12, null=True, verbose_name="bidding amount"
                    ),
                ),
                ("cost", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
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
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reprice_rule",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "variant"], name="reprice_rule_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_price", None),
                            ("max_price", None),
                            ("min_price__lte", models.F("max_price")),
                            _connector="OR",
                        ),
                        name="reprice_rule_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("bid", None), ("bid__gt", 0), _connector="OR"),
                        name="reprice_rule_bid",
                    ),
                ],
            },
        ),
    ]
