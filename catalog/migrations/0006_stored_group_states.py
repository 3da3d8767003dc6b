"""A group's state is stored: its own columns, two counts and what PostgreSQL makes of them."""

from django.db import migrations, models

COUNT = """
UPDATE catalog_variationgroup AS g SET child_count = c.children, unsent_count = c.unsent
FROM (
    SELECT s.group_id,
           count(*) FILTER (WHERE s.is_child) AS children,
           count(*) FILTER (WHERE l.content_sent_at IS NULL) AS unsent
    FROM (
        SELECT id AS group_id, parent_id AS variant_id, false AS is_child FROM catalog_variationgroup
        UNION ALL
        SELECT group_id, variant_id, true FROM catalog_variationmember
    ) AS s
    LEFT JOIN catalog_listing AS l ON l.variant_id = s.variant_id
    GROUP BY s.group_id
) AS c
WHERE c.group_id = g.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_images_low_stock_last_upload"),
    ]

    operations = [
        migrations.AddField(
            model_name="variationgroup",
            name="child_count",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="variationgroup",
            name="unsent_count",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="variationgroup",
            name="state",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(child_count=0, then=models.Value("dissolving")),
                    models.When(target="", then=models.Value("incomplete")),
                    models.When(error_at__isnull=False, then=models.Value("refused")),
                    models.When(target=models.F("sent"), then=models.Value("sent")),
                    models.When(unsent_count__gt=0, then=models.Value("waiting")),
                    default=models.Value("queued"),
                ),
                output_field=models.CharField(max_length=10),
            ),
        ),
        migrations.AddIndex(
            model_name="variationgroup",
            index=models.Index(fields=["merchant", "-updated_at", "-id"], name="variation_recent"),
        ),
        migrations.AddIndex(
            model_name="variationgroup",
            index=models.Index(fields=["merchant", "state", "-updated_at", "-id"], name="variation_state"),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
