from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_indexes_of_filters")]

    operations = [
        migrations.AddIndex(
            model_name="shipment",
            index=models.Index(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=["merchant", "tracking_number"],
                name="shipment_tracking",
            ),
        ),
    ]
