"""Forms of the repricer. Rules are not here: `repricer.rules` judges the values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from catalog.forms.fields import amount, whole
from catalog.models import Variant
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.seen import SeenForm
from repricer.models import RepricerSetting
from repricer.queries.rules import own_values
from repricer.rules import LABELS, ProfileValues
from repricer.simulation import Limits


class BoundsForm(ReadOnlyForm, SeenForm):
    """The tab “Auto Repricing” of a product."""

    min_price = amount("Min Price", "Never below this, in USD. Empty: this product is not repriced.")
    max_price = amount("Max Price", "Never above this, in USD. Empty: this product is not repriced.")
    bid = amount("Bidding Amount", "How far below the best offer of the marketplace, in USD. Above 0.")
    cost = amount("Cost", "What the product costs you, in USD. When given, no price goes below it.")

    def __init__(self, data: Any = None, *, variant: Variant, **extra: Any) -> None:
        super().__init__(data, initial=own_values(variant).as_dict(), **extra)

    def changes(self) -> dict[str, Decimal | None]:
        """Only what was edited."""
        return {name: self.cleaned_data[name] for name in LABELS if self.is_edited((name,))}


class ProfileBoundsForm(ReadOnlyForm, forms.Form):
    min_percent = amount("Min Price in percent", "Of the store's price for Jet: 90 is ten percent below it.")
    max_percent = amount("Max Price in percent", "Of the store's price for Jet: 110 is ten percent above it.")
    bid = amount("Bidding Amount", "How far below the best offer of the marketplace, in USD. Above 0.")

    def values(self) -> ProfileValues:
        return ProfileValues(**self.cleaned_data)


class ManyBoundsForm(forms.Form):
    below = amount("Min Price: percent below the price", "0 to 99. Empty leaves what each product has.")
    above = amount("Max Price: percent above the price", "0 to 900. Empty leaves what each product has.")
    bid = amount("Bidding Amount", "In USD, above 0. Empty leaves what each product has.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, most in (("below", 99), ("above", 900)):
            value = given.get(name)
            if value is not None and not 0 <= value <= most:
                self.add_error(name, f"Between 0 and {most} percent.")
        if not self.errors and all(given.get(name) is None for name in ("below", "above", "bid")):
            raise forms.ValidationError("Fill at least one of the fields.")
        return given


class BoundsFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="Columns: sku and any of min_price, max_price, bidding_amount, cost. At most 20,000 rows.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )


class LimitsForm(ReadOnlyForm, forms.Form):
    """An empty limit stays as it is stored."""

    step_percent = whole(
        "One step, in percent",
        "A price moves by at most this much with each refresh. 1 to 100.",
        min_value=1,
        max_value=100,
    )
    share_percent = whole(
        "Stop when more than this percent of the products would change",
        "Of those that a run looks at. Then it takes its prices back and waits for you. 1 to 100.",
        min_value=1,
        max_value=100,
    )
    always_allowed = whole(
        "But let so many products change always",
        "So that a small shop is not stopped by an ordinary day.",
        min_value=0,
        max_value=100_000,
    )

    def __init__(self, data: Any = None, *, setting: RepricerSetting, **extra: Any) -> None:
        self.stored = {name: getattr(setting, name) for name in self.base_fields}
        super().__init__(data, initial=self.stored, **extra)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return {name: self.stored[name] if value is None else value for name, value in given.items()}

    def limits(self) -> Limits:
        """Of a valid form."""
        given = self.cleaned_data
        return Limits(given["step_percent"], given["share_percent"], given["always_allowed"])


class SettingForm(LimitsForm):
    """Switch and limits (features CFG-23, REP-01)."""

    is_on = forms.BooleanField(
        label="Use Auto Repricer",
        required=False,
        help_text="It needs the stock sync: the repricer runs after each refresh of sales data within it.",
    )
    passes_once = forms.BooleanField(
        label="Let the first run change as many prices as it wants",
        required=False,
        help_text="Most prices move then, which would stop it. The simulator shows how many.",
    )
    field_order = ("is_on", "passes_once", "step_percent", "share_percent", "always_allowed")

    def __init__(self, data: Any = None, *, setting: RepricerSetting, **extra: Any) -> None:
        super().__init__(data, setting=setting, **extra)
        if setting.is_on:
            del self.fields["passes_once"]  # it is about switching on; afterwards the alarm asks

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "passes_once" in given:
            given["passes_once"] = given["passes_once"] and given["is_on"]
        return given


class ResumeForm(forms.Form):
    """Beside the alarm of the breaker."""

    passes_once = forms.BooleanField(
        label="The next run may change as many prices as it wants, once",
        required=False,
        help_text="Without the tick your limit holds for the next run too.",
    )
