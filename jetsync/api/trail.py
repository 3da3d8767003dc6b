"""The search of the log over HTTP: changes, calls and mails, as the person may read them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.api.views import OfMerchant
from jetsync.exceptions import InvalidInput
from jetsync.models import LogEntry
from jetsync.panel.filters import with_values
from jetsync.panel.trail import Shown, TrailForm, shown_entries
from jetsync.queries.trail import Place, trail
from jetsync.tenancy.rights import Right

PER_PAGE, MOST_PER_PAGE = 50, 500


class EntrySerializer(serializers.Serializer[Any]):
    """`kind`: `change`, `call`, `mail` or `operation` (what happened to one object of many); `id` is one of that kind.
    `changes`: old and new values in words, for an operation what came of it.

    `object_url`: the page of what it is about; `url`: the page with the bodies of a call, with the letter of a mail, or of
    the operation. Both are empty where there is none, or none that you may open.
    """

    kind = serializers.CharField()
    id = serializers.IntegerField(source="pk")
    at = serializers.DateTimeField()
    title = serializers.CharField()
    object = serializers.CharField(source="object_label")
    object_url = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    result = serializers.CharField()
    actor = serializers.CharField()
    job = serializers.IntegerField(allow_null=True)
    changes = serializers.CharField()

    def get_object_url(self, row: Shown) -> str:
        return self._whole(row.object_url)

    def get_url(self, row: Shown) -> str:
        return self._whole(row.url)

    def _whole(self, address: str) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(address) if address else ""


class TrailViewSet(OfMerchant, viewsets.GenericViewSet[Any]):
    """What happened, newest first."""

    right = Right.ACTIVITY_VIEW
    serializer_class = EntrySerializer

    def get_queryset(self) -> QuerySet[LogEntry]:
        """Asked for by the schema alone."""
        return LogEntry.objects.none()

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in (*TrailForm.base_fields, "behind", "page_size")],
        responses=EntrySerializer(many=True),
    )
    def list(self, request: Request, **_kwargs: Any) -> Response:
        """Filters as on the page; days are those of the store. `next` goes on where this page ends."""
        with timezone.override(self.merchant.zone):
            form = TrailForm(request.query_params)
            if not form.is_valid():
                raise InvalidInput(
                    "The log cannot be searched like this.",
                    fields={name: [str(word) for word in words] for name, words in form.errors.items()},
                )
            wanted = form.wanted(self.actor)
        place = Place.parse(request.query_params.get("behind", ""))
        entries, after = trail(self.merchant, wanted, place, self._page_size(request))
        shown = shown_entries(self.merchant, self.actor, entries)
        rows = EntrySerializer(shown, many=True, context={"request": request}).data
        return Response({"next": self._next(request, after), "previous": None, "results": rows})

    @staticmethod
    def _page_size(request: Request) -> int:
        asked = request.query_params.get("page_size", "")
        return (
            min(int(asked), MOST_PER_PAGE) if asked.isascii() and asked.isdigit() and int(asked) else PER_PAGE
        )

    @staticmethod
    def _next(request: Request, after: Place | None) -> str | None:
        if after is None:
            return None
        return request.build_absolute_uri(with_values(request.query_params, behind=str(after)))
