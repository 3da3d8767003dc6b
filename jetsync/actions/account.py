"""The merchant's Jet account: keys, validation, mode."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from jetsync.actions.log import record
from jetsync.activation.queries import check_live_is_open, get_activation
from jetsync.enums import Mode
from jetsync.exceptions import DomainError, InvalidInput, OutsideUnreachable, StateConflict
from jetsync.jet import Token, errors
from jetsync.models import Activation, JetAccount, Merchant
from jetsync.net import check_outside_url
from jetsync.sync.client import client_for, forget_token, token_key
from jetsync.sync.schedules import start_after_settings
from jetsync.sync.translate import explain_jet_error
from jetsync.tenancy.actor import Actor


@dataclass(frozen=True)
class ValidationResult:
    ok: bool
    message: str
    hint: str = ""
    code: str = ""


TAKEN = ValidationResult(
    False,
    "This Jet account is already linked to another store of this installation.",
    "Two stores on one account would answer each other's orders. Use another account, or unlink it there first.",
    "jet_account_taken",
)
OF_TEST = ValidationResult(
    False,
    "These are this store's test keys.",
    "Live keys are others: take them from the partner portal with its switch at Live.",
    code="keys_of_other_mode",
)
OF_LIVE = ValidationResult(
    False,
    "These are this store's live keys.",
    "Test keys are others: take them from the partner portal with its switch at Test.",
    code="keys_of_other_mode",
)
CHANGED_MEANWHILE = ValidationResult(
    False,
    "The keys were changed while Jet was asked about the old ones.",
    "Validate the new ones.",
    "changed_meanwhile",
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
    """Stores keys and address; `api_secret=None` keeps the stored one. A changed key must be validated anew, and the
    log-in token of the old keys is removed.

    Raises InvalidInput for an address that is none or points inside.
    """
    api_url, api_user = normal_url(api_url), api_user.strip()
    _check_address(api_url)
    with transaction.atomic():
        account, _made = JetAccount.objects.select_for_update(of=("self",)).get_or_create(
            merchant=merchant, mode=mode
        )
        old, old_token = {"api_url": account.api_url, "api_user": account.masked_user}, token_key(account)
        if api_secret or (account.api_url, account.api_user) != (api_url, api_user):
            _forget_validation(account)
        account.api_url, account.api_user = api_url, api_user
        account.jet_merchant_id = jet_merchant_id.strip()
        if api_secret:
            account.api_secret = api_secret.strip()
        account.save(update_fields=SAVED_FIELDS)
        if token_key(account) != old_token:
            transaction.on_commit(partial(forget_token, old_token))
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

    Keys that are good and already in use, by the store's other mode or by another store, are not ok.

    Raises InvalidInput for an address that is none or points inside; never for what Jet says.
    """
    api_url = normal_url(api_url)
    _check_address(api_url)
    stored = JetAccount.objects.filter(merchant=merchant, mode=mode).first()
    secret = (api_secret or "").strip() or (stored.api_secret if stored else "")
    given = JetAccount(
        merchant=merchant, mode=mode, api_url=api_url, api_user=api_user.strip(), api_secret=secret
    )
    try:
        result = _log_in(given)[1]
        return (_use_of(given) or result) if result.ok else result
    finally:
        if stored is None or token_key(stored) != token_key(given):
            forget_token(token_key(given))


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

    Accepted keys of the mode in use start the regular work that failed for the settings, so that no page goes on telling
    of the old ones. When the keys were changed while Jet was asked, nothing is stored: the answer was about the old ones.
    """
    state, result, token = _log_in(account)
    with transaction.atomic():
        stored = JetAccount.objects.select_for_update(of=("self",)).get(
            pk=account.pk, merchant=account.merchant_id
        )
        if _keys(stored) != _keys(account):
            forget_token(token_key(account))
            return CHANGED_MEANWHILE
        if result.ok and not _link(account):
            state, result = JetAccount.Validation.TAKEN, _use_of(account) or TAKEN
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
        if result.ok and account.mode == account.merchant.mode:
            start_after_settings(account.merchant)
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
    try:
        with transaction.atomic():
            own = JetAccount.objects.filter(pk=account.pk, merchant=account.merchant_id)
            own.update(fingerprint=_fingerprint(account))
    except IntegrityError:
        return False
    return True


def _fingerprint(account: JetAccount) -> str:
    text = f"{account.api_url}\n{account.api_user}".lower()
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _use_of(account: JetAccount) -> ValidationResult | None:
    """Who works with these keys already: the store's other mode, or another store. None when nobody does.

    To be asked once Jet accepted the keys, for it tells of others.
    """
    mark = _fingerprint(account)
    for own in JetAccount.objects.filter(merchant=account.merchant_id).exclude(mode=account.mode):
        if own.has_keys and _fingerprint(own) == mark:
            return OF_TEST if own.mode == Mode.TEST else OF_LIVE
    return None if _could_link(account, mark) else TAKEN


def _could_link(account: JetAccount, mark: str) -> bool:
    """Asks the unique index, which alone sees the accounts of all merchants, and leaves nothing behind."""
    try:
        with transaction.atomic():
            own = JetAccount.objects.filter(merchant=account.merchant_id, mode=account.mode)
            if not own.update(fingerprint=mark):
                JetAccount.objects.create(merchant=account.merchant, mode=account.mode, fingerprint=mark)
            transaction.set_rollback(True)
    except IntegrityError:
        return False
    return True


def _refusal(exc: DomainError) -> ValidationResult:
    return ValidationResult(False, exc.message, exc.hint, exc.code)


@transaction.atomic
def switch_mode(merchant: Merchant, mode: str, *, actor: Actor) -> None:
    """Test and live are separate data at Jet. Raises StateConflict until the target's keys were accepted, and for live
    until every step with the test keys is ok (see jetsync.activation).
    """
    if mode == Mode.LIVE:
        check_live_is_open(merchant)
    account = JetAccount.objects.filter(merchant=merchant, mode=mode).first()
    if account is None or account.validation != JetAccount.Validation.OK:
        raise StateConflict(
            f"{Mode(mode).label} mode needs keys that Jet has accepted.",
            hint="Enter and validate them first.",
        )
    old = merchant.mode
    merchant.mode = mode
    merchant.save(update_fields=["mode"])
    if mode == Mode.LIVE:  # from here on it stays open
        row = get_activation(merchant)
        Activation.objects.filter(pk=row.pk, merchant=merchant, went_live_at=None).update(
            went_live_at=timezone.now()
        )
    record(
        merchant,
        "jetsync.merchant.mode",
        f"Switched to {Mode(mode).label} mode.",
        actor=actor,
        old={"mode": old},
        new={"mode": mode},
    )
    start_after_settings(merchant)
