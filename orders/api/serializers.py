"""What the API shows of orders, and what it takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from jetsync.jet.words.orders import AcknowledgementStatus, ItemAcknowledgement
from jetsync.jet.words.shipping import Carrier
from jetsync.panel.filters import LARGEST_ID
from jetsync.queries.settings import current_return_locations
from jetsync.tenancy.actor import Actor
from orders.actions.many import MOST_AT_ONCE
from orders.forms.shipment import address_of
from orders.models import Order, OrderLine, Shipment, ShipmentLine, StoreOrder
from orders.parcel_check import Parcel
from orders.parcels import MOST_ROWS, ParcelRow
from orders.privacy import may_see_buyers, shown_address, shown_buyer
from orders.queries.order import all_orders
from orders.validators import LineInput, ShipmentInput


class OrderLineSerializer(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        fields = (
            "id",
            "order_item_id",
            "sku",
            "title",
            "quantity",
            "cancel_requested",
            "base_price",
            "item_tax",
            "shipping_cost",
            "shipping_tax",
            "fees",
            "ack_status",
            "problem",
        )


class ShipmentLineSerializer(serializers.ModelSerializer[ShipmentLine]):
    sku = serializers.CharField(source="line.sku")

    class Meta:
        model = ShipmentLine
        fields = (
            "line",
            "sku",
            "quantity",
            "cancel_quantity",
            "rma_number",
            "days_to_return",
            "return_location",
        )


class ShipmentSerializer(serializers.ModelSerializer[Shipment]):
    lines = ShipmentLineSerializer(many=True)

    class Meta:
        model = Shipment
        fields = (
            "id",
            "alt_shipment_id",
            "jet_shipment_id",
            "source",
            "state",
            "carrier",
            "method",
            "tracking_number",
            "shipped_at",
            "expected_delivery_at",
            "pick_up_at",
            "ship_from_zip",
            "failure_message",
            "failure_hint",
            "sent_at",
            "lines",
        )


class StoreOrderSerializer(serializers.ModelSerializer[StoreOrder]):
    class Meta:
        model = StoreOrder
        fields = ("number", "customer_email", "payment_method", "shipping_method", "created_at")


class OrderSerializer(serializers.ModelSerializer[Order]):
    """`buyer` and `ship_to` are masked for tokens without the right to see buyers."""

    lines = OrderLineSerializer(many=True, read_only=True)
    buyer = serializers.SerializerMethodField()
    ship_to = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "merchant_order_id",
            "reference_order_id",
            "customer_reference_order_id",
            "alt_order_id",
            "state",
            "jet_status",
            "exception_state",
            "acknowledgement_status",
            "planned_answer",
            "node_ref",
            "placed_at",
            "ready_at",
            "ack_due_at",
            "acknowledged_at",
            "ship_by",
            "deliver_by",
            "completed_at",
            "buyer",
            "ship_to",
            "email",
            "request_carrier",
            "request_method",
            "request_service_level",
            "is_directed_cancel",
            "total",
            "fees",
            "failure_reason",
            "failure_message",
            "failure_hint",
            "lines",
            "updated_at",
        )

    @property
    def _actor(self) -> Actor:
        actor: Actor = self.context["actor"]
        return actor

    def get_buyer(self, order: Order) -> str:
        return shown_buyer(order, self._actor)

    def get_ship_to(self, order: Order) -> list[str]:
        return shown_address(order, self._actor)

    def get_email(self, order: Order) -> str:
        return order.hash_email if may_see_buyers(self._actor) else ""


class OrderDetailSerializer(OrderSerializer):
    """`store_order` is null until Jet is told yes, and while a method of it is not available."""

    shipments = ShipmentSerializer(many=True, read_only=True)
    store_order = StoreOrderSerializer(read_only=True, allow_null=True, default=None)

    class Meta(OrderSerializer.Meta):
        fields = (*OrderSerializer.Meta.fields, "shipments", "store_order")


class AnswerTimesSerializer(serializers.Serializer[Any]):
    """One period. `orders` = `in_time` + `late` + `lost`; seconds run from release to the yes, null without one."""

    days = serializers.IntegerField()
    orders = serializers.IntegerField()
    in_time = serializers.IntegerField()
    percent_in_time = serializers.FloatField(source="percent", allow_null=True)
    late = serializers.IntegerField()
    lost = serializers.IntegerField()
    automatic = serializers.IntegerField()
    person = serializers.IntegerField()
    saved_by_fallback = serializers.IntegerField(source="saved")
    p50_seconds = serializers.FloatField(allow_null=True)
    p95_seconds = serializers.FloatField(allow_null=True)


class AcceptSerializer(serializers.Serializer[Any]):
    despite_problems = serializers.BooleanField(
        default=False, help_text="Accept although the store cannot deliver every line."
    )


class ItemAnswerSerializer(serializers.Serializer[Any]):
    order_item_id = serializers.CharField(max_length=64)
    status = serializers.ChoiceField(choices=[(word.value, word.value) for word in ItemAcknowledgement])


REJECTION_WORDS = [(word.value, word.value) for word in AcknowledgementStatus if word != "accepted"]


class RejectSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=REJECTION_WORDS)
    items = ItemAnswerSerializer(many=True, required=False, help_text="Items left out are fulfillable.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Item ids become line ids of this order."""
        known: dict[str, int] = self.context["lines_by_item"]
        unknown = [
            item["order_item_id"] for item in attrs.get("items", []) if item["order_item_id"] not in known
        ]
        if unknown:
            raise serializers.ValidationError({"items": [f"{unknown[0]} is no item of this order."]})
        answers = {known[item["order_item_id"]]: item["status"] for item in attrs.get("items", [])}
        return {"answer": attrs["answer"], "items": answers}


class OrderIdsSerializer(serializers.Serializer[Any]):
    orders = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        allow_empty=False,
        max_length=MOST_AT_ONCE,
        help_text="`id`s of orders.",
    )

    def validate_orders(self, ids: list[int]) -> list[int]:
        """An unknown order is named, not passed over: the caller believes it was handled."""
        known = set(all_orders(self.context["merchant"]).filter(pk__in=ids).values_list("pk", flat=True))
        if unknown := [pk for pk in ids if pk not in known]:
            raise serializers.ValidationError(f"There is no order {unknown[0]}.")
        return ids

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {"order_ids": attrs.pop("orders"), **attrs}


class RejectManySerializer(OrderIdsSerializer):
    answer = serializers.ChoiceField(choices=REJECTION_WORDS, help_text="One reason for all, in Jet's words.")


class UnitsSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField(help_text="`id` of the order's line.")
    quantity = serializers.IntegerField(min_value=0, default=0)
    cancel_quantity = serializers.IntegerField(min_value=0, default=0)
    return_location = serializers.IntegerField(
        required=False, allow_null=True, help_text="Id of a return location in the settings."
    )
    rma_number = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    days_to_return = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=365)


class ShipSerializer(serializers.Serializer[Any]):
    carrier = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        default="",
        help_text=f"Jet's word, for example {', '.join(list(Carrier)[:4])}.",
    )
    method = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        default="",
        help_text="Jet's code, for example UPSGround. It must not name another carrier than `carrier`.",
    )
    tracking_number = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    shipped_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    expected_delivery_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    pick_up_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    ship_from_zip = serializers.CharField(required=False, allow_blank=True, max_length=20, default="")
    confirms_cancel = serializers.BooleanField(
        default=False, help_text="Needed to cancel more units than the shopper asked for."
    )
    confirms_late = serializers.BooleanField(
        default=False,
        help_text="Needed when the delivery is expected after the day Jet promised the shopper.",
    )
    confirms_tracking = serializers.BooleanField(
        default=False,
        help_text="Needed for a tracking number with a wrong check digit, of another carrier, or of another order.",
    )
    lines = UnitsSerializer(many=True)

    def as_input(self) -> ShipmentInput:
        """The validated data as the action takes it."""
        values = dict(self.validated_data)
        merchant = self.context["merchant"]
        locations = {location.pk: location for location in current_return_locations(merchant)}
        lines = []
        for row in values.pop("lines"):
            wanted = row.get("return_location")
            location = locations.get(wanted)
            lines.append(
                LineInput(
                    line_id=row["line"],
                    quantity=row["quantity"],
                    cancel_quantity=row["cancel_quantity"],
                    wants_location=wanted is not None,
                    rma_number=row["rma_number"],
                    days_to_return=row.get("days_to_return"),
                    return_location=address_of(location) if location else None,
                )
            )
        return ShipmentInput(**values, lines=tuple(lines))


class ParcelSerializer(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=100, help_text="Jet's order id, either of them, or the store's.")
    tracking_number = serializers.CharField(max_length=200)
    sku = serializers.CharField(
        required=False, allow_blank=True, max_length=100, default="", help_text="Left out: all that is left."
    )
    quantity = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=999_999)
    carrier = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=80,
        default="",
        help_text="Left out: guessed from the number, then what Jet asks for.",
    )
    method = serializers.CharField(required=False, allow_blank=True, max_length=80, default="")


class ShipManySerializer(serializers.Serializer[Any]):
    """Rows of one order with one tracking number are one parcel."""

    parcels = serializers.ListField(child=ParcelSerializer(), allow_empty=False, max_length=MOST_ROWS)
    ship_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Left out: the next day goods leave."
    )
    shares = serializers.BooleanField(default=False, help_text="One number may stand on several orders.")
    confirms_tracking = serializers.BooleanField(
        default=False, help_text="Needed for numbers with a wrong check digit or of another carrier."
    )

    def as_rows(self) -> list[ParcelRow]:
        """The validated rows, numbered from 1, as a pasted list has them."""
        return [
            ParcelRow(
                number,
                order=row["order"].strip(),
                sku=row["sku"].strip(),
                quantity=str(row.get("quantity") or ""),
                carrier=row["carrier"].strip(),
                method=row["method"].strip(),
                tracking=row["tracking_number"].strip(),
            )
            for number, row in enumerate(self.validated_data["parcels"], 1)
        ]


class JudgedParcelSerializer(serializers.Serializer[Any]):
    """What would become of one parcel. `rows`: its rows in the list, from 1."""

    rows = serializers.SerializerMethodField()
    order = serializers.SerializerMethodField(help_text="`id`, null for an unknown order.")
    status = serializers.ChoiceField(choices=["ready", "done", "wrong"])
    carrier = serializers.CharField(source="facts.carrier")
    method = serializers.CharField(source="facts.method")
    tracking_number = serializers.CharField(source="facts.tracking_number")
    contents = serializers.CharField()
    is_guess = serializers.BooleanField()
    message = serializers.CharField(source="fault")
    hint = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())

    def get_rows(self, parcel: Parcel) -> list[int]:
        return [row.line for row in parcel.rows]

    def get_order(self, parcel: Parcel) -> int | None:
        return parcel.order.pk if parcel.order else None
