"""Telling that orders have stopped: once per silence, in the bell and by mail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jetsync.actions.log import notify, record
from jetsync.actions.mail import post_mail
from jetsync.enums import NoticeLevel
from jetsync.models import Merchant, Notice
from jetsync.tenancy.actor import SYSTEM
from orders.pages import order_list_url
from orders.queries.silence import silence_of
from orders.silence import Silence, Verdict

SILENCE_MAIL = "orders.silence"


@transaction.atomic
def tell_silence(merchant: Merchant, now: datetime) -> Silence:
    """Looks, and tells when it is broken. Any number of looks at one silence tell once; the next order ends it."""
    silence = silence_of(merchant, now)
    if silence.verdict != Verdict.BROKEN or silence.since is None:
        return silence
    key = f"orders.silence.{silence.since:%Y%m%d%H%M%S}"
    if Notice.objects.filter(merchant=merchant, key=key).exists():
        return silence
    expected = round(silence.expected)
    title = f"No order for an unusual time: about {expected:,} would have come"
    facts = {"since": silence.since.isoformat(), "expected": expected}
    record(merchant, "orders.silence.noticed", f"{title}.", actor=SYSTEM, new=facts)
    notify(
        merchant,
        key,
        title,
        level=NoticeLevel.DANGER,
        body="jetsync fetches without trouble. See whether your offers are live, in stock and priced as meant.",
        url=order_list_url(merchant),
    )
    post_mail(merchant, SILENCE_MAIL, facts)
    return silence
