"""Form fields shared by the product forms. Rules are not here: `catalog.checks` judges the values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from catalog.csv_rows.row import decimal_number, whole_number
from catalog.identifiers import CODE_TYPES
from catalog.numbers import Writing, readings
from catalog.problems import Problem
from catalog.validators import number_text

CODE_CHOICES = [("", "No code"), *((name, name) for name in CODE_TYPES)]


def text(label: str, hint: str = "", *, rows: int = 0, **extra: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, help_text=hint, required=False, widget=widget, **extra)


class AmountField(forms.DecimalField):
    """A number as people write it: $1,299.00 and 12,50 too; one that can mean two numbers is refused with both."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as DecimalField's own
        text = value.strip() if isinstance(value, str) else ""
        found = readings(text, Writing.POINT, money=True)
        if len(found) > 1:
            first, second = (number_text(number.normalize()) for number in found)
            raise forms.ValidationError(
                f"“{text}” can be read as {first} or as {second}. Write it without a comma."
            )
        try:
            return super().to_python(found[0] if found else value)
        except forms.ValidationError:
            _number, problem = decimal_number(text, "", "", money=True)
            if problem is None:
                raise
            raise forms.ValidationError(_words(problem)) from None


class WholeField(forms.IntegerField):
    """A whole number as files may have it: 5.0 and 1,299 too."""

    def to_python(self, value: Any) -> int | None:
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            return super().to_python(value)
        number, problem = whole_number(text, "", "")
        if problem is not None:
            raise forms.ValidationError(_words(problem))
        return number


def _words(problem: Problem) -> str:
    """Under the field, so without its name."""
    return f"{problem.message} {problem.fix}".strip()


def amount(label: str, hint: str = "") -> AmountField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    return AmountField(label=label, help_text=hint, required=False, widget=widget)


def whole(label: str, hint: str = "", **extra: Any) -> WholeField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    return WholeField(label=label, help_text=hint, required=False, widget=widget, **extra)


def address(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, widget=forms.TextInput(attrs={"type": "url"})
    )


def code_type(label: str = "Code type") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=CODE_CHOICES)


def lines(value: str) -> list[str]:
    return [line.strip() for line in value.splitlines() if line.strip()]
