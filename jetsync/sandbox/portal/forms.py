"""Forms of the portal."""

from __future__ import annotations

from typing import Any

from django import forms

from jetsync.sandbox.faults import KINDS
from jetsync.sandbox.marketplace.words import METHOD_NAMES, RETURN_REASONS, RefundStatus
from jetsync.sandbox.models.account import MerchantAccount, Node
from jetsync.sandbox.models.sku import ListingStatus
from jetsync.sandbox.orders.shopping import MAX_GENERATED
from jetsync.sandbox.switches import Definition

SERVICE_LEVELS = ("Standard", "Expedited", "Second Day", "Next Day", "Priority", "Scheduled (freight)")


class PortalForm(forms.Form):
    """Labels without a colon."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class MerchantForm(PortalForm):
    """A merchant who has no account yet."""

    name = forms.CharField(label="Name of the merchant", min_length=2, max_length=100)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if MerchantAccount.objects.filter(name__iexact=name).exists():
            raise forms.ValidationError("A merchant of this name has an account: choose it above.")
        return name


class PlaceForm(PortalForm):
    """An address with a name: a node or a return location."""

    name = forms.CharField(max_length=100)
    address1 = forms.CharField(label="Address", max_length=100)
    address2 = forms.CharField(label="Address, second line", max_length=100, required=False)
    city = forms.CharField(max_length=60)
    state = forms.RegexField(r"^[A-Za-z]{2}$", error_messages={"invalid": "Two letters, as in NJ."})
    zip_code = forms.RegexField(r"^\d{5}$", label="ZIP code", error_messages={"invalid": "Five digits."})

    def clean_state(self) -> str:
        return str(self.cleaned_data["state"]).upper()


class NodeForm(PlaceForm):
    ship_methods = forms.MultipleChoiceField(
        label="Shipping methods",
        choices=[(name, name) for name in METHOD_NAMES],
        initial=["FedEx Ground", "UPS Ground"],
        required=False,
        help_text="An exception with an additional charge needs its method here.",
    )
    service_levels = forms.MultipleChoiceField(
        choices=[(name, name) for name in SERVICE_LEVELS], initial=["Standard", "Expedited"], required=False
    )


class NodeChoiceForm(PortalForm):
    """Base of the generators: the account's own nodes."""

    node = forms.ChoiceField(label="Fulfilment node")

    def __init__(self, account: MerchantAccount, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nodes = Node.objects.filter(merchant=account)
        self.fields["node"] = forms.ChoiceField(
            label="Fulfilment node", choices=[(node.node_id, f"{node.name} ({node.city})") for node in nodes]
        )
        self.order_fields(["sku", "quantity", "cancel_quantity", "count", "node", "state"])


class OrderGeneratorForm(NodeChoiceForm):
    sku = forms.CharField(
        label="Merchant SKU",
        max_length=200,
        help_text="Needs a price and an inventory.",
        widget=forms.TextInput(attrs={"list": "skus", "autocomplete": "off"}),
    )
    quantity = forms.IntegerField(label="Quantity ordered", min_value=0, max_value=10_000, initial=1)
    cancel_quantity = forms.IntegerField(
        label="Quantity to cancel",
        min_value=0,
        max_value=10_000,
        initial=0,
        help_text="For the cancel test: 0 ordered, 1 to cancel.",
    )
    count = forms.IntegerField(label="Number of orders", min_value=1, max_value=MAX_GENERATED, initial=1)
    state = forms.ChoiceField(
        label="Born",
        choices=[
            ("ready", "ready, to be acknowledged at once"),
            ("created", "created, ready after the fraud check"),
        ],
    )


class ShoppersForm(PortalForm):
    count = forms.IntegerField(label="Number of orders", min_value=1, max_value=200, initial=3)
    state = forms.ChoiceField(
        label="Born",
        choices=[
            ("created", "created, ready after the fraud check"),
            ("ready", "ready, to be acknowledged at once"),
        ],
    )


class ReturnGeneratorForm(PortalForm):
    order_id = forms.ChoiceField(label="Shipped order")
    reason = forms.ChoiceField(
        choices=[("", "Any"), *((text, text) for text in RETURN_REASONS)], required=False
    )
    refund_without_return = forms.BooleanField(label="The shopper keeps the goods", required=False)

    def __init__(self, orders: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order_id"] = forms.ChoiceField(label="Shipped order", choices=orders)


class RefundDecisionForm(PortalForm):
    status = forms.ChoiceField(
        choices=[(status.value, status.value) for status in RefundStatus if status != RefundStatus.CREATED]
    )


class VerdictForm(PortalForm):
    """Jet's own decision about a SKU; empty lets the review decide."""

    verdict = forms.ChoiceField(
        label="Jet decides",
        required=False,
        choices=[
            ("", "by review"),
            (ListingStatus.EXCLUDED.value, "Excluded: Jet does not want it"),
            (ListingStatus.UNAUTHORIZED.value, "Unauthorized: this merchant may not sell it"),
        ],
    )


class CompetitorForm(PortalForm):
    """The best other seller of a SKU; empty lets the sandbox make one up."""

    item_price = forms.FloatField(
        label="Item price in USD",
        required=False,
        min_value=0.01,
        max_value=1_000_000,
        help_text="Empty: made up",
    )
    shipping_price = forms.FloatField(
        label="Shipping price in USD", required=False, min_value=0, max_value=10_000, initial=0
    )


class FaultForm(PortalForm):
    kind = forms.ChoiceField(choices=[(kind, kind.replace("_", " ")) for kind in KINDS])
    path = forms.CharField(
        label="Path pattern",
        initial=".*",
        max_length=300,
        help_text="A regular expression, e.g. /orders/.*/acknowledge",
    )
    method = forms.ChoiceField(
        choices=[("", "any"), *((name, name) for name in ("GET", "PUT", "POST", "PATCH", "DELETE"))],
        required=False,
    )
    rate = forms.FloatField(
        label="Share of calls hit", min_value=0, max_value=1, initial=1, help_text="0 to 1"
    )
    remaining = forms.IntegerField(
        label="Number of hits", min_value=1, required=False, help_text="Empty: until the rule is removed."
    )
    seconds = forms.FloatField(
        min_value=0, max_value=600, required=False, help_text="For latency and late answer."
    )
    status = forms.IntegerField(
        min_value=200, max_value=599, required=False, help_text="For status and html."
    )
    retry_after = forms.IntegerField(min_value=0, required=False, help_text="Seconds, sent with status.")
    everybody = forms.BooleanField(label="For all accounts, and calls without a token", required=False)

    @property
    def options(self) -> dict[str, Any]:
        names = ("seconds", "status", "retry_after")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None}


class AdvanceForm(PortalForm):
    seconds = forms.FloatField(
        label="Seconds",
        min_value=1,
        max_value=400 * 86_400,
        initial=900,
        help_text="900 is a quarter of an hour.",
    )


def switch_field(definition: Definition, value: Any) -> forms.Field:
    """The input that fits a switch's type."""
    name = definition.name
    attrs = {"aria-describedby": f"about-{name}"}
    if definition.choices:
        choices = [(choice, choice) for choice in definition.choices]
        return forms.ChoiceField(label=name, choices=choices, initial=value, widget=forms.Select(attrs=attrs))
    if isinstance(definition.default, bool):
        return forms.BooleanField(
            label=name, required=False, initial=value, widget=forms.CheckboxInput(attrs=attrs)
        )
    if isinstance(definition.default, int):
        return forms.IntegerField(label=name, initial=value, widget=forms.NumberInput(attrs=attrs))
    if isinstance(definition.default, float):
        widget = forms.NumberInput(attrs=attrs | {"step": "any"})
        return forms.FloatField(label=name, initial=value, widget=widget)
    return forms.CharField(label=name, required=False, initial=value, widget=forms.TextInput(attrs=attrs))
