"""Settings, all from the environment; `.env.example` lists every variable with its meaning."""

from __future__ import annotations

from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from jetsync.logs import hide_one_time_links, hide_request_secrets

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
# Fernet keys, newest first. Older ones only decrypt; `manage.py rotate_keys` re-encrypts with the newest.
ENCRYPTION_KEYS: list[str] = env.list("JETSYNC_ENCRYPTION_KEYS")
# Local mode: started by run.py on loopback without TLS. Production never sets it.
LOCAL = env.bool("JETSYNC_LOCAL", default=False)
BASE_URL = env("JETSYNC_BASE_URL", default="http://127.0.0.1:8000")
# How a person on this machine calls manage.py, as pages show it to be copied.
MANAGE_COMMAND = env("JETSYNC_MANAGE_COMMAND", default="python manage.py")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

# Addresses that a merchant may type although they point inside (host or host:port), e.g. the demo sandbox.
PRIVATE_HOSTS: list[str] = env.list("JETSYNC_PRIVATE_HOSTS", default=[])
JET_API_URL = env("JETSYNC_JET_API_URL", default="https://merchant-api.jet.com/api")
SANDBOX_URL = env("JETSYNC_SANDBOX_URL", default="")
# Where a browser finds the sandbox's portal, when that is not where the programs find its API.
SANDBOX_PORTAL_URL = env("JETSYNC_SANDBOX_PORTAL_URL", default="") or SANDBOX_URL
JET_RATE_PER_SECOND = env.float("JETSYNC_JET_RATE", default=20.0)
JET_RATE_BURST = env.int("JETSYNC_JET_BURST", default=40)
JET_CONNECT_TIMEOUT = env.float("JETSYNC_JET_CONNECT_TIMEOUT", default=5.0)
JET_READ_TIMEOUT = env.float("JETSYNC_JET_READ_TIMEOUT", default=30.0)
# Pictures are fetched and measured; off where nothing may leave the machine.
PROBE_IMAGES = env.bool("JETSYNC_PROBE_IMAGES", default=True)

INSTALLED_APPS = [
    "jetsync.apps.JetsyncConfig",
    "catalog.apps.CatalogConfig",
    "orders.apps.OrdersConfig",
    "returns.apps.ReturnsConfig",
    "refunds.apps.RefundsConfig",
    "repricer.apps.RepricerConfig",
    "jetsync.demo.apps.DemoConfig",
    "django.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_cotton",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "jetsync.tenancy.sessions.SeenMiddleware",
    "jetsync.tenancy.middleware.StaffAdminMiddleware",
    "jetsync.tenancy.middleware.MerchantMiddleware",
    "jetsync.panel.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "jetsync.urls"
WSGI_APPLICATION = "jetsync.wsgi.application"
AUTH_USER_MODEL = "jetsync.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jetsync.panel.context.panel",
            ],
        },
    },
]
COTTON_DIR = "components"
FORM_RENDERER = "jetsync.panel.forms.PanelFormRenderer"

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("JETSYNC_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ENGINE"] = "jetsync.tenancy.backend"  # tells PostgreSQL whose rows a connection may see

# What a process may ask of the database. A lock that another transaction holds is waited for this long: a worker then
# tries its job again later, a person is told. A page whose work takes longer than gunicorn waits is rolled back, so
# that nobody can hold other people's rows by asking for too much at once. Commands (migrate, backups) have no bounds.
_BOUNDS = {
    "web": {
        "lock_timeout": "10s",
        "transaction_timeout": "60s",
        "idle_in_transaction_session_timeout": "60s",
    },
    "worker": {"lock_timeout": "15s", "idle_in_transaction_session_timeout": "10min"},
}
DATABASE_BOUNDS = _BOUNDS.get(env("JETSYNC_PROCESS", default=""), {})

REDIS_URL = env("REDIS_URL")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"{REDIS_URL}/1"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a flushed Valkey must not log people out

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional" if LOCAL else "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A session left open, or stolen, must not be enough to take the account over: adding or removing an address asks again.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# How many proxies of the operator stand in front: log-in limits count by the address they pass on.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("JETSYNC_PROXIES", default=0 if LOCAL else 1)
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[jetsync] "
USERSESSIONS_TRACK_ACTIVITY = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "jetsync"
MFA_ADAPTER = "jetsync.tenancy.mfa.MfaAdapter"
MFA_FORMS = {"deactivate_totp": "jetsync.panel.setup.second_factor.TurnOffForm"}

DEFAULT_FROM_EMAIL = env("JETSYNC_MAIL_FROM", default="jetsync <no-reply@localhost>")
# Who answers what merchants ask under Help. Empty: the messages are kept for staff admin and mailed to nobody.
SUPPORT_EMAIL = env("JETSYNC_SUPPORT_EMAIL", default="")
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
globals().update(EMAIL_CONFIG)
# Without it a mail server that says nothing would hold a worker for ever.
EMAIL_TIMEOUT = env.int("JETSYNC_MAIL_TIMEOUT", default=20)
if mail_dir := env("JETSYNC_MAIL_DIR", default=""):
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = mail_dir

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env("JETSYNC_STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_MANIFEST_STRICT = False
MEDIA_ROOT = Path(env("JETSYNC_MEDIA_ROOT", default=str(BASE_DIR / ".state" / "media")))
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
CSV_MAX_BYTES = env.int("JETSYNC_CSV_MAX_BYTES", default=200 * 1024 * 1024)
CSV_MAX_ROWS = env.int("JETSYNC_CSV_MAX_ROWS", default=500_000)

# How long a store rests before it is deleted, so that its owners can think again.
DELETION_DAYS = env.int("JETSYNC_DELETION_DAYS", default=14)
if DELETION_DAYS < 2:  # noqa: PLR2004 -- its owners are warned a whole day before
    raise ImproperlyConfigured(f"JETSYNC_DELETION_DAYS is {DELETION_DAYS}; it must be 2 or more.")

SECURE = not (LOCAL or DEBUG)
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# ShipStation's address refuses plain http itself: a redirect would have read the credentials already.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^shipstation/"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:", "http:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "jetsync.api.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["jetsync.api.permissions.HasRight"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["jetsync.api.parsers.StorableJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "jetsync.api.paging.CursorPaging",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "jetsync.api.errors.handle_exception",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "jetsync API",
    "DESCRIPTION": "",  # jetsync.api.schema.say_how, which knows who reads it
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "jetsync.api.schema.add_errors",
        "jetsync.api.schema.group_calls",
        "jetsync.api.schema.say_how",
    ],
    "ENUM_NAME_OVERRIDES": {
        "OrderState": "orders.enums.OrderState",
        "FailureReason": "orders.enums.FailureReason",
        "ShipmentState": "orders.enums.ShipmentState",
        "ReturnStatus": "returns.enums.ReturnStatus",
        "RefundStatus": "refunds.enums.RefundStatus",
        "SettlementState": "refunds.enums.SettlementState",
        "ListingStatus": "catalog.enums.ListingStatus",
        "MailState": "jetsync.enums.MailState",
        "OperationState": "jetsync.enums.OperationState",
        "PublishAction": "catalog.api.serializers.PUBLISH_ACTIONS",
        "BulkAction": "catalog.api.bulk.BULK_ACTIONS",
        "CsvKind": "catalog.enums.CsvKind",
        "CsvState": "catalog.enums.CsvState",
        "FileState": "catalog.enums.FileState",
        "ProductKind": "catalog.enums.ProductKind",
        "StoreFieldKind": "catalog.enums.StoreFieldKind",
        "GroupState": "catalog.enums.GroupState",
        "VacationState": "catalog.enums.VacationState",
    },
}

CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False  # a message only says "look"; the job row is the truth
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 10, "socket_connect_timeout": 3, "max_retries": 1}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                hide_one_time_links,
                structlog.processors.format_exc_info,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django_structlog": {"level": "WARNING" if LOCAL else "INFO"},
        "celery": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        hide_one_time_links,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True

SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:  # off without an address: nothing leaves the installation unasked
    import sentry_sdk

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        before_send=hide_request_secrets,
    )
