"""Named rights, what each role holds and what a person holds besides. Members, tokens, templates and the API ask here."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from jetsync.enums import Role

if TYPE_CHECKING:
    from jetsync.tenancy.actor import Actor


class Right(StrEnum):
    HOME_VIEW = "home.view"
    PRODUCTS_VIEW = "products.view"
    PRODUCTS_EDIT = "products.edit"
    PRODUCTS_PUBLISH = "products.publish"
    MAPPING_VIEW = "mapping.view"
    MAPPING_EDIT = "mapping.edit"
    ORDERS_VIEW = "orders.view"
    ORDERS_FETCH = "orders.fetch"
    ORDERS_ACKNOWLEDGE = "orders.acknowledge"
    ORDERS_SHIP = "orders.ship"
    BUYERS_VIEW = "buyers.view"
    RETURNS_VIEW = "returns.view"
    RETURNS_SETTLE = "returns.settle"
    REFUNDS_VIEW = "refunds.view"
    REFUNDS_CREATE = "refunds.create"
    ACTIVITY_VIEW = "activity.view"
    ACTIVITY_CONTROL = "activity.control"
    SETTINGS_VIEW = "settings.view"
    SETTINGS_EDIT = "settings.edit"
    MEMBERS_MANAGE = "members.manage"
    TOKENS_MANAGE = "tokens.manage"
    DATA_EXPORT = "data.export"


RIGHT_LABELS: dict[Right, str] = {
    Right.HOME_VIEW: "See the home page",
    Right.PRODUCTS_VIEW: "See products",
    Right.PRODUCTS_EDIT: "Edit and import products",
    Right.PRODUCTS_PUBLISH: "Upload, archive and sync products",
    Right.MAPPING_VIEW: "See category mapping",
    Right.MAPPING_EDIT: "Change category mapping",
    Right.ORDERS_VIEW: "See orders",
    Right.ORDERS_FETCH: "Fetch orders from Jet",
    Right.ORDERS_ACKNOWLEDGE: "Acknowledge and reject orders",
    Right.ORDERS_SHIP: "Ship and cancel orders",
    Right.BUYERS_VIEW: "See buyers' names and addresses",
    Right.RETURNS_VIEW: "See returns",
    Right.RETURNS_SETTLE: "Settle returns",
    Right.REFUNDS_VIEW: "See refunds",
    Right.REFUNDS_CREATE: "Create refunds",
    Right.ACTIVITY_VIEW: "See operations, schedules and the log",
    Right.ACTIVITY_CONTROL: "Run, retry and cancel operations and schedules",
    Right.SETTINGS_VIEW: "See settings",
    Right.SETTINGS_EDIT: "Change settings and Jet keys",
    Right.MEMBERS_MANAGE: "Invite and remove people",
    Right.TOKENS_MANAGE: "Manage API tokens",
    Right.DATA_EXPORT: "Export all data of the store",
}

_ANALYST = frozenset(
    {
        Right.HOME_VIEW,
        Right.PRODUCTS_VIEW,
        Right.MAPPING_VIEW,
        Right.ORDERS_VIEW,
        Right.RETURNS_VIEW,
        Right.REFUNDS_VIEW,
        Right.ACTIVITY_VIEW,
    }
)
_FULFILMENT = frozenset(
    {
        Right.HOME_VIEW,
        Right.PRODUCTS_VIEW,
        Right.ORDERS_VIEW,
        Right.ORDERS_FETCH,
        Right.ORDERS_ACKNOWLEDGE,
        Right.ORDERS_SHIP,
        Right.BUYERS_VIEW,
        Right.RETURNS_VIEW,
        Right.RETURNS_SETTLE,
        Right.REFUNDS_VIEW,
        Right.ACTIVITY_VIEW,
    }
)
_OWNER = frozenset(Right)
_MANAGER = _OWNER - {Right.MEMBERS_MANAGE, Right.TOKENS_MANAGE, Right.DATA_EXPORT}
# Come with the role of an owner alone; nothing of an owner's is taken away, so that a store is never left without.
OWNER_ONLY = _OWNER - _MANAGER
# What can be granted to a person or taken away. Without the home page nothing opens: who should not see it is removed.
ADJUSTABLE = _OWNER - OWNER_ONLY - {Right.HOME_VIEW}
# Staff in a support session look; they change nothing and see no buyer.
SUPPORT_RIGHTS = _ANALYST | {Right.SETTINGS_VIEW}

ROLE_RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: _OWNER,
    Role.MANAGER: _MANAGER,
    Role.FULFILMENT: _FULFILMENT,
    Role.ANALYST: _ANALYST,
}


def parse_rights(names: Iterable[str]) -> frozenset[Right]:
    """The rights with these names; names of rights that no longer exist are dropped."""
    known = {right.value: right for right in Right}
    return frozenset(known[name] for name in names if name in known)


def rights_of(role: str) -> frozenset[Right]:
    """The rights of a role; an unknown role has none."""
    return ROLE_RIGHTS.get(role, frozenset())


def lack_of(right: Right) -> str:
    """Why a button is off or a door shut."""
    return f"You do not have the right: {RIGHT_LABELS[right]}."


def lack(actor: Actor, right: Right) -> str:
    """The reason to show on a disabled button, empty when the actor may."""
    return "" if actor.may(right) else lack_of(right)


def words_of(rights: Iterable[Right]) -> str:
    """Their labels in the order in which they stand above."""
    chosen = frozenset(rights)
    return ", ".join(RIGHT_LABELS[right] for right in Right if right in chosen)


def needed_for(right: Right) -> Right | None:
    """The right to see what this one acts on, without which it is good for nothing: orders.view for orders.ship."""
    area, _, act = right.value.partition(".")
    return None if act == "view" else next((seen for seen in Right if seen.value == f"{area}.view"), None)


def rights_of_person(role: str, granted: Iterable[str], withheld: Iterable[str]) -> frozenset[Right]:
    """The rights of the role, with those granted to the person and without those taken away.

    Who may not see an area may do nothing in it.
    """
    held = rights_of(role)
    given, taken = parse_rights(granted) & ADJUSTABLE, parse_rights(withheld) & ADJUSTABLE
    if role == Role.OWNER or not (given or taken):
        return held
    held = (held | given) - taken
    return frozenset(right for right in held if (needed_for(right) or right) in held)
