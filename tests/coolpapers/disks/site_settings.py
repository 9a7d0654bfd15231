"""Settings of a whole site in the folder of COOLPAPERS_DATA_DIR, with accounts, and an encoder that loads at once."""

from __future__ import annotations

from coolpapers.settings import *  # noqa: F403

ACCOUNTS = "open"
SUMMARIZER = "extractive"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DENSE_RETRIEVERS = {
    "default": {
        "BACKEND": "tests.search.concepts.ConceptRetriever",
        "OPTIONS": {"path": DATA_DIR / "vectors"},  # noqa: F405
    }
}
RERANKERS = {"default": {"BACKEND": "search.neural.rerankers.CrossEncoderReranker"}}
