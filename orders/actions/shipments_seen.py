"""Shipments that Jet shows: ours, which have then arrived, and those entered elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from jetsync.actions.log import record
from jetsync.tenancy.actor import SYSTEM
from jetsync.tenancy.managers import bulk_create
from orders.actions.stock import settle_units
from orders.enums import ShipmentSource, ShipmentState
from orders.models import Order, OrderLine, Shipment, ShipmentLine
from orders.reading import ShipmentFacts, UnitFacts


def adopt_shipments(order: Order, lines: Sequence[OrderLine], seen: Sequence[ShipmentFacts]) -> None:
    """Marks our own shipments that Jet shows as sent and stores unknown ones. The caller holds the order's lock."""
    if not seen:
        return
    known = list(Shipment.objects.filter(merchant=order.merchant_id, order=order))
    by_alt = {shipment.alt_shipment_id: shipment for shipment in known if shipment.alt_shipment_id}
    by_jet = {shipment.jet_shipment_id: shipment for shipment in known if shipment.jet_shipment_id}
    for number, facts in enumerate(seen, start=1):
        # Jet's own id is required in its answers; the place in the list stands in should it ever be missing.
        jet_id = facts.jet_shipment_id or f"position-{number}"
        shipment = by_alt.get(facts.alt_shipment_id) or by_jet.get(jet_id)
        if shipment is None:
            _store_foreign(order, lines, facts, jet_id)
        elif shipment.state != ShipmentState.SENT or not shipment.jet_shipment_id:
            _mark_arrived(order, shipment, facts, jet_id)


def _mark_arrived(order: Order, shipment: Shipment, facts: ShipmentFacts, jet_id: str) -> None:
    if shipment.state != ShipmentState.SENT:
        settle_units(order, shipment.lines.select_related("line"))
    shipment.state = ShipmentState.SENT
    shipment.jet_shipment_id = jet_id
    shipment.sent_at = shipment.sent_at or timezone.now()
    shipment.raw = dict(facts.raw)
    shipment.failure_message = shipment.failure_hint = ""
    shipment.save(
        update_fields=["state", "jet_shipment_id", "sent_at", "raw", "failure_message", "failure_hint"]
    )


def _store_foreign(order: Order, lines: Sequence[OrderLine], facts: ShipmentFacts, jet_id: str) -> None:
    shipment = Shipment.objects.create(
        merchant_id=order.merchant_id,
        order=order,
        alt_shipment_id=facts.alt_shipment_id,
        jet_shipment_id=jet_id,
        source=ShipmentSource.JET,
        state=ShipmentState.SENT,
        carrier=facts.carrier,
        method=facts.method,
        tracking_number=facts.tracking_number,
        shipped_at=facts.shipped_at,
        expected_delivery_at=facts.expected_delivery_at,
        pick_up_at=facts.pick_up_at,
        ship_from_zip=facts.ship_from_zip,
        sent_at=facts.shipped_at or timezone.now(),
        created_by="Jet",
        raw=dict(facts.raw),
    )
    units: dict[int, ShipmentLine] = {}
    for unit in facts.units:
        _allocate(shipment, lines, unit, units)
    bulk_create(ShipmentLine, list(units.values()))
    told = " ".join(part for part in (shipment.carrier, shipment.tracking_number) if part)
    record(
        order.merchant,
        "orders.shipment.seen_at_jet",
        f"Jet shows a shipment of order {order} that was entered outside jetsync: {told or shipment}."[:500],
        actor=SYSTEM,
        about=order,
    )
    settle_units(order, units.values())


def _allocate(
    shipment: Shipment, lines: Sequence[OrderLine], unit: UnitFacts, units: dict[int, ShipmentLine]
) -> None:
    """Jet counts by SKU. When two lines share one, the first takes what it can and the last the rest."""
    sharing = [line for line in lines if line.sku == unit.sku]
    ship, cancel = unit.quantity, unit.cancel_quantity
    for line in sharing:
        row = units.setdefault(
            line.pk,
            ShipmentLine(
                merchant_id=shipment.merchant_id,
                shipment=shipment,
                line=line,
                rma_number=unit.rma_number,
                days_to_return=unit.days_to_return,
                return_location=dict(unit.return_location) if unit.return_location else None,
            ),
        )
        is_last = line is sharing[-1]
        take = ship if is_last else min(ship, max(0, line.accountable - row.quantity))
        drop = cancel if is_last else min(cancel, max(0, line.accountable - row.quantity - take))
        row.quantity, row.cancel_quantity = row.quantity + take, row.cancel_quantity + drop
        ship, cancel = ship - take, cancel - drop
