"""Deleting the store, and keeping it after all. For owners as persons; neither tokens nor support get here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from jetsync.actions.deletion import ask_deletion, keep_store
from jetsync.models import Merchant
from jetsync.panel.closing import left_open
from jetsync.panel.counting import bounded_count
from jetsync.panel.list_parts import Count
from jetsync.panel.messages import say
from jetsync.panel.rendering import when_text
from jetsync.panel.setup.answers import act, back_to
from jetsync.panel.setup.removals import Removal
from jetsync.tenancy.belongings import owner_lookups, plural_of, rows_of_merchant
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view

# What rests in the waiting time and what does not, in the words of the pages.
RESTS = (
    "Nothing is sent to Jet: no prices, stock, products, answers, shipments, cancellations, returns or refunds.",
    "What is on its way to Jet at this moment still arrives; what waits is sent once the store is kept.",
    "Nothing is fetched from Jet: no orders, returns, statuses or reports.",
    "Orders that come meanwhile are seen and answered in Jet's partner portal only. Jet withdraws what nobody answers.",
    "The repricer, schedules, alarms and webhooks rest.",
    "You can still look at everything, export it and keep the store.",
)


@dataclass(frozen=True)
class Counted:
    """Rows of one table that go with the store."""

    label: str
    count: Count


def what_goes(merchant: Merchant) -> list[Counted]:
    """Every table with rows of the store, the largest first. A query per table, at a price that does not grow with it."""
    found = [
        Counted(plural_of(model), bounded_count(rows_of_merchant(model, merchant)))
        for model in owner_lookups()
    ]
    return sorted((row for row in found if row.count.value), key=lambda row: (-row.count.value, row.label))


class NameForm(forms.Form):
    name = forms.CharField(label="Type the name of the store to confirm", max_length=200)

    def __init__(self, *args: Any, store: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.store = store
        self.fields["name"].help_text = f"It is: {store}"
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name.strip() != self.store:
            raise forms.ValidationError(f"“{name}” is not the name of this store, which is “{self.store}”.")
        return name


def _check_owner(request: HttpRequest) -> None:
    access = getattr(request, "access", None)
    if access is None or not access.is_owner:
        raise PermissionDenied("Only an owner can delete or keep this store.")


class DeleteStore(Removal):
    right = write_right = Right.DATA_EXPORT
    noun = ("store", "stores")
    confirm_label = "Delete this store"
    back_name = "data"
    form_class = NameForm
    template_name = "settings/delete_store.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        _check_owner(request)
        return super().dispatch(request, *args, **kwargs)

    def get_target(self, **_kwargs: Any) -> Merchant:
        return self.request.merchant

    def get_title(self, target: Merchant) -> str:
        return f"Delete {target.name}"

    def get_names(self, target: Merchant) -> Sequence[str]:
        return (target.name,)

    def get_consequences(self, target: Merchant) -> Sequence[str]:  # noqa: ARG002 -- hook
        days = settings.DELETION_DAYS
        due = when_text(timezone.now() + timedelta(days=days))
        return (
            f"For {days} days, until {due}, the store rests and any owner can keep it.",
            "All owners get a mail now and a day before the end.",
            *RESTS,
            "Then everything here is deleted for good: the rows counted above, uploaded files and exports.",
            "Members lose the store, and invitations and API tokens of it end. Their accounts stay, for other stores.",
            "What is at Jet stays at Jet: listings go on selling unless you archive them first.",
            "One line stays here: that a store with this number was deleted, when, and that an owner asked.",
        )

    def get_blockers(self, target: Merchant) -> Sequence[str]:
        return ("The deletion of this store waits already.",) if target.deletion_due_at else ()

    def get_form_kwargs(self, target: Merchant) -> dict[str, Any]:
        return {"store": target.name}

    def extra_context(self, target: Merchant) -> dict[str, Any]:
        goes = what_goes(target)
        total = sum(row.count.value for row in goes)
        many = "more than " if any(row.count.is_bounded for row in goes) else ""
        rows = f"{many}{total:,} rows"
        return {"left_open": left_open(target), "what_goes": goes, "row_words": rows}

    def perform(self, target: Merchant, form: NameForm) -> str:
        deletion = ask_deletion(target, name=form.cleaned_data["name"], actor=self.request.actor)
        due = when_text(deletion.due_at)
        say(
            self.request,
            "success",
            f"{target} rests and is deleted on {due}. Until then an owner can keep it.",
        )
        return self.page("data")


@require_POST
@merchant_view(Right.DATA_EXPORT)
def keep(request: MerchantRequest) -> HttpResponse:
    _check_owner(request)
    act(
        request,
        lambda: keep_store(request.merchant, actor=request.actor),
        f"{request.merchant} is kept. Everything that rested goes on.",
    )
    return back_to(request, "data")
