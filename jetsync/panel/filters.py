"""Filters of list pages: django-filter with the panel's widgets, per merchant choices and readable chips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from jetsync.models import Merchant
from jetsync.wording import day_text

# A BigAutoField holds no more.
LARGEST_ID = 2**63 - 1


def any_of(lookups: Iterable[str], words: str) -> Q:
    condition = Q()
    for lookup in lookups:
        condition |= Q(**{lookup: words})
    return condition


class SearchFilter(django_filters.CharFilter):  # type: ignore[misc]  # django-filter ships no types
    """One box over several lookups: `SearchFilter(lookups=("sku__istartswith", "title__icontains"))`."""

    def __init__(self, *, lookups: Sequence[str], label: str = "Search", placeholder: str = "Search") -> None:
        self.lookups = tuple(lookups)
        widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder, "maxlength": 120})
        super().__init__(label=label, widget=widget, max_length=120)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        words = (value or "").strip()
        if not words:
            return qs
        return qs.filter(any_of(self.lookups, words))


def _with_ends(widget: forms.MultiWidget, label: str) -> forms.MultiWidget:
    """Each box of a range says which end it is; the label above names the range alone."""
    for part, end in zip(widget.widgets, ("from", "to"), strict=True):
        part.attrs["aria-label"] = f"{label}, {end}"
    return widget


class _RightWayRound:
    """Of a range's field: with its ends swapped it could match nothing, which looks like an empty list."""

    def compress(self, data_list: list[Any]) -> slice | None:
        found: slice | None = super().compress(data_list)  # type: ignore[misc]  # the field beside it
        if found is not None and None not in (found.start, found.stop) and found.start > found.stop:
            start, stop = data_list
            raise forms.ValidationError(
                f"From {start} to {stop} is no range: nothing can match. Swap the two, or leave one empty."
            )
        return found


class _DateRange(_RightWayRound, django_filters.fields.DateRangeField):  # type: ignore[misc]  # as above
    pass


class _MomentRange(_RightWayRound, django_filters.fields.DateTimeRangeField):  # type: ignore[misc]  # as above
    pass


class _Range(_RightWayRound, django_filters.fields.RangeField):  # type: ignore[misc]  # as above
    pass


class DateRangeFilter(django_filters.DateFromToRangeFilter):  # type: ignore[misc]  # as above
    """Two dates, in the merchant's time zone, both inclusive."""

    field_class = _DateRange

    def __init__(self, **kwargs: Any) -> None:
        widget = django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
        super().__init__(widget=_with_ends(widget, kwargs.get("label") or "Date"), **kwargs)


class DayRangeFilter(django_filters.RangeFilter):  # type: ignore[misc]  # as above
    """Two dates, both inclusive, of a column that holds days and no moments."""

    field_class = _Range

    def __init__(self, **kwargs: Any) -> None:
        widget = django_filters.widgets.DateRangeWidget(attrs={"type": "date"})
        super().__init__(
            fields=(forms.DateField(), forms.DateField()),
            widget=_with_ends(widget, kwargs.get("label") or "Day"),
            **kwargs,
        )


class MomentRangeFilter(django_filters.DateTimeFromToRangeFilter):  # type: ignore[misc]  # as above
    """Two moments, in the merchant's time zone, both inclusive: for what is counted from a moment, not by days."""

    field_class = _MomentRange

    def __init__(self, **kwargs: Any) -> None:
        widget = django_filters.widgets.DateRangeWidget(attrs={"type": "datetime-local", "step": "any"})
        super().__init__(widget=_with_ends(widget, kwargs.get("label") or "Moment"), **kwargs)


class NumberField(forms.DecimalField):
    """A number that fits our columns. Unbounded, "1e999999" would keep a process busy writing out its digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 18, "decimal_places": 6, **kwargs})

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs derive it from IntegerField
        number = super().to_python(value)
        # A zero may carry any exponent past the digit limits.
        return Decimal(0) if number is not None and not number else number


class NumberRangeFilter(django_filters.RangeFilter):  # type: ignore[misc]  # as above
    """From and to."""

    field_class = _Range

    def __init__(self, **kwargs: Any) -> None:
        widget = django_filters.widgets.RangeWidget(attrs={"type": "number", "step": "any"})
        super().__init__(
            fields=(NumberField(), NumberField()),
            widget=_with_ends(widget, kwargs.get("label") or "Number"),
            **kwargs,
        )


class IdFilter(django_filters.Filter):  # type: ignore[misc]  # as above
    """One row's number."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_ID, **kwargs)


class ChildFilter(django_filters.CharFilter):  # type: ignore[misc]  # as above
    """Rows that have a child of which something holds: `ChildFilter(OrderLine, "order_id", "sku", label="SKU")`.

    `lookup` is asked of the children, which carry the merchant themselves, so that their own indexes serve it.
    """

    def __init__(self, model: type[Model], owner: str, lookup: str, **kwargs: Any) -> None:
        self.child_model, self.owner, self.lookup = model, owner, lookup
        super().__init__(max_length=120, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        words = (value or "").strip()
        if not words:
            return qs
        children: Any = self.child_model._default_manager
        found = children.filter(merchant=self.parent.merchant, **{self.lookup: words})
        return qs.filter(pk__in=found.values(self.owner))


class SuggestInput(forms.TextInput):
    """A text box whose suggestions are read from `source` when somebody enters it: a page itself costs no query.

    `source` answers with options (generic/options.html) for what is typed, under the field's own name. Without scripts
    it is a plain text box.
    """

    template_name = "django/forms/widgets/suggest.html"

    def __init__(self, source: str, attrs: dict[str, Any] | None = None) -> None:
        self.source = source
        super().__init__({"autocomplete": "off", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["list_id"] = f"{widget['attrs'].get('id', name)}_list"
        widget["attrs"] |= {
            "list": widget["list_id"],
            "hx-get": self.source,
            "hx-trigger": "focus once, input changed delay:250ms",
            "hx-target": "next datalist",
            "hx-swap": "innerHTML",
            "hx-push-url": "false",
        }
        return context


class SuggestFilter(django_filters.CharFilter):  # type: ignore[misc]  # as above
    """A name with suggestions: `SuggestFilter("catalog:profile-names", label="Profile")`."""

    def __init__(self, url_name: str, **kwargs: Any) -> None:
        self.url_name = url_name
        super().__init__(max_length=120, **kwargs)

    @property
    def field(self) -> forms.Field:
        field: forms.Field = super().field
        source = reverse(self.url_name, kwargs={"merchant_slug": self.parent.merchant.slug})
        field.widget = SuggestInput(source, field.widget.attrs)
        return field


@dataclass(frozen=True)
class Chip:
    """An active filter and the address without it; `name` is its field."""

    label: str
    value: str
    url: str
    name: str = ""


class PanelFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # as above
    """Base of all filter sets. `bar` names the filters that are always visible; the rest open under "More filters".

    Choices from the merchant's own rows are set in `set_choices`, when the scope is open:

        def set_choices(self) -> None:
            self.filters["profile"].queryset = Profile.objects.filter(merchant=self.merchant)
    """

    bar: ClassVar[tuple[str, ...]] = ("q",)

    def __init__(
        self, data: QueryDict, queryset: QuerySet[Any], *, merchant: Merchant, request: Any = None
    ) -> None:
        self.merchant = merchant
        super().__init__(data, queryset, request=request)
        self.set_choices()

    def set_choices(self) -> None:
        """Hook: fill in what depends on the merchant. Runs before the form is made."""

    def bar_fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.bar if name in self.form.fields]

    def more_fields(self) -> list[forms.BoundField]:
        return [self.form[name] for name in self.form.fields if name not in self.bar]

    def names_of(self, field: str) -> list[str]:
        """The query parameters of a field; range widgets have several."""
        widget = self.form.fields[field].widget
        suffixes: Iterable[str] = getattr(widget, "suffixes", None) or ()
        parts = [f"{field}_{suffix}" if suffix else field for suffix in suffixes]
        return parts or [field]

    def chips(self, query: QueryDict) -> list[Chip]:
        """What is filtered right now, in words."""
        if not self.form.is_bound:
            return []
        self.form.is_valid()
        found = []
        for name, field in self.form.fields.items():
            shown = _shown(field, self.form.cleaned_data.get(name))
            if shown:
                found.append(Chip(str(field.label or name), shown, without(query, self.names_of(name)), name))
        return found

    def has_hidden_values(self) -> bool:
        """True when a filter under "More filters" is in use, so that the page opens it."""
        if not self.form.is_bound:
            return False
        self.form.is_valid()
        names = (name for name in self.form.fields if name not in self.bar)
        return any(_shown(self.form.fields[name], self.form.cleaned_data.get(name)) for name in names)


def _shown(field: forms.Field, value: Any) -> str:
    if value is None or value in ("", [], ()):
        return ""
    if isinstance(value, slice):
        return _range(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, (list, tuple, QuerySet)):
        return ", ".join(_shown(field, item) for item in value)
    choices = getattr(field, "choices", None)
    if choices is not None and not isinstance(field, forms.ModelChoiceField):
        return str(dict(_flat(choices)).get(str(value), value))
    return str(value)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from _flat(label)
        else:
            yield str(key), str(label)


def _range(value: slice) -> str:
    low, high = (_end(part) for part in (value.start, value.stop))
    if low and high:
        return f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}"


def _end(part: Any) -> str:
    """A day as the pages write it, a number as it was given, "" for an open end."""
    if part is None:
        return ""
    day = part.date() if isinstance(part, datetime) else part
    return day_text(day, timezone.localdate()) if isinstance(day, date) else str(day)


def without(query: QueryDict, names: Iterable[str]) -> str:
    """The address of this view without these parameters, back on the first page."""
    copy = query.copy()
    for name in (*names, "page"):
        copy.pop(name, None)
    return f"?{copy.urlencode()}"


def with_values(query: QueryDict, **values: str) -> str:
    """The address of this view with these parameters set."""
    copy = query.copy()
    for name, value in values.items():
        copy[name] = value
    return f"?{copy.urlencode()}"
