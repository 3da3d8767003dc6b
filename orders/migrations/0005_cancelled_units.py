from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_unused_line_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="shipmentline",
            index=models.Index(
                condition=models.Q(("cancel_quantity__gt", 0)),
                fields=["merchant", "shipment"],
                name="shipment_line_cancelled",
            ),
        ),
    ]
