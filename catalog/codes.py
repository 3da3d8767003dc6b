"""The catalogue's own codes of refusals and of rows that were left out. Programs compare them, so they are never renamed."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Beside the codes of `jetsync.exceptions` and the rules of `catalog.validators`; docs/api.md says what each means."""

    ALREADY_STARTED = "already_started"
    CHANGED_SINCE = "changed_since"
    DATA_MOVED = "data_moved"
    ENDS_SALE = "ends_sale"
    GONE = "gone"
    GROUP_INVALID = "group_invalid"
    HAS_PROFILE = "has_profile"
    HELD_BACK = "held_back"
    LISTED = "listed"
    MOVED = "moved"
    NODE_MISSING = "node_missing"
    NOTHING_CHANGED = "nothing_changed"
    NOT_READY = "not_ready"
    PRICE_STEP = "price_step"
    PROBING_OFF = "probing_off"
    SAME = "same"
    TOO_MANY_FIELDS = "too_many_fields"
    UNREADABLE = "unreadable"
    UPLOAD_REFUSED = "upload_refused"
    VACATION_BEGUN = "vacation_begun"
    VACATION_NOT_ON = "vacation_not_on"
    VACATION_OPEN = "vacation_open"
