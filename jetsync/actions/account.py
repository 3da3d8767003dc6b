"""The merchant's Jet account: keys, validation, nodes, return locations, mode."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import Mode
from jetsync.exceptions import DomainError, InvalidInput, NotFound, OutsideUnreachable, StateConflict
from jetsync.jet import Token, errors
from jetsync.models import FulfillmentNode, JetAccount, Merchant, Options, ReturnLocation
from jetsync.net import check_outside_url
from jetsync.sync.client import client_for
from jetsync.sync.translate import explain_jet_error
from jetsync.tenancy.actor import Actor

NODE_ID = re.compile(r"[0-9A-Za-z-]{8,64}\Z")


@dataclass(frozen=True)
class ValidationResult:
    ok: bool
    message: str
    hint: str = ""


TAKEN = ValidationResult(
    False,
    "This Jet account is already linked to another store of this installation.",
    "Two stores on one account would answer each other's orders. Use another account, or unlink it there first.",
)
CHANGED_MEANWHILE = ValidationResult(
    False, "The keys were changed while Jet was asked about the old ones.", "Validate the new ones."
)
SAVED_FIELDS = (
    "api_url",
    "api_user",
    "api_secret",
    "jet_merchant_id",
    "validation",
    "validation_message",
    "fingerprint",
    "validated_at",
    "token_issued_at",
    "token_expires_at",
    "updated_at",
)


def normal_url(url: str) -> str:
    return url.strip().rstrip("/")


def save_account(
    merchant: Merchant,
    mode: str,
    *,
    api_url: str,
    api_user: str,
    api_secret: str | None,
    actor: Actor,
    jet_merchant_id: str = "",
) -> JetAccount:
    """Stores keys and address; `api_secret=None` keeps the stored one. A changed key must be validated anew.

    Raises InvalidInput for an address that is none or points inside.
    """
    api_url, api_user = normal_url(api_url), api_user.strip()
    _check_address(api_url)
    with transaction.atomic():
        account, _made = JetAccount.objects.select_for_update(of=("self",)).get_or_create(
            merchant=merchant, mode=mode
        )
        old = {"api_url": account.api_url, "api_user": account.masked_user}
        if api_secret or (account.api_url, account.api_user) != (api_url, api_user):
            _forget_validation(account)
        account.api_url, account.api_user = api_url, api_user
        account.jet_merchant_id = jet_merchant_id.strip()
        if api_secret:
            account.api_secret = api_secret.strip()
        account.save(update_fields=SAVED_FIELDS)
        secret = "changed" if api_secret else "kept"
        record(
            merchant,
            "jetsync.account.saved",
            f"Jet keys for {account.get_mode_display()} mode were saved.",
            actor=actor,
            about=account,
            old=old,
            new={"api_url": api_url, "api_user": account.masked_user, "secret": secret},
        )
    return account


def check_keys(
    merchant: Merchant, mode: str, *, api_url: str, api_user: str, api_secret: str | None
) -> ValidationResult:
    """Logs in at Jet with keys that are not stored yet (`api_secret=None`: with the stored secret). Stores nothing.

    Raises InvalidInput for an address that is none or points inside; never for what Jet says.
    """
    api_url = normal_url(api_url)
    _check_address(api_url)
    stored = JetAccount.objects.filter(merchant=merchant, mode=mode).first()
    secret = (api_secret or "").strip() or (stored.api_secret if stored else "")
    given = JetAccount(
        merchant=merchant, mode=mode, api_url=api_url, api_user=api_user.strip(), api_secret=secret
    )
    return _log_in(given)[1]


def _check_address(api_url: str) -> None:
    """Asks the name service, so it stands before the transaction."""
    try:
        check_outside_url(api_url)
    except (InvalidInput, OutsideUnreachable) as exc:
        exc.fields = {"api_url": [f"{exc.message} {exc.hint}".strip()]}
        raise


def _forget_validation(account: JetAccount) -> None:
    account.validation, account.validation_message = JetAccount.Validation.NEVER, ""
    account.fingerprint = ""
    account.validated_at = account.token_issued_at = account.token_expires_at = None


def validate_account(account: JetAccount, *, actor: Actor) -> ValidationResult:
    """Logs in at Jet with the stored keys and stores the result with Jet's own words. Never raises for Jet.

    When the keys were changed while Jet was asked, nothing is stored: the answer was about the old ones.
    """
    state, result, token = _log_in(account)
    with transaction.atomic():
        stored = JetAccount.objects.select_for_update(of=("self",)).get(
            pk=account.pk, merchant=account.merchant_id
        )
        if _keys(stored) != _keys(account):
            return CHANGED_MEANWHILE
        if result.ok and not _link(account):
            state, result = JetAccount.Validation.TAKEN, TAKEN
        JetAccount.objects.filter(pk=account.pk, merchant=account.merchant_id).update(
            validation=state,
            validation_message=f"{result.message} {result.hint}".strip()[:500],
            validated_at=timezone.now(),
            token_issued_at=timezone.now() if token else None,
            token_expires_at=token.expires_at if token else None,
        )
        record(
            account.merchant,
            "jetsync.account.validated",
            f"Keys checked: {result.message}",
            actor=actor,
            about=account,
        )
    account.refresh_from_db()
    return result


def _log_in(account: JetAccount) -> tuple[JetAccount.Validation, ValidationResult, Token | None]:
    """What Jet says of the keys, and its token when it gave one."""
    token = None
    try:
        jet = client_for(account)
        token = jet.auth.token(fresh=True)
        jet.auth.check()
    except errors.JetBadCredentials as exc:
        return JetAccount.Validation.REFUSED, _refusal(explain_jet_error(exc)), token
    except errors.JetError as exc:
        return JetAccount.Validation.UNREACHABLE, _refusal(explain_jet_error(exc)), token
    except DomainError as exc:
        return JetAccount.Validation.UNREACHABLE, _refusal(exc), token
    return JetAccount.Validation.OK, ValidationResult(True, "Jet accepted the keys."), token


def _keys(account: JetAccount) -> tuple[str, str, str]:
    return account.api_url, account.api_user, account.api_secret


def _link(account: JetAccount) -> bool:
    """Notes that this store works with the account; False when another store of the installation already does.

    Only after Jet accepted the keys, so that nobody can reserve an account by its user name alone.
    """
    text = f"{account.api_url}\n{account.api_user}".lower()
    mark = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
    try:
        with transaction.atomic():
            JetAccount.objects.filter(pk=account.pk, merchant=account.merchant_id).update(fingerprint=mark)
    except IntegrityError:
        return False
    return True


def _refusal(exc: DomainError) -> ValidationResult:
    return ValidationResult(False, exc.message, exc.hint)


def _places_beside(place: FulfillmentNode | ReturnLocation) -> Any:
    """The nodes, or return locations, of the same account, this one included; locked until the transaction ends."""
    _lock_account(place.account_id, place.merchant_id)
    return type(place).objects.filter(merchant=place.merchant_id, account=place.account_id)


def _lock_account(account_id: int, merchant_id: int) -> None:
    """Of two changes to an account's places the second must see the first: one of them is the default."""
    JetAccount.objects.select_for_update(of=("self",)).get(pk=account_id, merchant=merchant_id)


def _make_default(place: FulfillmentNode | ReturnLocation) -> None:
    places = _places_beside(place)
    places.filter(is_default=True).update(is_default=False)
    if not places.filter(pk=place.pk).update(is_default=True):
        raise NotFound(f"{place} was removed meanwhile.", hint="Choose another one.")


def _check_removable(place: FulfillmentNode | ReturnLocation, noun: str) -> None:
    """Raises StateConflict for the default while others exist."""
    places = _places_beside(place)
    if places.filter(pk=place.pk, is_default=True).exists() and places.exclude(pk=place.pk).exists():
        raise StateConflict(f"{place} is the default {noun}.", hint=f"Make another {noun} the default first.")


def _check_node_id(account: JetAccount, node_id: str) -> None:
    """The merchant id is refused too: a common mix-up."""
    if account.jet_merchant_id and node_id == account.jet_merchant_id:
        raise InvalidInput(
            "This is your Jet merchant id, not a fulfilment node id.",
            hint="In the partner portal: Fulfillment, Fulfillment Node Id.",
            fields={"node_id": ["This is your Jet merchant id, not a node id."]},
        )
    if not NODE_ID.match(node_id):
        raise InvalidInput(
            f"“{node_id[:40]}” is not a fulfilment node id.",
            hint="It has 8 to 64 letters and digits, usually 32.",
            fields={"node_id": ["8 to 64 letters and digits, usually 32."]},
        )


@transaction.atomic
def add_node(
    account: JetAccount,
    *,
    node_id: str,
    name: str,
    zip_code: str = "",
    buffer_quantity: int | None = None,
    actor: Actor,
) -> FulfillmentNode:
    """The first node of an account becomes its default. Raises InvalidInput, or StateConflict for a known id."""
    node_id = node_id.strip()
    _check_node_id(account, node_id)
    _lock_account(account.pk, account.merchant_id)
    nodes = FulfillmentNode.objects.filter(merchant=account.merchant_id, account=account)
    if nodes.filter(node_id=node_id).exists():
        raise StateConflict(f"The node {node_id} is listed already.")
    node = FulfillmentNode.objects.create(
        merchant=account.merchant,
        account=account,
        node_id=node_id,
        name=name.strip() or f"Node {node_id[:6]}",
        zip_code=zip_code,
        buffer_quantity=buffer_quantity,
        is_default=not nodes.exists(),
        position=nodes.count(),
    )
    record(
        account.merchant,
        "jetsync.node.added",
        f"Fulfilment node {node.name} was added.",
        actor=actor,
        about=node,
    )
    return node


NODE_FIELDS = ("node_id", "name", "zip_code", "buffer_quantity")


@transaction.atomic
def update_node(node: FulfillmentNode, values: dict[str, Any], *, actor: Actor) -> FulfillmentNode:
    """`values`: some of `NODE_FIELDS`. Raises InvalidInput, StateConflict for an id in use, NotFound when it is gone."""
    account = node.account
    values = {name: values[name] for name in NODE_FIELDS if name in values}
    if "node_id" in values:
        values["node_id"] = values["node_id"].strip()
        _check_node_id(account, values["node_id"])
    places = _places_beside(node)
    if places.filter(node_id=values.get("node_id", "")).exclude(pk=node.pk).exists():
        raise StateConflict(f"The node {values['node_id']} is listed already.")
    stored: FulfillmentNode | None = places.filter(pk=node.pk).first()
    if stored is None:
        raise NotFound(f"{node} was removed meanwhile.")
    old = {name: getattr(stored, name) for name, value in values.items() if getattr(stored, name) != value}
    if old:
        for name in old:
            setattr(stored, name, values[name])
        stored.save(update_fields=list(old))
        record(
            stored.merchant,
            "jetsync.node.saved",
            f"Fulfilment node {stored.name} was changed.",
            actor=actor,
            about=stored,
            old=old,
            new={name: values[name] for name in old},
        )
    return stored


@transaction.atomic
def make_default_node(node: FulfillmentNode, *, actor: Actor) -> None:
    """Raises NotFound when the node was removed meanwhile."""
    _make_default(node)
    record(
        node.merchant,
        "jetsync.node.default",
        f"{node.name} is now the default node.",
        actor=actor,
        about=node,
    )


@transaction.atomic
def remove_node(node: FulfillmentNode, *, actor: Actor) -> None:
    """Raises StateConflict for the default node while others exist: choose another default first."""
    _check_removable(node, "node")
    record(
        node.merchant,
        "jetsync.node.removed",
        f"Fulfilment node {node.name} was removed.",
        actor=actor,
        about=node,
    )
    node.delete()


def import_nodes(account: JetAccount, *, actor: Actor) -> list[FulfillmentNode]:
    """Reads the account's nodes from Jet and adds the unknown ones; returns those added."""
    try:
        found = client_for(account).nodes.list()
    except errors.JetError as exc:
        raise explain_jet_error(exc) from exc
    known = set(
        FulfillmentNode.objects.filter(merchant=account.merchant_id, account=account).values_list(
            "node_id", flat=True
        )
    )
    return [
        add_node(
            account,
            node_id=node.node_id,
            name=node.name or "",
            zip_code=(node.zip_code or "")[:5],
            actor=actor,
        )
        for node in found
        if node.node_id not in known
    ]


@transaction.atomic
def save_return_location(
    account: JetAccount, values: dict[str, str], *, actor: Actor, location: ReturnLocation | None = None
) -> ReturnLocation:
    """`values`: return_id, address1, address2, city, state, zip_code. The first location becomes the default.

    Raises StateConflict for a Jet id that another location has.
    """
    _lock_account(account.pk, account.merchant_id)
    existing = ReturnLocation.objects.filter(merchant=account.merchant_id, account=account)
    if existing.filter(return_id=values["return_id"]).exclude(pk=location.pk if location else 0).exists():
        raise StateConflict(f"The return location {values['return_id']} is listed already.")
    if location is None:
        location = ReturnLocation.objects.create(
            merchant=account.merchant, account=account, is_default=not existing.exists(), **values
        )
    else:
        for name, value in values.items():
            setattr(location, name, value)
        location.save(update_fields=list(values))
    record(
        account.merchant,
        "jetsync.return_location.saved",
        f"Return location {location} was saved.",
        actor=actor,
        about=location,
        new=dict(values),
    )
    return location


@transaction.atomic
def make_default_location(location: ReturnLocation, *, actor: Actor) -> None:
    """Raises NotFound when the location was removed meanwhile."""
    _make_default(location)
    record(
        location.merchant,
        "jetsync.return_location.default",
        f"{location} is now the default.",
        actor=actor,
        about=location,
    )


@transaction.atomic
def remove_return_location(location: ReturnLocation, *, actor: Actor) -> None:
    """Raises StateConflict for the default location while others exist: choose another default first."""
    _check_removable(location, "return location")
    record(
        location.merchant,
        "jetsync.return_location.removed",
        f"Return location {location} was removed.",
        actor=actor,
        about=location,
    )
    location.delete()


@transaction.atomic
def switch_mode(merchant: Merchant, mode: str, *, actor: Actor) -> None:
    """Test and live are separate data at Jet. Raises StateConflict until the target's keys were accepted."""
    account = JetAccount.objects.filter(merchant=merchant, mode=mode).first()
    if account is None or account.validation != JetAccount.Validation.OK:
        raise StateConflict(
            f"{Mode(mode).label} mode needs keys that Jet has accepted.",
            hint="Enter and validate them first.",
        )
    old = merchant.mode
    merchant.mode = mode
    merchant.save(update_fields=["mode"])
    record(
        merchant,
        "jetsync.merchant.mode",
        f"Switched to {Mode(mode).label} mode.",
        actor=actor,
        old={"mode": old},
        new={"mode": mode},
    )


@transaction.atomic
def save_options(options: Options, *, old: dict[str, object], actor: Actor) -> Options:
    """Saves the changed fields of an options row and no others; `old` are their previous values.

    Apps that compute from options listen to the row being saved. Numbers are logged as text, so that none is rounded.
    """
    if old:
        options.save(update_fields=[*old, "updated_at"])
        new = {name: _plain(getattr(options, name)) for name in old}
        record(
            options.merchant,
            "jetsync.options.saved",
            "Settings were changed: " + ", ".join(sorted(old)) + ".",
            actor=actor,
            about=options,
            old={name: _plain(value) for name, value in old.items()},
            new=new,
        )
    return options


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
