"""Orders, their lines and shipments, their store side, and the connection with ShipStation."""

from orders.models.order import ACKNOWLEDGE_WINDOW, Order, OrderLine
from orders.models.shipment import Shipment, ShipmentLine
from orders.models.shipstation import (
    ShipStationCall,
    ShipStationCarrier,
    ShipStationConnection,
    ShipStationNotice,
)
from orders.models.store import Document, DocumentLine, StoreBook, StoreMethod, StoreOrder

__all__ = [
    "ACKNOWLEDGE_WINDOW",
    "Document",
    "DocumentLine",
    "Order",
    "OrderLine",
    "ShipStationCall",
    "ShipStationCarrier",
    "ShipStationConnection",
    "ShipStationNotice",
    "Shipment",
    "ShipmentLine",
    "StoreBook",
    "StoreMethod",
    "StoreOrder",
]
