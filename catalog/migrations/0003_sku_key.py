import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_vacation"),
        ("jetsync", "0004_daily_report_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="variant",
            name="sku_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Upper("sku"),
                output_field=models.CharField(max_length=100),
            ),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=models.Index(fields=["merchant", "sku_key"], name="variant_sku_key"),
        ),
    ]
