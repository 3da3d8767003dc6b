"""From test to live: what changes, the switch itself, and widening what is live."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from jetsync.actions.account import switch_mode, validate_account
from jetsync.actions.known_places import compare_quietly
from jetsync.actions.log import record
from jetsync.activation.queries import check_live_is_open, get_activation
from jetsync.activation.registry import ModeRow, launch, mode_rows, register_mode_row
from jetsync.enums import Mode
from jetsync.exceptions import InvalidInput, NotAllowed, StateConflict
from jetsync.models import Activation, FulfillmentNode, JetAccount, Merchant, Operation, ReturnLocation
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import RIGHT_LABELS, Right

WHOLE = 100


@dataclass(frozen=True)
class Difference:
    """One line of what changes with the switch."""

    label: str
    test: str
    live: str
    note: str = ""


def live_account(merchant: Merchant) -> JetAccount | None:
    return JetAccount.objects.filter(merchant=merchant, mode=Mode.LIVE).first()


def differences(merchant: Merchant) -> list[Difference]:
    return [
        Difference(row.label, row.value(merchant, Mode.TEST), row.value(merchant, Mode.LIVE), row.note)
        for row in mode_rows()
    ]


def live_keys_problem(merchant: Merchant) -> str:
    """What the live account lacks before the switch, or ""."""
    account = live_account(merchant)
    if account is None or not account.has_keys:
        return "There are no live keys yet."
    if account.validation != JetAccount.Validation.OK:
        return account.validation_message or "Jet has not accepted the live keys yet."
    nodes = FulfillmentNode.objects.filter(merchant=merchant, account=account)
    if not nodes.exists():
        return "The live account has no fulfilment node, so nothing could be sent."
    if not nodes.exclude(is_at_jet=False).exists():
        return "Jet knows none of the live account's fulfilment nodes, so it would refuse every price and quantity."
    return ""


def live_places_unknown_to_jet(merchant: Merchant) -> list[str]:
    """Names of the live account's nodes and return locations that Jet does not list; it refuses what names one."""
    here = {"merchant": merchant, "account__mode": Mode.LIVE, "is_at_jet": False}
    return [
        str(place) for model in (FulfillmentNode, ReturnLocation) for place in model.objects.filter(**here)
    ]


def ask_jet(merchant: Merchant, *, actor: Actor) -> None:
    """Logs in with the live keys as they are stored now and asks for nodes and return locations; what Jet says is stored.
    Call it outside of a transaction.
    """
    account = live_account(merchant)
    if account is not None and account.has_keys and validate_account(account, actor=actor).ok:
        compare_quietly(account)


def _check_share(share: int) -> None:
    if not 1 <= share <= WHOLE:
        text = "Between 1 and 100 percent."
        raise InvalidInput(f"A share of {share} % is none. {text}", fields={"share": [text]})


def _lock(merchant: Merchant) -> Activation:
    """One switch at a time; the merchant is read anew below the lock."""
    row = Activation.objects.select_for_update(of=("self",)).get(
        pk=get_activation(merchant).pk, merchant=merchant
    )
    merchant.refresh_from_db(fields=["mode"])
    return row


@transaction.atomic
def go_live(merchant: Merchant, *, share: int, actor: Actor) -> Operation | None:
    """Switches to live and uploads this share (percent) of the ready SKUs; the others are held back, not archived.

    Returns the upload, None when no SKU is ready. Raises StateConflict with the open steps while live is locked, when
    the live keys are not accepted, and when the store is live already.
    """
    _check_share(share)
    _check_may_publish(actor)
    row = _lock(merchant)
    if merchant.mode == Mode.LIVE:
        raise StateConflict(
            f"{merchant} is live already.", hint="Widen the share instead.", code="already_live"
        )
    check_live_is_open(merchant)
    if problem := live_keys_problem(merchant):
        raise StateConflict(problem, hint="Enter and validate the live keys.", code="live_keys_missing")
    row.live_share = share
    row.save(update_fields=["live_share", "updated_at"])
    switch_mode(merchant, Mode.LIVE, actor=actor)
    return launch().start(merchant, share, actor)


@transaction.atomic
def widen(merchant: Merchant, *, share: int, actor: Actor) -> Operation | None:
    """Uploads as many more SKUs as are missing to the new share. None when none is missing.

    Raises InvalidInput for a share that is not larger: what is live is archived by hand, never by a number.
    """
    _check_share(share)
    _check_may_publish(actor)
    row = _lock(merchant)
    if merchant.mode != Mode.LIVE:
        raise StateConflict(f"{merchant} is not live.", hint="Go live first.", code="not_live")
    if share < row.live_share or row.live_share == WHOLE:
        text = f"{row.live_share} % are live already. To take SKUs off Jet, archive them."
        raise InvalidInput(text, fields={"share": [text]})
    old, row.live_share = row.live_share, share
    row.save(update_fields=["live_share", "updated_at"])
    operation = launch().start(merchant, share, actor)
    record(
        merchant,
        "jetsync.activation.widened",
        f"{share} % of the ready SKUs may be live, before {old} %.",
        actor=actor,
        about=row,
        old={"live_share": old},
        new={"live_share": share},
        operation=operation,
    )
    return operation


def _check_may_publish(actor: Actor) -> None:
    right = Right.PRODUCTS_PUBLISH
    if not actor.may(right):
        raise NotAllowed(
            f"This uploads products: it needs the right “{RIGHT_LABELS[right]}” ({right}).",
            hint="Ask an owner for the right, or use a token that holds it.",
        )


def _account(merchant: Merchant, mode: str) -> JetAccount | None:
    return JetAccount.objects.filter(merchant=merchant, mode=mode).first()


def _user(merchant: Merchant, mode: str) -> str:
    account = _account(merchant, mode)
    return account.masked_user if account is not None and account.has_keys else "None yet"


def _address(merchant: Merchant, mode: str) -> str:
    account = _account(merchant, mode)
    return account.api_url if account is not None and account.api_url else "None yet"


def _nodes(merchant: Merchant, mode: str) -> str:
    rows = FulfillmentNode.objects.filter(merchant=merchant, account__mode=mode)
    return ", ".join(f"{row.name} ({row.node_id[:8]}…)" for row in rows) or "None yet"


def _returns(merchant: Merchant, mode: str) -> str:
    rows = ReturnLocation.objects.filter(merchant=merchant, account__mode=mode)
    return "; ".join(str(row) for row in rows) or "None yet"


register_mode_row(
    ModeRow("user", 10, "API user", _user),
    ModeRow("address", 20, "API address", _address),
    ModeRow("nodes", 30, "Fulfilment nodes", _nodes, "Stock per node is entered per mode."),
    ModeRow("return_locations", 40, "Return locations", _returns),
)
