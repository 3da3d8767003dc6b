"""How the connection stands, for its page, the guide page and the API. Pure: rows in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.models import ShipStationConnection
from orders.shipstation.words import BOXES, StatusWord

# ShipStation asks several times a day even for a store that is never opened.
SILENT_AFTER = timedelta(days=1)


def state_of(connection: ShipStationConnection, now: datetime) -> str:
    """none, off, silent, late, trouble or working; the last part of the badge's key."""
    if not connection.has_key:
        return "none"
    if not connection.is_active:
        return "off"
    good = [at for at in (connection.last_export_at, connection.last_notice_at) if at]
    if connection.last_error_at and (not good or connection.last_error_at > max(good)):
        return "trouble"
    if connection.last_export_at is None:
        return "silent"
    return "late" if now - connection.last_export_at > SILENT_AFTER else "working"


@dataclass(frozen=True)
class Box:
    """A box of ShipStation's form: `text` is to be typed into it, empty when none of its statuses is exported."""

    label: str
    text: str
    statuses: Sequence[str]


def boxes_of(connection: ShipStationConnection) -> list[Box]:
    """One per box of ShipStation's form. Only statuses that are exported; equal words once."""
    found = []
    for label, names in BOXES:
        sent = [name for name in names if name in connection.export_statuses]
        words = dict.fromkeys(connection.word_for(name) for name in sent)
        found.append(Box(label, ", ".join(words), [str(StatusWord(name).label) for name in names]))
    return found
