"""The editor of a product, one form per section. Each reads a SKU, and saves through the actions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.utils import timezone

from catalog.actions.node_offer import NODE_FIELDS, NodeOffer, node_problems
from catalog.actions.product import set_offer, update_details, update_variant
from catalog.actions.product_rows import VARIANT_FIELDS
from catalog.checks import variant_problems
from catalog.enums import ProductKind
from catalog.facts import Taxonomy
from catalog.forms.fields import address, amount, code_type, lines, text, whole
from catalog.models import NodeStock, Variant
from catalog.price_guard import CONFIRMED, Asked, UnconfirmedPrice
from catalog.queries.stock import count_at
from catalog.validators import MAP_CHOICES, MOST_ALTERNATE_IMAGES
from jetsync.exceptions import DomainError
from jetsync.models import FulfillmentNode
from jetsync.panel.forms import ReadOnlyForm, add_words, put_on_form
from jetsync.panel.rendering import local_zone
from jetsync.panel.seen import SeenForm
from jetsync.queries.settings import current_nodes
from jetsync.tenancy.actor import Actor


class SectionForm(ReadOnlyForm, SeenForm):
    """`save` returns False with the errors on the fields when a rule is broken. Only what was edited is written."""

    section_title: ClassVar[str] = ""
    # Fields side by side; empty = each on its own line, in their order.
    rows: ClassVar[Sequence[Sequence[str]]] = ()
    # Names of problems that a field of another name shows.
    aliases: ClassVar[dict[str, str]] = {}
    # What is to be confirmed before it can be saved.
    unconfirmed: Asked | None = None

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        self.variant = variant
        super().__init__(data, initial=self.read(variant), **extra)

    def read(self, variant: Variant) -> dict[str, Any]:
        return {name: getattr(variant, name) for name in self.base_fields}

    def field_rows(self) -> list[list[BoundField]]:
        return [[self[name] for name in names] for names in self.rows]

    def changes(self) -> dict[str, Any]:
        """The cleaned values under the model's names."""
        return {name: self.cleaned_data[name] for name in self.base_fields}

    def inputs_of(self, name: str) -> Collection[str]:
        """The inputs that make the model's value of this name."""
        return (name,)

    def edits(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the model's values that an edited input makes."""
        return {name: value for name, value in values.items() if self.is_edited(self.inputs_of(name))}

    def write(self, actor: Actor) -> None:
        changes = self.edits(self.changes())
        update_variant(self.variant, changes, actor=actor, seen=seen_in(self.variant, changes))

    def save(self, actor: Actor) -> bool:
        if not self.is_valid():
            return False
        try:
            self.write(actor)
        except DomainError as error:
            if isinstance(error, UnconfirmedPrice):
                self.unconfirmed = error.asked
            put_on_form(self, error, self.aliases)
            return False
        return True


def seen_in(row: Model, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What this request judged its edits by; the action looks again under the lock."""
    return {name: getattr(row, name) for name in changes}


class DetailsForm(SectionForm):
    section_title = "Details"
    title_of_variant = text("Title of this variant", "Empty: the product's title.")
    product_title = text("Title", "5 to 500 characters.")
    brand = text(
        "Brand", "1 to 100 characters; one brand for all variants. Above 50 older rules of Jet cut it."
    )
    manufacturer = text("Manufacturer", "1 to 100 characters.")
    description = text("Description", "1 to 2,000 characters.", rows=7)
    bullets = text("Bullets", "One per line, up to 5, each up to 500 characters.", rows=5)
    is_active = forms.BooleanField(
        label="Offer this product", required=False, help_text="Off: Jet gets quantity 0 for all its SKUs."
    )

    aliases: ClassVar[dict[str, str]] = {"title": "product_title", "variant_title": "title_of_variant"}

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        super().__init__(data, variant=variant, **extra)
        if variant.product.kind != ProductKind.VARIABLE:
            del self.fields["title_of_variant"]
        self.order_fields(["product_title", "title_of_variant"])

    def read(self, variant: Variant) -> dict[str, Any]:
        product = variant.product
        return {
            "product_title": product.title,
            "title_of_variant": variant.title,
            "brand": product.brand,
            "manufacturer": product.manufacturer,
            "description": product.description,
            "bullets": "\n".join(product.bullets),
            "is_active": product.is_active,
        }

    def inputs_of(self, name: str) -> Collection[str]:
        return ("product_title",) if name == "title" else (name,)

    def write(self, actor: Actor) -> None:
        values, product = self.cleaned_data, self.variant.product
        shared = {name: values[name] for name in ("brand", "manufacturer", "description", "is_active")}
        shared |= {"title": values["product_title"], "bullets": lines(values["bullets"])}
        shared = self.edits(shared)
        own = {"title": values["title_of_variant"]} if self.is_edited(("title_of_variant",)) else {}
        seen = (seen_in(product, shared), seen_in(self.variant, own))
        update_details(self.variant, shared, own, actor=actor, seen=seen)


class IdentifiersForm(SectionForm):
    section_title = "Identifiers"
    sku = text("SKU", "Your own key. It cannot change once Jet knows it.")
    code_type_1 = code_type()
    codes = text(
        "Code", "UPC 12, EAN 13, ISBN-10 10, ISBN-13 13, GTIN-14 14 digits; UPC-E 8 is written out as UPC."
    )
    code_type_2 = code_type("Second code type")
    code_2 = text("Second code")
    asin = text("ASIN", "10 characters. Whether it exists at Amazon is not checked here.")
    mfr_part_number = text(
        "Manufacturer part number", "1 to 50 characters. Brand and part number alone never go live on Jet."
    )
    multipack_quantity = whole("Multipack quantity", "Pieces one buyer gets, 1 to 128.")

    rows: ClassVar[Sequence[Sequence[str]]] = (
        ("sku",),
        ("code_type_1", "codes"),
        ("code_type_2", "code_2"),
        ("asin", "mfr_part_number"),
        ("multipack_quantity",),
    )

    def read(self, variant: Variant) -> dict[str, Any]:
        codes = [*variant.codes, {}, {}]
        return {
            "sku": variant.sku,
            "code_type_1": codes[0].get("type", ""),
            "codes": codes[0].get("code", ""),
            "code_type_2": codes[1].get("type", ""),
            "code_2": codes[1].get("code", ""),
            "asin": variant.asin,
            "mfr_part_number": variant.mfr_part_number,
            "multipack_quantity": variant.multipack_quantity,
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for kind, code in (("code_type_1", "codes"), ("code_type_2", "code_2")):
            if bool(values.get(kind)) != bool(values.get(code)):
                self.add_error(code if not values.get(code) else kind, "A code and its type go together.")
        return values

    def inputs_of(self, name: str) -> Collection[str]:
        return ("code_type_1", "codes", "code_type_2", "code_2") if name == "codes" else (name,)

    def changes(self) -> dict[str, Any]:
        values = self.cleaned_data
        pairs = [(values["code_type_1"], values["codes"]), (values["code_type_2"], values["code_2"])]
        return {
            "sku": values["sku"],
            # A third and further code comes from files or the API and is kept.
            "codes": [{"type": kind, "code": code} for kind, code in pairs if code]
            + list(self.variant.codes[2:]),
            "asin": values["asin"].upper(),
            "mfr_part_number": values["mfr_part_number"],
            "multipack_quantity": values["multipack_quantity"] or 1,
        }


@dataclass(frozen=True)
class NodeRow:
    node: FulfillmentNode
    stock: NodeStock | None
    quantity: BoundField
    price: BoundField


class MomentField(forms.DateTimeField):
    """A day and an hour in the merchant's time zone."""

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(local_zone()):
            return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        with timezone.override(local_zone()):
            return super().to_python(value)


def moment(label: str, hint: str = "") -> MomentField:
    return MomentField(label=label, help_text=hint, required=False)


class StockForm(SectionForm):
    section_title = "Price and stock"
    sells_on_jet = forms.BooleanField(
        label="Sell on Jet",
        required=False,
        help_text="Off: the SKU is not uploaded, and Jet gets quantity 0 where it is listed.",
    )
    price = amount("Price", "Your store's regular price in USD. The price rule of your settings acts on it.")
    price_floor = amount("Lowest price for Jet", "In USD: no price rule goes below it. Empty: no own floor.")
    special_price = amount("Special price", "In USD, sent while it is active if your price settings say so.")
    special_from = moment("Special price from", "Empty: at once. In the time zone of your store.")
    special_to = moment(
        "Special price until", "Empty: without end. From this moment the regular price counts."
    )
    quantity = whole("Quantity in store", "What you count. Jet gets it minus reservations and buffer.")
    buffer_quantity = whole(
        "Buffer", "Pieces of this SKU held back from Jet. Empty: the buffer of your settings."
    )
    msrp = amount("MSRP", "Suggested retail price in USD.")
    map_implementation = forms.ChoiceField(
        label="Savings policy (MAP)", choices=[(key, f"{key}: {word}") for key, word in MAP_CHOICES.items()]
    )
    map_price = amount("MAP price", "Needed for 102.")
    number_units_for_price_per_unit = amount("Units for the price per unit", "e.g. 6")
    type_of_unit_for_price_per_unit = text("Type of unit", "e.g. can")

    rows: ClassVar[Sequence[Sequence[str]]] = (
        ("sells_on_jet",),
        ("price", "price_floor"),
        ("special_price", "special_from", "special_to"),
        ("quantity", "buffer_quantity"),
        ("msrp",),
        ("map_implementation", "map_price"),
        ("number_units_for_price_per_unit", "type_of_unit_for_price_per_unit"),
    )

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        self.nodes = list(current_nodes(variant.merchant))
        self.stock = {
            row.node_id: row
            for row in NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant)
        }
        super().__init__(data, variant=variant, **extra)
        for node in self.nodes:
            self._add_node(node)

    def clean(self) -> dict[str, Any]:
        """All rules at once, also where another field holds no number. The action asks them again under the lock."""
        values = super().clean() or self.cleaned_data
        given = {name: values[name] for name in self.base_fields if name in values}
        stored = {name: getattr(self.variant, name) for name in VARIANT_FIELDS}
        problems = variant_problems(self.edits(given), stored, Taxonomy())
        problems += node_problems([self._offer(node) for node in self.nodes])
        unread = set(self.errors)
        for problem in problems:
            if problem.field not in unread:
                add_words(self, problem.field, f"{problem.message} {problem.fix}".strip(), problem.rule)
        return values

    def oversold_at(self) -> list[tuple[FulfillmentNode, int]]:
        """Nodes where Jet is offered pieces although nothing is there, with how many."""
        found = []
        for node in self.nodes:
            row = self.stock.get(node.pk)
            own = row.quantity if row else None
            counted = count_at(own, self.variant.quantity, is_default=node.is_default)
            if row and counted is not None and counted <= 0 < row.quantity_target:
                found.append((node, row.quantity_target))
        return found

    def _add_node(self, node: FulfillmentNode) -> None:
        row = self.stock.get(node.pk)
        quantity = whole(f"Quantity at {node.name}")
        price = amount(f"Price at {node.name}")
        quantity.initial, price.initial = (row.quantity, row.price) if row else (None, None)
        quantity.disabled = price.disabled = getattr(self, "read_only", False)
        self.fields[f"node_{node.pk}_quantity"], self.fields[f"node_{node.pk}_price"] = quantity, price

    def node_rows(self) -> list[NodeRow]:
        return [
            NodeRow(
                node, self.stock.get(node.pk), self[f"node_{node.pk}_quantity"], self[f"node_{node.pk}_price"]
            )
            for node in self.nodes
        ]

    def write(self, actor: Actor) -> None:
        changes = self.edits(self.changes())
        offers = [offer for node in self.nodes if (offer := self._offer(node)).names]
        set_offer(
            self.variant,
            changes,
            offers,
            actor=actor,
            seen=seen_in(self.variant, changes),
            confirmed=self.data.get(CONFIRMED, ""),
        )

    def _offer(self, node: FulfillmentNode) -> NodeOffer:
        """What was edited of the node's two inputs."""
        given = {name: self.cleaned_data.get(f"node_{node.pk}_{name}") for name in NODE_FIELDS}
        row = self.stock.get(node.pk)
        names = frozenset(name for name in NODE_FIELDS if self.is_edited((f"node_{node.pk}_{name}",)))
        seen = {name: getattr(row, name) if row else None for name in names}
        return NodeOffer(node, **given, names=names, seen=seen)


class ShippingForm(SectionForm):
    section_title = "Shipping and safety"
    shipping_weight_pounds = amount(
        "Shipping weight", "Pounds, 0.01 or more (1.25 = 20 oz). Without it Jet holds back."
    )
    package_length_inches = amount("Package length", "Inches")
    package_width_inches = amount("Package width", "Inches")
    package_height_inches = amount("Package height", "Inches")
    country_of_origin = text("Country of origin", "Up to 50 characters.")
    prop_65 = forms.BooleanField(label="Needs a California Proposition 65 warning", required=False)
    safety_warning = text("Safety warning", "Up to 2,000 characters.", rows=3)
    legal_disclaimer_description = text("Legal disclaimer", "Up to 500 characters.", rows=2)

    rows: ClassVar[Sequence[Sequence[str]]] = (
        ("shipping_weight_pounds",),
        ("package_length_inches", "package_width_inches", "package_height_inches"),
        ("country_of_origin",),
        ("prop_65",),
        ("safety_warning",),
        ("legal_disclaimer_description",),
    )


class ImagesForm(SectionForm):
    section_title = "Images"
    main_image_url = address(
        "Main image", "Full address. No text in the picture, no GIF, at least 40,000 pixels (200 x 200)."
    )

    aliases: ClassVar[dict[str, str]] = {"alternate_image_urls": "alternate_image1"}

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        super().__init__(data, variant=variant, **extra)
        urls = list(variant.alternate_image_urls)
        for number in range(1, MOST_ALTERNATE_IMAGES + 1):
            other = "Each shows something else than the main image." if number == 1 else ""
            field = address(f"Alternate image {number}", other)
            field.initial = urls[number - 1] if number <= len(urls) else ""
            field.disabled = getattr(self, "read_only", False)
            self.fields[f"alternate_image{number}"] = field

    def inputs_of(self, name: str) -> Collection[str]:
        if name != "alternate_image_urls":
            return (name,)
        return [f"alternate_image{number}" for number in range(1, MOST_ALTERNATE_IMAGES + 1)]

    def changes(self) -> dict[str, Any]:
        values = self.cleaned_data
        names = self.inputs_of("alternate_image_urls")
        return {
            "main_image_url": values["main_image_url"],
            "alternate_image_urls": [values[name] for name in names if values[name]],
        }
