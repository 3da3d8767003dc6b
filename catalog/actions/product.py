"""What a merchant does to products: make, change, add a variant, set price and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Model

from catalog.actions.field_register import note_fields
from catalog.actions.targets import refresh_targets
from catalog.checks import product_problems, variant_problems
from catalog.enums import ProductKind
from catalog.listing import category_problem
from catalog.models import Listing, NodeStock, Product, StoreCategory, Variant
from catalog.price_guard import Limits, check_confirmed, variant_slips
from catalog.problems import Problem, moved_problems, raise_moved, raise_problems
from catalog.queries.rules import price_guard
from catalog.queries.spelling import spelled_like, taken_problem
from catalog.queries.taxonomy import load_taxonomy
from catalog.store_values import samples_of
from catalog.validators import number_problem, quantity_problem
from jetsync.actions.log import record
from jetsync.exceptions import DomainError, InvalidInput, StateConflict
from jetsync.models import FulfillmentNode, Merchant
from jetsync.queries.settings import current_nodes
from jetsync.tenancy.actor import Actor

PRODUCT_FIELDS = (
    "title",
    "description",
    "brand",
    "manufacturer",
    "bullets",
    "store_category",
    "jet_node_id",
    "is_active",
    "data",
)
VARIANT_FIELDS = (
    "sku",
    "title",
    "price",
    "quantity",
    "asin",
    "codes",
    "mfr_part_number",
    "multipack_quantity",
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "msrp",
    "map_price",
    "map_implementation",
    "number_units_for_price_per_unit",
    "type_of_unit_for_price_per_unit",
    "prop_65",
    "legal_disclaimer_description",
    "country_of_origin",
    "safety_warning",
    "main_image_url",
    "alternate_image_urls",
    "attributes",
    "options",
    "fulfillment_time",
    "special_price",
    "special_from",
    "special_to",
    "price_floor",
    "buffer_quantity",
    "sells_on_jet",
    "data",
)
# What the guard of prices looks at.
PRICE_FIELDS = ("price", "special_price", "price_floor", "map_price", "msrp")
NODE_FIELDS = frozenset({"quantity", "price"})


@dataclass(frozen=True)
class NodeOffer:
    """Price and stock of one node; None = take the product's (CSV and forms leave it empty).

    `names` are those of the two that are set, `seen` what they were when the merchant looked.
    """

    node: FulfillmentNode
    quantity: int | None
    price: Decimal | None
    names: frozenset[str] = NODE_FIELDS
    seen: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_product(
    merchant: Merchant,
    values: Mapping[str, Any],
    variant: Mapping[str, Any],
    *,
    kind: ProductKind,
    actor: Actor,
) -> Product:
    """A product with its first SKU. Raises InvalidInput with the fields that break a rule or a SKU in use."""
    if kind == ProductKind.UNSUPPORTED:
        raise InvalidInput(
            "Only simple and variable products can be made.", fields={"kind": ["Not supported."]}
        )
    problems = product_problems({"title": "", **values})
    problems += variant_problems({"sku": "", **variant}, {}, _taxonomy(merchant, variant))
    problems += _node_problem(merchant, values)
    raise_problems(problems, str(variant.get("sku", "")))
    product = Product(merchant=merchant, kind=kind)
    _apply(product, PRODUCT_FIELDS, values)
    product.save()
    note_fields(merchant, samples_of(product.data))
    row = _insert_variant(product, variant)
    record(
        merchant, "catalog.product.created", f"Product “{product.title}” was made", actor=actor, about=product
    )
    refresh_targets(merchant, [row.pk])
    return product


@transaction.atomic
def add_variant(product: Product, values: Mapping[str, Any], *, actor: Actor) -> Variant:
    """One more SKU of a variable product; a simple product becomes variable by it."""
    merchant = product.merchant
    problems = variant_problems({"sku": "", **values}, {}, _taxonomy(merchant, values))
    raise_problems(problems, str(values.get("sku", "")))
    locked = Product.objects.select_for_update(of=("self",)).get(pk=product.pk, merchant=merchant)
    last = Variant.objects.filter(merchant=merchant, product=locked).aggregate(last=Max("position"))["last"]
    row = _insert_variant(locked, values, position=(last or 0) + 1)
    if locked.kind != ProductKind.VARIABLE:
        locked.kind = ProductKind.VARIABLE
        locked.save(update_fields=["kind", "updated_at"])
    record(
        merchant,
        "catalog.variant.created",
        f"SKU {row.sku} was added to “{locked.title}”",
        actor=actor,
        about=row,
    )
    refresh_targets(merchant, _variant_ids(locked))
    return row


@transaction.atomic
def update_product(
    product: Product, changes: Mapping[str, Any], *, actor: Actor, seen: Mapping[str, Any] | None = None
) -> Product:
    """Changes what all SKUs of a product share. Unchanged values write nothing. Raises InvalidInput.

    `seen` as in `update_variant`.
    """
    locked = _locked_product(product)
    if _change_product(locked, changes, seen, actor):
        refresh_targets(locked.merchant, _variant_ids(locked))
    return locked


@transaction.atomic
def update_variant(
    variant: Variant,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    seen: Mapping[str, Any] | None = None,
    confirmed: str = "",
) -> Variant:
    """Changes one SKU. A SKU that Jet knows keeps its name, because Jet would see another product.

    `seen`: what the values were when the merchant decided. Raises InvalidInput with the fields that break a rule,
    StateConflict for renaming a listed SKU, ChangedMeanwhile where a value is not the seen one any more, UnconfirmedPrice
    for prices that are slips until `confirmed` has their mark.
    """
    return set_offer(variant, changes, actor=actor, seen=seen, confirmed=confirmed)


@transaction.atomic
def update_details(
    variant: Variant,
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
    *,
    actor: Actor,
    seen: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
) -> None:
    """What the SKUs of a product share, together with what this one has of its own: all of it or nothing.

    `seen` has both as the merchant saw them. Raises what `update_product` and `update_variant` raise; fields of the
    SKU's own values are named `variant_...`.
    """
    product = _locked_product(variant.product)
    locked = _locked_variant(variant)
    wrote = _change_product(product, shared, seen[0], actor)
    try:
        old, new = _change_variant(locked, own, seen[1])
    except DomainError as error:
        error.fields = {f"variant_{name}": messages for name, messages in error.fields.items()}
        raise
    if new:
        _record_variant(locked, old, new, actor)
    if wrote or new:
        refresh_targets(product.merchant, _variant_ids(product) if wrote else [locked.pk])


@transaction.atomic
def set_offer(
    variant: Variant,
    changes: Mapping[str, Any],
    nodes: Sequence[NodeOffer] = (),
    *,
    actor: Actor,
    seen: Mapping[str, Any] | None = None,
    confirmed: str = "",
) -> Variant:
    """Values of a SKU together with what single nodes have of their own, as one act.

    Raises what `update_variant` raises.
    """
    raise_problems(_node_problems(nodes), variant.sku)
    locked = _locked_variant(variant)
    old, new = _change_variant(locked, changes, seen, nodes, confirmed)
    old_nodes, new_nodes = _set_nodes(locked, nodes)
    if new or new_nodes:
        _record_variant(locked, old | old_nodes, new | new_nodes, actor)
        refresh_targets(locked.merchant, [locked.pk])
    return locked


def _check_prices(
    locked: Variant,
    changes: Mapping[str, Any],
    nodes: Sequence[NodeOffer],
    confirmed: str,
) -> None:
    """A node without a price of its own has the SKU's; taking its own away is a step to that."""
    offers = [offer for offer in nodes if "price" in offer.names]
    if not offers and not {"price", "special_price", "map_price"} & changes.keys():
        return
    guard, stored = price_guard(locked.merchant), {name: getattr(locked, name) for name in PRICE_FIELDS}
    slips = variant_slips(guard, locked.sku, stored, changes)
    limits = Limits(*({**stored, **changes}[name] for name in ("price_floor", "map_price", "msrp")))
    rows = NodeStock.objects.filter(merchant=locked.merchant_id, variant=locked, price__isnull=False)
    own = dict(rows.values_list("node_id", "price"))
    for offer in offers:
        place = {"field": f"node_{offer.node.pk}_price", "label": f"Price at {offer.node.name}"}
        step = own.get(offer.node.pk), offer.price
        slip = guard.node_slip(locked.sku, step, changes.get("price", locked.price), limits, **place)
        slips += [slip] if slip else []
    check_confirmed(slips, confirmed, guard)


def _locked_product(product: Product) -> Product:
    return Product.objects.select_for_update(of=("self",)).get(pk=product.pk, merchant=product.merchant)


def _locked_variant(variant: Variant) -> Variant:
    rows = Variant.objects.select_for_update(of=("self",), no_key=True)
    return rows.get(pk=variant.pk, merchant=variant.merchant)


def _change_product(
    locked: Product, changes: Mapping[str, Any], seen: Mapping[str, Any] | None, actor: Actor
) -> bool:
    """Whether anything was different; the caller refreshes the targets."""
    raise_problems(product_problems(changes))
    _check_unmoved(locked, PRODUCT_FIELDS, changes, seen)
    if (
        changes.get("jet_node_id") != locked.jet_node_id
    ):  # one that Jet has closed since stands in nobody's way
        raise_problems(_node_problem(locked.merchant, changes))
    old, new = _apply(locked, PRODUCT_FIELDS, changes)
    if not new:
        return False
    locked.save(update_fields=[*new, "updated_at"])
    if "data" in new:
        note_fields(locked.merchant, samples_of(locked.data))
    message = f"“{locked.title}” was changed"
    record(locked.merchant, "catalog.product.changed", message, actor=actor, about=locked, old=old, new=new)
    return True


def _change_variant(
    locked: Variant,
    changes: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
    nodes: Sequence[NodeOffer] = (),
    confirmed: str = "",
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new of what was different; the caller records it and refreshes the targets."""
    _check_unmoved(locked, VARIANT_FIELDS, changes, seen)
    stored = {name: getattr(locked, name) for name in VARIANT_FIELDS}
    raise_problems(variant_problems(changes, stored, _taxonomy(locked.merchant, changes)), locked.sku)
    _check_rename(locked, changes)
    _check_prices(locked, changes, nodes, confirmed)
    old, new = _apply(locked, VARIANT_FIELDS, changes)
    if "sku" in new:
        _check_spelling(locked)
    if new:
        _save_variant(locked, [*new, "updated_at"])
        _note_fields(locked, new)
    return old, new


def _record_variant(locked: Variant, old: dict[str, Any], new: dict[str, Any], actor: Actor) -> None:
    message = f"SKU {locked.sku} was changed"
    record(locked.merchant, "catalog.variant.changed", message, actor=actor, about=locked, old=old, new=new)


def _node_problems(nodes: Sequence[NodeOffer]) -> list[Problem]:
    found: list[Problem | None] = []
    for offer in nodes:
        if offer.quantity is not None:
            found.append(quantity_problem(offer.quantity, column=f"node_{offer.node.pk}_quantity"))
        if offer.price is not None:
            found.append(number_problem("price", offer.price, column=f"node_{offer.node.pk}_price"))
    return [problem for problem in found if problem]


def _set_nodes(variant: Variant, nodes: Sequence[NodeOffer]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The variant is locked, so its rows of nodes stand still."""
    known = {
        row.node_id: row for row in NodeStock.objects.filter(merchant=variant.merchant_id, variant=variant)
    }
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    moved: list[Problem] = []
    for offer in nodes:
        row = known.get(offer.node.pk)
        before = {name: getattr(row, name) if row else None for name in NODE_FIELDS}
        values = {name: getattr(offer, name) for name in offer.names}
        moved += [
            replace(problem, field=f"node_{offer.node.pk}_{problem.field}")
            for problem in moved_problems(before, values, offer.seen)
        ]
        after = before | values
        if before == after:
            continue
        NodeStock.objects.update_or_create(
            merchant_id=variant.merchant_id, variant=variant, node=offer.node, defaults=values
        )
        old[offer.node.name], new[offer.node.name] = _offer_text(**before), _offer_text(**after)
    raise_moved(moved, f"SKU {variant.sku}")
    return old, new


def _offer_text(quantity: int | None, price: Decimal | None) -> str:
    own = [
        f"{quantity} pieces" if quantity is not None else "",
        f"{price:.2f} USD" if price is not None else "",
    ]
    return ", ".join(part for part in own if part) or "as the product"


def node_offers(merchant: Merchant, rows: Mapping[str, Mapping[str, Any]]) -> list[NodeOffer]:
    """Offers by Jet node id, as the API takes them. Raises InvalidInput for a node that is not the merchant's."""
    nodes = {node.node_id: node for node in current_nodes(merchant)}
    unknown = sorted(set(rows) - set(nodes))
    if unknown:
        raise InvalidInput(
            f"Fulfilment node {unknown[0]} is not set up.",
            hint="See Settings, Jet account.",
            fields={"nodes": [f"Unknown: {', '.join(unknown)}"]},
        )
    return [NodeOffer(nodes[key], row.get("quantity"), row.get("price")) for key, row in rows.items()]


def _check_unmoved(
    row: Product | Variant,
    fields: Sequence[str],
    changes: Mapping[str, Any],
    seen: Mapping[str, Any] | None,
) -> None:
    if seen:
        what = f"SKU {row.sku}" if isinstance(row, Variant) else f"“{row.title}”"
        raise_moved(moved_problems({name: getattr(row, name) for name in fields}, changes, seen), what)


def _apply(
    row: Model, fields: Sequence[str], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sets the changed attributes and returns old and new values as the log keeps them."""
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name in fields:
        if name in changes and getattr(row, name) != changes[name]:
            old[name], new[name] = _plain(getattr(row, name)), _plain(changes[name])
            setattr(row, name, changes[name])
    return old, new


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal | StoreCategory | datetime):
        return str(value)
    return value


def _insert_variant(product: Product, values: Mapping[str, Any], position: int = 0) -> Variant:
    row = Variant(merchant=product.merchant, product=product, position=position)
    _apply(row, VARIANT_FIELDS, values)
    _check_spelling(row)
    _save_variant(row, None)
    _note_fields(row, values)
    return row


def _note_fields(row: Variant, written: Mapping[str, Any]) -> None:
    """New names of store fields and options go into the register that pickers read."""
    data = row.data if "data" in written else {}
    note_fields(row.merchant, samples_of(data, row.options if "options" in written else ()))


def _check_spelling(row: Variant) -> None:
    found = spelled_like(row.merchant, [row.sku], but=[row.pk])
    raise_problems([taken_problem(row.sku, other) for other in found.values() if other != row.sku])


def _save_variant(row: Variant, update_fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=update_fields)
    except IntegrityError:
        message = f"SKU {row.sku} is in use by another product."
        raise InvalidInput(message, hint="Give another SKU.", fields={"sku": [message]}) from None


def _check_rename(variant: Variant, changes: Mapping[str, Any]) -> None:
    if changes.get("sku", variant.sku) == variant.sku:
        return
    if Listing.objects.filter(
        merchant=variant.merchant_id, variant=variant, content_sent_at__isnull=False
    ).exists():
        raise StateConflict(
            f"SKU {variant.sku} is known to Jet and keeps its name.",
            hint="Archive it and make a new SKU instead.",
            fields={"sku": ["Jet knows this SKU; it cannot be renamed."]},
        )


def _variant_ids(product: Product) -> list[int]:
    rows = Variant.objects.filter(merchant=product.merchant_id, product=product)
    return list(rows.values_list("pk", flat=True))


def _node_problem(merchant: Merchant, values: Mapping[str, Any]) -> list[Problem]:
    """Without a taxonomy the checklist says that the category is not checked."""
    node_id = values.get("jet_node_id")
    if node_id is None:
        return []
    taxonomy = load_taxonomy(merchant, [node_id])
    known = bool(taxonomy.version)
    problem = category_problem(taxonomy.categories.get(node_id), node_id, known=known, column="jet_node_id")
    return [problem] if problem else []


def _taxonomy(merchant: Merchant, changes: Mapping[str, Any]) -> Any:
    ids = [item["id"] for item in changes.get("attributes", ()) if item["id"] > 0]
    return load_taxonomy(merchant, (), ids)
