"""What must stand before anything is sent: live checks with the way to mend each. Apps add their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.conf import settings

from jetsync.actions.account import validate_account
from jetsync.actions.known_places import compare_quietly, unknown_words
from jetsync.activation.queries import shown_steps, was_live
from jetsync.models import FulfillmentNode, JetAccount, Merchant
from jetsync.panel.items import MenuItem, register
from jetsync.queries.mail import lost_mails_today, reaches_nobody
from jetsync.queries.schedules import schedule_rows
from jetsync.queries.settings import current_nodes, current_return_locations, get_account
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.rights import Right

State = Literal["ok", "warning", "missing"]


@dataclass(frozen=True)
class Finding:
    """`text` says what was found; `url_name` opens the page that mends it."""

    state: State
    text: str
    url_name: str = ""
    link_label: str = "Set up"


@dataclass(frozen=True)
class Check:
    """`run` costs a few queries. `probe` is what takes longer (asking Jet): only on demand."""

    key: str
    position: int
    label: str
    run: Callable[[Merchant], Finding]
    probe: Callable[[Merchant], Finding] | None = None


@dataclass(frozen=True)
class ShownCheck:
    check: Check
    finding: Finding


_checks: dict[str, Check] = {}


def register_check(check: Check) -> None:
    _checks[check.key] = check


def run_checks(merchant: Merchant, *, probing: bool = False) -> list[ShownCheck]:
    """All of them in order; `probing` asks outside where a check can."""
    ordered = sorted(_checks.values(), key=lambda check: check.position)
    return [
        ShownCheck(check, (check.probe if probing and check.probe else check.run)(merchant))
        for check in ordered
    ]


def _keys(merchant: Merchant) -> Finding:
    account = get_account(merchant)
    mode = merchant.get_mode_display()
    if account is None or not account.has_keys:
        return Finding("missing", f"No API keys for {mode} mode.", "panel:account", "Enter keys")
    if account.validation == JetAccount.Validation.OK:
        return Finding("ok", f"Jet accepted the keys for {mode} mode.", "panel:account")
    words = account.validation_message or account.get_validation_display()
    return Finding("missing", f"Jet has not accepted the keys for {mode} mode. {words}", "panel:account")


def _ask_jet(merchant: Merchant) -> Finding:
    """Logs in with the stored keys; what Jet says is stored as by the Validate button."""
    account = get_account(merchant)
    if account is not None and account.has_keys:
        validate_account(account, actor=SYSTEM)
    return _keys(merchant)


def _nodes(merchant: Merchant) -> Finding:
    nodes: list[FulfillmentNode] = list(current_nodes(merchant))
    if not nodes:
        text = "No fulfilment node. Prices and quantities are sent per node, so nothing can be sent."
        return Finding("missing", text, "panel:account", "Add a node")
    default = next((node for node in nodes if node.is_default), None)
    if default is None:
        return Finding("warning", "No node is the default one.", "panel:account", "Choose one")
    if unknown := [node for node in nodes if node.is_at_jet is False]:
        return Finding("missing", unknown_words(unknown), "panel:account", "Correct it")
    text = f"{len(nodes)} node{'' if len(nodes) == 1 else 's'}, {default.name} is the default."
    return Finding("ok", text, "panel:account")


def _ask_for_places(merchant: Merchant) -> Finding:
    """Compares nodes and return locations with Jet's lists; the marks are stored, so the next check reads them too."""
    account = get_account(merchant)
    if account is not None and account.has_keys:
        compare_quietly(account)
    return _nodes(merchant)


def _return_location(merchant: Merchant) -> Finding:
    locations = list(current_return_locations(merchant))
    count = len(locations)
    if not count:
        text = "No return location. Shipments and return exceptions name one."
        return Finding("missing", text, "panel:return-locations", "Add a location")
    if unknown := [place for place in locations if place.is_at_jet is False]:
        return Finding("missing", unknown_words(unknown), "panel:return-locations", "Correct it")
    return Finding("ok", f"{count} return location{'' if count == 1 else 's'}.", "panel:return-locations")


def _activation(merchant: Merchant) -> Finding:
    """The exercises with the test keys, which live mode waits for."""
    if was_live(merchant):
        return Finding("ok", "Live mode is open.", "panel:activation")
    steps = shown_steps(merchant)
    failed = next((row for row in steps if row.state == "failed"), None)
    if failed is not None and failed.row is not None:
        text = f"{failed.step.label} failed: {failed.row.message}"
        return Finding("missing", text, "panel:activation", "See the step")
    done = sum(row.is_ok for row in steps)
    if done < len(steps):
        text = f"{done} of {len(steps)} steps with the test keys are ok; live mode is locked until then."
        return Finding("missing", text, "panel:activation", "Enable APIs")
    return Finding("ok", f"All {done} steps with the test keys are ok.", "panel:activation")


def _scheduler(merchant: Merchant) -> Finding:
    rows = schedule_rows(merchant)
    late = [row.label for row in rows if row.status == "schedule.late"]
    if late:
        text = f"Late: {', '.join(late)}. If all are late, the scheduler does not run: tell the operator."
        return Finding("missing", text, "panel:schedule-list", "See schedules")
    off = [row.label for row in rows if row.status == "schedule.off"]
    if off:
        text = f"Switched off in the settings: {', '.join(off)}."
        return Finding("missing", text, "panel:options", "Open the settings")
    if not any(row.schedule.last_started_at for row in rows):
        text = "No schedule has run yet. The first runs begin within five minutes of making the store."
        return Finding("warning", text, "panel:schedule-list", "See schedules")
    paused = sum(row.status == "schedule.paused" for row in rows)
    text = f"{len(rows)} schedules are on time" + (f", {paused} of them paused." if paused else ".")
    return Finding("warning" if paused else "ok", text, "panel:schedule-list", "See schedules")


def _mail(merchant: Merchant) -> Finding:
    """The server is the operator's to set, not the merchant's."""
    if reaches_nobody():
        text = "Mail is written to a file or the console of this installation and reaches nobody. "
        return Finding(
            "warning", text + "The operator sets EMAIL_URL.", "panel:mail-settings", "Mail settings"
        )
    if lost := lost_mails_today(merchant):
        text = f"{lost} mail{'' if lost == 1 else 's'} of the last 24 hours did not arrive for sure."
        return Finding("warning", text, "panel:mail-list", "Look at them")
    text = f"Mail is sent from {settings.DEFAULT_FROM_EMAIL}."
    return Finding("ok", text, "panel:mail-settings", "Mail settings")


register_check(Check("keys", 10, "Jet API keys", _keys, _ask_jet))
register_check(Check("nodes", 20, "Fulfilment nodes", _nodes, _ask_for_places))
register_check(Check("returns", 30, "Return location", _return_location))
register_check(Check("activation", 35, "API activation", _activation))
register_check(Check("scheduler", 40, "Scheduler", _scheduler))
register_check(Check("mail", 70, "Mail", _mail))
register(
    MenuItem(
        "Settings",
        "Prerequisites",
        "panel:prerequisites",
        Right.SETTINGS_VIEW,
        45,
        ("checks", "what is missing", "health"),
    )
)
