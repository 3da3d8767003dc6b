"""Files whose columns the merchant names: what stands in their header, and the state of waiting for it."""

from django.db import migrations, models

# Files of before were taken only with names that are ours.
COPY_NAMES = "UPDATE catalog_csvupload SET header = columns"
STATES = [
    ("mapping", "Waiting for the meaning of its columns"),
    ("checking", "Being checked"),
    ("checked", "Checked, waiting for you"),
    ("importing", "Being imported"),
    ("done", "Imported"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_csv_before"),
    ]

    operations = [
        migrations.AddField(
            model_name="csvupload",
            name="header",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="csvupload",
            name="state",
            field=models.CharField(choices=STATES, default="importing", max_length=10),
        ),
        migrations.RunSQL(COPY_NAMES, migrations.RunSQL.noop),
    ]
