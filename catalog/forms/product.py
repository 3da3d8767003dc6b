"""Making a product or one more variant of it."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.actions.product import add_variant, create_product
from catalog.enums import ProductKind
from catalog.forms.fields import address, amount, code_type, lines, text, whole
from catalog.models import Product, StoreCategory, Variant
from catalog.queries.category import mapped_nodes
from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.tenancy.actor import Actor

ALIASES = {"title": "product_title", "jet_node_id": "category"}


class _SkuFields(forms.Form):
    """What every new SKU is asked for; the rest is filled in on its page."""

    sku = forms.CharField(label="SKU", help_text="Your own key, without “/”.")
    price = amount("Price", "What Jet pays you, in USD.")
    quantity = whole("Quantity in store")
    code_type_1 = code_type()
    codes = text("Code", "UPC 12, EAN 13, ISBN-10 10, ISBN-13 13, GTIN-14 14 digits.")
    asin = text("ASIN", "Instead of a code.")
    mfr_part_number = text("Manufacturer part number")
    shipping_weight_pounds = amount("Shipping weight", "Pounds")
    main_image_url = address("Main image", "Full address, no GIF.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("code_type_1")) != bool(values.get("codes")):
            self.add_error(
                "codes" if not values.get("codes") else "code_type_1", "A code and its type go together."
            )
        return values

    def sku_values(self) -> dict[str, Any]:
        values = self.cleaned_data
        code = [{"type": values["code_type_1"], "code": values["codes"]}] if values["codes"] else []
        names = ("sku", "price", "quantity", "mfr_part_number", "shipping_weight_pounds", "main_image_url")
        return {**{name: values[name] for name in names}, "codes": code, "asin": values["asin"].upper()}


class NewProductForm(ReadOnlyForm, _SkuFields):
    kind = forms.ChoiceField(
        label="Kind",
        choices=[
            (ProductKind.SIMPLE, "Simple: one SKU"),
            (ProductKind.VARIABLE, "Variable: several SKUs, e.g. sizes"),
        ],
    )
    product_title = forms.CharField(label="Title", help_text="5 to 500 characters.")
    brand = text("Brand", "1 to 100 characters.")
    manufacturer = text("Manufacturer")
    description = text("Description", "1 to 2,000 characters.", rows=5)
    bullets = text("Bullets", "One per line, up to 5.", rows=3)
    store_category: forms.ModelChoiceField[StoreCategory] = forms.ModelChoiceField(
        None, label="Store category", required=False, empty_label="None"
    )
    category = forms.ChoiceField(label="Jet category", required=False)

    def __init__(self, data: Any = None, *, merchant: Merchant, **extra: Any) -> None:
        self.merchant = merchant
        super().__init__(data, **extra)
        store = self.fields["store_category"]
        assert isinstance(store, forms.ModelChoiceField)  # noqa: S101 -- declared above
        store.queryset = StoreCategory.objects.filter(merchant=merchant).order_by("path")
        jet = self.fields["category"]
        assert isinstance(jet, forms.ChoiceField)  # noqa: S101 -- declared above
        jet.choices = [
            ("", "As its store category is mapped"),
            *(
                (str(node.node_id), f"{node.path} (Category Id on Jet: {node.node_id})")
                for node in mapped_nodes(merchant)
            ),
        ]

    def save(self, actor: Actor) -> Product | None:
        """None with the errors on the fields when a rule is broken."""
        if not self.is_valid():
            return None
        values = self.cleaned_data
        shared = {name: values[name] for name in ("brand", "manufacturer", "description", "store_category")}
        shared |= {
            "title": values["product_title"],
            "bullets": lines(values["bullets"]),
            "jet_node_id": int(values["category"]) if values["category"] else None,
        }
        try:
            return create_product(
                self.merchant, shared, self.sku_values(), kind=ProductKind(values["kind"]), actor=actor
            )
        except DomainError as error:
            put_on_form(self, error, ALIASES)
            return None


class NewVariantForm(ReadOnlyForm, _SkuFields):
    title_of_variant = text("Title", "Empty: the product's title.")
    option_name_1 = text("Differs by", "e.g. Size")
    option_value_1 = text("Value", "e.g. Large")
    option_name_2 = text("And by", "e.g. Color")
    option_value_2 = text("Value", "e.g. Copper")

    def __init__(self, data: Any = None, *, product: Product, **extra: Any) -> None:
        self.product = product
        super().__init__(data, **extra)

    def save(self, actor: Actor) -> Variant | None:
        if not self.is_valid():
            return None
        values = self.cleaned_data
        pairs = [(values[f"option_name_{n}"], values[f"option_value_{n}"]) for n in (1, 2)]
        options = [{"name": name, "value": value} for name, value in pairs if name and value]
        row = {**self.sku_values(), "title": values["title_of_variant"], "options": options}
        try:
            return add_variant(self.product, row, actor=actor)
        except DomainError as error:
            put_on_form(self, error, {"title": "title_of_variant"})
            return None
