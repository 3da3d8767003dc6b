"""The typed client of the Jet API. Knows no Django.

transport.py moves bytes (timeouts, retries, limits, events); requestor.py adds address, token and JSON; one module per
resource holds its calls; types/ and words/ hold what goes out and comes back; errors.py prints everything it raises.
"""

from jetsync.jet import bulk, dates, errors, words
from jetsync.jet.client import JetClient
from jetsync.jet.products import archive_body, inventory_body, price_body
from jetsync.jet.ratelimit import MemoryRateLimiter, RateLimiter, RedisRateLimiter
from jetsync.jet.tokens import MemoryTokenStore, RedisTokenStore, Token, TokenStore
from jetsync.jet.transport import RequestEvent
from jetsync.jet.words import FileType

__all__ = [
    "FileType",
    "JetClient",
    "MemoryRateLimiter",
    "MemoryTokenStore",
    "RateLimiter",
    "RedisRateLimiter",
    "RedisTokenStore",
    "RequestEvent",
    "Token",
    "TokenStore",
    "archive_body",
    "bulk",
    "dates",
    "errors",
    "inventory_body",
    "price_body",
    "words",
]
