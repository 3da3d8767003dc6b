"""Whether bodies of calls are kept, and for how long the calls are."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0004_daily_report_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="options",
            name="calls_kept_days",
            field=models.PositiveSmallIntegerField(
                default=60,
                help_text="Days, from 7 to 120. Older calls are deleted within the hour. The log of changes is never "
                "deleted.",
                validators=[
                    django.core.validators.MinValueValidator(7),
                    django.core.validators.MaxValueValidator(120),
                ],
                verbose_name="Keep calls for",
            ),
        ),
        migrations.AddField(
            model_name="options",
            name="full_payload_log",
            field=models.BooleanField(
                default=True,
                help_text="Keeps what each call sent and what was answered, keys removed. Off: new calls are kept "
                "without their bodies. The log of changes is always on.",
                verbose_name="Enable full log",
            ),
        ),
    ]
