"""Rows of operations whose work is a shipment: the row follows its shipment until Jet has answered."""

from __future__ import annotations

from jetsync.enums import RowState
from jetsync.models import OperationRow
from jetsync.queries.settings import get_options
from orders.models import Shipment
from orders.wording import way_of_shipment

ORDER, SHIPMENT = "orders.order", "orders.shipment"


def follow_shipment(row: OperationRow, shipment: Shipment) -> None:
    """From now on the row names the shipment, whose job ends it. Without a job (sending is off) it ends here."""
    is_sent = get_options(shipment.merchant).send_tracking
    row.object_type, row.object_id = SHIPMENT, shipment.pk
    row.state = RowState.SENT if is_sent else RowState.DONE
    row.message = way_of_shipment(f"Shipment {shipment}", is_sent=is_sent)
    row.save(update_fields=["object_type", "object_id", "state", "message", "updated_at"])
