"""Settings without secrets."""

from __future__ import annotations

import pytest

from coolpapers.operating.backups.variables import HIDDEN, site_variables


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("COOLPAPERS_SITE_NAME", "Lab", "Lab"),
        ("COOLPAPERS_SECRET_KEY", "s3cret", HIDDEN),
        ("COOLPAPERS_EMAIL_PASSWORD", "s3cret", HIDDEN),
        ("COOLPAPERS_LLM_KEY", "s3cret", HIDDEN),
        ("COOLPAPERS_MCP_TOKEN", "s3cret", HIDDEN),
        ("COOLPAPERS_LLM_KEY", "", ""),
        ("COOLPAPERS_API_TOKEN_RATE", "1200", "1200"),
        ("COOLPAPERS_SECRET_KEY_FILE", "/run/secrets/key", "/run/secrets/key"),
        ("COOLPAPERS_BROKER_URL", "redis://:s3cret@cache:6379/0", f"redis://{HIDDEN}@cache:6379/0"),
        (
            "COOLPAPERS_DATABASE_URL",
            "postgresql://u:s3cret@db/x?sslmode=require",
            f"postgresql://{HIDDEN}@db/x?sslmode=require",
        ),
        (
            "COOLPAPERS_DATABASE_URL",
            "postgresql://db/x?user=u&password=s3cret",
            f"postgresql://db/x?user=u&password={HIDDEN}",
        ),
        ("COOLPAPERS_LLM_URL", "http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("COOLPAPERS_LLM_URL", "http://[broken:s3cret@host", HIDDEN),
    ],
)
def test_secrets_are_hidden(name: str, value: str, shown: str) -> None:
    assert site_variables({name: value, "HOME": "/root"}) == {name: shown}
    assert site_variables({name: value}, with_secrets=True) == {name: value}
