"""Regular work over HTTP: how it stands, running it now, pausing it, its interval."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.actions.schedule import run_now, set_interval, set_paused
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.models import Schedule
from jetsync.queries.activity import get_schedule
from jetsync.queries.schedules import ScheduleRow, schedule_row, schedule_rows
from jetsync.tenancy.rights import Right


class ScheduleSerializer(serializers.Serializer[Any]):
    """`status`: `ok`, `late`, `failed`, `paused`, `resting` (with its store), `off` (by the settings) or `never`.

    `by`: who started the last run.
    """

    id = serializers.IntegerField(source="schedule.pk")
    kind = serializers.CharField(source="schedule.kind")
    label = serializers.CharField()  # type: ignore[assignment]  # Field has an attribute of that name
    status = serializers.SerializerMethodField()
    is_paused = serializers.BooleanField(source="schedule.is_paused")
    interval_seconds = serializers.IntegerField(source="schedule.interval_seconds")
    last_finished_at = serializers.DateTimeField(source="schedule.last_finished_at", allow_null=True)
    last_ok = serializers.BooleanField(source="schedule.last_ok", allow_null=True)
    last_message = serializers.CharField(source="schedule.last_message")
    last_duration_ms = serializers.IntegerField(source="schedule.last_duration_ms", allow_null=True)
    next_due_at = serializers.DateTimeField(source="schedule.next_due_at")
    by = serializers.CharField()

    def get_status(self, row: ScheduleRow) -> str:
        return row.status.removeprefix("schedule.")


class IntervalSerializer(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(allow_null=True, help_text="Between two runs; null: as usual.")


class StartedJobSerializer(serializers.Serializer[Any]):
    job = serializers.IntegerField()


class ScheduleViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Schedule]):
    """Regular work, most frequent first. There are few: one page holds all."""

    right = Right.ACTIVITY_VIEW
    write_right = Right.ACTIVITY_CONTROL
    serializer_class = ScheduleSerializer
    lookup_value_regex = r"\d{1,18}"

    def get_queryset(self) -> QuerySet[Schedule]:
        """Asked for by the schema alone."""
        return Schedule.objects.none()

    def get_object(self) -> Schedule:
        return get_schedule(self.merchant, int(self.kwargs["pk"]))

    def _answer(self) -> Response:
        return Response(ScheduleSerializer(schedule_row(self.merchant, int(self.kwargs["pk"]))).data)

    @extend_schema(responses=ScheduleSerializer(many=True))
    def list(self, _request: Request, **_kwargs: Any) -> Response:
        rows = ScheduleSerializer(schedule_rows(self.merchant), many=True).data
        return Response({"next": None, "previous": None, "results": rows})

    @extend_schema(responses=ScheduleSerializer)
    def retrieve(self, _request: Request, **_kwargs: Any) -> Response:
        return self._answer()

    @extend_schema(request=IntervalSerializer, responses=ScheduleSerializer)
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        """Another interval, within the limits of the kind."""
        minutes = self.read(IntervalSerializer, request).validated_data["minutes"]
        set_interval(self.get_object(), minutes, actor=self.actor)
        return self._answer()

    @extend_schema(request=None, responses={202: StartedJobSerializer})
    @action(detail=True, methods=["post"])
    def run(self, _request: Request, **_kwargs: Any) -> Response:
        """Starts it now; the regular time stays."""
        job = run_now(self.get_object(), actor=self.actor)
        return Response({"job": job.pk}, status=202)

    @extend_schema(request=None, responses=ScheduleSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, _request: Request, **_kwargs: Any) -> Response:
        set_paused(self.get_object(), paused=True, actor=self.actor)
        return self._answer()

    @extend_schema(request=None, responses=ScheduleSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, _request: Request, **_kwargs: Any) -> Response:
        set_paused(self.get_object(), paused=False, actor=self.actor)
        return self._answer()
