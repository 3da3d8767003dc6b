"""Orders, their lines and their shipments."""

from orders.models.order import ACKNOWLEDGE_WINDOW, Order, OrderLine
from orders.models.shipment import Shipment, ShipmentLine

__all__ = ["ACKNOWLEDGE_WINDOW", "Order", "OrderLine", "Shipment", "ShipmentLine"]
