"""The merchant's Jet account: keys, validation, nodes, return locations, mode."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.enums import Mode
from jetsync.exceptions import DomainError, InvalidInput, StateConflict
from jetsync.jet import errors
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


def normal_url(url: str) -> str:
    return url.strip().rstrip("/")


@transaction.atomic
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
    """Stores keys and address; `api_secret=None` keeps the stored one. A changed key must be validated anew."""
    try:
        check_outside_url(normal_url(api_url))
    except InvalidInput as exc:
        exc.fields = {"api_url": [f"{exc.message} {exc.hint}".strip()]}
        raise
    account, _made = JetAccount.objects.select_for_update().get_or_create(merchant=merchant, mode=mode)
    old = {"api_url": account.api_url, "api_user": account.masked_user}
    changed = (account.api_url, account.api_user) != (normal_url(api_url), api_user.strip()) or bool(
        api_secret
    )
    account.api_url, account.api_user = normal_url(api_url), api_user.strip()
    account.jet_merchant_id = jet_merchant_id.strip()
    if api_secret:
        account.api_secret = api_secret.strip()
    if changed:
        account.validation, account.validation_message = JetAccount.Validation.NEVER, ""
        account.fingerprint = ""
        account.validated_at = account.token_issued_at = account.token_expires_at = None
    account.save()
    record(
        merchant,
        "jetsync.account.saved",
        f"Jet keys for {account.get_mode_display()} mode were saved.",
        actor=actor,
        about=account,
        old=old,
        new={
            "api_url": account.api_url,
            "api_user": account.masked_user,
            "secret": "changed" if api_secret else "kept",
        },
    )
    return account


def validate_account(account: JetAccount, *, actor: Actor) -> ValidationResult:
    """Logs in at Jet with the stored keys and stores the result with Jet's own words. Never raises for Jet."""
    jet = client_for(account)
    state, result = JetAccount.Validation.OK, ValidationResult(True, "Jet accepted the keys.")
    token = None
    try:
        token = jet.auth.token(fresh=True)
        jet.auth.check()
    except errors.JetBadCredentials as exc:
        state, result = JetAccount.Validation.REFUSED, _refusal(explain_jet_error(exc))
    except errors.JetError as exc:
        state, result = JetAccount.Validation.UNREACHABLE, _refusal(explain_jet_error(exc))
    except DomainError as exc:
        state, result = JetAccount.Validation.UNREACHABLE, _refusal(exc)
    if result.ok and not _link(account):
        state = JetAccount.Validation.TAKEN
        result = ValidationResult(
            False,
            "This Jet account is already linked to another store of this installation.",
            "Two stores on one account would answer each other's orders. Use another account, or unlink it there first.",
        )
    with transaction.atomic():
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


@transaction.atomic
def add_node(
    account: JetAccount, *, node_id: str, name: str, zip_code: str = "", actor: Actor
) -> FulfillmentNode:
    """The first node of an account becomes its default. The merchant id is refused, a common mix-up."""
    node_id = node_id.strip()
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
    nodes = FulfillmentNode.objects.filter(merchant=account.merchant_id, account=account)
    if nodes.filter(node_id=node_id).exists():
        raise StateConflict(f"The node {node_id} is listed already.")
    node = FulfillmentNode.objects.create(
        merchant=account.merchant,
        account=account,
        node_id=node_id,
        name=name.strip() or f"Node {node_id[:6]}",
        zip_code=zip_code,
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


@transaction.atomic
def make_default_node(node: FulfillmentNode, *, actor: Actor) -> None:
    nodes = FulfillmentNode.objects.select_for_update(of=("self",)).filter(
        merchant=node.merchant_id, account=node.account_id
    )
    list(nodes.order_by("pk"))
    nodes.filter(is_default=True).update(is_default=False)
    nodes.filter(pk=node.pk).update(is_default=True)
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
    others = FulfillmentNode.objects.filter(merchant=node.merchant_id, account=node.account_id).exclude(
        pk=node.pk
    )
    if node.is_default and others.exists():
        raise StateConflict(f"{node.name} is the default node.", hint="Make another node the default first.")
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
    """`values`: return_id, address1, address2, city, state, zip_code. The first location becomes the default."""
    existing = ReturnLocation.objects.filter(merchant=account.merchant_id, account=account)
    if existing.filter(return_id=values["return_id"]).exclude(pk=location.pk if location else 0).exists():
        raise StateConflict(f"The return location {values['return_id']} is listed already.")
    if location is None:
        location = ReturnLocation(
            merchant=account.merchant, account=account, is_default=not existing.exists()
        )
    for name, value in values.items():
        setattr(location, name, value)
    location.save()
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
    rows = ReturnLocation.objects.select_for_update(of=("self",)).filter(
        merchant=location.merchant_id, account=location.account_id
    )
    list(rows.order_by("pk"))
    rows.filter(is_default=True).update(is_default=False)
    rows.filter(pk=location.pk).update(is_default=True)
    record(
        location.merchant,
        "jetsync.return_location.default",
        f"{location} is now the default.",
        actor=actor,
        about=location,
    )


@transaction.atomic
def remove_return_location(location: ReturnLocation, *, actor: Actor) -> None:
    others = ReturnLocation.objects.filter(
        merchant=location.merchant_id, account=location.account_id
    ).exclude(pk=location.pk)
    if location.is_default and others.exists():
        raise StateConflict(f"{location} is the default.", hint="Make another location the default first.")
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
    """Saves a changed options row; `old` are the previous values of the fields that changed."""
    options.save()
    new = {name: getattr(options, name) for name in old}
    if old:
        record(
            options.merchant,
            "jetsync.options.saved",
            "Settings were changed: " + ", ".join(sorted(old)) + ".",
            actor=actor,
            about=options,
            old=old,
            new=new,
        )
    return options
