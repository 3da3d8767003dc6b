"""What a merchant does to shipping and return exceptions. Each act ends with the targets and a push to Jet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.actions.deltas import push_deltas
from catalog.actions.errors import forget_refusals
from catalog.actions.relations import refresh_exceptions
from catalog.bulk import batches
from catalog.enums import Step
from catalog.exceptions import (
    ReturnValues,
    ShippingValues,
    duplicate_problem,
    return_problems,
    shipping_problems,
)
from catalog.models import ReturnException, ReturnExceptionLocation, ShippingException, Variant
from catalog.problems import Problem, raise_problems
from catalog.queries.exceptions import PARTS, RETURNS, SHIPPING, Snapshot, snapshots
from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput, SettingsMissing
from jetsync.models import Merchant
from jetsync.queries.settings import current_nodes, current_return_locations
from jetsync.sync.requests import request_job
from jetsync.tenancy.actor import SYSTEM, Actor
from jetsync.tenancy.managers import bulk_create

REFRESH = "catalog.refresh_exceptions"
# SKUs named one by one in the log; of more there is one line.
LOGGED = 50
BATCH = 1000


@transaction.atomic
def save_shipping_exception(
    variant: Variant, values: ShippingValues, *, actor: Actor, replaces: ShippingException | None = None
) -> None:
    """Adds one, or changes `replaces`. Raises InvalidInput with the fields."""
    before = _lock(variant)
    old = _values_of(replaces) if replaces else None
    others = [entry for entry in before.shipping if old is None or entry.key != old.key]
    problems = [*_shipping_problems(variant.merchant, values), duplicate_problem(values, others)]
    raise_problems([problem for problem in problems if problem], variant.sku)
    _change(variant, before, Snapshot((*others, values), before.returns), actor=actor)


@transaction.atomic
def delete_shipping_exception(row: ShippingException, *, actor: Actor) -> None:
    """With the last one Jet is told an empty list."""
    before, gone = _lock(row.variant), _values_of(row)
    left = tuple(entry for entry in before.shipping if entry.key != gone.key)
    _change(row.variant, before, Snapshot(left, before.returns), actor=actor)


@transaction.atomic
def set_shipping_exceptions(variant: Variant, entries: Sequence[ShippingValues], *, actor: Actor) -> None:
    """The whole set of a SKU; empty takes all away. Raises InvalidInput that names the entry by its place."""
    before = _lock(variant)
    problems: list[Problem] = []
    for number, entry in enumerate(entries):
        found = [*_shipping_problems(variant.merchant, entry), duplicate_problem(entry, entries[:number])]
        problems += [_placed(problem, number) for problem in found if problem]
    raise_problems(problems, variant.sku)
    _change(variant, before, Snapshot(tuple(entries), before.returns), actor=actor)


def _placed(problem: Problem, number: int) -> Problem:
    name = f"exceptions[{number}].{problem.field}"
    return Problem(name, problem.rule, problem.value, problem.message, problem.fix)


@transaction.atomic
def save_return_exception(variant: Variant, values: ReturnValues, *, actor: Actor) -> None:
    """Makes or changes the return exception. Raises SettingsMissing without a return location, InvalidInput."""
    known = set(current_return_locations(variant.merchant).values_list("pk", flat=True))
    if not known:
        raise SettingsMissing(
            "A return exception needs a return location.", hint="Add one under Settings, Return locations."
        )
    before = _lock(variant)
    problems = return_problems(values)
    if set(values.locations) - known:
        message = "One of the chosen return locations does not exist any more."
        problems.append(Problem("locations", "choice", "", message, "Choose from the list."))
    raise_problems(problems, variant.sku)
    _change(variant, before, Snapshot(before.shipping, values), actor=actor)


@transaction.atomic
def delete_return_exception(variant: Variant, *, actor: Actor) -> None:
    """Jet is told an empty list of locations."""
    before = _lock(variant)
    _change(variant, before, Snapshot(before.shipping, None), actor=actor)


def _lock(variant: Variant) -> Snapshot:
    """Two changes of one SKU's exceptions come one after the other."""
    rows = Variant.objects.filter(merchant=variant.merchant_id, pk=variant.pk)
    if not rows.select_for_update(of=("self",), no_key=True).exists():
        raise InvalidInput(f"SKU {variant.sku} was deleted meanwhile.")
    return snapshots(variant.merchant, [variant.pk])[variant.pk]


def _values_of(row: ShippingException) -> ShippingValues:
    return ShippingValues(
        row.node_id,
        row.exception_type,
        row.service_level,
        row.shipping_method,
        row.override_type,
        row.shipping_charge_amount,
    )


def _shipping_problems(merchant: Merchant, values: ShippingValues) -> list[Problem]:
    found = shipping_problems(values)
    if not current_nodes(merchant).filter(pk=values.node).exists():
        message = "The fulfilment node does not exist any more."
        found.append(Problem("node", "choice", str(values.node), message, "Choose from the list."))
    return found


def _change(variant: Variant, before: Snapshot, after: Snapshot, *, actor: Actor) -> None:
    if after.as_json() == before.as_json():
        return
    merchant = variant.merchant
    parts = [part for part in PARTS if getattr(before, part) != getattr(after, part)]
    write_snapshots(merchant, {variant.pk: after}, parts)
    record(
        merchant,
        "catalog.exceptions.changed",
        f"SKU {variant.sku}: it has {after.words(parts)} now",
        actor=actor,
        about=variant,
        old=_readable(merchant, before, parts),
        new=_readable(merchant, after, parts),
    )
    tell_jet(merchant, [variant.pk])


def _readable(merchant: Merchant, snapshot: Snapshot, parts: Sequence[str]) -> dict[str, Any]:
    """For the log: names instead of keys."""
    shown: dict[str, Any] = {}
    if SHIPPING in parts:
        nodes = dict(current_nodes(merchant).values_list("pk", "name"))
        shown["shipping"] = [
            " ".join(str(part) for part in (nodes.get(row.node, "?"), *row.as_row()[1:]) if part)
            for row in snapshot.shipping
        ]
    if RETURNS in parts:
        shown["returns"] = None
        if snapshot.returns:
            places = dict(current_return_locations(merchant).values_list("pk", "return_id"))
            names = [places.get(pk, "?") for pk in snapshot.returns.locations]
            shown["returns"] = {**snapshot.returns.as_json(), "locations": names}
    return shown


@transaction.atomic
def write_snapshots(merchant: Merchant, wanted: Mapping[int, Snapshot], parts: Sequence[str]) -> None:
    """Replaces the named parts of these SKUs' exceptions; nodes and locations that are gone are left out.

    The caller holds the SKUs' locks. Constant queries.
    """
    if SHIPPING in parts:
        _write_shipping(merchant, wanted)
    if RETURNS in parts:
        _write_returns(merchant, wanted)


def _write_shipping(merchant: Merchant, wanted: Mapping[int, Snapshot]) -> None:
    nodes = set(current_nodes(merchant).values_list("pk", flat=True))
    keep = {
        (pk, entry.key): entry for pk, row in wanted.items() for entry in row.shipping if entry.node in nodes
    }
    stored = ShippingException.objects.filter(merchant=merchant, variant__in=wanted)
    keys = stored.values_list("pk", "variant_id", "node_id", "service_level", "shipping_method")
    stale = [pk for pk, variant_id, *key in keys if (variant_id, tuple(key)) not in keep]
    ShippingException.objects.filter(merchant=merchant, pk__in=stale).delete()
    bulk_create(
        ShippingException,
        [
            ShippingException(
                merchant=merchant,
                variant_id=variant_id,
                node_id=entry.node,
                service_level=entry.service_level,
                shipping_method=entry.shipping_method,
                override_type=entry.override_type,
                shipping_charge_amount=entry.shipping_charge_amount,
                exception_type=entry.exception_type,
            )
            for (variant_id, _key), entry in keep.items()
        ],
        update_conflicts=True,
        unique_fields=["merchant", "variant", "node", "service_level", "shipping_method"],
        update_fields=["override_type", "shipping_charge_amount", "exception_type"],
    )


def _write_returns(merchant: Merchant, wanted: Mapping[int, Snapshot]) -> None:
    here = set(current_return_locations(merchant).values_list("pk", flat=True))
    given = {pk: row.returns for pk, row in wanted.items() if row.returns and here & {*row.returns.locations}}
    stored = ReturnException.objects.filter(merchant=merchant, variant__in=wanted)
    stored.exclude(variant__in=given).delete()
    made = bulk_create(
        ReturnException,
        [
            ReturnException(
                merchant=merchant,
                variant_id=variant_id,
                time_to_return=values.time_to_return,
                return_shipping_methods=list(values.return_shipping_methods),
            )
            for variant_id, values in given.items()
        ],
        update_conflicts=True,
        unique_fields=["variant"],
        update_fields=["time_to_return", "return_shipping_methods", "updated_at"],
    )
    ReturnExceptionLocation.objects.filter(merchant=merchant, exception__in=made).delete()
    bulk_create(
        ReturnExceptionLocation,
        [
            ReturnExceptionLocation(merchant=merchant, exception=row, location_id=place)
            for row in made
            for place in dict.fromkeys(given[row.variant_id].locations)
            if place in here
        ],
    )


def tell_jet(merchant: Merchant, variant_ids: Sequence[int]) -> None:
    """Brings the targets up to date; what Jet refused before may try again, because it has changed."""
    refresh_exceptions(merchant, variant_ids)
    for part in PARTS:
        forget_refusals(merchant, variant_ids, Step(part))
    push_deltas(merchant)


def ask_refresh_exceptions(merchant: Merchant) -> None:
    """After a change of nodes or return locations, which stand in the message of every SKU with exceptions."""
    has_some = ShippingException.objects.filter(merchant=merchant).exists()
    if has_some or ReturnException.objects.filter(merchant=merchant).exists():
        request_job(merchant, REFRESH, "all")


@transaction.atomic
def forget_places(merchant: Merchant) -> int:
    """Ends return exceptions whose last location was removed: Jet takes none without. Returns how many."""
    rows = ReturnException.objects.filter(merchant=merchant, locations=None).order_by("pk")
    gone = list(rows.values_list("pk", "variant_id", "variant__sku"))
    for _pk, variant_id, sku in gone[:LOGGED]:
        record(
            merchant,
            "catalog.exceptions.changed",
            f"SKU {sku}: its return exception ended with the last of its return locations",
            actor=SYSTEM,
            about=Variant(pk=variant_id, merchant=merchant, sku=sku),
        )
    if len(gone) > LOGGED:
        record(
            merchant,
            "catalog.exceptions.ended",
            f"{len(gone):,} return exceptions ended with the last of their return locations",
            actor=SYSTEM,
            new={"skus": [sku for _pk, _variant, sku in gone]},
        )
    for batch in batches(gone, BATCH):
        ReturnException.objects.filter(merchant=merchant, pk__in=[row[0] for row in batch]).delete()
    return len(gone)
