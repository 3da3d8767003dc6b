from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_sku_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="repriced_price",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
    ]
