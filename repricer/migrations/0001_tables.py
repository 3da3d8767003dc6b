import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0002_vacation"),
        ("jetsync", "0004_daily_report_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("my_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("my_shipping", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("best_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("best_shipping", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("at", models.DateTimeField()),
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "variant", "-at"], name="offer_reading_of"),
                    models.Index(fields=["merchant", "at"], name="offer_reading_age"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SalesData",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("my_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("my_shipping", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("best_price", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("best_shipping", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("has_data", models.BooleanField(default=False)),
                ("my_noted_at", models.DateTimeField(null=True)),
                ("best_noted_at", models.DateTimeField(null=True)),
                ("gap", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("rank", models.PositiveIntegerField(null=True, verbose_name="sales rank")),
                ("units_sold", models.PositiveIntegerField(null=True, verbose_name="units sold in 30 days")),
                ("read_at", models.DateTimeField()),
                ("error", models.CharField(blank=True, default="", max_length=300)),
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
                        related_name="sales_data",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "read_at", "id"], name="sales_data_age"),
                    models.Index(fields=["merchant", "gap", "id"], name="sales_data_gap"),
                ],
            },
        ),
    ]
