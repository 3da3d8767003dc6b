"""Badges of listings, readiness and bulk files."""

from __future__ import annotations

from catalog.enums import FileState, ListingStatus, Readiness
from catalog.status_map import KEPT, SOLD
from catalog.status_words import STATUS_WORDS
from jetsync.panel.statuses import Colour, Status, register_statuses

_LISTING: dict[ListingStatus, tuple[Colour, str]] = {
    ListingStatus.NOT_UPLOADED: ("secondary", ""),
    ListingStatus.UPLOADED: ("azure", ""),
    ListingStatus.UNDER_REVIEW: ("blue", "Under Jet Review"),
    ListingStatus.MISSING_DATA: ("orange", "Missing Listing Data"),
    ListingStatus.AVAILABLE: ("green", "Available for Purchase"),
    ListingStatus.ARCHIVED: ("secondary", "Archived"),
    ListingStatus.UNAUTHORIZED: ("red", "Unauthorized"),
    ListingStatus.EXCLUDED: ("red", "Excluded"),
    ListingStatus.OTHER: ("purple", ""),
}
register_statuses(
    {
        f"listing.{status.value}": Status(str(status.label), colour, jet_word, STATUS_WORDS[status].meaning)
        for status, (colour, jet_word) in _LISTING.items()
    }
)
register_statuses(
    {
        f"readiness.{Readiness.READY.value}": Status(
            "Ready", "green", "", "Everything Jet asks for is there."
        ),
        f"readiness.{Readiness.NEVER_LIVE.value}": Status(
            "Never live", "yellow", "", "Jet takes it, but it will not go live until the gaps are filled."
        ),
        f"readiness.{Readiness.NOT_READY.value}": Status(
            "Not ready", "orange", "", "Something is missing; open it to see what."
        ),
        f"readiness.{SOLD}": Status(
            "Sold with gaps",
            "yellow",
            "",
            "Jet sells it, though its data has gaps. Changes of its data wait until they are filled.",
        ),
        f"readiness.{KEPT}": Status(
            "Changes wait",
            "orange",
            "",
            "Jet sells it as it was sent. Changes of its data are not sent until the gaps are filled.",
        ),
    }
)
_FILE: dict[FileState, tuple[Colour, str]] = {
    FileState.BUILDING: ("secondary", "The file is being written."),
    FileState.SENT: ("blue", "Jet has the file and has not begun with it."),
    FileState.PROCESSING: ("blue", "Jet works through the file."),
    FileState.DONE: ("green", "Jet took every entry."),
    FileState.WITH_ERRORS: ("orange", "Jet refused some entries; they are named on the file's page."),
    FileState.FAILED: ("red", "The file did not reach Jet."),
    FileState.RESUBMITTED: (
        "azure",
        "Its refused products were sent again; Jet's answer to those is awaited.",
    ),
    FileState.NOT_APPLICABLE: ("secondary", "A newer file with its products was taken without error."),
}
register_statuses(
    {
        f"file.{state.value}": Status(str(state.label), colour, "", text)
        for state, (colour, text) in _FILE.items()
    }
)
register_statuses(
    {
        "value.same": Status("In step", "green"),
        "value.waiting": Status("To be sent", "yellow", "", "Jet does not have this value yet."),
        "value.unread": Status(
            "Sent, not read back yet",
            "azure",
            "",
            "Jet accepted it. What Jet shows was read before that; it is read again by itself.",
        ),
        "value.differs": Status("Differs", "orange", "", "Jet shows another value than it accepted."),
    }
)
