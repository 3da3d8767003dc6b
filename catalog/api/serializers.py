"""What the API shows of products and SKUs, and what it takes. Rules are in `catalog.checks`, not here."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.actions.product_rows import PRODUCT_FIELDS, VARIANT_FIELDS
from catalog.enums import ProductKind
from catalog.kinds import OTHER_KIND, SUPPORTED
from catalog.models import Listing, NodeStock, Product, StoreCategory, Variant
from catalog.price_guard import ANY
from jetsync.models import Merchant

# A bigint column holds it.
MOST_NODE_ID = 2**63 - 1
# One request, one operation; more goes by the grid's "select all".
MOST_PUBLISHED = 10_000
PUBLISH_ACTIONS = ["upload", "sync", "archive", "unarchive", "status"]


class ListingSerializer(serializers.ModelSerializer[Listing]):
    """Target is what Jet should have, sent what it accepted, live what it showed when it was read last."""

    class Meta:
        model = Listing
        fields = (
            "readiness",
            "gaps",
            "status",
            "jet_status",
            "jet_sub_status",
            "status_since",
            "status_read_at",
            "content_dirty",
            "content_sent_at",
            "price_target",
            "price_sent",
            "price_sent_at",
            "price_live",
            "price_live_at",
            "archived_target",
            "archived_sent",
            "archived_live",
            "error_code",
            "error_message",
            "error_hint",
            "error_at",
        )


class NodeStockSerializer(serializers.ModelSerializer[NodeStock]):
    node_id = serializers.CharField(source="node.node_id")
    node_name = serializers.CharField(source="node.name")

    class Meta:
        model = NodeStock
        fields = (
            "node_id",
            "node_name",
            "quantity",
            "price",
            "quantity_target",
            "quantity_sent",
            "quantity_sent_at",
            "quantity_live",
            "quantity_live_at",
            "price_target",
            "price_sent",
        )


class VariantSerializer(serializers.ModelSerializer[Variant]):
    listing = ListingSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Variant
        fields = ("id", "product", *VARIANT_FIELDS, "created_at", "updated_at", "listing")


class VariantDetailSerializer(VariantSerializer):
    nodes = NodeStockSerializer(source="node_stock", many=True, read_only=True)
    payload = serializers.DictField(source="jet_payload", help_text="The product message Jet would get now.")

    class Meta:
        model = Variant
        fields = (*VariantSerializer.Meta.fields, "nodes", "payload")


class ProductSerializer(serializers.ModelSerializer[Product]):
    store_category = serializers.CharField(source="store_category.path", allow_null=True, default=None)
    variants = VariantSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = ("id", "kind", *PRODUCT_FIELDS, "created_at", "updated_at", "variants")


def _text(*, blank: bool = True, **extra: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=blank, **extra)


def _amount() -> serializers.DecimalField:
    """Any number: the rules of digits and range answer with the name of the SKU and the field."""
    return serializers.DecimalField(max_digits=None, decimal_places=None, required=False, allow_null=True)


class CodeSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(help_text="UPC, EAN, ISBN-10, ISBN-13, GTIN-14 or UPC-E")
    code = serializers.CharField()


class AttributeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(min_value=1, max_value=MOST_NODE_ID)
    value = serializers.CharField()
    unit = serializers.CharField(required=False, allow_blank=True, default="")


class OptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    value = serializers.CharField(max_length=200)


class NodeOfferSerializer(serializers.Serializer[Any]):
    """Each node that is named is set as a whole: what is left out becomes "as the SKU"."""

    node_id = serializers.CharField()
    quantity = serializers.IntegerField(required=False, allow_null=True, default=None)
    price = serializers.DecimalField(
        max_digits=None, decimal_places=None, required=False, allow_null=True, default=None
    )


class VariantWriteSerializer(serializers.Serializer[Any]):
    """Fields that are left out stay as they are."""

    sku = _text()
    title = _text()
    price = _amount()
    quantity = serializers.IntegerField(required=False, allow_null=True)
    asin = _text()
    codes = CodeSerializer(many=True, required=False)
    mfr_part_number = _text()
    multipack_quantity = serializers.IntegerField(required=False)
    shipping_weight_pounds = _amount()
    package_length_inches = _amount()
    package_width_inches = _amount()
    package_height_inches = _amount()
    msrp = _amount()
    map_price = _amount()
    map_implementation = _text(blank=False)
    number_units_for_price_per_unit = _amount()
    type_of_unit_for_price_per_unit = _text()
    prop_65 = serializers.BooleanField(required=False)
    legal_disclaimer_description = _text()
    country_of_origin = _text()
    safety_warning = _text()
    main_image_url = _text()
    alternate_image_urls = serializers.ListField(child=serializers.CharField(), required=False)
    attributes = AttributeSerializer(many=True, required=False)
    options = OptionSerializer(many=True, required=False)
    fulfillment_time = serializers.IntegerField(required=False, allow_null=True, help_text="Business days.")
    special_price = _amount()
    special_from = serializers.DateTimeField(required=False, allow_null=True)
    special_to = serializers.DateTimeField(required=False, allow_null=True)
    price_floor = _amount()
    buffer_quantity = serializers.IntegerField(required=False, allow_null=True)
    sells_on_jet = serializers.BooleanField(required=False)
    data = serializers.DictField(  # type: ignore[assignment]  # the stubs take it for Serializer.data
        required=False, help_text="The store's own fields by name, as a whole."
    )
    nodes = NodeOfferSerializer(many=True, required=False)
    confirm_price_step = serializers.BooleanField(
        required=False,
        help_text="The prices of this request are right, though one moves by more than the merchant's percentage or passes "
        "a limit. Without it such a request is answered 409 with the code `price_step`.",
    )

    @property
    def confirmed(self) -> str:
        return ANY if self.validated_data.get("confirm_price_step") else ""

    def node_rows(self) -> dict[str, dict[str, Any]]:
        """What each named node gets, by Jet's node id."""
        return {row["node_id"]: dict(row) for row in self.validated_data.get("nodes", ())}

    def values(self) -> dict[str, Any]:
        """Plain values under the model's names, as the actions take them."""
        return plain_values(self.validated_data)


def plain_values(data: Any) -> dict[str, Any]:
    values = {name: value for name, value in data.items() if name not in {"nodes", "confirm_price_step"}}
    for name in ("codes", "attributes", "options"):
        if name in values:
            values[name] = [dict(item) for item in values[name]]
    return values


class NewVariantSerializer(VariantWriteSerializer):
    sku = serializers.CharField()


class AddVariantSerializer(NewVariantSerializer):
    product = serializers.IntegerField(min_value=1)


class ProductWriteSerializer(serializers.Serializer[Any]):
    """`store_category` is the path of one that exists; `jet_node_id` null takes its mapping."""

    title = _text()
    description = _text()
    brand = _text()
    manufacturer = _text()
    bullets = serializers.ListField(child=serializers.CharField(), required=False)
    store_category = serializers.CharField(required=False, allow_null=True)
    jet_node_id = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_NODE_ID
    )
    is_active = serializers.BooleanField(required=False)
    data = serializers.DictField(  # type: ignore[assignment]  # the stubs take it for Serializer.data
        required=False, help_text="The store's own fields by name, as a whole."
    )

    def validate_store_category(self, value: str | None) -> StoreCategory | None:
        if value is None:
            return None
        merchant: Merchant = self.context["merchant"]
        row = StoreCategory.objects.filter(merchant=merchant, path=value).first()
        if row is None:
            raise serializers.ValidationError(f"There is no store category “{value}”.")
        return row


# One request, one transaction; larger families come by file.
MOST_NEW_VARIANTS = 100


class NewProductSerializer(ProductWriteSerializer):
    title = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=SUPPORTED, default=ProductKind.SIMPLE, error_messages={"invalid_choice": OTHER_KIND}
    )
    variants = NewVariantSerializer(  # type: ignore[call-arg]  # `many` takes it; the stubs do not know
        many=True, allow_empty=False, max_length=MOST_NEW_VARIANTS
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == ProductKind.SIMPLE and len(attrs["variants"]) > 1:
            raise serializers.ValidationError({"variants": ["A simple product has exactly one SKU."]})
        return attrs


class PublishSerializer(serializers.Serializer[Any]):
    do = serializers.ChoiceField(choices=PUBLISH_ACTIONS)


class SkusSerializer(serializers.Serializer[Any]):
    skus = serializers.ListField(
        child=serializers.CharField(max_length=100), allow_empty=False, max_length=MOST_PUBLISHED
    )


class PublishManySerializer(SkusSerializer, PublishSerializer):
    pass
