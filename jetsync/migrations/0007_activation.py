import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def keep_live_open(apps, _editor):
    """Who sells in live mode, or did before, is not locked out by steps that did not exist then."""
    merchants = apps.get_model("jetsync", "Merchant")._base_manager
    log = apps.get_model("jetsync", "LogEntry")._base_manager
    activations = apps.get_model("jetsync", "Activation")._base_manager
    was_live = log.filter(action="jetsync.merchant.mode", new__mode="live").values("merchant")
    live = merchants.filter(models.Q(mode="live") | models.Q(pk__in=was_live))
    for pk in live.values_list("pk", flat=True):
        activations.get_or_create(merchant_id=pk, defaults={"went_live_at": timezone.now()})


class Migration(migrations.Migration):
    dependencies = [
        ("jetsync", "0006_support"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sku", models.CharField(blank=True, default="", max_length=100, verbose_name="SKU")),
                ("went_live_at", models.DateTimeField(blank=True, null=True)),
                (
                    "live_share",
                    models.PositiveSmallIntegerField(
                        default=100,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="activation_once")],
            },
        ),
        migrations.CreateModel(
            name="ActivationStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("keys_mark", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("not_run", "Not run"),
                            ("running", "Running"),
                            ("ok", "OK"),
                            ("failed", "Failed"),
                        ],
                        default="not_run",
                        max_length=8,
                    ),
                ),
                ("message", models.CharField(blank=True, default="", max_length=1000)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("evidence", models.JSONField(default=dict)),
                ("data", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="activation_steps",
                        to="jetsync.operation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "keys_mark", "key"), name="activation_step_once"
                    )
                ],
            },
        ),
        migrations.RunPython(keep_live_open, migrations.RunPython.noop),
    ]
