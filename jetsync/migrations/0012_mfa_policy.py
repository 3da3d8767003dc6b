from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jetsync", "0011_notice_reads")]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="requires_second_factor",
            field=models.BooleanField(default=False),
        ),
    ]
