"""Every state the panel shows: its word, its colour, Jet's own word and a plain explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Colour = Literal["green", "blue", "azure", "yellow", "orange", "red", "purple", "secondary"]


@dataclass(frozen=True)
class Status:
    """`explanation` answers "what does this mean for me"; `busy` adds a pulsing dot."""

    label: str
    colour: Colour = "secondary"
    jet_word: str = ""
    explanation: str = ""
    busy: bool = False


_statuses: dict[str, Status] = {}


def register_statuses(statuses: Mapping[str, Status]) -> None:
    """Keys are `area.state`, e.g. "orders.ready"."""
    _statuses.update(statuses)


def status_of(key: str) -> Status:
    """The status under this key; one that nobody registered shows its own last word, so nothing is hidden."""
    known = _statuses.get(key)
    return known or Status(label=key.rpartition(".")[2].replace("_", " ").capitalize() or "Unknown")


def all_statuses() -> dict[str, Status]:
    return dict(_statuses)


register_statuses(
    {
        "job.queued": Status("Waiting", "secondary", explanation="In line; starts by itself."),
        "job.running": Status("Running", "blue", explanation="At work right now.", busy=True),
        "job.done": Status("Done", "green", explanation="Finished without error."),
        "job.failed": Status("Failed", "red", explanation="Stopped with an error; open it for the reason."),
        "job.cancelled": Status("Cancelled", "secondary", explanation="Stopped before it was sent."),
        "operation.queued": Status("Waiting", "secondary", explanation="Starts as soon as a worker is free."),
        "operation.running": Status(
            "Running", "blue", explanation="At work; you may leave the page.", busy=True
        ),
        "operation.done": Status(
            "Done", "green", explanation="Every row succeeded or was skipped on purpose."
        ),
        "operation.partly": Status(
            "Done with failures", "orange", explanation="Some rows failed, the others are done."
        ),
        "operation.failed": Status("Failed", "red", explanation="No row succeeded."),
        "operation.cancelled": Status(
            "Cancelled", "secondary", explanation="What was not sent yet was stopped."
        ),
        "mail.queued": Status("Waiting", "secondary", explanation="Is sent, or tried again, by itself."),
        "mail.sending": Status("Being sent", "blue", explanation="Handed to the mail server now.", busy=True),
        "mail.sent": Status("Sent", "green", explanation="The mail server took it."),
        "mail.failed": Status("Failed", "red", explanation="It did not arrive; open it for the reason."),
        "mail.unsure": Status(
            "May have been sent",
            "orange",
            explanation="The connection broke before the mail server's answer. It is not sent twice by itself.",
        ),
        "row.waiting": Status("Waiting", "secondary", explanation="Not sent yet."),
        "row.sent": Status(
            "Sent, answer pending", "blue", explanation="Jet has it and has not answered.", busy=True
        ),
        "row.done": Status("Done", "green"),
        "row.failed": Status("Failed", "red"),
        "row.skipped": Status("Skipped", "secondary", explanation="Nothing had to be done."),
        "row.cancelled": Status("Cancelled", "secondary", explanation="Stopped before it was sent."),
        "failure.retry": Status(
            "Will be tried again", "yellow", explanation="A passing trouble; no need to act."
        ),
        "failure.gave_up": Status(
            "Gave up after many tries", "red", explanation="The trouble did not pass. Retry it once it has."
        ),
        "failure.permanent": Status("Refused for good", "red", explanation="Trying again would not help."),
        "failure.settings": Status(
            "Needs your settings", "orange", explanation="Complete the settings named."
        ),
        "failure.ours": Status(
            "Our fault, reported", "purple", explanation="An error in jetsync, not in your data."
        ),
        "schedule.ok": Status("On time", "green", explanation="The last run succeeded."),
        "schedule.failed": Status("Last run failed", "red", explanation="The reason stands beside it."),
        "schedule.late": Status(
            "Late", "red", explanation="More than twice its interval has passed since the last run."
        ),
        "schedule.trying": Status(
            "Trying again",
            "orange",
            explanation="Passing trouble, such as Jet not answering; it is tried until it works.",
        ),
        "schedule.paused": Status("Paused", "yellow", explanation="Somebody paused it; it does not run."),
        "schedule.resting": Status(
            "Rests",
            "yellow",
            explanation="The store is going to be deleted; nothing runs until an owner keeps it.",
        ),
        "schedule.off": Status(
            "Switched off",
            "red",
            explanation="The settings switch it off; it does nothing until you turn it on.",
        ),
        "schedule.never": Status("Not run yet", "secondary", explanation="Its first run is planned."),
        "notice.info": Status("Information", "blue"),
        "notice.success": Status("Good news", "green"),
        "notice.warning": Status("Needs attention", "orange"),
        "notice.danger": Status("Urgent", "red"),
        "mode.test": Status("TEST", "orange", explanation="Test keys: nothing you do reaches a shopper."),
        "mode.live": Status("LIVE", "green", explanation="Live keys: every action is real."),
        "activation.not_run": Status("Not run", "secondary", explanation="Still to be exercised."),
        "activation.running": Status(
            "Running", "blue", explanation="At work, or waiting for Jet.", busy=True
        ),
        "activation.ok": Status("OK", "green", explanation="Jet took it; the evidence stands beside it."),
        "activation.failed": Status(
            "Failed", "red", explanation="Jet's answer and the repair stand beside it."
        ),
        "delivery.waiting": Status(
            "Waiting", "yellow", explanation="On its way, or waiting for its next try."
        ),
        "delivery.done": Status("Taken", "green", explanation="The address answered with a 2xx."),
        "delivery.failed": Status(
            "Given up", "red", explanation="It was not taken, and is not tried any more."
        ),
        "call.ok": Status("Answered", "green", explanation="The other side took the request."),
        "call.refused": Status("Refused", "red", explanation="The other side answered with an error."),
        "call.lost": Status("No answer", "orange", explanation="The request may have arrived or not."),
    }
)
