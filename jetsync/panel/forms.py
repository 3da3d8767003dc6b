"""Form rendering of the panel: Tabler rows with hint and error, and the same form read-only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest

from jetsync.exceptions import DomainError

_WIDGETS = "django/forms/widgets/"
# Widget template -> class. Everything else that shows a box gets form-control.
_CLASSES = {
    "select.html": "form-select",
    "checkbox.html": "form-check-input",
    "checkbox_select.html": "form-check-input",
    "radio.html": "form-check-input",
}
_NATIVE_TYPES = {"date.html": "date", "datetime.html": "datetime-local", "time.html": "time"}


class PanelFormRenderer(TemplatesSetting):
    """Forms render with templates/django/forms/. Widgets get their classes here, so form code names none."""

    form_template_name = "django/forms/panel.html"
    field_template_name = "django/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if "widget" in context:
            _dress(context["widget"])
        return str(super().render(template_name, context, request))


def _dress(widget: dict[str, Any]) -> None:
    """Adds the class, and native date and time inputs, to a widget's context and to the parts of a compound one."""
    for part in widget.get("subwidgets", []):
        _dress(part)
    folder, _, name = str(widget["template_name"]).rpartition("/")
    if f"{folder}/" != _WIDGETS or widget.get("type") == "hidden" or "subwidgets" in widget:
        return
    if name in _NATIVE_TYPES and widget.get("type") == "text":
        widget["type"] = _NATIVE_TYPES[name]
        widget["value"] = str(widget["value"]).replace(" ", "T") if widget["value"] else None
    _add_class(widget["attrs"], _CLASSES.get(name, "form-control"))
    if widget["attrs"].get("aria-invalid") == "true":
        _add_class(widget["attrs"], "is-invalid")


def _add_class(attrs: dict[str, Any], name: str) -> None:
    classes = str(attrs.get("class", "")).split()
    if name not in classes:
        attrs["class"] = " ".join([*classes, name])


def add_words(form: BaseForm, name: str | None, words: str | Iterable[str], *codes: str) -> None:
    """Puts what a rule of ours says beside the field, or above the form where it has no such field.

    Each text keeps its code, the last one that of all others, so that the page can link the guide's page about it.
    """
    texts = [words] if isinstance(words, str) else words
    said = zip(texts, chain(codes, repeat(codes[-1])))  # noqa: B905 -- codes without end
    form.add_error(
        name if name in form.fields else None, [ValidationError(text, code=code) for text, code in said]
    )


def put_on_form(form: BaseForm, error: DomainError, names: Mapping[str, str] | None = None) -> None:
    """Brings a domain error to the fields that it names, else with its hint to the top of the form.

    `names`: what the form calls a field, where that is another name.
    """
    if not error.fields:
        add_words(form, None, f"{error.message} {error.hint}".strip(), error.code)
    rules = error.data.get("rules", {})
    for name, messages in error.fields.items():
        add_words(form, (names or {}).get(name, name), messages, *rules.get(name, [error.code]))


class ReadOnlyForm:
    """Mixin, before the form class: `MyForm(..., read_only=True)` shows the same form, disabled.

    Django keeps the initial value of a disabled field, so a forged POST changes nothing.
    `read_only_reason` is shown above the fields; a form may have its own.
    """

    read_only = False
    read_only_reason = "You can look at this, but you may not change it."

    def __init__(
        self, *args: Any, read_only: bool = False, read_only_reason: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if read_only_reason:
            self.read_only_reason = read_only_reason
        self.close(read_only=read_only)

    def close(self, *, read_only: bool) -> None:
        """Called again by a form that adds fields of its own afterwards."""
        self.read_only = read_only
        if read_only:
            for field in self.fields.values():  # type: ignore[attr-defined]  # mixin
                field.disabled = True
