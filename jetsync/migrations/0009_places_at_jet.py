from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0008_price_step"),
    ]

    operations = [
        migrations.AddField(
            model_name="fulfillmentnode",
            name="is_at_jet",
            field=models.BooleanField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="returnlocation",
            name="is_at_jet",
            field=models.BooleanField(editable=False, null=True),
        ),
    ]
