"""What a merchant does to the SKUs of a product side by side: changes many at once, takes one out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from catalog.actions.field_register import note_fields
from catalog.actions.product_rows import PRICE_FIELDS, VARIANT_FIELDS
from catalog.actions.targets import refresh_targets
from catalog.bulk import update_rows
from catalog.checks import variant_problems
from catalog.facts import Taxonomy
from catalog.models import NodeStock, Product, Variant
from catalog.price_guard import Asked, asked_about, is_confirmed, variant_slips
from catalog.problems import Problem, moved_problems
from catalog.queries.product import variants_of
from catalog.queries.rules import price_guard
from catalog.queries.spelling import spelled_like, taken_problem
from catalog.store_values import samples_of
from catalog.validators import sku_key
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput
from jetsync.models import Merchant
from jetsync.queries.settings import default_node
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

# What the grid of children edits.
GRID_FIELDS = ("sku", "mfr_part_number", "asin", "codes", "price", "quantity", "options")


def lock_family(product: Product) -> tuple[Product, list[Variant]]:
    """The product, then its SKUs, as every form locks them."""
    merchant = product.merchant
    locked = (
        Product.objects.select_for_update(of=("self",))
        .select_related("merchant", "store_category__mapping")
        .get(pk=product.pk, merchant=merchant)
    )
    rows = Variant.objects.filter(merchant=merchant, product=locked).order_by("pk")
    list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    return locked, variants_of(locked)


@transaction.atomic
def save_children(
    product: Product,
    rows: Mapping[int, Mapping[str, Any]],
    *,
    actor: Actor,
    seen: Mapping[int, Mapping[str, Any]] | None = None,
    confirmed: str = "",
) -> int:
    """Changes many SKUs of a product at once: variant pk -> values of `GRID_FIELDS`. Returns how many were changed.

    `seen` has what the values were when the merchant decided. Nothing is saved when one cell breaks a rule or one value
    is not the seen one any more. Raises InvalidInput with `data["cells"]`: pk -> field -> messages; for prices that are
    slips, until `confirmed` has their mark, with `data["asked"]` too.
    """
    merchant = product.merchant
    locked, variants = lock_family(product)
    changed: dict[int, dict[str, Any]] = {}
    problems: dict[int, list[Problem]] = {}
    for row in variants:
        given = {name: value for name, value in rows.get(row.pk, {}).items() if getattr(row, name) != value}
        if not given:
            continue
        changed[row.pk] = given
        stored = {name: getattr(row, name) for name in VARIANT_FIELDS}
        problems[row.pk] = variant_problems(given, stored, Taxonomy())
        problems[row.pk] += moved_problems(stored, given, (seen or {}).get(row.pk, {}))
        if "sku" in given and (listing := getattr(row, "listing", None)) and listing.content_sent_at:
            message = "Jet knows this SKU; it cannot be renamed."
            problems[row.pk].append(
                Problem("sku", "known", row.sku, message, "Archive it and make a new one.")
            )
    _check_skus(merchant, variants, changed, problems)
    by_pk = {row.pk: row for row in variants}
    _raise_cells(problems, _ask(merchant, by_pk, changed, problems, confirmed))
    try:
        with transaction.atomic():
            _write_cells(merchant, by_pk, changed)
    except IntegrityError:
        # A rival made the SKU after the check; what he wrote can be seen now.
        _check_skus(merchant, variants, changed, problems)
        _raise_cells(problems)
        raise
    options = [option for given in changed.values() for option in given.get("options", ())]
    note_fields(merchant, samples_of({}, options))
    _forget_own_counts(merchant, [pk for pk, given in changed.items() if "quantity" in given])
    if changed:
        old, new = _diff(by_pk, changed)
        count = len(changed)
        message = f"{counted(count, 'SKU')} of “{locked.title}” {'was' if count == 1 else 'were'} changed"
        record(merchant, "catalog.children.changed", message, actor=actor, about=locked, old=old, new=new)
        refresh_targets(merchant, [row.pk for row in variants])
    return len(changed)


def _write_cells(
    merchant: Merchant, by_pk: Mapping[int, Variant], changed: Mapping[int, Mapping[str, Any]]
) -> None:
    values = [
        {"id": pk, **{name: given.get(name, getattr(by_pk[pk], name)) for name in GRID_FIELDS}}
        for pk, given in changed.items()
    ]
    # The database compares SKUs row by row: two that swap their names would meet. No SKU holds a control character.
    names = {pk: given["sku"] for pk, given in changed.items() if "sku" in given}
    if any(by_pk[pk].sku in names.values() for pk in names):
        update_rows(Variant, merchant, ("sku",), [{"id": pk, "sku": f"\x1f{pk}"} for pk in names])
    update_rows(Variant, merchant, GRID_FIELDS, values, touch="updated_at")


def _check_skus(
    merchant: Merchant,
    variants: Sequence[Variant],
    changed: Mapping[int, Mapping[str, Any]],
    problems: dict[int, list[Problem]],
) -> None:
    """A SKU is used once, here and in the other products."""
    names = {pk: str(given["sku"]) for pk, given in changed.items() if "sku" in given}
    if not names:
        return
    foreign = spelled_like(merchant, names.values(), but=names)
    seen = {sku_key(row.sku): row.sku for row in variants if row.pk not in names}
    for pk, name in names.items():
        key = sku_key(name)
        other = foreign.get(key) or seen.get(key)
        if other is not None:
            problems[pk].append(taken_problem(name, other))
        seen[key] = name


def _ask(
    merchant: Merchant,
    by_pk: Mapping[int, Variant],
    changed: Mapping[int, Mapping[str, Any]],
    problems: dict[int, list[Problem]],
    confirmed: str,
) -> Asked | None:
    """Notes prices that are slips as problems of their cells."""
    priced = {
        pk: {"price": given["price"]}
        for pk, given in changed.items()
        if "price" in given and not any(problem.field == "price" for problem in problems[pk])
    }
    if not priced:
        return None
    guard, slips = price_guard(merchant), []
    for pk, given in priced.items():
        stored = {name: getattr(by_pk[pk], name) for name in PRICE_FIELDS}
        found = variant_slips(guard, by_pk[pk].sku, stored, given)
        slips += [(pk, slip) for slip in found]
    every = [slip for _pk, slip in slips]
    if is_confirmed(every, confirmed):
        return None
    for pk, slip in slips:
        problems[pk].append(slip.problem)
    return asked_about(every, guard.percent)


def _raise_cells(problems: Mapping[int, Sequence[Problem]], asked: Asked | None = None) -> None:
    cells: dict[int, dict[str, list[str]]] = {}
    for pk, found in problems.items():
        for problem in found:
            words = f"{problem.message} {problem.fix}".strip()
            cells.setdefault(pk, {}).setdefault(problem.field, []).append(words)
    if cells:
        count = sum(len(fields) for fields in cells.values())
        message = f"{count} cell{' is' if count == 1 else 's are'} not right, so nothing was saved."
        raise InvalidInput(message, hint="Correct the marked cells.", data={"cells": cells, "asked": asked})


def _forget_own_counts(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """The grid's quantity is the SKU's: a count kept at the default node alone would hide it."""
    node = default_node(merchant)
    if node is not None and variant_ids:
        rows = NodeStock.objects.filter(merchant=merchant, variant__in=variant_ids, node=node)
        rows.filter(quantity__isnull=False).update(quantity=None)


def _diff(
    by_pk: Mapping[int, Variant], changed: Mapping[int, Mapping[str, Any]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new values by SKU, as the log keeps them."""
    old = {
        by_pk[pk].sku: {name: plain(getattr(by_pk[pk], name)) for name in given}
        for pk, given in changed.items()
    }
    new = {
        by_pk[pk].sku: {name: plain(value) for name, value in given.items()} for pk, given in changed.items()
    }
    return old, new


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
