"""Signed addresses that start a schedule from outside, as the cron of a web host calls them.

An address names the schedule and the version of its address, signed with the secret key. Nothing secret is stored: it can be
shown again at any time, and a new version makes every older one worthless.
"""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from jetsync.ids import parse_id
from jetsync.models import Schedule

_SIGNER = "jetsync.schedule.address"


def address_of(schedule: Schedule) -> str:
    """The whole address; "" while none was asked for."""
    if not schedule.address_version:
        return ""
    token = _signer().sign(f"{schedule.pk}.{schedule.address_version}")
    return f"{settings.BASE_URL.rstrip('/')}{reverse('schedule-call', kwargs={'token': token})}"


def read_token(token: str) -> tuple[int, int] | None:
    """`(schedule's pk, version)`; None for what we did not sign."""
    try:
        pk, _, version = _signer().unsign(token).partition(".")
    except BadSignature:
        return None
    found = parse_id(pk), parse_id(version)
    return (found[0], found[1]) if found[0] and found[1] else None


def _signer() -> Signer:
    return Signer(salt=_SIGNER, sep="~")
