from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_shipstation")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["merchant", "node", "-placed_at", "-id"], name="order_node"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["merchant", "account", "deliver_by"], name="order_deliver_by"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("state__in", ("acknowledged", "inprogress"))),
                fields=["merchant", "account", "ship_by"],
                name="order_ship_by",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("failure_reason", ""), _negated=True),
                fields=["merchant", "account", "failure_reason", "-placed_at", "-id"],
                name="order_problem",
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                fields=["merchant", "sku"],
                name="order_line_sku_prefix",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ),
    ]
