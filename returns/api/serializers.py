"""Shapes of returns in the API. Money is text with two places, in US dollars."""

from __future__ import annotations

from typing import Any, TypeVar

from rest_framework import serializers

from orders.amounts import ZERO
from orders.privacy import may_see_buyers, shown_raw, shown_text
from returns.models import Decided, Return, ReturnLine
from returns.money import Amounts
from returns.second_person import MAX_REASON
from returns.validators import Decision, LineDecision
from returns.wording import charge_feedback_choices

D = TypeVar("D", bound=Decided)


class AmountsSerializer(serializers.Serializer[Amounts]):
    """Totals of the line."""

    principal = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, default=ZERO)
    tax = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, default=ZERO)
    shipping_cost = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, default=ZERO)
    shipping_tax = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, default=ZERO)


# No docstring: the API's document would show it as that of every heir.
class DecidedSerializer(serializers.ModelSerializer[D]):
    waits_for_second_person = serializers.BooleanField(source="is_waiting", read_only=True)

    def to_representation(self, decided: Any) -> dict[str, Any]:
        """What people wrote beside a line goes only to those who may see shoppers."""
        shown: dict[str, Any] = super().to_representation(decided)
        actor = self.context["request"]._request.actor
        if not may_see_buyers(actor):
            words = shown_text(decided.order, actor)
            for line in shown["lines"]:
                line["notes"] = words(line["notes"])
        return shown

    def get_raw(self, decided: Any) -> dict[str, Any]:
        return shown_raw(decided.raw, self.context["request"]._request.actor, order=decided.order)


class ReturnLineSerializer(serializers.ModelSerializer[ReturnLine]):
    requested = AmountsSerializer(read_only=True)
    settled = AmountsSerializer(read_only=True)

    class Meta:
        model = ReturnLine
        fields = (
            "id",
            "order_line",
            "order_item_id",
            "alt_order_item_id",
            "sku",
            "title",
            "return_quantity",
            "reason",
            "requested",
            "is_included",
            "quantity_returned",
            "quantity_refunded",
            "feedback",
            "notes",
            "settled",
        )


class ReturnSerializer(DecidedSerializer[Return]):
    lines = ReturnLineSerializer(many=True, read_only=True)
    is_answerable = serializers.BooleanField(read_only=True)

    class Meta:
        model = Return
        fields: tuple[str, ...] = (
            "id",
            "merchant_return_authorization_id",
            "reference_return_authorization_id",
            "order",
            "merchant_order_id",
            "reference_order_id",
            "alt_order_id",
            "status",
            "jet_status",
            "refund_without_return",
            "return_date",
            "completed_date",
            "shipping_carrier",
            "tracking_number",
            "merchant_return_charge",
            "agree_to_return_charge",
            "return_charge_feedback",
            "decided_by",
            "decided_at",
            "send_state",
            "waits_for_second_person",
            "confirmed_by",
            "confirmed_at",
            "failure_message",
            "failure_hint",
            "is_answerable",
            "lines",
            "seen_at",
            "updated_at",
        )


class ReturnDetailSerializer(ReturnSerializer):
    """With Jet's own JSON."""

    raw = serializers.SerializerMethodField()

    class Meta(ReturnSerializer.Meta):
        fields = (*ReturnSerializer.Meta.fields, "raw")


class ReasonSerializer(serializers.Serializer[str]):
    """Why a waiting decision is sent back."""

    reason = serializers.CharField(max_length=MAX_REASON)


class LineDecisionSerializer(serializers.Serializer[LineDecision]):
    id = serializers.IntegerField(help_text="Id of the return line.")
    is_included = serializers.BooleanField(default=True)
    quantity_returned = serializers.IntegerField(min_value=0, default=0)
    quantity_refunded = serializers.IntegerField(min_value=0, default=0)
    amounts = AmountsSerializer(default=dict)
    feedback = serializers.CharField(max_length=120, allow_blank=True, default="")
    notes = serializers.CharField(max_length=500, allow_blank=True, default="")


class DecisionSerializer(serializers.Serializer[Decision]):
    """The answer to a return. Every line must be named, or `confirms_left_out` set."""

    agree_to_return_charge = serializers.BooleanField()
    return_charge_feedback = serializers.ChoiceField(
        choices=charge_feedback_choices(), allow_blank=True, default=""
    )
    confirms_left_out = serializers.BooleanField(default=False)
    lines = LineDecisionSerializer(many=True)

    def decision(self) -> Decision:
        data = self.validated_data
        return Decision(
            agrees=data["agree_to_return_charge"],
            charge_feedback=data["return_charge_feedback"],
            confirms_left_out=data["confirms_left_out"],
            lines=tuple(
                LineDecision(
                    line_id=row["id"],
                    is_included=row["is_included"],
                    quantity_returned=row["quantity_returned"],
                    quantity_refunded=row["quantity_refunded"],
                    amounts=Amounts(**row["amounts"]),
                    feedback=row["feedback"],
                    notes=row["notes"],
                )
                for row in data["lines"]
            ),
        )
