"""Outgoing webhooks over HTTP: the same actions, limits and right as their pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.actions import webhook as actions
from jetsync.api.views import OfMerchant
from jetsync.models import Webhook, WebhookDelivery
from jetsync.queries.webhooks import deliveries_of, get_webhook, webhooks_of
from jetsync.tenancy.rights import Right
from jetsync.webhooks import TOPICS


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    class Meta:
        model = Webhook
        fields: tuple[str, ...] = ("id", "url", "topics", "is_active", "created_at")
        read_only_fields = fields


class _TopicsSerializer(serializers.Serializer[Any]):
    topics = serializers.ListField(child=serializers.ChoiceField(choices=list(TOPICS)), allow_empty=False)


class NewWebhookSerializer(_TopicsSerializer):
    url = serializers.CharField(max_length=300, help_text="https, reachable from outside.")


class ChangeWebhookSerializer(_TopicsSerializer):
    """What is left out stays."""

    topics = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TOPICS)), allow_empty=False, required=False
    )
    is_active = serializers.BooleanField(required=False)


class SecretSerializer(WebhookSerializer):
    """`secret` signs the events. It is shown in this answer only."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """`status` and `message`: the last answer of the address. The tries are the calls of `job`."""

    type = serializers.CharField(source="event.type", read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ("id", "type", "event", "state", "status", "message", "job", "created_at", "finished_at")
        read_only_fields = fields


class WebhookViewSet(
    OfMerchant, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Webhook]
):
    """Addresses that are told what happens. Not idempotent by key: an answer that would be kept holds the secret."""

    right = write_right = Right.TOKENS_MANAGE
    serializer_class = WebhookSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.none() if self.is_schema else webhooks_of(self.merchant)

    def get_object(self) -> Webhook:
        return get_webhook(self.merchant, int(self.kwargs["pk"]))

    def _with_secret(self, webhook: Webhook, status: int) -> Response:
        data = SecretSerializer(webhook).data
        return Response(data, status=status, headers={"Cache-Control": "no-store"})

    @extend_schema(request=NewWebhookSerializer, responses={201: SecretSerializer})
    def create(self, request: Request, **_kwargs: Any) -> Response:
        """Adds an address; the answer holds its secret, this once."""
        given = self.read(NewWebhookSerializer, request).validated_data
        url, topics = given["url"].strip(), given["topics"]
        actions.check_webhook(url, topics)
        webhook, _secret = actions.create_webhook(self.merchant, url, topics, actor=self.actor)
        return self._with_secret(webhook, 201)

    @extend_schema(request=ChangeWebhookSerializer, responses=WebhookSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Other topics, or off and on again: it is told from then on."""
        webhook, given = self.get_object(), self.read(ChangeWebhookSerializer, request).validated_data
        actions.change_webhook(
            webhook,
            given.get("topics", webhook.topics),
            is_active=given.get("is_active", webhook.is_active),
            actor=self.actor,
        )
        return Response(WebhookSerializer(webhook).data)

    def destroy(self, _request: Request, **_kwargs: Any) -> Response:
        """It is told nothing any more; what waits for it is dropped."""
        actions.remove_webhook(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, _request: Request, **_kwargs: Any) -> Response:
        """Sends a test event, also to an address that is off."""
        delivery = actions.send_test(self.get_object(), actor=self.actor)
        return Response(DeliverySerializer(delivery).data, status=202)

    @extend_schema(request=None, responses=SecretSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, _request: Request, **_kwargs: Any) -> Response:
        """A new secret; the old one signs nothing from now on."""
        webhook = self.get_object()
        actions.renew_secret(webhook, actor=self.actor)
        return self._with_secret(webhook, 200)

    @extend_schema(responses=DeliverySerializer(many=True))
    @action(detail=True, methods=["get"])
    def events(self, _request: Request, **_kwargs: Any) -> Response:
        """What it was told in the last 30 days, newest first, with the last answer to each."""
        told: Any = deliveries_of(self.get_object())  # events, not webhooks
        page: Any = self.paginate_queryset(told)
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)
