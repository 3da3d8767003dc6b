import catalog.models.csv_upload
import catalog.models.fields
import catalog.models.file
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("catalog", "0001_initial"),
        ("catalog", "0002_mapping_variations_exceptions"),
        ("catalog", "0003_field_mappings_that_override"),
        ("catalog", "0004_drift_since_and_apart"),
        ("catalog", "0005_images_low_stock_last_upload"),
        ("catalog", "0006_fewer_indexes"),
        ("catalog", "0007_stored_states"),
        ("catalog", "0008_confirmed_prices"),
        ("catalog", "0009_csv_before"),
        ("catalog", "0010_columns_of_files"),
    ]

    initial = True

    dependencies = [
        ("jetsync", "0001_tables"),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        migrations.CreateModel(
            name="StoreCategory",
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
                    "path",
                    models.CharField(
                        help_text="Names joined by “ > ”, e.g. Kitchen > Kettles", max_length=300
                    ),
                ),
                ("external_id", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name_plural": "store categories",
                "ordering": ("path",),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "path"), name="store_category_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CsvUpload",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("products", "Products"),
                            ("price_inventory", "Price and inventory"),
                            ("variations", "Variations"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "operation",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="csv_upload",
                        to="jetsync.operation",
                    ),
                ),
                ("token", models.CharField(max_length=32)),
                ("file", models.FileField(upload_to=catalog.models.csv_upload.upload_path)),
                ("original_name", models.CharField(max_length=200)),
                ("encoding", models.CharField(default="utf-8", max_length=20)),
                ("delimiter", models.CharField(default=",", max_length=1)),
                ("header", models.JSONField(default=list)),
                ("columns", models.JSONField(default=list)),
                ("is_on_jet", models.BooleanField(default=False)),
                ("confirms_prices", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("mapping", "Waiting for the meaning of its columns"),
                            ("checking", "Being checked"),
                            ("checked", "Checked, waiting for you"),
                            ("importing", "Being imported"),
                            ("done", "Imported"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="importing",
                        max_length=10,
                    ),
                ),
                ("preview", models.JSONField(default=dict)),
                ("byte_count", models.PositiveBigIntegerField(default=0)),
                ("row_count", models.PositiveIntegerField(null=True)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("created_count", models.PositiveIntegerField(default=0)),
                ("updated_count", models.PositiveIntegerField(default=0)),
                ("unchanged_count", models.PositiveIntegerField(default=0)),
                ("failed_count", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "-created_at"], name="csv_upload_recent")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="BulkFile",
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
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="jetsync.jetaccount"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="files",
                        to="jetsync.operation",
                    ),
                ),
                (
                    "file_type",
                    models.CharField(
                        choices=[
                            ("MerchantSKUs", "Products"),
                            ("Price", "Prices"),
                            ("Inventory", "Quantities"),
                            ("Variation", "Variations"),
                            ("Archive", "Archive"),
                            ("ShippingException", "Shipping exceptions"),
                            ("ReturnsException", "Return exceptions"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("jet_file_id", models.CharField(blank=True, default="", max_length=64)),
                ("upload_url", models.TextField(blank=True, default="")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("building", "Being built"),
                            ("sent", "Sent"),
                            ("processing", "Processing at Jet"),
                            ("done", "Processed successfully"),
                            ("with_errors", "Processed with errors"),
                            ("failed", "Not sent"),
                            ("resubmitted", "Resubmitted"),
                            ("n_a", "N/A"),
                        ],
                        default="building",
                        max_length=12,
                    ),
                ),
                ("jet_status", models.CharField(blank=True, default="", max_length=40)),
                ("sku_count", models.PositiveIntegerField(default=0)),
                ("byte_count", models.PositiveIntegerField(default=0)),
                ("manifest", models.JSONField(default=list)),
                ("error_count", models.PositiveIntegerField(default=0)),
                ("errors", models.JSONField(default=list)),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                (
                    "content",
                    models.FileField(max_length=300, null=True, upload_to=catalog.models.file.content_path),
                ),
                (
                    "resubmit_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="successors",
                        to="catalog.bulkfile",
                    ),
                ),
                ("deleted_at", models.DateTimeField(null=True)),
                ("polls", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-created_at"], name="bulk_file_recent"),
                    models.Index(fields=["merchant", "state"], name="bulk_file_state"),
                    models.Index(fields=["merchant", "jet_file_id"], name="bulk_file_jet_id"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ImageFact",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                ("url_hash", models.CharField(max_length=64)),
                ("url", models.CharField(max_length=1000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Not looked at yet"),
                            ("fine", "Fetched and measured"),
                            ("unreachable", "Could not be fetched"),
                            ("not_image", "Not a picture"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("width", models.PositiveIntegerField(null=True)),
                ("height", models.PositiveIntegerField(null=True)),
                ("byte_count", models.PositiveIntegerField(null=True)),
                ("format", models.CharField(blank=True, default="", max_length=12)),
                ("is_layered", models.BooleanField(default=False)),
                ("content_hash", models.CharField(blank=True, default="", max_length=64)),
                ("message", models.CharField(blank=True, default="", max_length=300)),
                ("checked_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("verdict", models.CharField(default="waiting", max_length=12)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "id"], name="image_fact_list"),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["merchant", "verdict", "id"],
                        name="image_fact_verdict",
                    ),
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["merchant", "due_at"],
                        name="image_fact_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "url_hash"), name="image_fact_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Profile",
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
                ("name", models.CharField(max_length=120)),
                ("sku_as_part_number", models.BooleanField(default=False)),
                ("sku_as_code", models.CharField(blank=True, default="", max_length=10)),
                ("code_type", models.CharField(blank=True, default="", max_length=10)),
                ("code_source", models.CharField(blank=True, default="", max_length=120)),
                ("jet_node_id", models.BigIntegerField(blank=True, null=True)),
                ("attributes", models.JSONField(blank=True, default=list)),
                ("specifics", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("name",),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "name"), name="profile_name_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="FieldMapping",
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
                ("jet_field", models.CharField(max_length=60)),
                ("source", models.CharField(blank=True, default="", max_length=120)),
                ("fixed", models.CharField(blank=True, default="", max_length=500)),
                ("overrides", models.BooleanField(default=False)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "jet_field"), name="field_mapping_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="StoreField",
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
                    "kind",
                    models.CharField(
                        choices=[("field", "Store field"), ("option", "Variation option")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("sample", models.CharField(blank=True, default="", max_length=200)),
                ("seen_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("kind", "name"),
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "kind", "name"), name="store_field_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="AttributeMapping",
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
                ("source", models.CharField(max_length=120)),
                ("attribute_id", models.BigIntegerField()),
                ("attribute_name", models.CharField(max_length=200)),
                ("unit", models.CharField(blank=True, default="", max_length=60)),
                ("mapped_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("attribute_name", "source"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "source", "attribute_id"), name="attribute_mapping_once"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="TaxonomyVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("diff", models.JSONField(default=dict)),
                ("source", models.CharField(blank=True, default="", max_length=200)),
                ("is_current", models.BooleanField(default=False)),
                ("categories", models.PositiveIntegerField(default=0)),
                ("attributes", models.PositiveIntegerField(default=0)),
                ("attribute_values", models.PositiveIntegerField(default=0)),
                ("links", models.PositiveIntegerField(default=0)),
                ("dropped", models.JSONField(default=dict)),
                ("imported_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("owner", "is_current"),
                        name="taxonomy_one_current",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        fields=("owner", "name"), name="taxonomy_name_once", nulls_distinct=False
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="CategoryMapping",
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
                    "store_category",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mapping",
                        to="catalog.storecategory",
                    ),
                ),
                ("jet_node_id", models.BigIntegerField()),
                ("jet_path", models.CharField(max_length=500)),
                ("mapped_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "jet_node_id"], name="mapping_node")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="CsvBefore",
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
                    "upload",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="befores",
                        to="catalog.csvupload",
                    ),
                ),
                ("upto", models.PositiveIntegerField()),
                ("rows", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "upload", "upto"), name="csv_before_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Product",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("simple", "Simple"),
                            ("variable", "Variable"),
                            ("unsupported", "Not supported"),
                        ],
                        default="simple",
                        max_length=12,
                    ),
                ),
                ("title", models.CharField(max_length=500)),
                ("description", models.TextField(blank=True, default="")),
                ("brand", models.CharField(blank=True, default="", max_length=100)),
                ("manufacturer", models.CharField(blank=True, default="", max_length=100)),
                (
                    "bullets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500), blank=True, default=list, size=None
                    ),
                ),
                (
                    "store_category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="products",
                        to="catalog.storecategory",
                    ),
                ),
                ("jet_node_id", models.BigIntegerField(blank=True, null=True)),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="products",
                        to="catalog.profile",
                    ),
                ),
                ("data", models.JSONField(blank=True, default=dict)),
                ("options", models.JSONField(blank=True, default=list)),
                ("base_price", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "base_weight_pounds",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                ("keeps_apart", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("external_id", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "title"], name="product_title"),
                    models.Index(fields=["merchant", "store_category"], name="product_category"),
                    models.Index(fields=["merchant", "profile"], name="product_profile"),
                    models.Index(fields=["merchant", "jet_node_id"], name="product_node"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ValueMapping",
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
                    "mapping",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="catalog.attributemapping",
                    ),
                ),
                ("store_value", models.CharField(max_length=200)),
                ("jet_value", models.CharField(max_length=300)),
                ("jet_unit", models.CharField(blank=True, default="", max_length=60)),
            ],
            options={
                "ordering": ("store_value",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "mapping", "store_value"), name="value_mapping_once"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="JetCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.taxonomyversion",
                    ),
                ),
                ("node_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("path", models.CharField(max_length=500)),
                ("parent_id", models.BigIntegerField(default=0)),
                ("level", models.PositiveSmallIntegerField()),
                ("is_active", models.BooleanField(default=True)),
                ("tax_code", models.CharField(blank=True, default="", max_length=80)),
            ],
            options={
                "verbose_name_plural": "Jet categories",
                "indexes": [
                    models.Index(fields=["version", "parent_id"], name="jet_category_parent"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Upper("path"), name="gin_trgm_ops"
                        ),
                        name="jet_category_path_trgm",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "node_id"), name="jet_category_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="JetAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.taxonomyversion",
                    ),
                ),
                ("attribute_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True, default="")),
                (
                    "free_text",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Pick from values"), (1, "Free text"), (2, "Free text with unit")],
                        default=0,
                    ),
                ),
                ("is_variant", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "attribute_id"), name="jet_attribute_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="JetAttributeValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.taxonomyversion",
                    ),
                ),
                ("attribute_id", models.BigIntegerField()),
                ("value", models.CharField(blank=True, default="", max_length=300)),
                ("unit", models.CharField(blank=True, default="", max_length=60)),
            ],
            options={
                "indexes": [models.Index(fields=["version", "attribute_id"], name="jet_value_attribute")],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="JetCategoryAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.taxonomyversion",
                    ),
                ),
                ("node_id", models.BigIntegerField()),
                ("attribute_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("version", "node_id", "attribute_id"), name="jet_link_once"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Variant",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="catalog.product",
                    ),
                ),
                ("sku", models.CharField(max_length=100)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("title", models.CharField(blank=True, default="", max_length=500)),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                (
                    "special_price",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True),
                ),
                ("special_from", models.DateTimeField(blank=True, null=True)),
                ("special_to", models.DateTimeField(blank=True, null=True)),
                ("price_floor", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("quantity", models.IntegerField(blank=True, null=True)),
                ("buffer_quantity", models.PositiveIntegerField(blank=True, null=True)),
                ("sells_on_jet", models.BooleanField(default=True)),
                ("asin", models.CharField(blank=True, default="", max_length=10, verbose_name="ASIN")),
                ("codes", models.JSONField(blank=True, default=list)),
                ("mfr_part_number", models.CharField(blank=True, default="", max_length=50)),
                ("multipack_quantity", models.PositiveSmallIntegerField(default=1)),
                (
                    "shipping_weight_pounds",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                (
                    "package_length_inches",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                (
                    "package_width_inches",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                (
                    "package_height_inches",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                (
                    "msrp",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="MSRP"
                    ),
                ),
                (
                    "map_price",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=9, null=True, verbose_name="MAP price"
                    ),
                ),
                ("map_implementation", models.CharField(default="101", max_length=3)),
                (
                    "number_units_for_price_per_unit",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                ("type_of_unit_for_price_per_unit", models.CharField(blank=True, default="", max_length=40)),
                ("prop_65", models.BooleanField(default=False)),
                ("legal_disclaimer_description", models.CharField(blank=True, default="", max_length=500)),
                ("country_of_origin", models.CharField(blank=True, default="", max_length=50)),
                ("safety_warning", models.TextField(blank=True, default="")),
                ("main_image_url", models.CharField(blank=True, default="", max_length=1000)),
                (
                    "alternate_image_urls",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=1000), blank=True, default=list, size=None
                    ),
                ),
                ("attributes", models.JSONField(blank=True, default=list)),
                ("options", models.JSONField(blank=True, default=list)),
                ("fulfillment_time", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("data", models.JSONField(blank=True, default=dict)),
                ("low_stock_at", models.DateTimeField(blank=True, null=True)),
                (
                    "last_upload",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="catalog.csvupload",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ("position", "pk"),
                "indexes": [
                    models.Index(fields=["merchant", "product"], name="variant_product"),
                    models.Index(
                        condition=models.Q(("special_price__isnull", False)),
                        fields=["special_from"],
                        name="variant_special_from",
                    ),
                    models.Index(
                        condition=models.Q(("special_price__isnull", False)),
                        fields=["special_to"],
                        name="variant_special_to",
                    ),
                    models.Index(
                        condition=models.Q(("low_stock_at__isnull", False)),
                        fields=["merchant", "id"],
                        name="variant_low_stock",
                    ),
                    models.Index(
                        condition=models.Q(("last_upload__isnull", False)),
                        fields=["merchant", "last_upload"],
                        name="variant_last_upload",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("merchant", "sku"), name="variant_sku_once")],
            },
        ),
        migrations.CreateModel(
            name="ShippingException",
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
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shipping_exceptions",
                        to="catalog.variant",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.fulfillmentnode",
                    ),
                ),
                ("service_level", models.CharField(blank=True, default="", max_length=60)),
                ("shipping_method", models.CharField(blank=True, default="", max_length=60)),
                (
                    "override_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("Override charge", "Override charge"),
                            ("Additional charge", "Additional charge"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "shipping_charge_amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True),
                ),
                (
                    "exception_type",
                    models.CharField(
                        choices=[
                            ("exclusive", "Exclusive: ship only this way"),
                            ("restricted", "Restricted: never ship this way"),
                        ],
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ("node", "pk"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "variant", "node", "service_level", "shipping_method"),
                        name="shipping_exception_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("service_level", ""), models.Q(("shipping_method", ""), _negated=True)),
                            models.Q(models.Q(("service_level", ""), _negated=True), ("shipping_method", "")),
                            _connector="OR",
                        ),
                        name="shipping_exception_level_or_method",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="ReturnException",
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
                    "variant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="return_exception",
                        to="catalog.variant",
                    ),
                ),
                ("time_to_return", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "return_shipping_methods",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "abstract": False,
                "indexes": [],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ImageUse",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "fact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="catalog.imagefact",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="image_uses",
                        to="catalog.variant",
                    ),
                ),
                ("slot", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "variant", "slot"), name="image_use_once")
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Listing",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "variant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listing",
                        to="catalog.variant",
                    ),
                ),
                ("is_wanted", models.BooleanField(default=False)),
                (
                    "readiness",
                    models.CharField(
                        choices=[
                            ("not_ready", "Not ready"),
                            ("never_live", "Can be sent, will not go live"),
                            ("ready", "Ready"),
                        ],
                        default="not_ready",
                        max_length=10,
                    ),
                ),
                ("gaps", models.JSONField(default=list)),
                (
                    "gap_keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80), blank=True, default=list, size=None
                    ),
                ),
                ("content_target", models.CharField(blank=True, default="", max_length=64)),
                ("content_sent", models.CharField(blank=True, default="", max_length=64)),
                ("content_sent_at", models.DateTimeField(null=True)),
                ("content_sent_body", models.JSONField(null=True)),
                (
                    "content_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("content_target"), models.F("content_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "content_drift",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), blank=True, default=list, size=None
                    ),
                ),
                ("price_target", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("price_sent", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("price_sent_at", models.DateTimeField(null=True)),
                ("price_live", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("price_live_at", models.DateTimeField(null=True)),
                (
                    "price_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("price_target"), models.F("price_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "price_drift",
                    catalog.models.fields.DriftField(
                        db_persist=True,
                        expression=catalog.models.fields.ShownOtherwise(
                            models.F("price_live"), models.F("price_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("archived_target", models.BooleanField(default=False)),
                ("archived_sent", models.BooleanField(default=False)),
                ("archived_sent_at", models.DateTimeField(null=True)),
                ("archived_live", models.BooleanField(null=True)),
                (
                    "archived_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("archived_target"), models.F("archived_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "archived_drift",
                    catalog.models.fields.DriftField(
                        db_persist=True,
                        expression=catalog.models.fields.ShownOtherwise(
                            models.F("archived_live"), models.F("archived_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("shipping_target", models.CharField(blank=True, default="", max_length=64)),
                ("shipping_sent", models.CharField(blank=True, default="", max_length=64)),
                ("shipping_sent_at", models.DateTimeField(null=True)),
                (
                    "shipping_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("shipping_target"), models.F("shipping_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("returns_target", models.CharField(blank=True, default="", max_length=64)),
                ("returns_sent", models.CharField(blank=True, default="", max_length=64)),
                ("returns_sent_at", models.DateTimeField(null=True)),
                (
                    "returns_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("returns_target"), models.F("returns_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("not_uploaded", "Not uploaded"),
                            ("uploaded", "Uploaded"),
                            ("under_review", "Under Jet Review"),
                            ("missing_data", "Missing Listing Data"),
                            ("available", "Available for Purchase"),
                            ("archived", "Archived"),
                            ("unauthorized", "Unauthorized"),
                            ("excluded", "Excluded"),
                            ("other", "Other"),
                        ],
                        default="not_uploaded",
                        max_length=14,
                    ),
                ),
                ("jet_status", models.CharField(blank=True, default="", max_length=60)),
                ("jet_sub_status", models.JSONField(default=list)),
                ("status_since", models.DateTimeField(null=True)),
                ("status_read_at", models.DateTimeField(null=True)),
                ("stock_drift", models.BooleanField(default=False)),
                (
                    "drifts",
                    models.GeneratedField(
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
                                                ("archived_live", False),
                                                ("archived_live", None),
                                                _connector="OR",
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
                                then=models.Value(True),
                            ),
                            default=models.Value(False),
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("drift_since", models.DateTimeField(null=True)),
                ("live_body", models.JSONField(null=True)),
                ("error_code", models.CharField(blank=True, default="", max_length=60)),
                ("error_message", models.CharField(blank=True, default="", max_length=1000)),
                ("error_hint", models.CharField(blank=True, default="", max_length=500)),
                ("error_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "status", "id", "readiness"], name="listing_status"),
                    models.Index(fields=["merchant", "readiness", "id"], name="listing_readiness"),
                    models.Index(fields=["merchant", "status_read_at"], name="listing_read_age"),
                    models.Index(
                        condition=models.Q(("content_sent_at__isnull", False), ("price_dirty", True)),
                        fields=["merchant", "id"],
                        name="listing_price_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("content_dirty", True), ("is_wanted", True)),
                        fields=["merchant", "id"],
                        name="listing_content_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("archived_dirty", True)),
                        fields=["merchant", "id"],
                        name="listing_archived_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("shipping_dirty", True)),
                        fields=["merchant", "id"],
                        name="listing_shipping_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("returns_dirty", True)),
                        fields=["merchant", "id"],
                        name="listing_returns_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("error_code__gt", "")),
                        fields=["merchant", "id"],
                        name="listing_errors",
                    ),
                    models.Index(
                        condition=models.Q(("drifts", True)),
                        fields=["merchant", "-drift_since", "-id"],
                        name="listing_drifts",
                    ),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="NodeStock",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="node_stock",
                        to="catalog.variant",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.fulfillmentnode",
                    ),
                ),
                ("quantity", models.IntegerField(blank=True, null=True)),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("buffer_quantity", models.PositiveIntegerField(blank=True, null=True)),
                ("quantity_target", models.PositiveIntegerField(default=0)),
                ("quantity_sent", models.PositiveIntegerField(null=True)),
                ("quantity_sent_at", models.DateTimeField(null=True)),
                ("quantity_live", models.PositiveIntegerField(null=True)),
                ("quantity_live_at", models.DateTimeField(null=True)),
                (
                    "quantity_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("quantity_target"), models.F("quantity_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                (
                    "quantity_drift",
                    catalog.models.fields.DriftField(
                        db_persist=True,
                        expression=catalog.models.fields.ShownOtherwise(
                            models.F("quantity_live"), models.F("quantity_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("price_target", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ("price_sent", models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                (
                    "price_dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(
                            models.F("price_target"), models.F("price_sent")
                        ),
                        output_field=models.BooleanField(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("quantity_dirty", True)),
                        fields=["merchant", "id"],
                        name="node_stock_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("price_dirty", True)),
                        fields=["merchant", "id"],
                        name="node_stock_price_dirty",
                    ),
                    models.Index(
                        condition=models.Q(("quantity_drift", True)),
                        fields=["merchant", "id"],
                        name="node_stock_drift",
                    ),
                    models.Index(fields=["merchant", "quantity_sent_at"], name="node_stock_sent_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "variant", "node"), name="node_stock_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
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
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="catalog.variant",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="jetsync.fulfillmentnode",
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("quantity", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=120)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["merchant", "variant"],
                        name="reservation_open",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("merchant", "key"), name="reservation_once")],
            },
        ),
        migrations.CreateModel(
            name="VariationGroup",
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
                    "parent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variation_group",
                        to="catalog.variant",
                    ),
                ),
                (
                    "relationship",
                    models.CharField(
                        choices=[("Variation", "Variation"), ("Accessory", "Accessory (until 2017)")],
                        default="Variation",
                        max_length=10,
                    ),
                ),
                ("group_title", models.CharField(blank=True, default="", max_length=500)),
                (
                    "refinements",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("product", "From a variable product"),
                            ("csv", "From a variations file"),
                            ("panel", "Made in the panel"),
                        ],
                        default="panel",
                        max_length=8,
                    ),
                ),
                ("gaps", models.JSONField(default=list)),
                ("target", models.CharField(blank=True, default="", max_length=64)),
                ("sent", models.CharField(blank=True, default="", max_length=64)),
                ("sent_at", models.DateTimeField(null=True)),
                ("sent_body", models.JSONField(null=True)),
                (
                    "dirty",
                    catalog.models.fields.DirtyField(
                        db_persist=True,
                        expression=catalog.models.fields.IsDistinctFrom(models.F("target"), models.F("sent")),
                        output_field=models.BooleanField(),
                    ),
                ),
                ("child_count", models.PositiveSmallIntegerField(default=0)),
                ("unsent_count", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(child_count=0, then=models.Value("dissolving")),
                            models.When(target="", then=models.Value("incomplete")),
                            models.When(error_at__isnull=False, then=models.Value("refused")),
                            models.When(target=models.F("sent"), then=models.Value("sent")),
                            models.When(then=models.Value("waiting"), unsent_count__gt=0),
                            default=models.Value("queued"),
                        ),
                        output_field=models.CharField(max_length=10),
                    ),
                ),
                ("error_message", models.CharField(blank=True, default="", max_length=1000)),
                ("error_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("dirty", True)), fields=["merchant", "id"], name="variation_dirty"
                    ),
                    models.Index(fields=["merchant", "-updated_at", "-id"], name="variation_recent"),
                    models.Index(fields=["merchant", "state", "-updated_at", "-id"], name="variation_state"),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="SkuError",
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
                    "listing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="errors",
                        to="catalog.listing",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sku_errors",
                        to="catalog.bulkfile",
                    ),
                ),
                ("step", models.CharField(max_length=12)),
                ("code", models.CharField(max_length=60)),
                ("message", models.CharField(max_length=1000)),
                ("hint", models.CharField(blank=True, default="", max_length=500)),
                ("field", models.CharField(blank=True, default="", max_length=60)),
                ("group_key", models.CharField(max_length=64)),
                ("group_label", models.CharField(max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("resolved_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("resolved_at", None)),
                        fields=["merchant", "group_key"],
                        name="sku_error_open_group",
                    ),
                    models.Index(
                        condition=models.Q(("resolved_at", None)),
                        fields=["merchant", "listing"],
                        name="sku_error_open",
                    ),
                ],
                "constraints": [],
            },
        ),
        migrations.CreateModel(
            name="ReturnExceptionLocation",
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
                    "exception",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="locations",
                        to="catalog.returnexception",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.returnlocation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "exception", "location"), name="return_exception_location_once"
                    )
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="VariationMember",
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
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="catalog.variationgroup",
                    ),
                ),
                (
                    "variant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variation_member",
                        to="catalog.variant",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ("position", "pk"),
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
