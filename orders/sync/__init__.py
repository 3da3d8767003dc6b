"""Where orders meet the Jet client. Importing this package declares its jobs and schedules."""

from orders.sync import again, answer, fetch, shipping, shipstation, watch

__all__ = ["again", "answer", "fetch", "shipping", "shipstation", "watch"]
