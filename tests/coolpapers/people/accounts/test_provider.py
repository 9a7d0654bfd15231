from __future__ import annotations

import builtins
from typing import Any

import pytest

from coolpapers.people.accounts import provider
from coolpapers.people.errors import ProviderUnreachable


def test_a_missing_package_is_named_with_its_cure(monkeypatch: pytest.MonkeyPatch, settings: Any, rf: Any) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "https://login.example.org", "without-package"
    real = builtins.__import__

    def without_authlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "authlib.integrations.django_client":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_authlib)
    with pytest.raises(ProviderUnreachable, match=r"pip install 'coolpapers\[oidc\]'"):
        provider.send_to_provider(rf.get("/"), "https://papers.example.org/account/provider/answer")


@pytest.mark.parametrize(
    ("claims", "email", "groups"),
    [
        ({"email": "a@b.org", "email_verified": True, "groups": ["x", "y"]}, "a@b.org", ("x", "y")),
        ({"email": "a@b.org", "email_verified": False, "groups": "x"}, "", ("x",)),
        ({"email": None, "groups": None}, "", ()),
    ],
)
def test_claims_are_read_as_providers_write_them(claims: dict[str, Any], email: str, groups: tuple[str, ...]) -> None:
    identity = provider._read_claims({"iss": "https://i", "sub": 7, **claims})
    assert (identity.subject, identity.email, identity.groups) == ("7", email, groups)
