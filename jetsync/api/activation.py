"""The way to live over HTTP: its state, running the steps, the switch, widening the share."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jetsync.actions.account import switch_mode
from jetsync.activation import switching
from jetsync.activation.actions import choose_sku, start_rehearsal, start_step
from jetsync.activation.queries import (
    ShownStep,
    activation_of,
    chosen_sku,
    may_go_live,
    running_rehearsal,
    shown_steps,
)
from jetsync.activation.registry import launch
from jetsync.api.idempotency import IdempotentWrites
from jetsync.api.views import OfMerchant
from jetsync.enums import Mode
from jetsync.models import ActivationStep, Merchant, Operation
from jetsync.panel.evidence import readable_steps
from jetsync.tenancy.actor import Actor
from jetsync.tenancy.rights import Right


class StepSerializer(serializers.Serializer[ShownStep]):
    key = serializers.CharField(source="step.key")
    label = serializers.CharField(source="step.label")  # type: ignore[assignment]  # Field has an attribute of that name
    state = serializers.CharField(help_text="not_run, running, ok or failed")
    needs = serializers.ListField(child=serializers.CharField(), source="step.needs")
    message = serializers.CharField(source="row.message", default="")
    hint = serializers.CharField(source="row.hint", default="")
    evidence = serializers.JSONField(source="row.evidence", default=dict)
    started_at = serializers.DateTimeField(source="row.started_at", default=None)
    finished_at = serializers.DateTimeField(source="row.finished_at", default=None)


class ActivationSerializer(serializers.Serializer[Any]):
    """`held` SKUs are ready and held back by `live_share`; both count in live mode."""

    mode = serializers.ChoiceField(choices=Mode.choices)
    may_go_live = serializers.BooleanField()
    open_steps = serializers.ListField(child=serializers.CharField())
    sku = serializers.CharField(allow_blank=True)
    running_operation = serializers.IntegerField(allow_null=True)
    live_share = serializers.IntegerField()
    held = serializers.IntegerField()
    steps = StepSerializer(many=True)


class RunSerializer(serializers.Serializer[Any]):
    step = serializers.CharField(
        required=False, default="", help_text="Its key; without it all open ones run."
    )
    sku = serializers.CharField(
        required=False, allow_blank=True, help_text="Chooses the product from now on."
    )


class ShareSerializer(serializers.Serializer[Any]):
    share = serializers.IntegerField(help_text="Percent of the ready SKUs, 1 to 100.")


class SwitchSerializer(serializers.Serializer[Any]):
    mode = serializers.ChoiceField(choices=Mode.choices)
    share = serializers.IntegerField(default=10, help_text="For live: percent of the ready SKUs, 1 to 100.")


class StartedSerializer(serializers.Serializer[Any]):
    operation = serializers.IntegerField(allow_null=True, help_text="null: there was nothing to start.")
    mode = serializers.ChoiceField(choices=Mode.choices)


def state_of(merchant: Merchant, actor: Actor) -> dict[str, Any]:
    steps = readable_steps(shown_steps(merchant), actor)
    running = running_rehearsal(merchant)
    is_live = merchant.mode == Mode.LIVE
    return {
        "mode": merchant.mode,
        "may_go_live": may_go_live(merchant),
        "open_steps": [row.step.key for row in steps if not row.is_ok],
        "sku": chosen_sku(merchant),
        "running_operation": running.pk if running else None,
        "live_share": activation_of(merchant).live_share,
        "held": launch().counts(merchant).held if is_live else 0,
        "steps": steps,
    }


class ActivationViewSet(OfMerchant, IdempotentWrites, viewsets.GenericViewSet[Any]):
    """From test keys to live. Running a step needs the right of its act as well, the switch that of uploading."""

    right = Right.SETTINGS_VIEW
    write_right = Right.SETTINGS_EDIT
    serializer_class = ActivationSerializer
    pagination_class: Any = None

    def get_queryset(self) -> QuerySet[ActivationStep]:
        """Asked for by the schema alone."""
        return ActivationStep.objects.none()

    def _started(self, operation: Operation | None) -> Response:
        data = {"operation": operation.pk if operation else None, "mode": self.merchant.mode}
        return Response(StartedSerializer(data).data, status=202)

    @extend_schema(responses=forced_singular_serializer(ActivationSerializer))  # type: ignore[no-untyped-call]
    def list(self, _request: Request, **_kwargs: Any) -> Response:
        return Response(ActivationSerializer(state_of(self.merchant, self.actor)).data)

    @extend_schema(request=RunSerializer, responses={202: StartedSerializer})
    @action(detail=False, methods=["post"])
    def run(self, request: Request, **_kwargs: Any) -> Response:
        """Runs one step, or all that are open. A rehearsal that runs already is joined."""
        data = self.read(RunSerializer, request).validated_data
        if "sku" in data:
            choose_sku(self.merchant, data["sku"], actor=self.actor)
        if data["step"]:
            return self._started(start_step(self.merchant, data["step"], actor=self.actor))
        return self._started(start_rehearsal(self.merchant, actor=self.actor))

    @extend_schema(request=SwitchSerializer, responses={202: StartedSerializer})
    @action(detail=False, methods=["post"])
    def switch(self, request: Request, **_kwargs: Any) -> Response:
        """To live: 409 `live_locked` with the open steps until all are ok. Jet is asked about the live keys first."""
        data = self.read(SwitchSerializer, request).validated_data
        if data["mode"] == Mode.TEST:
            switch_mode(self.merchant, Mode.TEST, actor=self.actor)
            return self._started(None)
        switching.ask_jet(self.merchant, actor=self.actor)
        return self._started(switching.go_live(self.merchant, share=data["share"], actor=self.actor))

    @extend_schema(request=ShareSerializer, responses={202: StartedSerializer})
    @action(detail=False, methods=["post"])
    def widen(self, request: Request, **_kwargs: Any) -> Response:
        """Uploads as many more SKUs as are missing to the larger share."""
        data = self.read(ShareSerializer, request).validated_data
        return self._started(switching.widen(self.merchant, share=data["share"], actor=self.actor))
