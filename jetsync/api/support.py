"""Support sessions over HTTP: who of the operator's staff looked in, why and until when; and ending one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.actions.merchant import end_support
from jetsync.api.views import OfMerchant
from jetsync.models import SupportSession
from jetsync.queries.support import get_session, sessions_of
from jetsync.tenancy.rights import Right


class SupportSessionSerializer(serializers.ModelSerializer[SupportSession]):
    """`is_open`: the person may still look in."""

    person = serializers.CharField(source="user", read_only=True)
    is_open = serializers.BooleanField(read_only=True)

    class Meta:
        model = SupportSession
        fields = ("id", "person", "reason", "is_open", "started_at", "expires_at", "ended_at")
        read_only_fields = fields


class SupportSessionViewSet(OfMerchant, mixins.ListModelMixin, viewsets.GenericViewSet[SupportSession]):
    """Newest first."""

    right = Right.SETTINGS_VIEW
    write_right = Right.MEMBERS_MANAGE
    serializer_class = SupportSessionSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[SupportSession]:
        return SupportSession.objects.none() if self.is_schema else sessions_of(self.merchant)

    @extend_schema(request=None, responses=SupportSessionSerializer)
    @action(detail=True, methods=["post"])
    def end(self, _request: Request, **_kwargs: Any) -> Response:
        """Shuts the person out at once. Ended already: nothing happens."""
        session = get_session(self.merchant, int(self.kwargs["pk"]))
        end_support(session, actor=self.actor)
        session.refresh_from_db()
        return Response(SupportSessionSerializer(session).data)
