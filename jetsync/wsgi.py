"""WSGI entry point for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jetsync.settings")
if not settings.configured:
    os.environ.setdefault("JETSYNC_PROCESS", "web")
application = get_wsgi_application()
