"""Forms of shipping and return exceptions. Rules are not here: `catalog.exceptions` judges the values."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.actions.exceptions import save_return_exception, save_shipping_exception
from catalog.enums import OverrideType, ShippingExceptionType
from catalog.exceptions import SERVICE_LEVELS, SHIPPING_METHODS, ReturnValues, ShippingValues
from catalog.forms.fields import amount, whole
from catalog.models import ShippingException, Variant
from catalog.queries.exceptions import RETURNS, SHIPPING, return_exception_of, snapshots
from catalog.queries.stock import variant_by_sku
from jetsync.exceptions import DomainError
from jetsync.models import Merchant
from jetsync.panel.forms import ReadOnlyForm, put_on_form
from jetsync.queries.settings import current_nodes, current_return_locations
from jetsync.tenancy.actor import Actor


def _words(words: tuple[str, ...], empty: str) -> list[tuple[str, str]]:
    return [("", empty), *((word, word) for word in words)]


class ShippingExceptionForm(ReadOnlyForm, forms.Form):
    node = forms.TypedChoiceField(
        label="Fulfilment node",
        coerce=int,
        help_text="The exception counts for what ships from this warehouse.",
    )
    exception_type = forms.ChoiceField(
        label="Shipping exception",
        choices=ShippingExceptionType.choices,
        help_text="Exclusive: only this way. Restricted: never this way, whatever the shopper pays.",
    )
    service_level = forms.ChoiceField(
        label="Service level",
        required=False,
        choices=_words(SERVICE_LEVELS, "None, I choose a method"),
        help_text="How fast. Either this or the shipping method, not both.",
    )
    shipping_method = forms.ChoiceField(
        label="Shipping method",
        required=False,
        choices=_words(SHIPPING_METHODS, "None, I choose a level"),
        help_text="By which carrier and service.",
    )
    override_type = forms.ChoiceField(
        label="Override type",
        required=False,
        choices=[("", "The charge stays as it is"), *OverrideType.choices],
        help_text="Override replaces Jet's charge, additional adds to it (Jet takes that only for levels and methods "
        "that your node offers).",
    )
    shipping_charge_amount = amount(
        "Shipping charge amount", "In USD, above 0 when an override type is chosen; else leave it empty."
    )

    def __init__(
        self, data: Any = None, *, variant: Variant, row: ShippingException | None = None, **extra: Any
    ) -> None:
        self.variant, self.row = variant, row
        initial = {name: getattr(row, name) for name in self.base_fields if name != "node"} if row else {}
        nodes = list(current_nodes(variant.merchant))
        default = row.node_id if row else next((node.pk for node in nodes if node.is_default), None)
        super().__init__(data, initial={**initial, "node": default}, **extra)
        field = self.fields["node"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        field.choices = [(node.pk, node.marked) for node in nodes]

    def save(self, actor: Actor) -> bool:
        """False with the errors on the fields when a rule is broken."""
        if not self.is_valid():
            return False
        values = {**self.cleaned_data}
        # The seed's forms begin with a charge of 0, which means none.
        values["shipping_charge_amount"] = values["shipping_charge_amount"] or None
        try:
            save_shipping_exception(self.variant, ShippingValues(**values), actor=actor, replaces=self.row)
        except DomainError as error:
            put_on_form(self, error)
            return False
        return True


class ReturnExceptionForm(ReadOnlyForm, forms.Form):
    locations = forms.TypedMultipleChoiceField(
        label="Return locations",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Where shoppers send this SKU back to. One at least.",
    )
    time_to_return = whole("Time to return", "Days, 1 to 30. Empty: the time of your account at Jet.")
    return_shipping_methods = forms.MultipleChoiceField(
        label="Return shipping methods",
        required=False,
        choices=[(word, word) for word in SHIPPING_METHODS],
        widget=forms.CheckboxSelectMultiple,
        help_text="By which methods it may come back. None ticked: Jet's own, FedEx Ground.",
    )

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        self.variant = variant
        self.row = return_exception_of(variant)
        initial: dict[str, Any] = {}
        if self.row:
            initial = {
                "locations": [link.location_id for link in self.row.locations.all()],
                "time_to_return": self.row.time_to_return,
                "return_shipping_methods": self.row.return_shipping_methods,
            }
        super().__init__(data, initial=initial, **extra)
        self.places = list(current_return_locations(variant.merchant))
        if not self.row:
            self.initial["locations"] = [place.pk for place in self.places if place.is_default]
        field = self.fields["locations"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 -- declared above
        field.choices = [(place.pk, place.marked) for place in self.places]

    def save(self, actor: Actor) -> bool:
        """As above."""
        if not self.is_valid():
            return False
        given = self.cleaned_data
        values = ReturnValues(
            tuple(given["locations"]), given["time_to_return"], tuple(given["return_shipping_methods"])
        )
        try:
            save_return_exception(self.variant, values, actor=actor)
        except DomainError as error:
            put_on_form(self, error)
            return False
        return True


class CopyForm(forms.Form):
    source = forms.CharField(
        label="Copy from SKU",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The SKU whose exceptions the selected ones shall get.",
    )
    parts = forms.MultipleChoiceField(
        label="What to copy",
        choices=[(SHIPPING, "Shipping exceptions"), (RETURNS, "Return exception")],
        initial=[SHIPPING, RETURNS],
        widget=forms.CheckboxSelectMultiple,
        help_text="What is ticked replaces the selected SKUs' own; what is not ticked stays.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, merchant: Merchant) -> None:
        self.merchant = merchant
        super().__init__(data, files)

    def clean_source(self) -> Variant:
        sku: str = self.cleaned_data["source"]
        variant = variant_by_sku(self.merchant, sku)
        if variant is None:
            raise forms.ValidationError(f"There is no SKU “{sku}”.")
        if snapshots(self.merchant, [variant.pk])[variant.pk].is_empty:
            raise forms.ValidationError(f"SKU {sku} has no exceptions.")
        return variant
