from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jetsync", "0016_deletion")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="granted",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="membership",
            name="withheld",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
