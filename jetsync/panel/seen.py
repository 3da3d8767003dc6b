"""Forms that write only what was edited, and say so when a value has changed since the page was opened.

A page of many inputs posts them all. What nobody touched must not come back as it was then: a count would bring sold
pieces back. So the page carries what it showed, and only inputs that differ from that are edits.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString

SEEN = "seen"
# Of a description the start is enough to know it again.
LONGEST = 60


class SeenForm(forms.Form):
    """`edited`: the inputs that differ from what the page showed. The others take what is stored now.

    An edit of a value that has become another meanwhile is an error at its input, unless both say the same. The page is
    then shown with what is stored now and the edits on top, so that saving again is meant. A post that does not say what
    its page showed is compared with what is stored now.
    """

    edited: frozenset[str] = frozenset()

    def full_clean(self) -> None:
        moved = self._rebase() if self.is_bound and not getattr(self, "_is_rebased", False) else {}
        super().full_clean()
        for name, message in moved.items():
            self.add_error(name, message)

    def seen_input(self) -> SafeString:
        """What the page shows, in one input: with one per cell a grid would pass the limit of a request."""
        stored = {name: self._stored(name) for name, field in self.fields.items() if not field.disabled}
        return format_html(
            '<input type="hidden" name="{}" value="{}">', self.add_prefix(SEEN), json.dumps(stored)
        )

    def is_edited(self, names: Collection[str]) -> bool:
        return not self.edited.isdisjoint(names)

    def _rebase(self) -> dict[str, str]:
        """Puts the edits upon what is stored now; returns messages of those that met another change."""
        self._is_rebased = True
        posted: Any = self.data
        seen, data = self._seen(), posted.copy()
        edited, moved = set(), {}
        for name, field in self.fields.items():
            if field.disabled:
                continue
            key, now = self.add_prefix(name), self._stored(name)
            given = _text(field.widget.value_from_datadict(self.data, self.files, key))
            was = seen.get(name, now)
            # An input that the page did not have yet cannot have been emptied on it.
            if _same(field, given, was) or (seen and name not in seen):
                data[key] = now
                continue
            edited.add(name)
            if not _same(field, was, now) and not _same(field, given, now):
                moved[name] = _moved_message(str(field.label), was, now)
        self.data, self.edited = data, frozenset(edited)
        return moved

    def _seen(self) -> dict[str, str]:
        try:
            stored = json.loads(self.data.get(self.add_prefix(SEEN), ""))
        except ValueError:
            return {}
        found = stored.items() if isinstance(stored, dict) else ()
        return {name: text for name, text in found if isinstance(text, str)}

    def _stored(self, name: str) -> str:
        bound = self[name]
        return _text(bound.field.prepare_value(bound.initial))


def _moved_message(label: str, was: str, now: str) -> str:
    return (
        f"{label} was {_quoted(was)} when you opened the page and is {_quoted(now)} now. "
        "Look at the new value and save again to replace it."
    )


def _quoted(text: str) -> str:
    if not text:
        return "empty"
    return f"“{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"


def _text(value: Any) -> str:
    """As an input holds it. Browsers send line ends of their own."""
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def _same(field: forms.Field, one: str, other: str) -> bool:
    """Whether both mean one value: 12 and 12.00 are one price."""
    if one == other:
        return True
    try:
        return bool(field.to_python(one) == field.to_python(other))
    except ValidationError:
        return False
