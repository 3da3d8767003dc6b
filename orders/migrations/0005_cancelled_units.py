from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("orders", "0004_unused_line_indexes"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="shipmentline",
            index=models.Index(
                condition=models.Q(("cancel_quantity__gt", 0)),
                fields=["merchant", "shipment"],
                name="shipment_line_cancelled",
            ),
        ),
    ]
