"""Profiles: what many products share on their way to Jet. Make, change, copy, delete; products get one by `assigning`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.actions.refresh import ask_refresh
from catalog.actions.targets import BATCH, refresh_targets
from catalog.models import Product, Profile, Variant
from catalog.price_guard import check_confirmed
from catalog.problems import raise_problems
from catalog.profile_checks import LONGEST_NAME, profile_problems
from catalog.queries.map_price import assigned_slip, changed_slip
from catalog.queries.profile import product_count, taxonomy_of
from catalog.queries.rules import price_guard
from catalog.sources import SPECIFICS, source_label
from jetsync.actions.log import record
from jetsync.enums import Priority
from jetsync.exceptions import InvalidInput, NotFound
from jetsync.models import Merchant
from jetsync.sync.queue import enqueue
from jetsync.tenancy.actor import Actor
from jetsync.wording import counted

REFRESH_PROFILE_JOB = "catalog.refresh_profile"
PROFILE_FIELDS = (
    "name",
    "sku_as_part_number",
    "sku_as_code",
    "code_type",
    "code_source",
    "jet_node_id",
    "attributes",
    "specifics",
)


@transaction.atomic
def create_profile(merchant: Merchant, values: Mapping[str, Any], *, actor: Actor) -> Profile:
    """A profile without products. Raises InvalidInput with the fields that break a rule or a name in use."""
    given = clean_values({"name": "", **values})
    raise_problems(profile_problems(given, taxonomy_of(merchant, given)))
    profile = Profile(merchant=merchant, **given)
    _save(profile, None)
    message = f"Profile “{profile.name}” was made"
    record(merchant, "catalog.profile.created", message, actor=actor, about=profile, new=readable(given))
    return profile


@transaction.atomic
def update_profile(
    profile: Profile, changes: Mapping[str, Any], *, actor: Actor, confirmed: str = ""
) -> Profile:
    """Changes a profile; what its products get follows at once, or by a job where they are many.

    Unchanged values write nothing. Raises InvalidInput with the fields that break a rule, UnconfirmedPrice for a MAP price
    above what SKUs cost until `confirmed` has its mark.
    """
    merchant = profile.merchant
    locked = _locked(profile)
    stored = {name: getattr(locked, name) for name in PROFILE_FIELDS}
    whole = {**stored, **clean_values(changes)}
    # Only what is new is judged: an attribute that Jet dropped must not stand in the way of a new name.
    new = {name: value for name, value in whole.items() if value != stored[name]}
    code = {name: whole[name] for name in ("sku_as_code", "code_type", "code_source")}
    raise_problems(
        profile_problems({**(code if code.keys() & new.keys() else {}), **new}, taxonomy_of(merchant, whole))
    )
    if not new:
        return locked
    slip = changed_slip(locked, stored["specifics"], whole["specifics"])
    check_confirmed([slip] if slip else [], confirmed, price_guard(merchant))
    for name, value in new.items():
        setattr(locked, name, value)
    _save(locked, [*new, "updated_at"])
    record(
        merchant,
        "catalog.profile.changed",
        f"Profile “{locked.name}” was changed",
        actor=actor,
        about=locked,
        old=readable({name: stored[name] for name in new}),
        new=readable(new),
    )
    if new.keys() - {"name"}:
        refresh_products(merchant, Product.objects.filter(merchant=merchant, profile=locked), locked)
    return locked


@transaction.atomic
def copy_profile(profile: Profile, *, actor: Actor) -> Profile:
    """The same profile under a new name, without products."""
    merchant = profile.merchant
    taken = set(Profile.objects.filter(merchant=merchant).values_list("name", flat=True))
    stem = profile.name[: LONGEST_NAME - len(" (copy 999)")]
    names = [f"{stem} (copy)", *(f"{stem} (copy {number})" for number in range(2, len(taken) + 3))]
    values = {name: getattr(profile, name) for name in PROFILE_FIELDS}
    copy = Profile(merchant=merchant, **{**values, "name": next(name for name in names if name not in taken)})
    _save(copy, None)
    message = f"Profile “{copy.name}” was made from “{profile.name}”"
    record(merchant, "catalog.profile.created", message, actor=actor, about=copy)
    return copy


@transaction.atomic
def delete_profile(profile: Profile, *, move_to: Profile | None, actor: Actor, confirmed: str = "") -> int:
    """Removes a profile. Its products get `move_to`, or none. Returns how many products it had.

    Raises UnconfirmedPrice where SKUs would be sold below the MAP price of `move_to`, until `confirmed` has its mark.
    """
    merchant = profile.merchant
    if move_to is not None and move_to.pk == profile.pk:
        message = "The products cannot be moved to the profile that is deleted."
        raise InvalidInput(message, hint="Choose another one.", fields={"move_to": [message]})
    profile, move_to = _locked_to_delete(profile, move_to)
    products = Product.objects.filter(merchant=merchant, profile=profile.pk)
    ids = list(products.values_list("pk", flat=True))
    slip = assigned_slip(merchant, ids, move_to)
    check_confirmed([slip] if slip else [], confirmed, price_guard(merchant))
    products.update(profile=move_to, updated_at=timezone.now())
    went = f"its products got “{move_to.name}”" if move_to else "its products have none now"
    record(
        merchant,
        "catalog.profile.deleted",
        f"Profile “{profile.name}” was deleted" + (f"; {went}" if ids else ""),
        actor=actor,
        about=profile,
        old=readable({name: getattr(profile, name) for name in PROFILE_FIELDS}) | {"products": len(ids)},
        new={"moved_to": move_to.name} if move_to else {},
    )
    Profile.objects.filter(merchant=merchant, pk=profile.pk).delete()
    refresh_products(merchant, Product.objects.filter(merchant=merchant, pk__in=ids), move_to)
    return len(ids)


def refresh_products(merchant: Merchant, products: QuerySet[Product], profile: Profile | None) -> None:
    """What these products should be at Jet: at once while they are few, else by a job (of their profile)."""
    rows = Variant.objects.filter(merchant=merchant, product__in=products.values("pk"))
    ids = list(rows.values_list("pk", flat=True)[: BATCH + 1])
    if len(ids) <= BATCH:
        refresh_targets(merchant, ids)
    elif profile is None:
        ask_refresh(merchant)
    else:
        key = f"profile-{profile.pk}"
        data = {"profile": profile.pk}
        enqueue(merchant, REFRESH_PROFILE_JOB, key, priority=Priority.NORMAL, data=data, about=profile)


def applies_to(profile: Profile) -> str:
    """ "It applies to 3 products."""
    count = product_count(profile)
    return f"It applies to {counted(count, 'product')}."


def _locked(profile: Profile) -> Profile:
    """The row as it stands now, held until the end of the transaction. Raises NotFound when it was deleted meanwhile."""
    rows = Profile.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(merchant=profile.merchant_id, pk=profile.pk).first()
    if found is None:
        raise NotFound(f"Profile “{profile.name}” was deleted meanwhile.", hint="Go back to the list.")
    return found


def _locked_to_delete(profile: Profile, move_to: Profile | None) -> tuple[Profile, Profile | None]:
    """Both in order of their pk. The whole row, so that no product can be given the profile that is going."""
    wanted = {row.pk: row for row in (profile, move_to) if row is not None}
    rows = Profile.objects.select_for_update(of=("self",)).filter(merchant=profile.merchant_id)
    found = {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk")}
    for pk, row in wanted.items():
        if pk not in found:
            raise NotFound(f"Profile “{row.name}” was deleted meanwhile.", hint="Go back to the list.")
    return found[profile.pk], found[move_to.pk] if move_to else None


def readable(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the log shows them: one line per attribute and specific, without what is empty."""
    found = {name: value for name, value in values.items() if name not in {"attributes", "specifics"}}
    if "code_source" in found:
        found["code_source"] = source_label(found["code_source"])
    for item in values.get("attributes", ()):
        found[f"attribute {item['id']}"] = _told(item)
    for name, item in values.get("specifics", {}).items():
        found[name] = _told(item)
    return {name: value for name, value in found.items() if value not in ("", None, False)}


def _told(item: Mapping[str, Any]) -> str:
    if item.get("value"):
        return f"{item['value']} {item.get('unit', '')}".strip()
    return source_label(str(item.get("source", "")))


def clean_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields only, texts trimmed, empty attributes and specifics left out, in a stable order."""
    found = {name: values[name] for name in PROFILE_FIELDS if name in values}
    for name, value in found.items():
        if isinstance(value, str):
            found[name] = " ".join(value.split()) if name == "name" else value.strip()
    if "attributes" in found:
        items = [_attribute(item) for item in found["attributes"]]
        found["attributes"] = [item for item in items if item["value"] or item["source"]]
    if "specifics" in found:
        given = {name: _specific(item) for name, item in found["specifics"].items()}
        order = [*SPECIFICS, *(name for name in given if name not in SPECIFICS)]
        found["specifics"] = {name: given[name] for name in order if any(given.get(name, {}).values())}
    return found


def _attribute(item: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(item.get(name, "") or "").strip() for name in ("value", "unit", "source")}
    return {"id": int(item["id"]), **texts}


def _specific(item: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(item.get(name, "") or "").strip() for name in ("value", "source")}


def _save(profile: Profile, update_fields: list[str] | None) -> None:
    try:
        with transaction.atomic():
            profile.save(update_fields=update_fields)
    except IntegrityError:
        message = f"There is a profile “{profile.name}” already."
        raise InvalidInput(message, hint="Give another name.", fields={"name": [message]}) from None
