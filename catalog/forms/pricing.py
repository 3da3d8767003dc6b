"""The form of the price rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from catalog.pricing import PriceRules
from catalog.queries.rules import price_rules
from catalog.queries.store_field import source_groups
from catalog.sources import is_source
from jetsync.enums import PriceRule
from jetsync.models import Merchant, Options
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.setup.option_groups import PRICING

AMOUNT_RULES = (
    PriceRule.INCREASE_FIXED,
    PriceRule.INCREASE_PERCENT,
    PriceRule.DECREASE_FIXED,
    PriceRule.DECREASE_PERCENT,
)
WHOLE = Decimal(100)


class PriceRulesForm(ReadOnlyForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """`instance` carries the rules as typed once the form is valid; saving is the action's work."""

    price_field = forms.ChoiceField(
        label="Field with the price for Jet",
        required=False,
        help_text="For “Set individually for each product”: where the price stands. A SKU without one goes by its "
        "store price.",
    )

    class Meta:
        model = Options
        fields = PRICING
        widgets = {
            "price_rule_amount": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            "price_step_percent": forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            "lowest_price": forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price_step_percent"].required = False
        field = self.fields["price_field"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared above
        groups = source_groups(merchant, [self.instance.price_field])
        field.choices = [("", "Choose a field"), *((group.label, list(group.choices)) for group in groups)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        rule, amount = given.get("price_rule"), given.get("price_rule_amount")
        if rule in AMOUNT_RULES and not amount and "price_rule_amount" not in self.errors:
            self.add_error("price_rule_amount", "This rule needs an amount above 0.")
        if rule == PriceRule.DECREASE_PERCENT and amount and amount >= WHOLE:
            self.add_error("price_rule_amount", "A decrease by percentage stays below 100.")
        if rule == PriceRule.OWN_FIELD and not given.get("price_field") and "price_field" not in self.errors:
            self.add_error("price_field", "Choose the field that holds each product's price.")
        return given

    def clean_price_step_percent(self) -> int:
        """Left empty it stays as it is: there is no price without a brake."""
        given: int | None = self.cleaned_data["price_step_percent"]
        return self.initial["price_step_percent"] if given is None else given

    def clean_price_field(self) -> str:
        key: str = self.cleaned_data["price_field"]
        if key and not is_source(key):
            raise forms.ValidationError("There is no such field.")
        return key

    def rules(self) -> PriceRules:
        """As typed; call it on a valid form."""
        return price_rules(self.instance)

    def old_values(self) -> dict[str, Any]:
        """Of the changed fields only."""
        return {name: self.initial.get(name) for name in self.changed_data}
