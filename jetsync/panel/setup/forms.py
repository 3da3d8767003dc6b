"""Forms of the settings pages. They parse; the actions decide."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import RegexValidator

from jetsync.enums import Role
from jetsync.models import FulfillmentNode, JetAccount, Merchant, ReturnLocation
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.setup.states import STATES
from jetsync.tenancy.rights import RIGHT_LABELS, Right

FIVE_DIGITS = RegexValidator(r"\A\d{5}\Z", "A zip code here has exactly five digits.")


def zones() -> list[tuple[str, str]]:
    """US zones first, then all others."""
    names = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc", "posix"))
    )
    return [
        (name, name.replace("_", " "))
        for name in sorted(names, key=lambda name: not name.startswith("America"))
    ]


class MerchantForm(ReadOnlyForm, forms.Form):
    name = forms.CharField(
        label="Store name", max_length=120, min_length=2, help_text="Shown in the menu and in mails."
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=zones,
        initial="America/New_York",
        help_text="Dates in the panel are shown in it.",
    )


class AccountForm(ReadOnlyForm, forms.Form):
    api_url = forms.CharField(
        label="API address",
        max_length=300,
        help_text="Jet's own address was https://merchant-api.jet.com/api; the service closed in 2020. "
        "Enter a sandbox or any address that speaks Jet's protocol.",
    )
    api_user = forms.CharField(
        label="API user",
        max_length=200,
        help_text="In the partner portal: API, Enable API once for a new account, then Get API Keys.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    api_secret = forms.CharField(
        label="Secret",
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Stored encrypted and never shown again. Leave empty to keep the stored one.",
    )
    jet_merchant_id = forms.CharField(
        label="Merchant Id",
        max_length=64,
        required=False,
        help_text="Shown beside API user and Secret. It is not the fulfilment node id: that one stands under Fulfillment, "
        "Fulfillment Node Id, and is kept with the nodes.",
    )

    override = forms.BooleanField(
        label="Save even if Jet does not accept the keys",
        required=False,
        help_text="For keys that will be active later. Until Jet accepts them every call fails and is tried again later.",
    )

    def __init__(self, *args: Any, account: JetAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if account is None or not account.api_secret:
            self.fields["api_secret"].help_text = "Stored encrypted and never shown again."

    def clean_api_secret(self) -> str:
        secret: str = self.cleaned_data["api_secret"]
        if not secret and (self.account is None or not self.account.api_secret):
            raise forms.ValidationError("Enter the secret that belongs to this API user.")
        return secret


class NodeForm(ReadOnlyForm, forms.Form):
    """For a new node, and for one that is there already."""

    node_id = forms.CharField(
        label="Fulfilment node id",
        max_length=64,
        help_text="In the partner portal: Fulfillment, Fulfillment Node Id. Not the merchant id.",
    )
    name = forms.CharField(label="Name", max_length=120, help_text="Your own name for this warehouse.")
    zip_code = forms.CharField(
        label="Zip code",
        max_length=5,
        required=False,
        validators=[FIVE_DIGITS],
        help_text="Proposed as “ships from” on shipments.",
    )
    buffer_quantity = forms.IntegerField(
        label="Buffer",
        required=False,
        min_value=0,
        max_value=10_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="Pieces of each SKU held back here. Empty: the buffer under “Orders and stock”.",
    )
    cutoff = forms.TimeField(
        label="Cut-off time",
        required=False,
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="When the carrier leaves. Later orders are proposed for the next business day. Empty: all day counts.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone of the warehouse",
        required=False,
        choices=lambda: [("", "As the store"), *zones()],
        help_text="In it the cut-off time and the days of shipments are meant.",
    )

    @staticmethod
    def initial_of(node: FulfillmentNode) -> dict[str, Any]:
        names = ("node_id", "name", "zip_code", "buffer_quantity", "cutoff", "time_zone")
        return {name: getattr(node, name) for name in names}


class ReturnLocationForm(ReadOnlyForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    state = forms.ChoiceField(choices=[("", "Choose a state"), *STATES], help_text="Two-letter code.")
    zip_code = forms.CharField(
        label="Zip code", max_length=5, validators=[FIVE_DIGITS], help_text="Five digits."
    )

    class Meta:
        model = ReturnLocation
        fields = ("return_id", "address1", "address2", "city", "state", "zip_code")
        labels = {
            "return_id": "Return location id",
            "address1": "First address",
            "address2": "Second address",
        }
        help_texts = {
            "return_id": "In the partner portal: Fulfillment, Return locations.",
            "address1": "Street and number.",
            "address2": "Optional: suite, dock, building.",
            "city": "The city of the return address.",
        }


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail address", help_text="The link works for this address only, for 7 days."
    )
    role = forms.ChoiceField(
        choices=Role.choices, initial=Role.FULFILMENT, help_text="What it may do is listed below."
    )


class JoinForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=150,
        help_text="Your colleagues read it beside what you do.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="What will use it, e.g. “stock script”.")
    rights = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, help_text="Only what the program needs."
    )
    expires_on = forms.DateField(
        label="Expires on", required=False, widget=forms.DateInput, help_text="Optional."
    )

    def __init__(self, *args: Any, rights: frozenset[Right], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rights"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 -- narrows the type
        field.choices = [(str(right), RIGHT_LABELS[right]) for right in Right if right in rights]


def merchant_initial(merchant: Merchant) -> dict[str, Any]:
    return {"name": merchant.name, "time_zone": merchant.time_zone}
