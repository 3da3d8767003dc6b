"""Sets the pace of the demo's sandbox through its control calls."""

from __future__ import annotations

import os
from typing import Any

import requests
from django.conf import settings

# A newcomer should see a listing go live and an order come in within a minute, so the sandbox's clock of reviews
# and fraud checks runs faster than Jet's did.
PACE: dict[str, Any] = {
    "review_delay_seconds": 8,
    "created_minutes": 0.2,
    "trickle_seconds": 75,
    "expire_unacknowledged": True,
    "file_start_seconds": 1,
    "file_run_seconds": 1,
    "return_processing_seconds": 30,
    "refund_step_seconds": 30,
    "offers_move_hours": 0.25,
}


def set_pace(user: str) -> bool:
    """True when the sandbox took the switches; an address without control calls is left as it is."""
    key = os.environ.get("SANDBOX_CONTROL_KEY", "")
    if not (settings.SANDBOX_URL and key):
        return False
    answer = requests.post(
        f"{settings.SANDBOX_URL}/control/switches",
        json={"user": user, "values": PACE},
        headers={"X-Sandbox-Control": key},
        timeout=10,
    )
    return answer.ok
