"""What lists would work out anew for every row is stored: the state of a variation group, and whether a SKU drifts."""

from django.db import migrations, models

import catalog.models.fields

COUNT_GROUPS = """
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
NOTE_STOCK = """
UPDATE catalog_listing SET stock_drift = true
WHERE variant_id IN (
    SELECT s.variant_id
    FROM catalog_nodestock AS s
    JOIN jetsync_fulfillmentnode AS n ON n.id = s.node_id
    JOIN jetsync_jetaccount AS a ON a.id = n.account_id
    JOIN jetsync_merchant AS m ON m.id = s.merchant_id
    WHERE a.mode = m.mode AND s.quantity_drift AND NOT s.quantity_dirty
      AND (s.quantity_live_at > s.quantity_sent_at OR s.quantity_sent_at IS NULL)
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_fewer_indexes"),
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
        migrations.RemoveIndex(model_name="listing", name="listing_drift"),
        migrations.AddField(
            model_name="listing",
            name="stock_drift",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="listing",
            name="drifts",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        models.Q(
                            ("content_sent_at__isnull", False),
                            models.Q(
                                models.Q(
                                    catalog.models.fields.ShownOtherwise(
                                        models.F("price_live"), models.F("price_sent")
                                    ),
                                    ("price_target", models.F("price_sent")),
                                    models.Q(
                                        ("price_live_at__gt", models.F("price_sent_at")),
                                        ("price_sent_at", None),
                                        _connector="OR",
                                    ),
                                ),
                                models.Q(
                                    ("stock_drift", True),
                                    models.Q(
                                        ("archived_live", False), ("archived_live", None), _connector="OR"
                                    ),
                                ),
                                models.Q(
                                    catalog.models.fields.ShownOtherwise(
                                        models.F("archived_live"), models.F("archived_sent")
                                    ),
                                    ("archived_target", models.F("archived_sent")),
                                    models.Q(
                                        ("status_read_at__gt", models.F("archived_sent_at")),
                                        ("archived_sent_at", None),
                                        _connector="OR",
                                    ),
                                ),
                                models.Q(
                                    models.Q(("content_drift", []), _negated=True),
                                    ("content_target", models.F("content_sent")),
                                    ("live_body__isnull", False),
                                ),
                                _connector="OR",
                            ),
                        ),
                        then=models.Value(True),  # noqa: FBT003 -- an SQL value
                    ),
                    default=models.Value(False),  # noqa: FBT003 -- as above
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("drifts", True)),
                fields=["merchant", "-drift_since", "-id"],
                name="listing_drifts",
            ),
        ),
        migrations.RemoveIndex(model_name="listing", name="listing_status"),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(fields=["merchant", "status", "id", "readiness"], name="listing_status"),
        ),
        migrations.AddIndex(
            model_name="listing",
            index=models.Index(
                condition=models.Q(("error_code__gt", "")), fields=["merchant", "id"], name="listing_errors"
            ),
        ),
        migrations.RemoveIndex(model_name="imagefact", name="image_fact_verdict"),
        migrations.AddIndex(
            model_name="imagefact",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["merchant", "verdict", "id"],
                name="image_fact_verdict",
            ),
        ),
        # Last: rows that were written anew in this transaction have checks pending, and no index is made over those.
        migrations.RunSQL(COUNT_GROUPS, migrations.RunSQL.noop),
        migrations.RunSQL(NOTE_STOCK, migrations.RunSQL.noop),
    ]
