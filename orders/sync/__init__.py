"""Where orders meet the Jet client. Importing this package declares its jobs and schedules."""

from orders.sync import again, answer, clock, decide_many, fetch, ship_many, shipping, shipstation, watch

__all__ = [
    "again",
    "answer",
    "clock",
    "decide_many",
    "fetch",
    "ship_many",
    "shipping",
    "shipstation",
    "watch",
]
