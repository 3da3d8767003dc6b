"""The plan of a vacation."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.forms.sections import moment
from jetsync.panel.forms import ReadOnlyForm


class VacationForm(ReadOnlyForm, forms.Form):
    read_only_reason = "You may look at this, not change what is sent to Jet."

    starts_at = moment("Begins", "Empty: now. In the time zone of your store.")
    ends_at = moment("Ends", "Empty: when you end it. SKUs are opened again within five minutes.")
    confirmed = forms.BooleanField(
        required=False,
        label="Archive them all",
        help_text="Shoppers can buy nothing of yours meanwhile. Orders that are in stay yours to ship.",
    )

    def clean_confirmed(self) -> bool:
        if not self.cleaned_data["confirmed"]:
            raise forms.ValidationError("Tick this to say that everything may be archived.")
        return True

    def times(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("starts_at", "ends_at")}
