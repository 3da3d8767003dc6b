"""Orders, their lines and their shipments, and the connection with ShipStation."""

from orders.models.order import ACKNOWLEDGE_WINDOW, Order, OrderLine
from orders.models.shipment import Shipment, ShipmentLine
from orders.models.shipstation import (
    ShipStationCall,
    ShipStationCarrier,
    ShipStationConnection,
    ShipStationNotice,
)

__all__ = [
    "ACKNOWLEDGE_WINDOW",
    "Order",
    "OrderLine",
    "ShipStationCall",
    "ShipStationCarrier",
    "ShipStationConnection",
    "ShipStationNotice",
    "Shipment",
    "ShipmentLine",
]
