"""Whether a mail tells that orders have stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0009_webhooks"),
    ]

    operations = [
        migrations.AddField(
            model_name="options",
            name="mail_silence",
            field=models.BooleanField(
                default=True,
                help_text="Once when no order came for so long that chance hardly explains it.",
                verbose_name="Orders have stopped",
            ),
        ),
    ]
