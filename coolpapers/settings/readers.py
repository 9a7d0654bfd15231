"""Accounts, mail, and rate limits of clients."""

from __future__ import annotations

from typing import Any

from coolpapers.base.env import read_bool, read_choice, read_hour, read_int, read_list, read_str

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# Who may have an account: off (only administrators, at /admin/), invited (with an invitation), or open (anyone).
ACCOUNTS = read_choice("COOLPAPERS_ACCOUNTS", "off", ("off", "invited", "open"))
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "people:show_personal"
# Sign-in attempts per address and name in ten minutes; 0 means no limit.
SIGN_IN_RATE = read_int("COOLPAPERS_SIGN_IN_RATE", 10)

# Sign-in by the institution's OpenID Connect provider (needs the extra coolpapers[oidc]); unset: passwords only.
# Example: https://login.example.org/realms/lab
OIDC_ISSUER = read_str("COOLPAPERS_OIDC_ISSUER", "").rstrip("/")
OIDC_CLIENT_ID = read_str("COOLPAPERS_OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = read_str("COOLPAPERS_OIDC_CLIENT_SECRET", "")
# Words on the button. Example: University of Example
OIDC_NAME = read_str("COOLPAPERS_OIDC_NAME", "")
# Create an account for everyone whom the provider lets in, whatever COOLPAPERS_ACCOUNTS says of sign-up.
OIDC_CREATE = read_bool("COOLPAPERS_OIDC_CREATE", True)
# Values of the claim "groups" whose members are librarians of this site. Example: library,admins
OIDC_LIBRARIANS = read_list("COOLPAPERS_OIDC_LIBRARIANS", [])

# Sign-in with names and passwords of an LDAP directory (needs the extra coolpapers[ldap]); unset: none.
# Example: ldaps://ldap.example.org
LDAP_URL = read_str("COOLPAPERS_LDAP_URL", "")
LDAP_STARTTLS = read_bool("COOLPAPERS_LDAP_STARTTLS", False)
# File with the certificates that sign the directory's; unset: those of the system.
LDAP_CA_FILE = read_str("COOLPAPERS_LDAP_CA_FILE", "")
# The account that searches for readers; unset: anonymous.
LDAP_BIND_DN = read_str("COOLPAPERS_LDAP_BIND_DN", "")
LDAP_BIND_PASSWORD = read_str("COOLPAPERS_LDAP_BIND_PASSWORD", "")
# Where readers are searched for, and how. Example: ou=people,dc=example,dc=org
LDAP_USERS = read_str("COOLPAPERS_LDAP_USERS", "")
LDAP_FILTER = read_str("COOLPAPERS_LDAP_FILTER", "(uid=%(user)s)")
# A group whose members are librarians. Example: cn=library,ou=groups,dc=example,dc=org
LDAP_LIBRARIANS = read_str("COOLPAPERS_LDAP_LIBRARIANS", "")

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if LDAP_URL:
    AUTHENTICATION_BACKENDS += ["coolpapers.people.accounts.directory.DirectoryBackend"]

# List on the home page what accounts starred most in the last days; only papers that two or more accounts starred.
MOST_STARRED = read_bool("COOLPAPERS_MOST_STARRED", True)

# Reads stars and preferences of readers; the base class coolpapers.papers.lookup.readers.Readers knows none.
READERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "coolpapers.people.state.preference.AccountReaders"}}

# ---- mail -----------------------------------------------------------------------------------------
# Public address of the site, for links in mails. Example: https://papers.example.org
_SITE_URL = read_str("COOLPAPERS_SITE_URL", "").rstrip("/")
HAS_SITE_URL = bool(_SITE_URL)
SITE_URL = _SITE_URL or "http://localhost:8000"
# Address of the site's people, told to servers that are harvested. Default: the sender of mails.
CONTACT = read_str("COOLPAPERS_CONTACT", "") or read_str("COOLPAPERS_EMAIL_FROM", "")
# Mail server; unset: mails are written to the console. Example: smtp.example.org
EMAIL_HOST = read_str("COOLPAPERS_EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = read_int("COOLPAPERS_EMAIL_PORT", 587)
EMAIL_HOST_USER = read_str("COOLPAPERS_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = read_str("COOLPAPERS_EMAIL_PASSWORD", "")
# How the connection is secured: starttls (port 587), tls (from the first byte, port 465) or none.
_EMAIL_SECURITY = read_choice("COOLPAPERS_EMAIL_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _EMAIL_SECURITY == "starttls", _EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 30  # seconds to wait for each answer of the mail server
# Sender of all mails. Example: Papers <papers@example.org>
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read_str("COOLPAPERS_EMAIL_FROM", "coolpapers@localhost")


# Hour of the day, in the site's time zone, after which e-mail alerts are sent.
DIGEST_HOUR = read_hour("COOLPAPERS_DIGEST_HOUR", 6)

# ---- web server ------------------------------------------------------------------------------------
# Processes of the web server. Each loads the models and has a memory of its own. 0: one for each core, at most four,
# where the machine has 4 GB for each.
WEB_WORKERS = read_int("COOLPAPERS_WEB_WORKERS", 0)
# Threads of each process: requests that it answers at once. Threads of one process share a core while Python runs.
WEB_THREADS = read_int("COOLPAPERS_WEB_THREADS", 4)

# Largest body of a request, in megabytes.
MAX_BODY_MB = read_int("COOLPAPERS_MAX_BODY_MB", 32)

# ---- clients ----------------------------------------------------------------------------------------
# Number of trusted proxies in front of the site, whose X-Forwarded-For is used; 0: use the address of the connection.
TRUSTED_PROXIES = read_int("COOLPAPERS_TRUSTED_PROXIES", 0)
# Requests per minute to the APIs from one address, and with one token; 0 means no limit.
API_RATE = read_int("COOLPAPERS_API_RATE", 120)
API_TOKEN_RATE = read_int("COOLPAPERS_API_TOKEN_RATE", 1200)
# Requests per minute to feeds and to unAPI from one address, counted separately; 0 means no limit. A reference manager
# sends two unAPI requests per paper of a list.
FEED_RATE = read_int("COOLPAPERS_FEED_RATE", 600)
# API token of `manage.py mcp_server`; empty: it can read what every visitor can.
MCP_TOKEN = read_str("COOLPAPERS_MCP_TOKEN", "")
