"""Contents of bulk files are kept for a while, for whoever asks what exactly Jet was sent."""

from __future__ import annotations

from datetime import timedelta

from catalog.actions import files as file_actions
from jetsync.enums import Queue
from jetsync.sync.registry import ScheduleKind, add_schedule, handler
from jetsync.sync.runner import JobContext
from jetsync.wording import counted

TRIM_FILES = "catalog.trim_files"


@handler(TRIM_FILES, label="Delete old file contents", right=None, queue=Queue.BULK)
def trim_files(context: JobContext) -> None:
    """The bytes only: what each SKU was sent and what Jet said stay."""
    count = file_actions.trim_contents(context.merchant)
    context.note(f"{counted(count, 'file content')} deleted.")


add_schedule(
    ScheduleKind(
        TRIM_FILES,
        "Old file contents",
        timedelta(hours=24),
        TRIM_FILES,
        "Contents of bulk files are kept for 90 days; their results stay.",
    )
)
