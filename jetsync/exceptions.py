"""The tree of errors a person may see.

DomainError
├── InvalidInput          400  a value breaks a rule; `fields` names which
├── NotAllowed            403  the member's role or the token lacks a right
├── NotFound              404  no such object of this merchant
├── StateConflict         409  the object is not in a state that allows this
│   └── ChangedMeanwhile  409  a value is not the one that the change was made on; `fields` names which
├── SettingsMissing       422  the merchant's settings must be completed first
├── OutsideUnreachable    502  Jet or a store did not answer as it should
└── DatabaseBusy          503  somebody else's work held what this needed, or this took too long
"""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """An error in the merchant's words.

    `code` is stable and documented, `message` says what happened and names the object, `hint` what to do
    (with `hint_url` when a page helps), `fields` maps field names to messages. `data["rules"]`, where it is there, names
    in the same way the rule behind each of them.
    """

    code = "error"
    status = 400
    hint = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        hint_url: str = "",
        fields: dict[str, list[str]] | None = None,
        code: str | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint
        self.hint_url = hint_url
        self.fields = fields or {}
        self.data = data or {}
        if code is not None:
            self.code = code


class InvalidInput(DomainError):
    code = "invalid"
    status = 400


class NotAllowed(DomainError):
    code = "not_allowed"
    status = 403


class NotFound(DomainError):
    code = "not_found"
    status = 404


class StateConflict(DomainError):
    code = "state_conflict"
    status = 409


class ChangedMeanwhile(StateConflict):
    code = "changed_meanwhile"
    hint = "Look at the new value and save again to replace it."


class SettingsMissing(DomainError):
    code = "settings_missing"
    status = 422


class OutsideUnreachable(DomainError):
    code = "outside_unreachable"
    status = 502


class DatabaseBusy(DomainError):
    code = "database_busy"
    status = 503
    hint = "Nothing was changed. Wait a minute and try again; send less at once if it took long."
