"""The site itself: its hosts, database, languages, files, safety and log."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

from coolpapers import __version__
from coolpapers.base.env import EnvironmentValueError, read_bool, read_int, read_list, read_str
from coolpapers.base.postgresql.database_urls import parse_database_url
from coolpapers.settings.places import BASE_DIR, DATA_DIR


def _secret_key() -> str:
    """The key from the environment, or one generated once and stored in the data folder."""
    key = read_str("COOLPAPERS_SECRET_KEY", "")
    if key:
        return key
    path = DATA_DIR / "secret_key"
    try:
        return _stored_key(path) or _make_key(path)
    except OSError:  # fall back to a key of this process, so that pages still work; doctor reports the folder
        return get_random_secret_key()


def _stored_key(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def _make_key(path: Path) -> str:
    """Create the key file atomically; of concurrent processes the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".secret_key.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(get_random_secret_key())
    temporary = Path(name)
    if path.is_file() and not _stored_key(path):  # left empty by a killed process or a full disk
        path.unlink(missing_ok=True)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    return _stored_key(path)


# Key that signs sessions and forms. Unset: generated at the first start and stored in <data>/secret_key.
SECRET_KEY = _secret_key()
# Show tracebacks to visitors; for development only.
DEBUG = read_bool("COOLPAPERS_DEBUG", False)
# Host names of the site, comma-separated. Example: papers.example.org,localhost
ALLOWED_HOSTS = read_list("COOLPAPERS_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Trusted origins of forms if a proxy terminates TLS, comma-separated. Example: https://papers.example.org
CSRF_TRUSTED_ORIGINS = read_list("COOLPAPERS_TRUSTED_ORIGINS", [])
# The site is served over https: cookies are then sent over https only. Set it behind a TLS proxy.
HTTPS = read_bool("COOLPAPERS_HTTPS", False)
# Name shown in the page header and in feeds.
SITE_NAME = read_str("COOLPAPERS_SITE_NAME", "coolpapers")
# Papers per page of a list or search.
PAGE_SIZE = read_int("COOLPAPERS_PAGE_SIZE", 25)
# Days after the last import or harvest from which the home page calls the library out of date; 0: never.
STALE_DAYS = read_int("COOLPAPERS_STALE_DAYS", 7)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "coolpapers",
    "coolpapers.papers",
    "coolpapers.reading",
    "coolpapers.finding",
    "coolpapers.people",
    "coolpapers.feeding",
    "coolpapers.api",
    "coolpapers.operating",
]

MIDDLEWARE = [
    "coolpapers.base.observing.middleware.ObservingMiddleware",
    "coolpapers.base.safety.headers.SafetyHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "coolpapers.base.assets.AssetsMiddleware",
    "coolpapers.base.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "coolpapers.base.outage_pages.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "coolpapers.urls"
WSGI_APPLICATION = "coolpapers.wsgi.application"

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
                "coolpapers.papers.pages.context.site",
            ],
        },
    },
]


def _has_driver() -> bool:
    try:
        import psycopg  # noqa: F401 # Django imports it anyway
    except ImportError:
        return False
    return True


def _database() -> dict[str, Any]:
    """SQLite in the data folder, or PostgreSQL where COOLPAPERS_DATABASE_URL or COOLPAPERS_POSTGRES_DB names one."""
    # Address of a PostgreSQL database, with options of the driver. Example: postgresql://user:password@host:5432/papers
    url = read_str("COOLPAPERS_DATABASE_URL", "")
    if url:
        return parse_database_url("COOLPAPERS_DATABASE_URL", url)
    # Name of a PostgreSQL database; unset means SQLite. Example: coolpapers
    name = read_str("COOLPAPERS_POSTGRES_DB", "")
    if name:
        return {
            "ENGINE": "django.db.backends.postgresql" if _has_driver() else "coolpapers.base.missing_driver",
            "NAME": name,
            # Where PostgreSQL listens; empty means the local socket.
            "HOST": read_str("COOLPAPERS_POSTGRES_HOST", ""),
            "PORT": read_str("COOLPAPERS_POSTGRES_PORT", ""),
            "USER": read_str("COOLPAPERS_POSTGRES_USER", "coolpapers"),
            "PASSWORD": read_str("COOLPAPERS_POSTGRES_PASSWORD", ""),
            "CONN_MAX_AGE": 60,  # seconds a connection is kept between requests
        }
    return {
        "ENGINE": "coolpapers.base.sqlite",  # Django's backend, and reading from a disk that cannot be written
        "NAME": DATA_DIR / "db.sqlite3",
        "OPTIONS": {
            # A writer locks at BEGIN: upgrading a read lock later fails at once instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,  # seconds to wait for another writer
            # WAL: readers continue while an import writes. NORMAL survives kill -9 and loses at most the last
            # commits in a power failure; the cache and mmap sizes keep list pages from reading the disk twice.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
                "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86_400  # seconds for which a reader's language is stored
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
# Time zone of the dates shown. Example: Europe/Berlin
TIME_ZONE = read_str("COOLPAPERS_TIME_ZONE", "UTC")
USE_TZ = True

SESSION_ENGINE = "coolpapers.base.sessions"  # in the database; can be ended where it cannot be written

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "coolpapers.base.storage.HashedStaticStorage"},
}


# Pages of results that are kept for five minutes and answer readers without an account: so many in each process, some
# 30 kB each. With Redis its own limit of memory bounds them. 0: none.
PAGE_CACHE = read_int("COOLPAPERS_PAGE_CACHE", 500)


def _caches() -> dict[str, dict[str, Any]]:
    """Counts, rendered texts and ranked lists, and the counters of rate limits: in memory and files, or in Redis."""
    # Redis for what several web nodes share; empty: the memory of each process, and files in the data folder.
    # Example: redis://localhost:6379/1, or rediss:// for TLS
    url = read_str("COOLPAPERS_CACHE_URL", "")
    if not url:
        memory = "coolpapers.base.caching.memory.MemoryCache"
        most = {"MAX_ENTRIES": max(PAGE_CACHE, 1), "MAX_BYTES": max(PAGE_CACHE * 40_000, 4 << 20)}
        return {
            "default": {"BACKEND": memory, "OPTIONS": {"MAX_ENTRIES": 20_000, "MAX_BYTES": 32 << 20}},
            "pages": {"BACKEND": memory, "LOCATION": "pages", "OPTIONS": most},
            # Counters of rate limits, shared by all processes; TIMEOUT is twice the longest window, in seconds.
            "rates": {
                "BACKEND": "coolpapers.base.shared_counts.SharedCounts",
                "LOCATION": DATA_DIR / "rates",
                "TIMEOUT": 7_200,
                "OPTIONS": {"MAX_ENTRIES": 20_000},
            },
        }
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise EnvironmentValueError("COOLPAPERS_CACHE_URL", url, "an address such as redis://localhost:6379/1")
    # Nodes of one site have one key; other sites may use the same Redis.
    site = hashlib.sha256(SECRET_KEY.encode()).hexdigest()[:12]
    redis = {"BACKEND": "coolpapers.base.caching.redis.FallbackRedisCache", "LOCATION": url}
    return {
        # Entries are objects of this version.
        "default": {**redis, "KEY_PREFIX": f"coolpapers:{site}:{__version__}", "OPTIONS": {"NAME": "cache"}},
        "pages": {
            **redis,
            "KEY_PREFIX": f"coolpapers:{site}:{__version__}:pages",
            "OPTIONS": {"NAME": "pages", "MAX_ENTRIES": max(PAGE_CACHE, 1)},
        },
        "rates": {**redis, "KEY_PREFIX": f"coolpapers:{site}:rates", "TIMEOUT": 7_200, "OPTIONS": {"NAME": "rates"}},
    }


CACHES = _caches()

# ---- security -------------------------------------------------------------------------------------
# No resources from other sites and no inline scripts or styles; see docs/decisions/.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'self'"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the PDF viewer is shown within pages
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Of `manage.py check --deploy`, with the reason; without HTTPS its other warnings are right.
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: they may be other sites of the institution, and without TLS
    "security.W021",  # and so may the list of browsers be its decision only
    "security.W008",  # the proxy redirects to https; health checks on this machine use http
    "security.W019",  # see X_FRAME_OPTIONS
]
# Let crawlers read papers and lists (robots.txt, the sitemap). Off: robots.txt forbids everything.
CRAWLERS = read_bool("COOLPAPERS_CRAWLERS", True)
