"""Settings of the sandbox server. Everything comes from the environment that `__main__` prepares."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent

SECRET_KEY = os.environ.get("SANDBOX_SECRET_KEY") or secrets.token_urlsafe(32)
DEBUG = False
# A development tool on loopback; `--bind` decides who can reach it.
ALLOWED_HOSTS = ["*"]

INSTALLED_APPS = ["django.contrib.staticfiles", "jetsync.sandbox"]
ROOT_URLCONF = "jetsync.sandbox.urls"
WSGI_APPLICATION = "jetsync.sandbox.wsgi.application"
APPEND_SLASH = False

MIDDLEWARE = [
    "jetsync.sandbox.middleware.request_log",
    "jetsync.sandbox.middleware.normal_path",
    "jetsync.sandbox.middleware.fault_injection",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "jetsync.sandbox.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_NAME = "sandbox_session"
CSRF_COOKIE_NAME = "sandbox_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

DATABASE_PATH = os.environ.get("SANDBOX_DATABASE") or str(Path(tempfile.gettempdir()) / "jet-sandbox.sqlite3")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE_PATH,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Writers queue at BEGIN instead of failing when a read lock is to be upgraded.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA busy_timeout=30000; "
                f"PRAGMA synchronous={os.environ.get('SANDBOX_SYNCHRONOUS', 'NORMAL')}; PRAGMA temp_store=MEMORY;"
            ),
        },
    }
}

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

# Bulk files of 100,000 SKUs arrive in one body.
DATA_UPLOAD_MAX_MEMORY_SIZE = None
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {
        # Refusals are the sandbox's daily bread; only its own failures are worth a line.
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "jetsync.sandbox": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}

# Base of the addresses handed out, when it differs from what clients send as Host.
SANDBOX_PUBLIC_URL = os.environ.get("SANDBOX_PUBLIC_URL", "")
SANDBOX_CONTROL_KEY = os.environ.get("SANDBOX_CONTROL_KEY", "")
# "user:secret" pairs separated by blanks; made again after every reset.
SANDBOX_ACCOUNTS = os.environ.get("SANDBOX_ACCOUNTS", "")
# What the portal calls the merchants above; empty: their user names.
SANDBOX_NAME = os.environ.get("SANDBOX_NAME", "")
SANDBOX_LIVE = os.environ.get("SANDBOX_LIVE", "") == "1"
# Seconds between two looks of the background thread; 0 leaves all work to requests and `/control/process`.
SANDBOX_TICK_SECONDS = float(os.environ.get("SANDBOX_TICK_SECONDS", "1"))
# When set, the server ends itself after this process is gone (test runs that were killed).
SANDBOX_OWNER_PID = int(os.environ.get("SANDBOX_OWNER_PID", "0"))
# Requests kept for `/control/requests`.
SANDBOX_REQUEST_LOG = int(os.environ.get("SANDBOX_REQUEST_LOG", "5000"))
