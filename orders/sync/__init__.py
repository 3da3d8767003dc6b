"""Where orders meet the Jet client. Importing this package declares its jobs and schedules."""

from orders.sync import answer, fetch, shipping, shipstation, watch

__all__ = ["answer", "fetch", "shipping", "shipstation", "watch"]
