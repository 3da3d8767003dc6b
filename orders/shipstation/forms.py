"""Forms of the ShipStation pages. The rules are those of the actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jetsync.exceptions import InvalidInput
from jetsync.panel.forms import ReadOnlyForm, add_words
from orders.methods import carrier_choices
from orders.models import ShipStationCarrier, ShipStationConnection
from orders.shipstation.connecting import CarrierChanges, ConnectionSettings
from orders.shipstation.words import BOXES, MAX_WORD, ShippedStatus, StatusWord

NEW_LINES = 2


@dataclass(frozen=True)
class WordRow:
    label: str
    box: str
    field: BoundField


class ConnectionForm(ReadOnlyForm, forms.Form):
    export_statuses = forms.MultipleChoiceField(
        label="Export order statuses",
        choices=StatusWord.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one status, else nothing is exported."},
        help_text="Orders in these statuses are given to ShipStation as soon as they change.",
    )
    shipped_status = forms.ChoiceField(
        label="Shipped order status",
        choices=ShippedStatus.choices,
        help_text="What an order is called after ShipStation has reported its last parcel, until Jet has taken it.",
    )
    keeps_log = forms.BooleanField(
        label="Logging",
        required=False,
        help_text="Keeps a line about every call for 30 days. Last export, last report and last error are kept anyway.",
    )

    def __init__(self, *args: Any, connection: ShipStationConnection, **kwargs: Any) -> None:
        initial = {
            "export_statuses": connection.export_statuses,
            "shipped_status": connection.shipped_status,
            "keeps_log": connection.keeps_log,
            **{f"word_{name}": connection.words.get(name, "") for name in StatusWord.values},
        }
        read_only = kwargs.pop("read_only", False)
        super().__init__(*args, initial=initial, **kwargs)
        for name, label in StatusWord.choices:
            self.fields[f"word_{name}"] = forms.CharField(
                label=f"Word for: {label}",
                max_length=MAX_WORD,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": name, "autocomplete": "off"}),
            )
        self.close(read_only=read_only)

    def word_rows(self) -> list[WordRow]:
        return [
            WordRow(str(StatusWord(name).label), box, self[f"word_{name}"])
            for box, names in BOXES
            for name in names
        ]

    def as_settings(self) -> ConnectionSettings:
        data = self.cleaned_data
        return ConnectionSettings(
            export_statuses=data["export_statuses"],
            shipped_status=data["shipped_status"],
            keeps_log=data["keeps_log"],
            words={name: data[f"word_{name}"] for name in StatusWord.values},
        )


@dataclass(frozen=True)
class CarrierRow:
    row: ShipStationCarrier
    jet_carrier: BoundField
    remove: BoundField


@dataclass(frozen=True)
class NewCarrierRow:
    carrier: BoundField
    service: BoundField
    jet_carrier: BoundField


class CarriersForm(ReadOnlyForm, forms.Form):
    """Every line with its choice, and empty lines for new ones."""

    def __init__(self, *args: Any, rows: Sequence[ShipStationCarrier], **kwargs: Any) -> None:
        self.rows = rows
        read_only = kwargs.pop("read_only", False)
        super().__init__(*args, **kwargs)
        choices = carrier_choices()
        for row in rows:
            first = [("", "Choose…")] if row.is_open else []
            self.fields[f"line-{row.pk}"] = forms.ChoiceField(
                label=f"Jet's carrier for {row}",
                choices=[*first, *choices],
                required=not row.is_open,
                initial="" if row.is_open else row.jet_carrier,
            )
            self.fields[f"remove-{row.pk}"] = forms.BooleanField(label=f"Remove {row}", required=False)
        for number in range(NEW_LINES):
            self.fields[f"carrier-{number}"] = forms.CharField(
                label=f"Carrier of new line {number + 1}", required=False, max_length=MAX_WORD, strip=True
            )
            self.fields[f"service-{number}"] = forms.CharField(
                label=f"Word in the service of new line {number + 1}",
                required=False,
                max_length=MAX_WORD,
                strip=True,
            )
            self.fields[f"added-{number}"] = forms.ChoiceField(
                label=f"Jet's carrier of new line {number + 1}",
                required=False,
                choices=[("", "Choose…"), *choices],
            )
        self.close(read_only=read_only)

    def carrier_rows(self) -> list[CarrierRow]:
        return [CarrierRow(row, self[f"line-{row.pk}"], self[f"remove-{row.pk}"]) for row in self.rows]

    def new_rows(self) -> list[NewCarrierRow]:
        return [
            NewCarrierRow(self[f"carrier-{number}"], self[f"service-{number}"], self[f"added-{number}"])
            for number in range(NEW_LINES)
        ]

    def as_changes(self) -> CarrierChanges:
        data = self.cleaned_data
        removed = frozenset(row.pk for row in self.rows if data[f"remove-{row.pk}"])
        new = [
            (data[f"carrier-{number}"], data[f"service-{number}"], data[f"added-{number}"])
            for number in range(NEW_LINES)
        ]
        self.filled = [number for number, entry in enumerate(new) if any(entry)]
        return CarrierChanges(
            chosen={row.pk: data[f"line-{row.pk}"] for row in self.rows},
            removed=removed,
            added=[new[number] for number in self.filled],
        )

    def take_faults(self, refused: InvalidInput) -> None:
        """Puts the action's faults beside their lines; the action counts only the new lines that are filled in."""
        for name, messages in refused.fields.items():
            kind, _, number = name.partition("-")
            field = f"added-{self.filled[int(number)]}" if kind == "added" and self.filled else name
            add_words(self, field, messages, refused.code)


class TrackingForm(forms.Form):
    tracking_number = forms.CharField(label="Tracking number", max_length=120, required=False)
    jet_carrier = forms.ChoiceField(label="Carrier", required=False)

    def __init__(self, *args: Any, proposed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["jet_carrier"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        field.choices = carrier_choices(first=(proposed,))
        field.initial = proposed


class PreviewForm(forms.Form):
    """Which order is to be shown as ShipStation would get it."""

    order = forms.CharField(
        label="Order",
        max_length=64,
        required=False,
        help_text="Its number. Empty: the newest order.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
