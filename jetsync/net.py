"""Addresses typed by a merchant are resolved and refused when they point inside."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings

from jetsync.exceptions import InvalidInput


def _allowed_inside(host: str, port: int) -> bool:
    return bool({host, f"{host}:{port}"} & set(settings.PRIVATE_HOSTS))


# Addresses that real hosts have. Outside of it lie the spellings of an IPv4 address as IPv6 (NAT64, "compatible").
_REAL_V6 = ipaddress.ip_network("2000::/3")


def is_outside(address: str) -> bool:
    """Whether an IP address is a public host's; forms that may be turned into an inner IPv4 address are not."""
    found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return True
    return found in _REAL_V6 and found.sixtofour is None and found.teredo is None


def check_outside_url(url: str) -> None:
    """Raises InvalidInput unless `url` is http(s) to a public host or one that the operator allows by name.

    Called before every connection, not only when the address is saved: names may resolve differently later.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput(
            f"“{url[:100]}” is not a web address.",
            hint="It starts with https:// and names a host.",
            code="bad_address",
        )
    if parts.username or parts.password:
        raise InvalidInput("A web address here may not carry a user name or password.", code="bad_address")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise InvalidInput(f"“{url[:100]}” has no valid port.", code="bad_address") from None
    if _allowed_inside(parts.hostname, port):
        return
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InvalidInput(
            f"The host {parts.hostname} does not exist.",
            hint="Check the spelling of the address.",
            code="unknown_host",
        ) from None
    for *_rest, address in found:
        if not is_outside(str(address[0])):
            raise InvalidInput(
                f"The host {parts.hostname} points into a private network.",
                hint="Ask the operator to allow it in JETSYNC_PRIVATE_HOSTS if this is intended.",
                code="private_address",
            )
