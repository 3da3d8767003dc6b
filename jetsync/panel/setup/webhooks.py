"""Webhooks: addresses, what they are told, their secret once, a test, and what became of each event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST

from jetsync.actions import webhook as actions
from jetsync.exceptions import DomainError
from jetsync.models import Webhook
from jetsync.panel.forms import put_on_form
from jetsync.panel.messages import say
from jetsync.panel.setup.answers import back_to, settings_page
from jetsync.panel.setup.removals import Removal
from jetsync.queries.webhooks import deliveries_of, get_webhook, webhooks_of
from jetsync.tenancy.rights import Right
from jetsync.tenancy.views import MerchantRequest, merchant_view
from jetsync.webhooks import TOPICS

# The newest of an address; older ones are deleted after 30 days.
SHOWN = 50


class TopicsForm(forms.Form):
    topics = forms.MultipleChoiceField(
        label="What it is told",
        choices=[(topic.key, topic.label) for topic in TOPICS.values()],
        widget=forms.CheckboxSelectMultiple,
        help_text="Each event names an object; your program reads it over the API. No shopper stands in it.",
    )


class WebhookForm(TopicsForm):
    url = forms.CharField(
        label="Address",
        max_length=300,
        widget=forms.TextInput(attrs={"type": "url", "placeholder": "https://"}),
        help_text="It gets a POST with JSON for each event, and answers with 2xx within 10 seconds.",
    )
    field_order = ("url", "topics")


class EditForm(TopicsForm):
    is_active = forms.BooleanField(
        label="Switched on",
        required=False,
        help_text="Off: nothing is kept for it, and nothing is sent later.",
    )
    field_order = ("is_active", "topics")


@merchant_view(Right.TOKENS_MANAGE)
def webhooks(request: MerchantRequest) -> HttpResponseBase:
    """The list, the form, and once after creation the secret itself."""
    form = WebhookForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        url, topics = form.cleaned_data["url"].strip(), form.cleaned_data["topics"]
        try:
            actions.check_webhook(url, topics)
            made, secret = actions.create_webhook(request.merchant, url, topics, actor=request.actor)
        except DomainError as error:
            put_on_form(form, error)
        else:
            say(request, "success", f"{made} is told from now on. Copy its secret below.")
            form = WebhookForm()
    return _list_page(request, form, secret)


def _list_page(request: MerchantRequest, form: WebhookForm, secret: str) -> HttpResponse:
    rows = webhooks_of(request.merchant).order_by("created_at", "pk")
    shown = [(row, [TOPICS[key].label for key in row.topics if key in TOPICS]) for row in rows]
    context = {"form": form, "rows": shown, "secret": secret}
    response = settings_page(request, "settings/webhooks.html", "webhooks", context)
    response["Cache-Control"] = "no-store"
    return response


@merchant_view(Right.TOKENS_MANAGE)
def webhook(request: MerchantRequest, pk: int) -> HttpResponseBase:
    row = get_webhook(request.merchant, pk)
    initial = {"topics": row.topics, "is_active": row.is_active}
    form = EditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.change_webhook(
            row, form.cleaned_data["topics"], is_active=form.cleaned_data["is_active"], actor=request.actor
        )
        say(request, "success", f"The webhook {row} was saved.")
        return back_to(request, "webhook", pk=row.pk)
    told = deliveries_of(row).order_by("-id")[:SHOWN]
    return settings_page(
        request, "settings/webhook.html", "webhooks", {"form": form, "row": row, "deliveries": told}
    )


@require_POST
@merchant_view(Right.TOKENS_MANAGE)
def test(request: MerchantRequest, pk: int) -> HttpResponse:
    row = get_webhook(request.merchant, pk)
    actions.send_test(row, actor=request.actor)
    say(
        request,
        "success",
        f"A test event is on its way to {row}. What came of it stands below in a moment.",
    )
    return back_to(request, "webhook", pk=row.pk)


class RenewSecret(Removal):
    right = write_right = Right.TOKENS_MANAGE
    noun = ("webhook", "webhooks")
    confirm_label = "Make a new secret"
    back_name = "webhooks"

    def get_target(self, **kwargs: Any) -> Webhook:
        return get_webhook(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Webhook) -> str:
        return f"New secret for {target}"

    def get_consequences(self, target: Webhook) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "From now on events are signed with the new secret, those that wait as well.",
            "Your program refuses them until it knows the new one, which is shown once.",
        ]

    def perform(self, target: Webhook, form: Any) -> HttpResponse:  # noqa: ARG002 -- no form
        secret = actions.renew_secret(target, actor=self.request.actor)
        say(self.request, "success", f"{target} has a new secret. Copy it below.")
        return _list_page(self.request, WebhookForm(), secret)


class RemoveWebhook(Removal):
    right = write_right = Right.TOKENS_MANAGE
    noun = ("webhook", "webhooks")
    back_name = "webhooks"

    def get_target(self, **kwargs: Any) -> Webhook:
        return get_webhook(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Webhook) -> str:
        return f"Remove the webhook {target}"

    def get_consequences(self, target: Webhook) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "It is told nothing any more; what waits for it is dropped.",
            "The log keeps that it was there.",
        ]

    def perform(self, target: Webhook, form: Any) -> str:  # noqa: ARG002 -- no form
        actions.remove_webhook(target, actor=self.request.actor)
        say(self.request, "success", f"The webhook {target} was removed.")
        return self.page("webhooks")
