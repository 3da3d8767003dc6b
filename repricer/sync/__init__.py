"""Jobs. Importing this package registers them."""

from repricer.sync import offers

__all__ = ["offers"]
