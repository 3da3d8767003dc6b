"""The WSGI application gunicorn serves: Django, and below it the faults that need the bare socket."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jetsync.sandbox.settings")

from django.core.wsgi import get_wsgi_application

from jetsync.sandbox.wire import WireFaults

application = WireFaults(get_wsgi_application())

from jetsync.sandbox import processing, seed  # noqa: E402 -- needs the loaded registry

seed.seed_accounts()
processing.start_thread()
