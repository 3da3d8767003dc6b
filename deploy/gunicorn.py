"""gunicorn in production. Behind a TLS proxy that sets X-Forwarded-Proto; see docs/operations.md."""  # noqa: INP001 -- gunicorn reads it by its path

import os
from typing import Any

from gunicorn.glogging import Logger

from jetsync.logs import without_one_time_links


class QuietLogger(Logger):
    """An access log that shows what was called and opens no doors."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {**found, "U": without_one_time_links(str(found["U"]))}


logger_class = QuietLogger
# Inside the container; compose publishes it on loopback only.
bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 30
keepalive = 5
# Memory, because a heartbeat file on a busy disk makes healthy workers look dead.
worker_tmp_dir = "/dev/shm"  # noqa: S108 -- private to the container
# It would listen in the home directory, which the image does not have.
control_socket_disable = True
# The proxy in front decides what it forwards; nothing else can reach this port.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "*")
accesslog = "-"
# The path without its query: searches name buyers, and ShipStation may put its key there. One-time addresses are cut.
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(L)ss "%(a)s"'
errorlog = "-"
max_requests = 20_000
max_requests_jitter = 2_000
