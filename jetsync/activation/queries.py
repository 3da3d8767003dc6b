"""Where a merchant stands on the way to live."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from jetsync.activation.registry import GROUPS, Step, all_steps, subject
from jetsync.enums import OPEN_OPERATION_STATES, FailureEnd, JobState, Mode
from jetsync.exceptions import StateConflict
from jetsync.models import Activation, ActivationStep, JetAccount, Job, Merchant, Operation
from jetsync.queries.settings import current_nodes

REHEARSAL = "jetsync.rehearsal"


def keys_mark(account: JetAccount) -> str:
    """Names the key pair without holding it: the user alone, so that a new secret or address changes nothing."""
    return hmac.new(
        settings.SECRET_KEY.encode(), account.api_user.lower().encode(), hashlib.sha256
    ).hexdigest()


def get_activation(merchant: Merchant) -> Activation:
    """The merchant's row for an action that locks or changes it; made when there is none."""
    row, _made = Activation.objects.get_or_create(merchant=merchant)
    return row


def activation_of(merchant: Merchant) -> Activation:
    """The merchant's row, or one with the defaults that is not stored: reading writes nothing."""
    return Activation.objects.filter(merchant=merchant).first() or Activation(merchant=merchant)


def account_of_test_keys(merchant: Merchant) -> JetAccount | None:
    return JetAccount.objects.filter(merchant=merchant, mode=Mode.TEST).first()


def step_rows(merchant: Merchant) -> dict[str, ActivationStep]:
    """By key, of the test keys that are stored now."""
    account = account_of_test_keys(merchant)
    if account is None or not account.api_user:
        return {}
    rows = ActivationStep.objects.filter(merchant=merchant, keys_mark=keys_mark(account))
    return {row.key: row for row in rows}


@dataclass(frozen=True)
class ShownStep:
    """`blocked_by`: labels of steps that must be run before; `row` is None for one that was never run."""

    step: Step
    row: ActivationStep | None
    blocked_by: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        return str(self.row.state) if self.row else str(ActivationStep.State.NOT_RUN)

    @property
    def is_ok(self) -> bool:
        return self.state == ActivationStep.State.OK

    @property
    def cause(self) -> str:
        """The code of why it failed; "" for any other state."""
        has_failed = self.row is not None and self.row.state == ActivationStep.State.FAILED
        return str(self.row.evidence.get("code", "")) if self.row is not None and has_failed else ""


@dataclass(frozen=True)
class StepGroup:
    key: str
    label: str
    text: str
    steps: tuple[ShownStep, ...]


def shown_steps(merchant: Merchant) -> list[ShownStep]:
    rows = step_rows(merchant)
    ok = {key for key, row in rows.items() if row.state == ActivationStep.State.OK}
    labels = {step.key: step.label for step in all_steps()}
    return [
        ShownStep(step, rows.get(step.key), tuple(labels[key] for key in step.needs if key not in ok))
        for step in all_steps()
    ]


def grouped(steps: list[ShownStep]) -> list[StepGroup]:
    return [
        StepGroup(key, label, text, tuple(row for row in steps if row.step.group == key))
        for key, (label, text) in GROUPS.items()
    ]


def open_steps(merchant: Merchant) -> list[Step]:
    """What is still to be exercised with the test keys before live opens."""
    return [row.step for row in shown_steps(merchant) if not row.is_ok]


def is_rehearsed(merchant: Merchant) -> bool:
    return not open_steps(merchant)


def may_go_live(merchant: Merchant) -> bool:
    """All steps are ok, or the merchant was live before: who sells already is never locked out."""
    return was_live(merchant) or is_rehearsed(merchant)


def was_live(merchant: Merchant) -> bool:
    rows = Activation.objects.filter(merchant=merchant, went_live_at__isnull=False)
    return merchant.mode == Mode.LIVE or rows.exists()


def check_live_is_open(merchant: Merchant) -> None:
    """Raises StateConflict that lists the open steps, or while steps are run: they would go on with the live keys."""
    if (running := running_rehearsal(merchant)) is not None:
        raise StateConflict(
            f"“{running.title}” is running with the test keys.",
            hint="Wait until it has ended, or cancel it.",
            code="rehearsal_running",
        )
    if may_go_live(merchant):
        return
    names = [step.label for step in open_steps(merchant)]
    raise StateConflict(
        f"Live mode is locked: {len(names)} of {len(all_steps())} steps with the test keys are open: "
        f"{', '.join(names)}.",
        hint="Run the rehearsal under Settings, API activation.",
        code="live_locked",
        data={"open_steps": [step.key for step in open_steps(merchant)]},
    )


@dataclass(frozen=True)
class Obstacle:
    """What must be saved before any step can be run, and the page for it."""

    code: str
    message: str
    hint: str
    url_name: str
    link_label: str


def obstacle(merchant: Merchant) -> Obstacle | None:
    """The first thing that is missing: test mode, accepted keys, a node, a SKU."""
    account = account_of_test_keys(merchant)
    page = "panel:account"
    if merchant.mode != Mode.TEST:
        text = f"{merchant} works in live mode; the steps are run with the test keys."
        hint = "Switch to test mode under Settings, Jet account, to run them again."
        return Obstacle("not_in_test_mode", text, hint, page, "Jet account")
    if account is None or account.validation != JetAccount.Validation.OK:
        text = "Jet has not accepted the test keys yet."
        hint = "Enter and validate them under Settings, Jet account."
        return Obstacle("jet_keys_not_accepted", text, hint, page, "Enter keys")
    if not current_nodes(merchant).exists():
        hint = "Add one under Settings, Jet account."
        return Obstacle("node_missing", "No fulfilment node is set.", hint, page, "Add a node")
    if not chosen_sku(merchant):
        hint = "Import a product, map its category and give it price and quantity; its page lists what is missing."
        text = "There is no SKU that is ready and in stock."
        return Obstacle("no_ready_sku", text, hint, subject().url_name, "See products")
    return None


def running_rehearsal(merchant: Merchant) -> Operation | None:
    return (
        Operation.objects.filter(merchant=merchant, kind=REHEARSAL, state__in=OPEN_OPERATION_STATES)
        .order_by("-pk")
        .first()
    )


def trouble_of(rehearsal: Operation) -> Job | None:
    """Its job while it waits after a passing trouble; `message`, `hint` and `not_before` say the rest."""
    rows = Job.objects.filter(merchant=rehearsal.merchant_id, operation=rehearsal, state=JobState.QUEUED)
    return rows.filter(failure_end=FailureEnd.RETRY).first()


def last_rehearsal(merchant: Merchant) -> Operation | None:
    return Operation.objects.filter(merchant=merchant, kind=REHEARSAL).order_by("-pk").first()


def chosen_sku(merchant: Merchant) -> str:
    """The merchant's choice, else the first ready one, else ""."""
    return activation_of(merchant).sku or subject().first(merchant)


def live_share(merchant: Merchant) -> int:
    """Percent of the ready SKUs that may be uploaded now; 100 in test mode."""
    if merchant.mode != Mode.LIVE:
        return 100
    share = Activation.objects.filter(merchant=merchant).values_list("live_share", flat=True).first()
    return 100 if share is None else share
