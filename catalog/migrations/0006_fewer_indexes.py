"""Indexes that cost every new SKU and that no query can use (docs/adr/0006 and 0008)."""

import django.db.models.deletion
from django.db import migrations, models

# Written out, because Django would drop the foreign keys for this and check every row of them again.
OF_THE_MERCHANT_ALONE = {
    "imagefact": "catalog_imagefact_merchant_id_1534d20d",
    "imageuse": "catalog_imageuse_merchant_id_c1749282",
    "listing": "catalog_listing_merchant_id_2257c356",
    "nodestock": "catalog_nodestock_merchant_id_193c7f9e",
    "product": "catalog_product_merchant_id_6cb56b28",
    "variant": "catalog_variant_merchant_id_7ce80114",
}


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_images_low_stock_last_upload"),
        ("jetsync", "0003_options_of_the_catalogue"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="product", name="product_title_trgm"),
        migrations.RemoveIndex(model_name="variant", name="variant_sku_trgm"),
        migrations.RemoveIndex(model_name="variant", name="variant_codes"),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX "{index}"',
                    f'CREATE INDEX "{index}" ON "catalog_{model}" ("merchant_id")',
                )
                for model, index in OF_THE_MERCHANT_ALONE.items()
            ],
            state_operations=[
                migrations.AlterField(
                    model_name=model,
                    name="merchant",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="jetsync.merchant",
                    ),
                )
                for model in OF_THE_MERCHANT_ALONE
            ],
        ),
    ]
