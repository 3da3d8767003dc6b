from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_stored_states")]

    operations = [
        migrations.AddField(
            model_name="csvupload",
            name="confirms_prices",
            field=models.BooleanField(default=False),
        ),
    ]
