"""Products and their sellable variants. A simple product has exactly one variant; Jet's SKU is a variant."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper

from catalog.enums import ProductKind
from jetsync.tenancy.managers import TenantModel


class Product(TenantModel):
    """`jet_node_id` set here wins over the mapping of the store category."""

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
    data = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    external_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            models.Index(fields=["merchant", "title"], name="product_title"),
            models.Index(fields=["merchant", "store_category"], name="product_category"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="product_title_trgm"),
        ]

    def __str__(self) -> str:
        return self.title


class Variant(TenantModel):
    """One SKU. Empty text means "take the product's value"; null numbers mean "not known".

    `codes`: list of {"type": "UPC", "code": "036000291452"}; `attributes`: list of {"id", "value", "unit"};
    `options`: list of {"name", "value"} that tell siblings apart. Weights in pounds, lengths in inches.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=500, blank=True, default="")
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    quantity = models.IntegerField(null=True, blank=True)
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
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = [models.UniqueConstraint(fields=["merchant", "sku"], name="variant_sku_once")]
        indexes = [
            models.Index(fields=["merchant", "product"], name="variant_product"),
            GinIndex(OpClass(Upper("sku"), name="gin_trgm_ops"), name="variant_sku_trgm"),
        ]

    def __str__(self) -> str:
        return self.sku
