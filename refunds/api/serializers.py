"""Shapes of refunds in the API. Money is text with two places, in US dollars."""

from __future__ import annotations

from rest_framework import serializers

from refunds.models import Refund, RefundLine
from refunds.validators import LineInput
from refunds.wording import reason_choices
from returns.api.serializers import AmountsSerializer, DecidedSerializer
from returns.money import Amounts


class RefundLineSerializer(serializers.ModelSerializer[RefundLine]):
    amounts = AmountsSerializer(read_only=True)

    class Meta:
        model = RefundLine
        fields = (
            "id",
            "order_line",
            "order_item_id",
            "sku",
            "title",
            "quantity_returned",
            "quantity_refunded",
            "reason",
            "feedback",
            "notes",
            "amounts",
        )


class RefundSerializer(DecidedSerializer[Refund]):
    lines = RefundLineSerializer(many=True, read_only=True)

    class Meta:
        model = Refund
        fields: tuple[str, ...] = (
            "id",
            "alt_refund_id",
            "refund_authorization_id",
            "order",
            "merchant_order_id",
            "reference_order_id",
            "status",
            "jet_status",
            "send_state",
            "waits_for_second_person",
            "confirmed_by",
            "confirmed_at",
            "failure_message",
            "failure_hint",
            "created_by",
            "created_at",
            "sent_at",
            "lines",
            "seen_at",
            "updated_at",
        )


class RefundDetailSerializer(RefundSerializer):
    """With Jet's own JSON."""

    raw = serializers.SerializerMethodField()

    class Meta(RefundSerializer.Meta):
        fields = (*RefundSerializer.Meta.fields, "raw")


class LineInputSerializer(serializers.Serializer[LineInput]):
    order_line = serializers.IntegerField(help_text="Id of the order's line.")
    quantity_returned = serializers.IntegerField(min_value=0)
    quantity_refunded = serializers.IntegerField(min_value=1)
    reason = serializers.ChoiceField(choices=reason_choices())
    feedback = serializers.CharField(max_length=120)
    notes = serializers.CharField(max_length=500, allow_blank=True, default="")
    amounts = AmountsSerializer()


class NewRefundSerializer(serializers.Serializer[Refund]):
    order = serializers.IntegerField(help_text="Id of a completed order.")
    lines = LineInputSerializer(many=True)

    def line_inputs(self) -> list[LineInput]:
        return [
            LineInput(
                line_id=row["order_line"],
                quantity_returned=row["quantity_returned"],
                quantity_refunded=row["quantity_refunded"],
                reason=row["reason"],
                feedback=row["feedback"],
                notes=row["notes"],
                amounts=Amounts(**row["amounts"]),
            )
            for row in self.validated_data["lines"]
        ]
