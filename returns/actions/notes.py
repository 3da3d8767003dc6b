"""Internal notes on a return; they never leave jetsync."""

from __future__ import annotations

from django.db import transaction

from jetsync.actions.log import record
from jetsync.exceptions import InvalidInput
from jetsync.tenancy.actor import Actor
from returns.models import Return, ReturnNote

MAX_LENGTH = 2000


@transaction.atomic
def add_note(returned: Return, text: str, *, actor: Actor) -> ReturnNote:
    """Raises InvalidInput for an empty or overlong note."""
    words = text.strip()
    if not words:
        raise InvalidInput("The note is empty.", fields={"text": ["Write something."]})
    if len(words) > MAX_LENGTH:
        raise InvalidInput(
            f"The note has {len(words)} characters, at most {MAX_LENGTH} are kept.",
            fields={"text": [f"At most {MAX_LENGTH} characters."]},
        )
    note = ReturnNote.objects.create(
        merchant=returned.merchant,
        parent=returned,
        author=actor.user,
        author_label=actor.label[:150],
        text=words,
    )
    record(
        returned.merchant,
        "returns.return.noted",
        # Without its words: they may be about the shopper, and the log is read by more people than the note.
        f"A note was written on return {returned}.",
        actor=actor,
        about=returned,
    )
    return note
