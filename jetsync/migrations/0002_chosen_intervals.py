from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="address_version",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="schedule",
            name="chosen_seconds",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
