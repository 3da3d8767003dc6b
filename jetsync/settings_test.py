"""Settings of the test suite: the production ones with fixed keys and nothing that waits."""

import os

os.environ.setdefault("SECRET_KEY", "test-secret-key-of-no-value-0123456789abcdefghij")
os.environ.setdefault("JETSYNC_ENCRYPTION_KEYS", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
os.environ.setdefault("JETSYNC_LOCAL", "1")
os.environ.setdefault("JETSYNC_PRIVATE_HOSTS", "127.0.0.1,localhost")

from jetsync.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
ACCOUNT_RATE_LIMITS = False
USERSESSIONS_TRACK_ACTIVITY = (
    False  # notes of who was seen would come between counted queries; its test has it on
)
PROBE_IMAGES = False  # tests/catalog/images switches it on, against a server on loopback

# A migrated database that the test databases are made from (jetsync/devstack/migrated.py), when there is one.
if template := os.environ.get("JETSYNC_TEST_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}  # noqa: F405
