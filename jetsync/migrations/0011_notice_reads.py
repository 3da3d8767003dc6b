import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The page a notice leads to, and the right of that page.
RIGHTS = (
    ("orders", "orders.view"),
    ("returns", "returns.view"),
    ("refunds", "refunds.view"),
    ("catalog", "products.view"),
    ("repricer", "products.view"),
    ("settings", "settings.view"),
    ("jobs|schedules|mails", "activity.view"),
)
# What the store had read until now, each of its people has read.
READ_BY_ALL = """
INSERT INTO jetsync_noticeread (merchant_id, user_id, notice_id, read_at)
SELECT notice.merchant_id, member.user_id, notice.id, notice.read_at
FROM jetsync_notice notice JOIN jetsync_membership member ON member.merchant_id = notice.merchant_id
WHERE notice.read_at IS NOT NULL ON CONFLICT DO NOTHING
"""


def name_rights(apps, _editor):
    notices = apps.get_model("jetsync", "Notice")._base_manager
    for segment, right in RIGHTS:
        notices.filter(url__regex=rf"^/m/[^/]+/({segment})/").update(right=right)


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0010_mail_silence"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="done_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="right",
            field=models.CharField(default="home.view", max_length=40),
        ),
        migrations.CreateModel(
            name="NoticeRead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("read_at", models.DateTimeField(auto_now_add=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reads", to="jetsync.notice"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "user", "notice"), name="notice_read_once")
                ],
            },
        ),
        migrations.RunPython(name_rights, migrations.RunPython.noop),
        migrations.RunSQL(READ_BY_ALL, migrations.RunSQL.noop),
    ]
