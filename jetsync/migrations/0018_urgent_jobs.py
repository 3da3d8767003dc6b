from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("jetsync", "0017_rights_of_a_person"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="job",
            index=models.Index(
                condition=models.Q(("priority", 10), ("state", "queued")),
                fields=["queue", "not_before"],
                name="job_due_now",
            ),
        ),
    ]
