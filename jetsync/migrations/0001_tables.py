import django.contrib.postgres.fields
import django.core.serializers.json
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import jetsync.fields
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("jetsync", "0001_initial"),
        ("jetsync", "0002_one_store_per_jet_account"),
        ("jetsync", "0003_options_of_the_catalogue"),
        ("jetsync", "0004_mail"),
        ("jetsync", "0005_job_requests"),
        ("jetsync", "0006_refund_limit"),
        ("jetsync", "0007_history_by_merchant"),
        ("jetsync", "0008_price_step"),
        ("jetsync", "0009_places_at_jet"),
        ("jetsync", "0010_missing_items"),
        ("jetsync", "0011_node_cutoff"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail address")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Merchant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                ("time_zone", models.CharField(default="America/New_York", max_length=64)),
                (
                    "mode",
                    models.CharField(
                        choices=[("test", "Test"), ("live", "Live")], default="test", max_length=4
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("suspended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("name",),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="JetAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("mode", models.CharField(choices=[("test", "Test"), ("live", "Live")], max_length=4)),
                ("api_url", models.CharField(max_length=300)),
                ("api_user", jetsync.fields.EncryptedTextField(default="")),
                ("api_secret", jetsync.fields.EncryptedTextField(default="")),
                ("jet_merchant_id", models.CharField(blank=True, default="", max_length=64)),
                (
                    "validation",
                    models.CharField(
                        choices=[
                            ("never", "Not validated yet"),
                            ("ok", "Keys accepted by Jet"),
                            ("refused", "Keys refused by Jet"),
                            ("unreachable", "Address did not answer"),
                            ("taken", "Used by another store"),
                        ],
                        default="never",
                        max_length=12,
                    ),
                ),
                ("validation_message", models.CharField(blank=True, default="", max_length=500)),
                ("validated_at", models.DateTimeField(blank=True, null=True)),
                ("token_issued_at", models.DateTimeField(blank=True, null=True)),
                ("token_expires_at", models.DateTimeField(blank=True, null=True)),
                ("fingerprint", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "mode"), name="account_per_mode"),
                    models.UniqueConstraint(
                        condition=models.Q(("fingerprint", ""), _negated=True),
                        fields=("fingerprint",),
                        name="account_linked_once",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="JobRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=120)),
                (
                    "priority",
                    models.SmallIntegerField(
                        choices=[(10, "Now"), (50, "Normal"), (90, "Later")], default=50
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("data", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "kind", "key", "id"], name="job_request_key")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="QueueTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "queue",
                    models.CharField(
                        choices=[("urgent", "Urgent"), ("default", "Default"), ("bulk", "Bulk")], max_length=8
                    ),
                ),
                ("served_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["queue", "served_at"], name="queue_turn_order")],
                "constraints": [
                    models.UniqueConstraint(fields=("queue", "merchant"), name="queue_turn_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="MailEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                (
                    "facts",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                ("object_type", models.CharField(blank=True, default="", max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "kind", "id"], name="mail_event_kind")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=250)),
                ("text", models.TextField()),
                ("html", models.TextField()),
                ("is_test", models.BooleanField(default=False)),
                ("rights", models.JSONField(default=list)),
                ("named", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("unsure", "May have been sent"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("message_id", models.CharField(max_length=200)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("message", models.CharField(blank=True, default="", max_length=1000)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("not_after", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-created_at", "-id"], name="mail_recent"),
                    models.Index(fields=["merchant", "state", "-created_at"], name="mail_state"),
                    models.Index(fields=["created_at"], name="mail_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "message_id"), name="mail_message_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("manager", "Manager"),
                            ("fulfilment", "Fulfilment"),
                            ("analyst", "Analyst (read only)"),
                        ],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "user"), name="membership_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="jetsync.merchant",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("manager", "Manager"),
                            ("fulfilment", "Fulfilment"),
                            ("analyst", "Analyst (read only)"),
                        ],
                        max_length=12,
                    ),
                ),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "email"], name="invitation_email")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("prefix", models.CharField(max_length=12)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("rights", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("name", "pk"),
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SupportSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_sessions",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="support_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("reason", models.CharField(max_length=200)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("info", "Information"),
                            ("success", "Good news"),
                            ("warning", "Needs attention"),
                            ("danger", "Urgent"),
                        ],
                        default="info",
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("body", models.CharField(blank=True, default="", max_length=500)),
                ("url", models.CharField(blank=True, default="", max_length=300)),
                ("count", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("read_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-updated_at"], name="notice_recent")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("read_at", None)),
                        fields=("merchant", "key"),
                        name="notice_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Operation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("partly", "Done with failures"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("actor_label", models.CharField(default="jetsync", max_length=150)),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("failed", models.PositiveIntegerField(default=0)),
                ("skipped", models.PositiveIntegerField(default=0)),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("data", models.JSONField(default=dict)),
                ("cancel_requested_at", models.DateTimeField(blank=True, null=True)),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undoes",
                        to="jetsync.operation",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-created_at"], name="operation_recent"),
                    models.Index(fields=["merchant", "state"], name="operation_state"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Options",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "auto_acknowledge",
                    models.BooleanField(
                        default=True,
                        help_text="As soon as they are fetched: Jet gives 15 minutes. Off: orders stay ready and wait for you, and the choice below acts when 2 minutes are left.",
                        verbose_name="Acknowledge orders automatically",
                    ),
                ),
                (
                    "fallback_policy",
                    models.CharField(
                        choices=[
                            ("accept_if_stock", "Accept what stock covers, reject the rest"),
                            ("reject", "Reject"),
                            ("nothing", "Do nothing (the order may go to another seller)"),
                        ],
                        default="accept_if_stock",
                        help_text="What jetsync does with an order that nobody has answered, whether orders are acknowledged automatically or not.",
                        max_length=16,
                        verbose_name="When 2 minutes are left",
                    ),
                ),
                (
                    "missing_items",
                    models.CharField(
                        choices=[
                            ("reject", "Reject the order and name the items"),
                            ("cancel", "Accept it and cancel the items at once"),
                        ],
                        default="reject",
                        help_text="For orders that jetsync answers. Jet takes an order as a whole or not at all; units cancelled after a yes count in your cancellation rate. An order of which nothing can be delivered is rejected.",
                        max_length=8,
                        verbose_name="When the store lacks some items of an order",
                    ),
                ),
                (
                    "pull_orders",
                    models.BooleanField(
                        default=True,
                        help_text="Every 10 minutes. Off: the order schedule idles.",
                        verbose_name="Fetch orders from Jet",
                    ),
                ),
                (
                    "send_tracking",
                    models.BooleanField(
                        default=True,
                        help_text="Off: shipments are stored here and wait.",
                        verbose_name="Send shipments to Jet",
                    ),
                ),
                (
                    "send_inventory",
                    models.BooleanField(
                        default=True,
                        help_text="Off: quantity changes wait until you turn it on.",
                        verbose_name="Send quantities to Jet",
                    ),
                ),
                (
                    "send_price",
                    models.BooleanField(
                        default=True,
                        help_text="Off: price changes wait until you turn it on.",
                        verbose_name="Send prices to Jet",
                    ),
                ),
                (
                    "buffer_quantity",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Pieces held back: Jet gets store quantity minus reserved minus this.",
                        validators=[django.core.validators.MaxValueValidator(10000)],
                        verbose_name="Buffer per product",
                    ),
                ),
                (
                    "zero_quantity_default",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Leave empty to send 0. A number here can sell goods you do not have.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1000)],
                        verbose_name="Quantity to send when stock is zero",
                    ),
                ),
                (
                    "direct_upload_limit",
                    models.PositiveIntegerField(
                        default=30,
                        help_text="Up to this many products are sent one by one; above it as files.",
                        validators=[django.core.validators.MaxValueValidator(500)],
                        verbose_name="Direct calls up to",
                    ),
                ),
                (
                    "skus_per_file",
                    models.PositiveIntegerField(
                        default=5000,
                        help_text="Between 30 and 20,000. Errors are brought to each SKU.",
                        verbose_name="SKUs per bulk file",
                    ),
                ),
                (
                    "days_to_return",
                    models.PositiveSmallIntegerField(
                        default=30,
                        help_text="Sent with each shipment line that names a return location.",
                        verbose_name="Days to return",
                    ),
                ),
                (
                    "refund_limit",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="In USD, for each answer to a return and each refund. It waits until somebody else who may settle returns or create refunds confirms it, so the store needs two such people. Empty: off. What waits already still needs that person when you change this.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="Ask a second person from this amount on",
                    ),
                ),
                (
                    "default_carrier",
                    models.CharField(blank=True, default="UPS", max_length=40, verbose_name="Usual carrier"),
                ),
                (
                    "transit_days",
                    models.PositiveSmallIntegerField(
                        default=4,
                        help_text="Used to propose the expected delivery date.",
                        verbose_name="Usual transit time in business days",
                    ),
                ),
                (
                    "notification_emails",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="One address per line. Empty: mail goes to the owner.",
                        verbose_name="Notification mail",
                    ),
                ),
                (
                    "sync_on_edit",
                    models.BooleanField(
                        default=True,
                        help_text="Send changes of listed products to Jet by themselves. Off: nothing is sent until you press Sync.",
                        verbose_name="Update product sync",
                    ),
                ),
                (
                    "edit_sends_price",
                    models.BooleanField(
                        default=True,
                        help_text="A new price is sent as soon as it is saved or imported.",
                        verbose_name="Price",
                    ),
                ),
                (
                    "edit_sends_inventory",
                    models.BooleanField(
                        default=True,
                        help_text="A new quantity is sent as soon as it is saved, imported or sold.",
                        verbose_name="Inventory",
                    ),
                ),
                (
                    "edit_sends_images",
                    models.BooleanField(
                        default=True,
                        help_text="New pictures are sent with the product's data.",
                        verbose_name="Images",
                    ),
                ),
                (
                    "edit_sends_content",
                    models.BooleanField(
                        default=True,
                        help_text="Title, description, codes, attributes and category. Jet may review the product again.",
                        verbose_name="Basic information",
                    ),
                ),
                (
                    "archive_children",
                    models.BooleanField(
                        default=True,
                        help_text="Archiving the parent of a variation archives its children, and un-archiving brings them back.",
                        verbose_name="Archive children with their parent",
                    ),
                ),
                (
                    "low_stock_alert",
                    models.BooleanField(
                        default=False,
                        help_text="Select yes and fill the limit: you hear of a SKU when its stock falls below it.",
                        verbose_name="Threshold quantity",
                    ),
                ),
                (
                    "low_stock_limit",
                    models.PositiveIntegerField(
                        default=5,
                        help_text="Pieces. Checked at shipping and at every inventory sync; the product grid marks what is below.",
                        validators=[django.core.validators.MaxValueValidator(100000)],
                        verbose_name="Threshold limit",
                    ),
                ),
                (
                    "price_rule",
                    models.CharField(
                        choices=[
                            ("none", "Send the store's price as it is"),
                            ("increase_fixed", "Increase by fixed price"),
                            ("increase_percent", "Increase by fixed percentage"),
                            ("decrease_fixed", "Decrease by fixed price"),
                            ("decrease_percent", "Decrease by fixed percentage"),
                            ("own_field", "Set individually for each product"),
                        ],
                        default="none",
                        help_text="Applied when a price is sent; the store's own price stays as it is.",
                        max_length=16,
                        verbose_name="Type of increment",
                    ),
                ),
                (
                    "price_rule_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="In USD or in percent, as the type says. A decrease by percentage stays below 100.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="Increment amount",
                    ),
                ),
                (
                    "price_source",
                    models.CharField(
                        choices=[
                            ("regular", "Regular price"),
                            ("special", "Special price while it is active, else the regular one"),
                        ],
                        default="special",
                        help_text="Which of the store's two prices the rule starts from.",
                        max_length=8,
                        verbose_name="Price to send",
                    ),
                ),
                (
                    "price_field",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="For “Set individually for each product”: the store field that holds it.",
                        max_length=120,
                        verbose_name="Field with the price for Jet",
                    ),
                ),
                (
                    "lowest_price",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="A floor for every product, in USD. Empty: 0.01, or the floor of the product.",
                        max_digits=9,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="Never send less than",
                    ),
                ),
                (
                    "price_step_percent",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="In percent, up or down, from 1 to 1,000. Such a change is stored only when it is confirmed, whichever way it comes: a file, a change of many SKUs, a form or the API.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="Ask before a price moves by more than",
                    ),
                ),
                (
                    "order_notice_emails",
                    models.TextField(
                        blank=True,
                        default="",
                        help_text="Who hears of new orders; one address per line. Empty: the owner's address.",
                        verbose_name="Order notice mail",
                    ),
                ),
                (
                    "jet_account_email",
                    models.EmailField(
                        blank=True,
                        default="",
                        help_text="The address registered with Jet. Kept for your own reference and for case files.",
                        max_length=254,
                        verbose_name="Jet account e-mail",
                    ),
                ),
                (
                    "customer_email",
                    models.EmailField(
                        blank=True,
                        default="",
                        help_text="Stands as the buyer's address on imported orders, because Jet gives none. Empty: none.",
                        max_length=254,
                        verbose_name="Customer e-mail for orders",
                    ),
                ),
                (
                    "shipstation_delivery_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        help_text="Business days from shipping to the expected delivery date that Jet is told.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="Delivery days for shipments by ShipStation",
                    ),
                ),
                (
                    "mail_pace",
                    models.CharField(
                        choices=[("at_once", "At once"), ("hourly", "Once an hour"), ("daily", "Once a day")],
                        default="at_once",
                        help_text="At once: within a minute, what came together in one mail. Alarms never wait.",
                        max_length=8,
                        verbose_name="When to write",
                    ),
                ),
                (
                    "mail_daily_hour",
                    models.PositiveSmallIntegerField(
                        default=8,
                        help_text="0 to 23, in the time zone of the store. Counts when mail is written once a day.",
                        validators=[django.core.validators.MaxValueValidator(23)],
                        verbose_name="Hour of the daily mail",
                    ),
                ),
                (
                    "mail_new_orders",
                    models.BooleanField(
                        default=True,
                        help_text="Orders that Jet released, and how they were answered.",
                        verbose_name="New orders",
                    ),
                ),
                (
                    "mail_order_alarms",
                    models.BooleanField(
                        default=True,
                        help_text="5 and 2 minutes before Jet withdraws an order that nobody answered. Sent at once, always.",
                        verbose_name="Orders about to be lost",
                    ),
                ),
                (
                    "mail_failed_orders",
                    models.BooleanField(
                        default=True,
                        help_text="Rejected automatically, unreadable, lost, or not taken by Jet.",
                        verbose_name="Failed orders",
                    ),
                ),
                (
                    "mail_directed_cancels",
                    models.BooleanField(
                        default=True,
                        help_text="Jet asks not to ship what has not left yet.",
                        verbose_name="Cancel requests",
                    ),
                ),
                (
                    "mail_new_returns",
                    models.BooleanField(
                        default=True,
                        help_text="Select yes to hear of each new return.",
                        verbose_name="Mail on new return request",
                    ),
                ),
                (
                    "mail_low_stock",
                    models.BooleanField(
                        default=True,
                        help_text="Once when a SKU falls below the threshold limit. Needs “Threshold quantity” under Orders and stock.",
                        verbose_name="Low stock",
                    ),
                ),
                (
                    "mail_rejected_files",
                    models.BooleanField(
                        default=True,
                        help_text="Bulk files that Jet refused, in whole or in part.",
                        verbose_name="Rejected files",
                    ),
                ),
                (
                    "mail_late_schedules",
                    models.BooleanField(
                        default=True,
                        help_text="Regular work that did not start or end in time.",
                        verbose_name="Late schedules",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="options_once")],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="request_key_age")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "key"), name="request_key_once")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("page", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("is_shared", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "page", "user", "name"), name="saved_view_once"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Selection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("page", models.CharField(max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="selection_age")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("interval_seconds", models.PositiveIntegerField()),
                ("next_due_at", models.DateTimeField()),
                ("is_paused", models.BooleanField(default=False)),
                ("last_started_at", models.DateTimeField(null=True)),
                ("last_finished_at", models.DateTimeField(null=True)),
                ("last_duration_ms", models.PositiveIntegerField(null=True)),
                ("last_ok", models.BooleanField(null=True)),
                ("last_message", models.CharField(blank=True, default="", max_length=500)),
                ("late_noted_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["next_due_at"], name="schedule_due")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "kind"), name="schedule_once")],
            },
        ),
        migrations.CreateModel(
            name="FulfillmentNode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("is_at_jet", models.BooleanField(editable=False, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="nodes",
                        to="jetsync.jetaccount",
                    ),
                ),
                ("node_id", models.CharField(max_length=64, verbose_name="Jet fulfilment node id")),
                ("name", models.CharField(max_length=120)),
                ("zip_code", models.CharField(blank=True, default="", max_length=5)),
                ("is_default", models.BooleanField(default=False)),
                ("buffer_quantity", models.PositiveIntegerField(blank=True, null=True)),
                ("cutoff", models.TimeField(blank=True, null=True, verbose_name="cut-off time")),
                ("time_zone", models.CharField(blank=True, default="", max_length=64)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ("-is_default", "position", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "account", "node_id"), name="node_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("merchant", "account"),
                        name="node_one_default",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ReturnLocation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("is_at_jet", models.BooleanField(editable=False, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="return_locations",
                        to="jetsync.jetaccount",
                    ),
                ),
                ("return_id", models.CharField(max_length=64, verbose_name="Jet return location id")),
                ("address1", models.CharField(max_length=120)),
                ("address2", models.CharField(blank=True, default="", max_length=120)),
                ("city", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("zip_code", models.CharField(max_length=5)),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("-is_default", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "account", "return_id"), name="return_location_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("merchant", "account"),
                        name="return_location_one_default",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("key", models.CharField(max_length=120)),
                (
                    "queue",
                    models.CharField(
                        choices=[("urgent", "Urgent"), ("default", "Default"), ("bulk", "Bulk")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "priority",
                    models.SmallIntegerField(
                        choices=[(10, "Now"), (50, "Normal"), (90, "Later")], default=50
                    ),
                ),
                ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_token", models.CharField(blank=True, default="", max_length=32)),
                ("changed_in_flight", models.BooleanField(default=False)),
                ("maybe_arrived", models.BooleanField(default=False)),
                (
                    "failure_end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "None"),
                            ("retry", "Will be tried again"),
                            ("permanent", "Refused for good"),
                            ("settings", "Your settings need attention"),
                            ("ours", "Our fault, reported"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("message", models.CharField(blank=True, default="", max_length=1000)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("data", models.JSONField(default=dict)),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to="jetsync.operation",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to="jetsync.schedule",
                    ),
                ),
                ("object_type", models.CharField(blank=True, default="", max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["merchant", "queue", "priority", "not_before", "id"],
                        name="job_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["queue", "not_before"],
                        name="job_due_queue",
                    ),
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["lease_until"], name="job_lease"
                    ),
                    models.Index(fields=["merchant", "-created_at"], name="job_recent"),
                    models.Index(
                        fields=["merchant", "object_type", "object_id", "-created_at"], name="job_object"
                    ),
                    models.Index(fields=["merchant", "state", "-created_at"], name="job_state"),
                    models.Index(
                        condition=models.Q(("finished_at__isnull", False), ("schedule__isnull", False)),
                        fields=["merchant", "schedule", "-finished_at"],
                        name="job_last_of_schedule",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("queued", "running"))),
                        fields=("merchant", "kind", "key"),
                        name="job_one_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OperationRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="jetsync.operation",
                    ),
                ),
                ("object_type", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("label", models.CharField(max_length=200)),
                ("line", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent, answer pending"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=60)),
                ("message", models.CharField(blank=True, default="", max_length=1000)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("before", models.JSONField(default=dict)),
                ("data", models.JSONField(default=dict)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["merchant", "operation", "state", "id"], name="operation_row_state"),
                    models.Index(
                        fields=["merchant", "object_type", "object_id"], name="operation_row_object"
                    ),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="jetsync.job",
                    ),
                ),
                ("try_number", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("duration_ms", models.PositiveIntegerField(default=0)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=300)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("request_id", models.CharField(blank=True, default="", max_length=80)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("request_cut", models.TextField(blank=True, default="")),
                ("answer_cut", models.TextField(blank=True, default="")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "job", "id"], name="attempt_job"),
                    models.Index(fields=["started_at"], name="attempt_age"),
                    models.Index(fields=["merchant", "-started_at", "-id"], name="attempt_recent"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="LogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.merchant"
                    ),
                ),
                ("action", models.CharField(max_length=80)),
                ("message", models.CharField(max_length=500)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("actor_label", models.CharField(default="jetsync", max_length=150)),
                ("object_type", models.CharField(blank=True, default="", max_length=60)),
                ("object_id", models.BigIntegerField(null=True)),
                ("object_label", models.CharField(blank=True, default="", max_length=200)),
                ("old", models.JSONField(default=dict)),
                ("new", models.JSONField(default=dict)),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jetsync.job",
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jetsync.operation",
                    ),
                ),
                ("request_id", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-id"], name="log_recent"),
                    models.Index(fields=["merchant", "object_type", "object_id", "-id"], name="log_object"),
                    models.Index(fields=["merchant", "action", "-id"], name="log_action"),
                ],
                "constraints": [],
            },
        ),
    ]
