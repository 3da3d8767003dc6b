"""Forms of the mapping pages. Rules are not here: the actions judge the values."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from catalog.actions.taxonomy import NAME_LENGTH
from catalog.queries.attribute_mapping import find_attribute, key_of, store_fields
from catalog.queries.suggestions import USUAL_MARK
from catalog.sources import BUILT_IN
from catalog.taxonomy_files import KINDS, MOST_BYTES, MOST_ROWS
from jetsync.models import Merchant


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """A list of files, in the order in which they were chosen."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data]
        if len(given) > len(KINDS):
            raise forms.ValidationError(f"{len(given)} files are chosen, there are {len(KINDS)}.")
        # An empty file is named with its name by the action.
        self.allow_empty_file = True
        return [super(FilesField, self).clean(item, initial) for item in given]


class TaxonomyForm(forms.Form):
    taxonomy_files = FilesField(
        label="The four files",
        help_text=(
            "Category, attribute, attribute value and category-attribute mapping file, chosen together. They are told "
            f"apart by their columns. CSV as Jet published it, up to {MOST_BYTES // 2**20} MB and {MOST_ROWS:,} lines "
            "each; UTF-8 or Windows-1252."
        ),
        widget=ManyFiles(attrs={"accept": ".csv,text/csv", "multiple": True}),
    )
    name = forms.CharField(
        label="Name of the version",
        max_length=NAME_LENGTH,
        help_text="For you to tell versions apart, e.g. the month Jet published it.",
    )
    make_current = forms.BooleanField(
        label="Put it to use at once",
        required=False,
        initial=True,
        help_text="For your products only. Off: it is stored, and you choose it later.",
    )


class MarkForm(forms.Form):
    """From which score on suggestions are accepted."""

    mark = forms.IntegerField(
        label="Accept at and above", min_value=1, max_value=100, initial=USUAL_MARK, required=False
    )

    def value(self) -> int:
        """The mark in percent; the usual one for anything else than a number from 1 to 100."""
        return (self.cleaned_data.get("mark") if self.is_valid() else None) or USUAL_MARK


class AttributeMapForm(forms.Form):
    """One store field to one Jet attribute, by hand."""

    source = forms.ChoiceField(label="Store field or option", help_text="What your products carry.")
    attribute = forms.CharField(
        label="Jet attribute",
        max_length=250,
        help_text="Its name or id. Offered are those that your mapped categories ask for; any id is taken.",
        widget=forms.TextInput(attrs={"list": "asked-attributes", "autocomplete": "off"}),
    )
    unit = forms.CharField(
        label="Unit",
        max_length=60,
        required=False,
        help_text="For attributes that take a unit: sent with every value that has none of its own.",
    )

    def __init__(self, data: Any = None, *, merchant: Merchant, **extra: Any) -> None:
        self.merchant = merchant
        super().__init__(data, **extra)
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)  # noqa: S101 -- declared above
        source.choices = source_choices(merchant)

    def clean_attribute(self) -> int:
        text = self.cleaned_data["attribute"]
        found = find_attribute(self.merchant, text)
        if found is None:
            raise forms.ValidationError(
                f"No attribute “{text[:60]}”, or several of that name. Choose one from the list, or give its id."
            )
        return found.attribute_id


def source_choices(merchant: Merchant) -> list[tuple[str, Any]]:
    """Fields and options of the store first, then what every product has."""
    groups: dict[str, list[tuple[str, str]]] = {"field": [], "option": []}
    for row in store_fields(merchant):
        sample = f", e.g. {row.sample[:40]}" if row.sample else ""
        groups[row.kind].append((key_of(row), f"{row.name}{sample}"))
    found: list[tuple[str, Any]] = [("", "Choose")]
    found += [
        (label, groups[kind])
        for kind, label in (("field", "Store fields"), ("option", "Variation options"))
        if groups[kind]
    ]
    return [*found, ("Every product", [(key, spec.label) for key, spec in BUILT_IN.items()])]
