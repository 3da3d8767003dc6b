"""Options of a variable product: what their values add to price and weight, and the SKUs their combinations make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from catalog.actions.children import lock_family, plain
from catalog.actions.field_register import note_fields
from catalog.actions.product_rows import PRICE_FIELDS
from catalog.actions.targets import refresh_targets
from catalog.bulk import insert_rows, update_rows
from catalog.combinations import (
    Combination,
    amounts,
    child_price,
    child_weight,
    is_covered,
    missing,
    options_problems,
    pairs_of,
    pattern_problem,
)
from catalog.enums import ProductKind
from catalog.facts import AttributeRule
from catalog.models import Product, Variant
from catalog.price_guard import Slip, check_confirmed, variant_slips
from catalog.problems import Problem, raise_problems
from catalog.queries.product import node_id_of
from catalog.queries.rules import price_guard
from catalog.queries.spelling import spelled_like
from catalog.queries.taxonomy import load_taxonomy
from catalog.store_values import samples_of
from catalog.validators import number_problem
from catalog.variations import matched_attributes, variant_attributes
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

MADE_FIELDS = (
    "sku",
    "title",
    "position",
    "price",
    "quantity",
    "shipping_weight_pounds",
    "package_length_inches",
    "package_width_inches",
    "package_height_inches",
    "main_image_url",
    "attributes",
    "options",
    "country_of_origin",
    "multipack_quantity",
)


@dataclass(frozen=True)
class Followed:
    """How many SKUs took new amounts over, and how many kept a price or weight that was set by hand."""

    changed: int
    kept: int


@transaction.atomic
def set_options(
    product: Product,
    options: Sequence[Mapping[str, Any]],
    *,
    base_price: Decimal | None,
    base_weight_pounds: Decimal | None,
    actor: Actor,
    confirmed: str = "",
) -> Followed:
    """Options with their amounts, and what these are added to. SKUs made from them follow in price and weight.

    A SKU whose price is another than the old base and amounts was priced by hand and keeps it; the same for its weight.
    Stock follows only where the quantity of one of its values was changed. Raises InvalidInput by field, UnconfirmedPrice
    where SKUs would follow with a price that is a slip, until `confirmed` has the mark.
    """
    problems = options_problems(options)
    for name, column, value in (
        ("price", "base_price", base_price),
        ("shipping_weight_pounds", "base_weight_pounds", base_weight_pounds),
    ):
        if value is not None and (wrong := number_problem(name, value, column=column)):
            problems.append(wrong)
    raise_problems(problems)
    locked, variants = lock_family(product)
    old = _Offer.of(locked)
    new = _Offer(list(options), base_price, base_weight_pounds)
    if old == new:
        return Followed(0, 0)
    followed, rows = _follow(variants, old, new)
    _check_prices(locked.merchant, variants, rows, confirmed)
    locked.options, locked.base_price, locked.base_weight_pounds = new.options, base_price, base_weight_pounds
    locked.save(update_fields=["options", "base_price", "base_weight_pounds", "updated_at"])
    columns = ("price", "shipping_weight_pounds", "quantity")
    update_rows(Variant, locked.merchant, columns, rows, touch="updated_at")
    record(
        locked.merchant,
        "catalog.options.changed",
        f"Options of “{locked.title}” were changed; {followed.changed} of its SKUs follow",
        actor=actor,
        about=locked,
        old=old.as_json(),
        new=new.as_json(),
    )
    refresh_targets(locked.merchant, [row.pk for row in variants])
    return followed


def _check_prices(
    merchant: Merchant, variants: Sequence[Variant], rows: Sequence[Mapping[str, Any]], confirmed: str
) -> None:
    guard, by_pk = price_guard(merchant), {row.pk: row for row in variants}
    slips: list[Slip] = []
    for values in rows:
        row = by_pk[values["id"]]
        stored = {name: getattr(row, name) for name in PRICE_FIELDS}
        slips += variant_slips(guard, row.sku, stored, {"price": values["price"]})
    check_confirmed([replace(slip, field="base_price") for slip in slips], confirmed, guard)


@dataclass(frozen=True)
class _Offer:
    options: list[Mapping[str, Any]]
    price: Decimal | None
    weight: Decimal | None

    @classmethod
    def of(cls, product: Product) -> _Offer:
        return cls(list(product.options), product.base_price, product.base_weight_pounds)

    def as_json(self) -> dict[str, Any]:
        return {
            "options": self.options,
            "base_price": plain(self.price),
            "base_weight_pounds": plain(self.weight),
        }


def _follow(variants: Sequence[Variant], old: _Offer, new: _Offer) -> tuple[Followed, list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    kept = 0
    problems: list[Problem] = []
    for row in variants:
        pairs = pairs_of(row.options)
        if not pairs or not is_covered(new.options, pairs):
            continue
        before, after = amounts(old.options, pairs), amounts(new.options, pairs)
        was_made = is_covered(old.options, pairs)
        price = _next(row.price, child_price(old.price, before), child_price(new.price, after), was_made)
        weight = _next(
            row.shipping_weight_pounds,
            child_weight(old.weight, before),
            child_weight(new.weight, after),
            was_made,
        )
        quantity = after.quantity if after.quantity not in (None, before.quantity) else row.quantity
        kept += price == row.price != child_price(new.price, after) or (
            weight == row.shipping_weight_pounds != child_weight(new.weight, after)
        )
        values = {"id": row.pk, "price": price, "shipping_weight_pounds": weight, "quantity": quantity}
        if (price, weight, quantity) != (row.price, row.shipping_weight_pounds, row.quantity):
            problems += _number_problems(row, price, weight)
            rows.append(values)
    raise_problems(problems)
    return Followed(len(rows), kept), rows


def _next(now: Decimal | None, old: Decimal | None, new: Decimal | None, was_made: bool) -> Decimal | None:  # noqa: FBT001 -- a fact of the SKU
    """The new number where the SKU has the old one, or none at all; one set by hand stays."""
    if new is None:
        return now
    return new if now is None or (was_made and now == old) else now


def _number_problems(row: Variant, price: Decimal | None, weight: Decimal | None) -> list[Problem]:
    found = []
    for name, value in (("price", price), ("shipping_weight_pounds", weight)):
        if value is not None and (wrong := number_problem(name, value, column="options")):
            found.append(
                Problem("options", wrong.rule, wrong.value, f"SKU {row.sku}: {wrong.message}", wrong.fix)
            )
    return found


def plan_combinations(product: Product, variants: Sequence[Variant], pattern: str) -> list[Combination]:
    """The children that are missing, each with the SKU it would get. Raises InvalidInput for the pattern or no option."""
    if not any(option.get("values") for option in product.options):
        raise InvalidInput("The product has no options yet.", hint="Add options and their values first.")
    raise_problems([wrong] if (wrong := pattern_problem(pattern, product.options)) else [])
    first = variants[0]
    merchant = product.merchant
    price = product.base_price if product.base_price is not None else first.price
    weight = (
        product.base_weight_pounds if product.base_weight_pounds is not None else first.shipping_weight_pounds
    )
    given = {
        "options": product.options,
        "present": [(row.pk, pairs_of(row.options)) for row in variants],
        "pattern": pattern,
        "base": first.sku,
        "prices": (price, weight),
    }
    names = [row.sku for row in missing(**given)]
    return missing(**given, used=spelled_like(merchant, names).values())


@transaction.atomic
def make_combinations(product: Product, pattern: str, *, actor: Actor) -> list[str]:
    """Makes the children that are missing, all or none; returns their SKUs in order.

    A SKU of the product that has no options yet becomes the first of them. Title, measures and image are taken from the
    first SKU; attributes that stand for an option get its value. Raises InvalidInput naming the first SKU that cannot be.
    """
    merchant = product.merchant
    locked, variants = lock_family(product)
    plan = plan_combinations(locked, variants, pattern)
    if not plan:
        raise InvalidInput(
            "Every combination has its SKU already.", hint="Add a value to one of the options."
        )
    for row in plan:
        if row.problem is not None:
            raise_problems([row.problem], row.sku)
    setting = _Making.of(locked, variants)
    if locked.kind != ProductKind.VARIABLE:
        locked.kind = ProductKind.VARIABLE
        locked.save(update_fields=["kind", "updated_at"])
    for row in plan:
        if row.adopts is not None:
            _adopt(next(known for known in variants if known.pk == row.adopts), setting, row)
    last = max(known.position for known in variants)
    fresh = [
        setting.values(row, last + number)
        for number, row in enumerate((r for r in plan if r.adopts is None), 1)
    ]
    try:
        with transaction.atomic():
            insert_rows(Variant, merchant, ("product", *MADE_FIELDS), fresh)
    except IntegrityError:
        raise InvalidInput(
            "One of the SKUs was just made by someone else.", hint="Look at the list again."
        ) from None
    note_fields(merchant, samples_of({}, [option for row in plan for option in row.options]))
    skus = [row.sku for row in plan]
    record(
        merchant,
        "catalog.children.made",
        f"{counted(len(plan), 'SKU')} of “{locked.title}” were made from its options",
        actor=actor,
        about=locked,
        new={"skus": skus},
    )
    made = Variant.objects.filter(merchant=merchant, product=locked)
    refresh_targets(merchant, made.values_list("pk", flat=True))
    return skus


@dataclass(frozen=True)
class _Making:
    """What new children are made of: the product, its first SKU, and the attributes its options stand for."""

    product: Product
    first: Variant
    attributes: Mapping[str, AttributeRule]

    @classmethod
    def of(cls, product: Product, variants: Sequence[Variant]) -> _Making:
        first = variants[0]
        node_id = node_id_of(first)
        taxonomy = load_taxonomy(product.merchant, [node_id] if node_id else [])
        offered = variant_attributes(taxonomy, node_id)
        found: dict[str, AttributeRule] = {}
        for option in product.options:
            ids, _loose = matched_attributes([str(option["name"])], {}, offered)
            if ids:
                found[str(option["name"]).strip().lower()] = taxonomy.attributes[ids[0]]
        return cls(product, first, found)

    def attributes_of(self, row: Combination) -> list[dict[str, Any]]:
        """Those of the first SKU, but each option's own value where Jet takes it as it is."""
        own = {rule.attribute_id for rule in self.attributes.values()}
        kept = [dict(item) for item in self.first.attributes if item.get("id") not in own]
        for name, value in row.pairs:
            rule = self.attributes.get(name.strip().lower())
            if rule is not None and (not rule.values or value.lower() in rule.values):
                spelt = rule.values.get(value.lower(), value)
                kept.append({"id": rule.attribute_id, "value": spelt, "unit": ""})
        return kept

    def values(self, row: Combination, position: int) -> dict[str, Any]:
        first = self.first
        same = ("package_length_inches", "package_width_inches", "package_height_inches")
        copied = ("main_image_url", "country_of_origin", "multipack_quantity")
        title = f"{self.product.title}, {', '.join(value for _name, value in row.pairs)}"
        return {
            "product": self.product.pk,
            "sku": row.sku,
            "title": title[:500],
            "position": position,
            "price": row.price,
            "quantity": row.quantity,
            "shipping_weight_pounds": row.weight,
            "attributes": self.attributes_of(row),
            "options": row.options,
            **{name: getattr(first, name) for name in (*same, *copied)},
        }


def _adopt(variant: Variant, setting: _Making, row: Combination) -> None:
    """The SKU the product had before it had options: it keeps its name and stock."""
    variant.options, variant.attributes = row.options, setting.attributes_of(row)
    variant.price = row.price if row.price is not None else variant.price
    variant.shipping_weight_pounds = row.weight if row.weight is not None else variant.shipping_weight_pounds
    variant.save(update_fields=["options", "attributes", "price", "shipping_weight_pounds", "updated_at"])
