from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sandbox", "0002_sku_verdict_sub_status"),
    ]

    operations = [
        migrations.AddField(model_name="sku", name="market_price", field=models.FloatField(null=True)),
        migrations.AddField(model_name="sku", name="competitor", field=models.JSONField(null=True)),
    ]
