"""Settings, one flat file driven by the environment; docs/operations.md lists every variable.

SECONDOP_ENV is ``production`` unless said otherwise; ``local`` is what ./dev run sets, ``test`` what the tests set.
Wrong combinations are system checks with a hint (secondop/web/checks.py), not surprises at run time.
"""

from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF

from secondop.accounts.wording import ACCOUNT_FORMS, MFA_FORMS  # noqa: F401 -- settings of allauth
from secondop.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401 -- a setting of Celery's clock

ROOT = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env("SECONDOP_ENV", default="production")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
VAR = Path(env("SECONDOP_DATA", default=str(ROOT / "var"))).resolve()

SECRET_KEY = env("SECRET_KEY", default="" if PRODUCTION else "local-only-secret-key-that-production-refuses-to-start-with")
BASE_URL = env("BASE_URL", default="http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost"])
CSRF_TRUSTED_ORIGINS = [BASE_URL]
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "secondop.web",
    "secondop.audit",
    "secondop.vault",
    "secondop.notices",
    "secondop.accounts",
    "secondop.catalog",
    "secondop.cases",
    "secondop.documents",
    "secondop.inbox",
    "secondop.exports",
    "intake",
    "records",
    "tracking",
    "routing",
    "opinions",
    "delivery",
    "secondop.pages",
    "secondop.demo",
    "secondop.accounts.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "secondop.web.middleware.ContentPolicy",
    "secondop.web.lines.SlowLines",
    "secondop.web.middleware.ResponseRules",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "secondop.accounts.limits.SessionLimits",
    "secondop.accounts.middleware.StaffNeedMfa",
    "secondop.accounts.middleware.SignedOutMeanwhile",
    "secondop.pages.forms_only.FormsOnly",
]

ROOT_URLCONF = "secondop.urls"
WSGI_APPLICATION = "secondop.wsgi.application"
FORM_RENDERER = "secondop.web.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "secondop.web.context.site",
            ],
        },
    },
]

# The time-outs answer a database that is slow or away: a default connection would hang for good. Where PostgreSQL cannot end a
# wait itself, secondop/web/database.py does. Commands of manage.py may take their time (0). Up to six tables PostgreSQL looks for the
# best order to join them in; beyond, it keeps ours: with the eight of a case's page looking took it 10 ms, and joining 0.2 (measured).
DATABASE_SECONDS = env.int("DATABASE_SECONDS", default=7)
DATABASE_CONNECT_SECONDS = 3
DATABASE_LOCK_SECONDS = max(1, DATABASE_SECONDS - 2) if DATABASE_SECONDS else 5
DATABASES = {"default": env.db("DATABASE_URL", default="postgresql://secondop@localhost/secondop")}
DATABASES["default"].update(
    HOST=unquote(DATABASES["default"]["HOST"]),
    CONN_MAX_AGE=60,
    CONN_HEALTH_CHECKS=True,
    OPTIONS={
        **DATABASES["default"].get("OPTIONS", {}),  # what the address asks for, such as sslmode
        "connect_timeout": DATABASE_CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 8000,
        "options": f"-c statement_timeout={DATABASE_SECONDS}s -c lock_timeout={DATABASE_LOCK_SECONDS}s"
        " -c idle_in_transaction_session_timeout=30s -c join_collapse_limit=6",
    },
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits and marks of used codes live in the database: they hold across processes and while Redis is away. Above MAX_ENTRIES
# Django deletes a third of the rows whether they are still needed or not, so that it is far above what an hour of guessing makes.
CACHES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache", "OPTIONS": {"MAX_ENTRIES": 1_000_000}},
    "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "TIMEOUT": 600},
}
# A session ends when its person does nothing for so long, and in any case so long after they signed in (secondop/accounts/limits.py).
SESSION_ENGINE = "secondop.accounts.session_store"
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=30 * 60)
SESSION_IDLE_SECONDS_STAFF = env.int("SESSION_IDLE_SECONDS_STAFF", default=15 * 60)
SESSION_WARNING_SECONDS = env.int("SESSION_WARNING_SECONDS", default=2 * 60)
SESSION_COOKIE_AGE = env.int("SESSION_LONGEST_SECONDS", default=12 * 60 * 60)
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "secondop.pages.errors.csrf_failure"
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{what: [NONE] for what in ("default-src", "base-uri", "object-src", "frame-ancestors")},
        **{what: [SELF] for what in ("script-src", "style-src", "font-src", "connect-src", "manifest-src", "form-action")},
        "img-src": [SELF, "data:"],
    }
}

# How many proxies in front of us are ours: the client's address is read that far from the right of X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["secondop.accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "secondop.accounts.passwords.LengthByFactor"},
    {"NAME": "secondop.accounts.passwords.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home_for_me"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "secondop.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "secondop.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 30 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "secondop.accounts.second_factor.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SecondOp"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
REQUIRE_STAFF_MFA = env.bool("REQUIRE_STAFF_MFA", default=not DEMO)

# Mail: everything, allauth's too, goes through the outbox; the transport is what the outbox hands it to.
EMAIL_BACKEND = "secondop.notices.backends.OutboxBackend"
MAIL_DIR = VAR / "mail"
MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
if env("EMAIL_URL", default=""):
    vars().update({k: v for k, v in env.email_url("EMAIL_URL").items() if k not in ("EMAIL_BACKEND", "EMAIL_FILE_PATH")})
else:
    MAIL_TRANSPORT = "secondop.notices.backends.FolderBackend"
EMAIL_TIMEOUT = 10
SMS_URL, SMS_TOKEN = env("SMS_URL", default=""), env("SMS_TOKEN", default="")
SMS_TRANSPORT = "secondop.notices.gateways.HttpGateway" if SMS_URL else "secondop.notices.gateways.FolderGateway" if DEMO else ""
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="SecondOp <no-reply@localhost>")
ORGANISATION = env("ORGANISATION", default="SecondOp")
CONTACT_EMAIL = env("CONTACT_EMAIL", default="")
# Working days an organisation gives itself for each stage; shown to patients as targets, never as measured times.
STAGE_TARGET_DAYS = {
    "screening": env.int("TARGET_DAYS_SCREENING", default=3),
    "ready": env.int("TARGET_DAYS_READY", default=2),
    "in_review": env.int("TARGET_DAYS_IN_REVIEW", default=3),
    "checking": env.int("TARGET_DAYS_CHECKING", default=1),
}

CELERY_BROKER_URL = env("REDIS_URL", default="filesystem://localhost/")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | float]
if CELERY_BROKER_URL.startswith("filesystem"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        name: str(VAR / "broker" / folder)
        for name, folder in (("data_folder_in", "queue"), ("data_folder_out", "queue"), ("control_folder", "control"))
    } | {"polling_interval": 0.1}  # seconds: a worker takes one message each time it looks
else:
    # Without max_retries a send to an absent Redis goes on for 4 to 6 seconds; workers have retries of their own.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "max_retries": 0,
        "visibility_timeout": 3600,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_DEFAULT_QUEUE = "notices"
CELERY_TASK_ROUTES = {
    "*.tasks.render": {"queue": "documents"},
    "secondop.documents.tasks.*": {"queue": "documents"},
    "records.tasks.preview": {"queue": "pictures"},
    "records.tasks.prepare_series": {"queue": "pictures"},
    "records.tasks.*": {"queue": "files"},
    "secondop.exports.tasks.*": {"queue": "files"},
    "secondop.vault.tasks.*": {"queue": "files"},
}
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat")

VAULT_DIR = Path(env("VAULT_DIR", default=str(VAR / "vault")))
VAULT_S3_URL, CLAMD_URL = env("VAULT_S3_URL", default=""), env("CLAMD_URL", default="")
VAULT_MASTER_KEY, VAULT_MASTER_KEY_FILE = env("VAULT_MASTER_KEY", default=""), env("VAULT_MASTER_KEY_FILE", default="")

MIB, GIB = 1024**2, 1024**3
# The one place that says how much may be uploaded; pages, views and docs read these.
UPLOAD_FILE_BYTES = 2 * GIB
UPLOAD_CASE_BYTES = 5 * GIB
UPLOAD_CASE_FILES = 20_000
UPLOAD_FILES_PER_REQUEST = 200
UPLOAD_DAYS = 7  # how long an upload that broke off can go on
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * MIB + MIB // 2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# Only the page that takes records sets another one: nothing that a stranger sends is kept.
FILE_UPLOAD_HANDLERS = ["secondop.web.uploads.NoFiles"]
# Above our own limit, so that the upload handler can name the files too many instead of failing the whole request.
DATA_UPLOAD_MAX_NUMBER_FILES = 5 * UPLOAD_FILES_PER_REQUEST

# The address is unique without regard to case, by a constraint that the check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

FORMAT_MODULE_PATH = ["secondop.web.formats"]
TIME_ZONE = env("TIME_ZONE", default="UTC")
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "secondop.vault.storage.NoPublicFiles"},
    "staticfiles": {
        "BACKEND": "secondop.web.storage.OneStylesheet"
        if not DEBUG and ENVIRONMENT != "test"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "secondop.web.logs.WithoutSecrets"}},
    "formatters": {"plain": {"()": "secondop.web.logs.WithoutWords", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {"fontTools": {"level": "WARNING"}, "weasyprint": {"level": "ERROR"}, "celery": {"level": "WARNING"}},
}
