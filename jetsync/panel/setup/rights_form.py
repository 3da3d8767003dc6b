"""The rights of one person as a table, and the form that makes them differ from the role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms

from jetsync.enums import Role
from jetsync.models import Membership
from jetsync.panel.seen import SeenForm
from jetsync.tenancy.rights import ADJUSTABLE, RIGHT_LABELS, Right, needed_for, rights_of

# Areas that go by another name than the first part of their rights.
_AREAS = {"buyers": "Shoppers", "members": "People", "tokens": "API tokens and webhooks"}
# Values of the inputs, and words of the page.
BY_ROLE, GRANTED, TAKEN = "by the role", "granted", "taken away"


def area_of(right: Right) -> str:
    key = right.value.partition(".")[0]
    return _AREAS.get(key, key.capitalize())


def state_of(seat: Membership, right: Right) -> str:
    if right in seat.granted:
        return GRANTED
    return TAKEN if right in seat.withheld else BY_ROLE


class RightsForm(SeenForm):
    """One choice for each right that can differ; none for an owner. Fields are named as the rights."""

    def __init__(self, *args: Any, seat: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for right in Right:
            if right in ADJUSTABLE and seat.role != Role.OWNER:
                other = TAKEN if right in rights_of(seat.role) else GRANTED
                self.fields[right.value] = forms.ChoiceField(
                    label=RIGHT_LABELS[right],
                    choices=[(word, word.capitalize()) for word in (BY_ROLE, other)],
                    initial=state_of(seat, right),
                )

    def chosen(self, state: str) -> list[Right]:
        return [Right(name) for name, value in self.cleaned_data.items() if value == state]


@dataclass(frozen=True)
class RightRow:
    """`needs`: the right that is missing to use this one; `field`: the input, or None where nothing can differ."""

    area: str
    label: str
    held: bool
    state: str
    needs: str
    field: Any


def right_rows(seat: Membership, form: RightsForm | None) -> Iterator[RightRow]:
    """Every right there is, in the order of the table."""
    for right in Right:
        held, needed = right in seat.rights, needed_for(right)
        is_meant = right in seat.granted or (right in rights_of(seat.role) and right not in seat.withheld)
        yield RightRow(
            area=area_of(right),
            label=RIGHT_LABELS[right],
            held=held,
            state=state_of(seat, right),
            needs=RIGHT_LABELS[needed] if needed and is_meant and not held else "",
            field=form[right.value] if form is not None and right.value in form.fields else None,
        )


def rights_by_area() -> list[tuple[str, list[tuple[str, list[bool]]]]]:
    """What each role may do: (area, [(right, whether each role holds it, in the order of `Role`)])."""
    return [
        (area, [(RIGHT_LABELS[right], [right in rights_of(role) for role in Role]) for right in rights])
        for area, rights in groupby(Right, key=area_of)
    ]
