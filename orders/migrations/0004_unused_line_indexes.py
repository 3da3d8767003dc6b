from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_completed"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="orderline",
            name="order_line_sku_prefix",
        ),
        migrations.RemoveIndex(
            model_name="orderline",
            name="order_line_sku_trgm",
        ),
    ]
