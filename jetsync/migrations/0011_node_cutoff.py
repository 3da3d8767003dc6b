from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jetsync", "0010_missing_items")]

    operations = [
        migrations.AddField(
            model_name="fulfillmentnode",
            name="cutoff",
            field=models.TimeField(blank=True, null=True, verbose_name="cut-off time"),
        ),
        migrations.AddField(
            model_name="fulfillmentnode",
            name="time_zone",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
