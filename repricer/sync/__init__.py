"""Jobs. Importing this package registers them."""

from repricer.sync import offers, run

__all__ = ["offers", "run"]
