import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0007_activation"),
    ]

    operations = [
        migrations.AddField(
            model_name="options",
            name="problem_orders",
            field=models.CharField(
                choices=[
                    ("wait", "Leave it to me until 2 minutes are left"),
                    ("reject", "Reject it at once"),
                ],
                default="wait",
                help_text="SKU unknown, product disabled or too little stock. Left to you, such an order stands under Failed orders until you mend, accept or reject it, and “When 2 minutes are left” does the rest. A rejection is final.",
                max_length=8,
                verbose_name="Automatically acknowledged orders with a problem",
            ),
        ),
        migrations.AlterField(
            model_name="options",
            name="auto_acknowledge",
            field=models.BooleanField(
                default=True,
                help_text="As soon as they are fetched: Jet gives 15 minutes. Orders that the store can deliver are accepted; the next choice says what becomes of the others. Off: all orders stay ready and wait for you, and “When 2 minutes are left” acts on those that nobody has answered.",
                verbose_name="Acknowledge orders automatically",
            ),
        ),
        migrations.AlterField(
            model_name="options",
            name="days_to_return",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="Up to 365. Sent with each shipment line that names a return location.",
                validators=[django.core.validators.MaxValueValidator(365)],
                verbose_name="Days to return",
            ),
        ),
        migrations.AlterField(
            model_name="options",
            name="shipstation_delivery_days",
            field=models.PositiveSmallIntegerField(
                default=5,
                help_text="Business days, from 1 to 30, from shipping to the expected delivery date that Jet is told.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(30),
                ],
                verbose_name="Delivery days for shipments by ShipStation",
            ),
        ),
        migrations.AlterField(
            model_name="options",
            name="transit_days",
            field=models.PositiveSmallIntegerField(
                default=4,
                help_text="Up to 30. Used to propose the expected delivery date.",
                validators=[django.core.validators.MaxValueValidator(30)],
                verbose_name="Usual transit time in business days",
            ),
        ),
    ]
