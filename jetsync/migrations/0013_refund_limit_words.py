from decimal import Decimal

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0012_mfa_policy"),
    ]

    operations = [
        migrations.AlterField(
            model_name="options",
            name="refund_limit",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="In USD, for what one person gives back on one order within a day, by answers to returns and by refunds. From then on it waits until somebody else who may settle returns or create refunds confirms it, so the store needs two such people. Empty: off. What waits already still needs that person when you change this, and whoever raises it or switches it off keeps the lower one for a day.",
                max_digits=9,
                null=True,
                validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                verbose_name="Ask a second person from this amount on",
            ),
        ),
    ]
