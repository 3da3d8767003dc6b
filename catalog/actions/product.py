"""What a merchant does to products: make, change, add a variant, set price and stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from catalog.actions.field_register import note_fields
from catalog.actions.node_offer import NodeOffer, node_problems, set_nodes
from catalog.actions.product_rows import (
    OFFERED_WITH,
    PRICE_FIELDS,
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    apply_values,
    attribute_taxonomy,
    category_problems,
    check_rename,
    check_spelling,
    check_unmoved,
    insert_variant,
    locked_product,
    locked_variant,
    note_variant_fields,
    save_variant,
    variant_ids_of,
)
from catalog.actions.refresh import ask_refresh_of
from catalog.actions.targets import refresh_targets
from catalog.checks import product_problems, variant_problems
from catalog.enums import ProductKind
from catalog.kinds import FIX, ONLY
from catalog.models import NodeStock, Product, Variant
from catalog.price_guard import Limits, check_confirmed, variant_slips
from catalog.problems import raise_problems
from catalog.queries.rules import price_guard
from catalog.store_values import samples_of
from jetsync.actions.log import record
from jetsync.exceptions import DomainError, InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor


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
        raise InvalidInput(ONLY, hint=FIX, fields={"kind": [ONLY]})
    problems = product_problems({"title": "", **values})
    problems += variant_problems({"sku": "", **variant}, {}, attribute_taxonomy(merchant, variant))
    problems += category_problems(merchant, values)
    raise_problems(problems, str(variant.get("sku", "")))
    product = Product(merchant=merchant, kind=kind)
    apply_values(product, PRODUCT_FIELDS, values)
    product.save()
    note_fields(merchant, samples_of(product.data))
    row = insert_variant(product, variant)
    record(
        merchant, "catalog.product.created", f"Product “{product.title}” was made", actor=actor, about=product
    )
    refresh_targets(merchant, [row.pk])
    return product


@transaction.atomic
def add_variant(product: Product, values: Mapping[str, Any], *, actor: Actor) -> Variant:
    """One more SKU of a variable product; a simple product becomes variable by it."""
    merchant = product.merchant
    problems = variant_problems({"sku": "", **values}, {}, attribute_taxonomy(merchant, values))
    raise_problems(problems, str(values.get("sku", "")))
    locked = Product.objects.select_for_update(of=("self",)).get(pk=product.pk, merchant=merchant)
    last = Variant.objects.filter(merchant=merchant, product=locked).aggregate(last=Max("position"))["last"]
    row = insert_variant(locked, values, position=(last or 0) + 1)
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
    refresh_targets(merchant, variant_ids_of(locked))
    return row


@transaction.atomic
def update_product(
    product: Product, changes: Mapping[str, Any], *, actor: Actor, seen: Mapping[str, Any] | None = None
) -> Product:
    """Changes what all SKUs of a product share. Unchanged values write nothing. Raises InvalidInput.

    `seen` as in `update_variant`.
    """
    locked = locked_product(product)
    if _change_product(locked, changes, seen, actor):
        refresh_targets(locked.merchant, variant_ids_of(locked))
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
    product = locked_product(variant.product)
    locked = locked_variant(variant)
    wrote = _change_product(product, shared, seen[0], actor)
    try:
        old, new = _change_variant(locked, own, seen[1])
    except DomainError as error:
        error.fields = {f"variant_{name}": messages for name, messages in error.fields.items()}
        raise
    if new:
        _record_variant(locked, old, new, actor)
    if wrote or new:
        refresh_targets(product.merchant, variant_ids_of(product) if wrote else [locked.pk])


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
    raise_problems(node_problems(nodes), variant.sku)
    locked = locked_variant(variant)
    old, new = _change_variant(locked, changes, seen, nodes, confirmed)
    old_nodes, new_nodes = set_nodes(locked, nodes)
    if new or new_nodes:
        _record_variant(locked, old | old_nodes, new | new_nodes, actor)
        refresh_targets(locked.merchant, [locked.pk])
    if OFFERED_WITH & new.keys():
        # Behind this lock theirs must not be taken: they may be in the hands of one who waits for it.
        ask_refresh_of(locked.merchant, {*variant_ids_of(locked.product)} - {locked.pk})
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


def _change_product(
    locked: Product, changes: Mapping[str, Any], seen: Mapping[str, Any] | None, actor: Actor
) -> bool:
    """Whether anything was different; the caller refreshes the targets."""
    raise_problems(product_problems(changes))
    check_unmoved(locked, PRODUCT_FIELDS, changes, seen)
    if (
        changes.get("jet_node_id") != locked.jet_node_id
    ):  # one that Jet has closed since stands in nobody's way
        raise_problems(category_problems(locked.merchant, changes))
    old, new = apply_values(locked, PRODUCT_FIELDS, changes)
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
    check_unmoved(locked, VARIANT_FIELDS, changes, seen)
    stored = {name: getattr(locked, name) for name in VARIANT_FIELDS}
    raise_problems(
        variant_problems(changes, stored, attribute_taxonomy(locked.merchant, changes)), locked.sku
    )
    check_rename(locked, changes)
    _check_prices(locked, changes, nodes, confirmed)
    old, new = apply_values(locked, VARIANT_FIELDS, changes)
    if "sku" in new:
        check_spelling(locked)
    if new:
        save_variant(locked, [*new, "updated_at"])
        note_variant_fields(locked, new)
    return old, new


def _record_variant(locked: Variant, old: dict[str, Any], new: dict[str, Any], actor: Actor) -> None:
    message = f"SKU {locked.sku} was changed"
    record(locked.merchant, "catalog.variant.changed", message, actor=actor, about=locked, old=old, new=new)
