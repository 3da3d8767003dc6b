"""A drop-down of the store's fields. It stands dozens of times on a page, so its options are written once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from catalog.queries.store_field import SourceGroup, source_groups
from jetsync.models import Merchant

LONGEST_KEY = 120


class SourceOptions:
    """The options of all source drop-downs of one page."""

    def __init__(self, groups: Sequence[SourceGroup]) -> None:
        self.groups = groups

    @classmethod
    def of(cls, merchant: Merchant, chosen: Iterable[str] = ()) -> SourceOptions:
        return cls(source_groups(merchant, chosen))

    @cached_property
    def html(self) -> str:
        return format_html_join(
            "",
            '<optgroup label="{}">{}</optgroup>',
            (
                (group.label, format_html_join("", '<option value="{}">{}</option>', group.choices))
                for group in self.groups
            ),
        )

    def with_chosen(self, empty: str, value: str) -> SafeString:
        """The options with this key selected; a key that none has is added, so that saving keeps it."""
        first = format_html('<option value="">{}</option>', empty)
        if not value:
            return mark_safe(first + self.html)  # noqa: S308 -- both are escaped above
        mark = format_html('<option value="{}"', value)
        if mark in self.html:
            return mark_safe(first + self.html.replace(mark, f"{mark} selected", 1))  # noqa: S308 -- as above
        return mark_safe(  # noqa: S308 -- as above
            f"{first}{mark} selected>{conditional_escape(value)}</option>{self.html}"
        )


class SourceSelect(forms.Select):
    def __init__(self, options: SourceOptions, empty: str) -> None:
        super().__init__()
        self.sources, self.empty = options, empty

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 -- Django's signature
    ) -> SafeString:
        classes = "form-select is-invalid" if (attrs or {}).get("aria-invalid") == "true" else "form-select"
        whole = self.build_attrs(self.attrs, {**(attrs or {}), "name": name, "class": classes})
        options = self.sources.with_chosen(self.empty, str(value or ""))
        return format_html("<select{}>{}</select>", flatatt(whole), options)


def source_field(label: str, options: SourceOptions, *, hint: str = "", empty: str = "–") -> forms.CharField:  # noqa: RUF001 -- a dash, as typeset
    """A key of `catalog.store_values`, or ""; the actions judge it."""
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=LONGEST_KEY,
        widget=SourceSelect(options, empty),
    )
