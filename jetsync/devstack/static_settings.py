"""Settings for collecting static files in local mode: the same names and manifest, no compressed copies.

Compressing everything takes a minute of processor time and saves nothing on loopback. The image compresses.
"""

from jetsync.settings import *  # noqa: F403
from jetsync.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
}
