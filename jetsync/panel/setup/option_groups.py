"""The options page: every option in its group, with its hint. A column that no group names still gets its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jetsync.jet.words.shipping import Carrier
from jetsync.models import Options
from jetsync.panel.forms import ReadOnlyForm

# They have a page of their own.
PRICING = (
    "price_rule",
    "price_rule_amount",
    "price_source",
    "price_field",
    "lowest_price",
    "price_step_percent",
)
EDIT_SWITCHES = ("edit_sends_price", "edit_sends_inventory", "edit_sends_images", "edit_sends_content")
MAIL = tuple(
    field.name
    for field in Options._meta.fields
    if field.name.startswith("mail_") or field.name in {"order_notice_emails", "notification_emails"}
)
SKUS_PER_FILE = (30, 20_000)


@dataclass(frozen=True)
class OptionGroup:
    """`rows`: fields that stand side by side."""

    key: str
    title: str
    subtitle: str
    rows: Sequence[Sequence[str]]


GROUPS = (
    OptionGroup(
        "orders",
        "Orders",
        "What happens to an order from Jet.",
        (
            ("pull_orders",),
            ("auto_acknowledge",),
            ("problem_orders",),
            ("fallback_policy",),
            ("missing_items",),
            ("customer_email",),
            ("jet_account_email",),
        ),
    ),
    OptionGroup(
        "shipping",
        "Shipping and returns",
        "What Jet is told of shipments, and who must agree before money goes back.",
        (
            ("send_tracking",),
            ("default_carrier", "transit_days"),
            ("days_to_return", "shipstation_delivery_days"),
            ("refund_limit",),
        ),
    ),
    OptionGroup(
        "stock",
        "Prices and stock",
        "What Jet is offered.",
        (
            ("send_price",),
            ("send_inventory",),
            ("buffer_quantity", "zero_quantity_default"),
            ("low_stock_alert",),
            ("low_stock_limit",),
            ("archive_children",),
        ),
    ),
    OptionGroup(
        "edit",
        "Product edit settings",
        "What of a change goes to Jet by itself. The four switches count while “Update product sync” is on.",
        (("sync_on_edit",), *((name,) for name in EDIT_SWITCHES)),
    ),
    OptionGroup(
        "uploads",
        "Uploads",
        "When products travel one by one and when as files.",
        (("direct_upload_limit", "skus_per_file"),),
    ),
    OptionGroup(
        "log",
        "Log",
        "What is kept of the calls to Jet. Who did what is always kept.",
        (("full_payload_log",), ("calls_kept_days",)),
    ),
)


@dataclass(frozen=True)
class ShownGroup:
    key: str
    title: str
    subtitle: str
    rows: list[list[BoundField]]


class OptionsForm(ReadOnlyForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = Options
        exclude = ("merchant", *PRICING, *MAIL)  # noqa: DJ006 -- every other option belongs on this page

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["default_carrier"].help_text = "Proposed on every new shipment; each can have another."
        self.fields["direct_upload_limit"].help_text = (
            "Up to this many products are sent one by one; above it as files. 30 is what a file of the older extensions "
            "held at most; a file of jetsync starts there."
        )
        self._name_limits()
        self.fields["default_carrier"] = forms.ChoiceField(
            label=self.fields["default_carrier"].label,
            help_text=self.fields["default_carrier"].help_text,
            required=False,
            choices=[("", "None"), *((str(word), str(word)) for word in Carrier)],
        )
        self.zero_quantity = self.instance.zero_quantity_default
        if not self.instance.sync_on_edit:
            for name in EDIT_SWITCHES:
                # Django keeps the stored value of a disabled field, so the choice survives the master switch.
                self.fields[name].disabled = True

    def _name_limits(self) -> None:
        """Errors in the words of the page, with what was typed."""
        for field in self.fields.values():
            field.error_messages |= {
                "min_value": "%(limit_value)s or more, not %(show_value)s.",
                "max_value": "At most %(limit_value)s, not %(show_value)s.",
            }

    @property
    def faulty_fields(self) -> list[BoundField]:
        """Those with an error, in their order on the page."""
        return [field for group in self.groups() for row in group.rows for field in row if field.errors]

    def groups(self) -> list[ShownGroup]:
        named = {name for group in GROUPS for row in group.rows for name in row}
        rest = [(name,) for name in self.fields if name not in named]
        found = [*GROUPS, OptionGroup("more", "More", "", rest)] if rest else list(GROUPS)
        return [
            ShownGroup(
                group.key,
                group.title,
                group.subtitle,
                [[self[name] for name in row if name in self.fields] for row in group.rows],
            )
            for group in found
        ]

    def clean_skus_per_file(self) -> int:
        value: int = self.cleaned_data["skus_per_file"]
        least, most = SKUS_PER_FILE
        if not least <= value <= most:
            raise forms.ValidationError(f"Choose between {least} and {most:,} SKUs per file.")
        return value


def options_changes(form: forms.ModelForm[Options]) -> dict[str, Any]:
    """Old values of the changed fields, read before the form touches the row."""
    return {name: form.initial.get(name) for name in form.changed_data if name in form.fields}
