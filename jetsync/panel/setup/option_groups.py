"""The options page: every option in its group, with its hint. A column that no group names still gets its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jetsync.models import Merchant, Options
from jetsync.panel.forms import ReadOnlyForm
from jetsync.queries.settings import owner_emails

# They have a page of their own.
PRICING = ("price_rule", "price_rule_amount", "price_source", "price_field", "lowest_price")
EDIT_SWITCHES = ("edit_sends_price", "edit_sends_inventory", "edit_sends_images", "edit_sends_content")
MAIL_LISTS = ("order_notice_emails", "notification_emails")
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
        (("pull_orders",), ("auto_acknowledge",), ("fallback_policy",), ("customer_email",)),
    ),
    OptionGroup(
        "shipping",
        "Shipping and returns",
        "What Jet is told of shipments.",
        (
            ("send_tracking",),
            ("default_carrier", "transit_days"),
            ("days_to_return", "shipstation_delivery_days"),
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
        "mail",
        "Mail",
        "Three addresses with three purposes.",
        (
            ("order_notice_emails",),
            ("notification_emails",),
            ("jet_account_email",),
            ("mail_pace", "mail_daily_hour"),
            ("mail_new_orders",),
            ("mail_order_alarms",),
            ("mail_failed_orders",),
            ("mail_directed_cancels",),
            ("mail_new_returns",),
            ("mail_low_stock",),
            ("mail_rejected_files",),
            ("mail_late_schedules",),
        ),
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
        exclude = ("merchant", *PRICING)  # noqa: DJ006 -- every other option belongs on this page
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in MAIL_LISTS}

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = ", ".join(owner_emails(merchant)) or "nobody, because the store has no owner"
        self.fields[
            "order_notice_emails"
        ].help_text = f"Who hears of new orders; one address per line. Empty: mail goes to {owners}."
        self.fields[
            "notification_emails"
        ].help_text = f"Who hears of low stock, returns and trouble; one address per line. Empty: mail goes to {owners}."
        self.fields["default_carrier"].help_text = "Proposed on every new shipment; each can have another."
        self.zero_quantity = self.instance.zero_quantity_default
        if not self.instance.sync_on_edit:
            for name in EDIT_SWITCHES:
                # Django keeps the stored value of a disabled field, so the choice survives the master switch.
                self.fields[name].disabled = True

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

    def clean_order_notice_emails(self) -> str:
        return self._addresses("order_notice_emails")

    def clean_notification_emails(self) -> str:
        return self._addresses("notification_emails")

    def _addresses(self, name: str) -> str:
        """One per line, each once; commas and semicolons part them too, as people paste them."""
        text = self.cleaned_data[name].replace(",", "\n").replace(";", "\n")
        lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
        check = forms.EmailField()
        for line in lines:
            try:
                check.clean(line)
            except forms.ValidationError:
                raise forms.ValidationError(f"“{line[:80]}” is not an e-mail address.") from None
        return "\n".join(lines)

    def clean_skus_per_file(self) -> int:
        value: int = self.cleaned_data["skus_per_file"]
        least, most = SKUS_PER_FILE
        if not least <= value <= most:
            raise forms.ValidationError(f"Choose between {least} and {most:,} SKUs per file.")
        return value


def options_changes(form: OptionsForm) -> dict[str, Any]:
    """Old values of the changed fields, read before the form touches the row."""
    return {name: form.initial.get(name) for name in form.changed_data if name in form.fields}
