from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jetsync", "0002_chosen_intervals")]

    operations = [
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["merchant", "path"], name="attempt_path"),
        ),
    ]
