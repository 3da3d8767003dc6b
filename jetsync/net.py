"""Addresses typed by a merchant are resolved and refused when they point inside."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from jetsync.exceptions import InvalidInput, OutsideUnreachable


def _allowed_inside(host: str, port: int) -> bool:
    return bool({host, f"{host}:{port}"} & set(settings.PRIVATE_HOSTS))


# Addresses that real hosts have. Outside of it lie the spellings of an IPv4 address as IPv6 (NAT64, "compatible").
_REAL_V6 = ipaddress.ip_network("2000::/3")
# Reserved for protocols; `ipaddress` counts most of it as public.
_NO_HOSTS_V4 = ipaddress.ip_network("192.0.0.0/24")


def is_outside(address: str) -> bool:
    """Whether an IP address is a public host's; forms that may be turned into an inner IPv4 address are not."""
    found = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found not in _NO_HOSTS_V4
    return found in _REAL_V6 and found.sixtofour is None and found.teredo is None


def outside_addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host, all of them public unless the operator allows the host; never empty.

    A connection goes to one of these and never to the name again: a second look-up may answer differently.
    Raises InvalidInput for an inner address and an unknown host, OutsideUnreachable when names cannot be looked up.
    """
    addresses = _resolve(host, port)
    if not _allowed_inside(host, port) and not all(map(is_outside, addresses)):
        raise InvalidInput(
            f"The host {host} points into a private network.",
            hint="Ask the operator to allow it in JETSYNC_PRIVATE_HOSTS if this is intended.",
            code="private_address",
        )
    return addresses


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        if isinstance(exc, socket.gaierror) and exc.errno == socket.EAI_AGAIN:
            raise OutsideUnreachable(
                f"The host {host} cannot be looked up at the moment.",
                hint="Try again in a minute.",
                code="name_service_down",
            ) from None
        raise InvalidInput(
            f"The host {host} does not exist.", hint="Check the spelling of the address.", code="unknown_host"
        ) from None
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def check_outside_url(url: str, *, only_https: bool = False) -> None:
    """Raises InvalidInput unless `url` is http(s) to a public host or one that the operator allows by name.

    `only_https`: what is sent there is nobody else's to read; hosts that the operator allows are reached as they are.
    For an answer in time, when an address is saved and before it is used; what the connection itself goes to is
    decided by `outside_addresses`.
    """
    bad = InvalidInput(
        f"“{url[:100]}” is not a web address.",
        hint="It starts with https:// and names a host.",
        code="bad_address",
    )
    if any(ord(char) < ord(" ") for char in url):  # urlsplit would leave some of them out silently
        raise bad
    try:
        parts = urlsplit(url)
    except ValueError:
        raise bad from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad
    if parts.username or parts.password:
        raise InvalidInput("A web address here may not carry a user name or password.", code="bad_address")
    try:
        port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
        if not port:
            raise ValueError
    except ValueError:
        raise InvalidInput(f"“{url[:100]}” has no valid port.", code="bad_address") from None
    if _allowed_inside(parts.hostname, port):
        return
    outside_addresses(parts.hostname, port)
    if only_https and parts.scheme != "https":
        raise InvalidInput(
            f"“{url[:100]}” would be told in plain text.",
            hint="Use an address that starts with https://.",
            code="bad_address",
        )


def client_address(request: HttpRequest) -> str:
    """Who calls, by what the operator's own proxies passed on (JETSYNC_PROXIES); what a caller claims beyond that is not
    believed.
    """
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed_on = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
    ]
    if 0 < proxies <= len(passed_on):
        return passed_on[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
