"""How long a job about orders whose time runs stays with a worker that may be dead."""

from __future__ import annotations

from datetime import timedelta

# Longer than one call of Jet with its timeouts (35 s), as each call and each step renews it; and short enough that an
# answer whose worker died two minutes before the end of the window is sent by another in time.
SHORT_LEASE = timedelta(seconds=60)
