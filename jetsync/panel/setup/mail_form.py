"""The form of the mail settings: who is told, when, and of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from jetsync.mail.kinds import MailKind, all_mail_kinds
from jetsync.models import Merchant, Options
from jetsync.panel.forms import ReadOnlyForm
from jetsync.panel.setup.option_groups import MAIL
from jetsync.queries.mail import recipients_of
from jetsync.queries.settings import owner_emails

LISTS = {
    "order_notice_emails": "Who hears of new orders, alarms and cancel requests",
    "notification_emails": "Who hears of low stock, returns, failed orders, files and schedules",
}
# More people than that want a mailing list of their own.
MAX_ADDRESSES = 20


def _hours() -> list[tuple[int, str]]:
    return [(hour, f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}") for hour in range(24)]  # noqa: PLR2004


@dataclass(frozen=True)
class ShownKind:
    """A kind with its switch, None where it cannot be switched off, and the addresses as stored."""

    kind: MailKind
    field: BoundField | None
    recipients: str


class MailForm(ReadOnlyForm, forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    mail_daily_hour = forms.TypedChoiceField(
        label="Hour of the daily mail",
        coerce=int,
        choices=_hours,
        help_text="By the clock of the store. Counts when mail is written once a day.",
    )

    class Meta:
        model = Options
        fields = MAIL
        widgets = {name: forms.Textarea(attrs={"rows": 3}) for name in LISTS}

    def __init__(self, *args: Any, merchant: Merchant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.merchant = merchant
        owners = ", ".join(owner_emails(merchant)) or "nobody, because the store has no owner"
        for name, purpose in LISTS.items():
            self.fields[name].help_text = f"{purpose}; one address per line. Empty: mail goes to {owners}."

    def kinds(self) -> list[ShownKind]:
        stored = Options.objects.get(merchant=self.merchant) if self.is_bound else self.instance
        return [
            ShownKind(
                kind,
                self[kind.switch] if kind.switch else None,
                ", ".join(recipients_of(self.merchant, stored, kind)) or "nobody",
            )
            for kind in all_mail_kinds()
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
        if len(lines) > MAX_ADDRESSES:
            raise forms.ValidationError(
                f"{len(lines)} addresses; at most {MAX_ADDRESSES} can be named. Use a mailing list of your own for more."
            )
        return "\n".join(lines)
