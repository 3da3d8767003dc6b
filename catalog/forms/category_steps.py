"""Jet's tree in three drop-downs, or the hits of a search, as fields of a larger form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from catalog.models import JetCategory
from catalog.queries.store_field import typed_words
from catalog.queries.taxonomy import children_of, get_category, search_categories
from jetsync.ids import parse_id
from jetsync.models import Merchant


@dataclass(frozen=True)
class CategorySteps:
    """`chosen` is the node in force, None while the steps lead to none."""

    words: str
    roots: list[JetCategory]
    children: list[JetCategory]
    leaves: list[JetCategory]
    root: int
    child: int
    chosen: JetCategory | None


def steps_of(merchant: Merchant, values: Mapping[str, Any]) -> CategorySteps:
    """From the fields `words`, `root`, `child` and `node`; a step that was changed gives up what hung below it."""
    words = typed_words(str(values.get("words", "") or ""))
    node = parse_id(values.get("node"))
    chosen = get_category(merchant, node) if node else None
    root, child = parse_id(values.get("root")), parse_id(values.get("child"))
    if chosen is not None and not words:
        parent = get_category(merchant, chosen.parent_id)
        place = (parent.parent_id if parent else 0, chosen.parent_id)
        if "root" not in values:
            root, child = place
        elif place != (root, child):
            chosen = None
    children = list(children_of(merchant, root)) if root else []
    if child not in {row.node_id for row in children}:
        child = 0
    return CategorySteps(
        words=words,
        roots=list(children_of(merchant, 0)),
        children=children,
        leaves=list(children_of(merchant, child)) if child else [],
        root=root,
        child=child,
        chosen=chosen,
    )


def add_step_fields(form: forms.Form, merchant: Merchant, steps: CategorySteps, live: dict[str, str]) -> None:
    """Puts the fields on the form. `live`: htmx attributes that read the part again when a step is changed."""
    typed = {"type": "search", "placeholder": "Words or a category id", "autocomplete": "off"}
    waits = {**live, "hx-trigger": "input changed delay:350ms, search"} if live else {}
    form.fields["words"] = forms.CharField(
        label="Search Jet's categories",
        required=False,
        max_length=120,
        initial=steps.words,
        widget=forms.TextInput(attrs={**typed, **waits}),
        help_text="Or walk down the three steps. Products go into sub-categories only.",
    )
    if steps.words:
        hits = search_categories(merchant, steps.words)
        if steps.chosen is not None and steps.chosen.node_id not in {row.node_id for row in hits}:
            hits.insert(0, steps.chosen)
        found = [(row.node_id, f"{row.path} ({row.node_id})") for row in hits]
        hint = "" if hits else "No category that takes products holds these words."
        _add(form, "node", "Found", [("", "No category"), *found], steps.chosen, live, hint)
        return
    _add(form, "root", "Root category", _named(steps.roots), steps.root, live)
    if steps.children:
        _add(form, "child", "Child category", _named(steps.children), steps.child, live)
    if steps.leaves:
        leaves = [(row.node_id, f"{row.name} ({row.node_id})") for row in steps.leaves]
        _add(form, "node", "Sub category", [("", "Choose"), *leaves], steps.chosen, live)


def _named(rows: list[JetCategory]) -> list[tuple[Any, str]]:
    return [("", "None"), *((row.node_id, row.name) for row in rows)]


def _add(  # noqa: PLR0917 -- one line per field above
    form: forms.Form,
    name: str,
    label: str,
    choices: list[tuple[Any, str]],
    chosen: JetCategory | int | None,
    live: dict[str, str],
    hint: str = "",
) -> None:
    picked = chosen.node_id if isinstance(chosen, JetCategory) else chosen
    # Judged by the action, not against the choices: the tree may have moved on since the page was made.
    form.fields[name] = forms.CharField(
        label=label,
        required=False,
        help_text=hint,
        initial=picked or "",
        widget=forms.Select(choices=choices, attrs={**live, "hx-trigger": "change"} if live else {}),
    )
