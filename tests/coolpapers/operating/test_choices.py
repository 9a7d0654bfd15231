from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as site_settings

from coolpapers.operating.choices import choose, use_choices
from coolpapers.operating.models import SiteChoice

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unchosen(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COOLPAPERS_SITE_NAME", "COOLPAPERS_ACCOUNTS", "COOLPAPERS_SITE_NAME_FILE"):
        monkeypatch.delenv(name, raising=False)
    settings.SITE_NAME, settings.ACCOUNTS = "coolpapers", "off"


def test_another_process_follows_a_choice(settings: Any) -> None:
    choose("SITE_NAME", "Our papers")
    settings.SITE_NAME = "coolpapers"  # as in a process that has not read the choice yet
    use_choices()
    assert site_settings.SITE_NAME == "Our papers"
    assert site_settings.ACCOUNTS == "off"


def test_a_choice_replaces_the_one_before() -> None:
    choose("ACCOUNTS", "open")
    choose("ACCOUNTS", "invited")
    assert site_settings.ACCOUNTS == "invited"
    assert SiteChoice.objects.get().value == "invited"


@pytest.mark.parametrize("variable", ["COOLPAPERS_SITE_NAME", "COOLPAPERS_SITE_NAME_FILE"])
def test_the_environment_goes_before_a_choice(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    choose("SITE_NAME", "Chosen")
    monkeypatch.setenv(variable, "Fixed")
    site_settings.SITE_NAME = "Fixed"
    use_choices()
    assert site_settings.SITE_NAME == "Fixed"
    with pytest.raises(ValueError, match="SITE_NAME"):
        choose("SITE_NAME", "Other")


@pytest.mark.parametrize(("name", "value"), [("ACCOUNTS", "everyone"), ("SITE_NAME", "")])
def test_a_value_that_the_setting_cannot_have_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        choose(name, value)
    assert not SiteChoice.objects.exists()
