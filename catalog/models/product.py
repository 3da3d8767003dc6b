"""Products and their sellable variants. A simple product has exactly one variant; Jet's SKU is a variant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Upper

from catalog.enums import ProductKind
from jetsync.tenancy.managers import LargeTenantModel


class Product(LargeTenantModel):
    """`jet_node_id` set here wins over the mapping of the store category. `data`: the store's own fields by name.

    `options` of a variable product: list of {"name", "values": [{"value", "price", "weight", "quantity"}]}, where price
    and weight are amounts added to `base_price` and `base_weight_pounds` (features VAR-07). `keeps_apart`: the merchant
    dissolved the group of its SKUs, so none is formed by itself.
    """

    kind = models.CharField(max_length=12, choices=ProductKind.choices, default=ProductKind.SIMPLE)
    title = models.CharField(max_length=500)
    description = models.TextField(blank=True, default="")
    brand = models.CharField(max_length=100, blank=True, default="")
    manufacturer = models.CharField(max_length=100, blank=True, default="")
    bullets = ArrayField(models.CharField(max_length=500), default=list, blank=True)
    store_category = models.ForeignKey(
        "catalog.StoreCategory", on_delete=models.SET_NULL, null=True, blank=True, related_name="products"
    )
    jet_node_id = models.BigIntegerField(null=True, blank=True)
    profile = models.ForeignKey(
        "catalog.Profile", on_delete=models.SET_NULL, null=True, blank=True, related_name="products"
    )
    data = models.JSONField(default=dict, blank=True)
    options = models.JSONField(default=list, blank=True)
    base_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    base_weight_pounds = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    keeps_apart = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    external_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "title"], name="product_title"),
            models.Index(fields=["merchant", "store_category"], name="product_category"),
            models.Index(fields=["merchant", "profile"], name="product_profile"),
            models.Index(fields=["merchant", "jet_node_id"], name="product_node"),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(LargeTenantModel):
    """One SKU. Empty text means "take the product's value"; null numbers mean "not known".

    `codes`: list of {"type": "UPC", "code": "036000291452"}; `attributes`: list of {"id", "value", "unit"};
    `options`: list of {"name", "value"} that tell siblings apart. Weights in pounds, lengths in inches.
    `special_price` holds from `special_from` until before `special_to`; an open end is null. `data`: the store's own
    fields of this SKU, by name. `fulfillment_time` in business days. `price_floor`: no rule sends less than this.
    `repriced_price`: what the market made of the price; it goes to Jet instead of the ruled one (catalog.actions.repriced).
    `sku_key`: the SKU in capitals, for finding one that is written otherwise; a column, because under row-level security
    no index holds an expression. `low_stock_at`: since when it is below the merchant's threshold. `last_upload`: the file
    that made or changed it last.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=100)
    sku_key = models.GeneratedField(
        expression=Upper("sku"), output_field=models.CharField(max_length=100), db_persist=True
    )
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=500, blank=True, default="")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    special_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    special_from = models.DateTimeField(null=True, blank=True)
    special_to = models.DateTimeField(null=True, blank=True)
    price_floor = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    repriced_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.IntegerField(null=True, blank=True)
    buffer_quantity = models.PositiveIntegerField(null=True, blank=True)
    sells_on_jet = models.BooleanField(default=True)
    asin = models.CharField("ASIN", max_length=10, blank=True, default="")
    codes = models.JSONField(default=list, blank=True)
    mfr_part_number = models.CharField(max_length=50, blank=True, default="")
    multipack_quantity = models.PositiveSmallIntegerField(default=1)
    shipping_weight_pounds = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    package_length_inches = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    package_width_inches = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    package_height_inches = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    msrp = models.DecimalField("MSRP", max_digits=12, decimal_places=2, null=True, blank=True)
    map_price = models.DecimalField("MAP price", max_digits=9, decimal_places=2, null=True, blank=True)
    map_implementation = models.CharField(max_length=3, default="101")
    number_units_for_price_per_unit = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True
    )
    type_of_unit_for_price_per_unit = models.CharField(max_length=40, blank=True, default="")
    prop_65 = models.BooleanField(default=False)
    legal_disclaimer_description = models.CharField(max_length=500, blank=True, default="")
    country_of_origin = models.CharField(max_length=50, blank=True, default="")
    safety_warning = models.TextField(blank=True, default="")
    main_image_url = models.CharField(max_length=1000, blank=True, default="")
    alternate_image_urls = ArrayField(models.CharField(max_length=1000), default=list, blank=True)
    attributes = models.JSONField(default=list, blank=True)
    options = models.JSONField(default=list, blank=True)
    fulfillment_time = models.PositiveSmallIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)
    low_stock_at = models.DateTimeField(null=True, blank=True)
    last_upload = models.ForeignKey(
        "catalog.CsvUpload",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="variant_sku_once")]
        indexes = [
            models.Index(fields=["merchant", "sku_key"], name="variant_sku_key"),
            models.Index(fields=["merchant", "product"], name="variant_product"),
            models.Index(
                fields=["special_from"],
                condition=models.Q(special_price__isnull=False),
                name="variant_special_from",
            ),
            models.Index(
                fields=["special_to"],
                condition=models.Q(special_price__isnull=False),
                name="variant_special_to",
            ),
            models.Index(
                fields=["merchant", "id"],
                condition=models.Q(low_stock_at__isnull=False),
                name="variant_low_stock",
            ),
            models.Index(
                fields=["merchant", "last_upload"],
                condition=models.Q(last_upload__isnull=False),
                name="variant_last_upload",
            ),
        ]

    def __str__(self) -> str:
        return self.sku
